//! [`Microburst`]: a proxy before the sandbox that makes faults in the form that each AWS
//! protocol gives them. One for the whole test run; a rule concerns one account.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ferrocrete_sandbox::{MOTO_VERSION, Options, Sandbox};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Ends with the test run, which holds the other end of its standard input.
const START: &str = "\
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from microburst.cli import main
sys.exit(main())";

/// The running proxy.
pub struct Microburst {
    pub url: String,
    address: SocketAddr,
    _child: Child,
}

/// A fault that was made.
#[derive(Debug, Deserialize)]
pub struct Fired {
    pub rule_id: u64,
    pub service: Option<String>,
    pub action: String,
}

impl Microburst {
    /// The one of this test run.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Microburst> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
        let home = sandbox.info().log.ancestors().nth(2).unwrap();
        let python = python_of(home);
        let packages = install(home, &python);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(&python)
            .args(["-c", START, "--upstream", &sandbox.info().endpoint])
            .args(["--port", &address.port().to_string()])
            .env("PYTHONPATH", &packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut burst = Self { url: format!("http://{address}"), address, _child: child };
        while TcpStream::connect(address).await.is_err() {
            let ended = burst._child.try_wait().unwrap();
            assert!(ended.is_none(), "microburst ended with {ended:?}");
        }
        burst
    }

    /// Adds rules for one account; returns their ids.
    pub async fn rules(&self, account: &str, rules: Value) -> Vec<u64> {
        #[derive(Deserialize)]
        struct Rule {
            id: u64,
        }
        let mut rules = rules;
        for rule in rules.as_array_mut().expect("a list of rules") {
            // The access key id, which is the account, stands in the signature.
            rule["headers"] = serde_json::json!({ "authorization": format!("={account}/") });
        }
        let count = rules.as_array().map_or(0, Vec::len);
        // Others add rules meanwhile; ours are those that name the account.
        self.ask("PATCH", "/_microburst/rules", &rules.to_string()).await;
        let all: Value =
            serde_json::from_str(&self.ask("GET", "/_microburst/rules", "").await).unwrap();
        let all = all.as_array().or_else(|| all["rules"].as_array()).expect("a list of rules");
        let ours = all.iter().filter(|rule| rule.to_string().contains(account));
        let ids: Vec<_> =
            ours.map(|rule| serde_json::from_value::<Rule>(rule.clone()).unwrap().id).collect();
        assert_eq!(ids.len(), count, "each rule is there: {all:?}");
        ids
    }

    /// The faults made by these rules.
    pub async fn fired(&self, rules: &[u64]) -> Vec<Fired> {
        let all = self.ask("GET", "/_microburst/fired?limit=100000", "").await;
        let all: Value = serde_json::from_str(&all).unwrap();
        let all = all.as_array().or_else(|| all["fired"].as_array()).expect("a list").clone();
        let all = all.into_iter().map(|fired| {
            serde_json::from_value::<Fired>(fired.clone())
                .unwrap_or_else(|error| panic!("{error}: {fired}"))
        });
        all.filter(|fired| rules.contains(&fired.rule_id)).collect()
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: microburst\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{request}\n{answer}");
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }
}

/// The Python of the installed emulator.
fn python_of(home: &Path) -> PathBuf {
    let prefix = format!("venv-{MOTO_VERSION}-");
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&prefix) && path.join("complete").is_file()
    };
    let all = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().path());
    all.filter(is_ours).max().expect("an installed emulator").join("bin/python")
}

/// Microburst in a folder of its own, beside the emulator; installed once.
fn install(home: &Path, python: &Path) -> PathBuf {
    let version = REQUIREMENTS.lines().find_map(|line| line.strip_prefix("microburst=="));
    let folder = home.join(format!("microburst-{}", version.expect("a pinned version")));
    if !folder.is_dir() {
        let temporary = tempfile::tempdir_in(home).unwrap();
        let pip = Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-input"])
            .args(["--disable-pip-version-check", "--target"])
            .arg(temporary.path())
            .arg("--requirement")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/requirements.txt"))
            .output()
            .unwrap();
        assert!(pip.status.success(), "{}", String::from_utf8_lossy(&pip.stderr));
        // Another run may have been quicker; then its folder is as good.
        let _ = std::fs::rename(temporary.path(), &folder);
    }
    folder
}
