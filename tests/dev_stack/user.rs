//! [`User`]: somebody with the built example, a folder and an account.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use ferrocrete::aws::{Aws, AwsSettings};
use ferrocrete_sandbox::{Account, Options, Sandbox};

/// Plaintext that nobody may ever see: of two API keys and of the database's password.
pub const SECRETS: [&str; 3] = ["tvly-plain-7c1d", "gmni-plain-3e5a", "pg-plain-9b2e"];

pub struct User {
    pub account: Account,
    pub folder: tempfile::TempDir,
    pub env: &'static str,
    /// Where the sandbox is installed.
    home: PathBuf,
}

/// The built example: beside this test, unless the environment names another.
fn example() -> PathBuf {
    if let Some(named) = std::env::var_os("FERROCRETE_DEV_EXAMPLE") {
        return named.into();
    }
    let deps = std::env::current_exe().unwrap();
    deps.parent().and_then(std::path::Path::parent).unwrap().join("examples/dev")
}

impl User {
    /// With the configuration of `dev` unless `env` has one of its own; anything but `dev` is
    /// kept in the user's own folder.
    pub async fn new(env: &'static str) -> Self {
        let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let home = sandbox.info().log.ancestors().nth(2).unwrap().to_owned();
        let user = Self { account: sandbox.fresh_account(), folder, env, home };
        if env != "dev" {
            user.configure("");
        }
        user
    }

    /// Writes the configuration: that of `dev`, and this.
    pub fn configure(&self, more: &str) {
        let dev = std::fs::read_to_string("examples/dev/stack.dev.toml").unwrap();
        let file = self.folder.path().join(format!("stack.{}.toml", self.env));
        std::fs::write(file, dev + more).unwrap();
    }

    /// A URL of local state.
    pub fn local(&self) -> String {
        format!("file://{}", self.folder.path().join("state").display())
    }

    /// The example as this user runs it, but for the sandbox.
    pub fn bare(&self, args: &[&str]) -> Command {
        let mut command = Command::new(example());
        command
            .args(args)
            .args(["--env", self.env])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("USER", "anna")
            .env("HOSTNAME", "build-7")
            .env("FERROCRETE_CONFIG_TAVILY_API_KEY", SECRETS[0])
            .env("FERROCRETE_CONFIG_GEMINI_API_KEY", SECRETS[1])
            .env("FERROCRETE_CONFIG_DATABASE__PASSWORD", SECRETS[2])
            // Nothing but loopback.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// The example as this user runs it, in the sandbox.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command
            .arg("--sandbox")
            .env("FERROCRETE_SANDBOX_HOME", &self.home)
            .env("FERROCRETE_SANDBOX_NAME", Options::for_tests().name)
            .env("FERROCRETE_SANDBOX_ACCOUNT", &self.account.id);
        command
    }

    /// Runs the example and expects this exit code; returns what was printed.
    pub fn expect(&self, code: i32, args: &[&str]) -> String {
        end(code, self.command(args))
    }

    /// Starts the example and goes on.
    pub fn start(&self, args: &[&str]) -> Running {
        Running::new(self.command(args))
    }

    pub async fn aws(&self) -> Aws {
        let settings = AwsSettings {
            region: Some(self.account.region.clone()),
            endpoint_url: Some(self.account.kind_endpoint()),
            keys: Some((self.account.id.clone(), "test".into())),
            ..AwsSettings::default()
        };
        Aws::new(settings.load(&Default::default()).await.unwrap())
    }

    /// Returns once this account's faults have hit so many calls.
    pub async fn hit(&self, calls: u32) {
        while self.account.faults_hit().await.unwrap() < calls {}
    }

    /// The example's text with what differs from run to run replaced.
    pub fn redacted(&self, text: &str) -> String {
        let folder = self.folder.path().canonicalize().unwrap();
        let text = text
            .replace(env!("CARGO_MANIFEST_DIR"), "[repository]")
            .replace(&*folder.to_string_lossy(), "[folder]")
            .replace(&self.account.id, "[account]");
        let mut words = Vec::new();
        for word in text.split(' ') {
            let digits = |w: &str| w.starts_with(|c: char| c.is_ascii_digit());
            let timed = digits(word) && word.contains('T') && word.contains("Z");
            words.push(match word {
                _ if timed => {
                    word.split_once('Z').map(|(_, rest)| format!("[time]{rest}")).unwrap()
                }
                _ if words.last().is_some_and(|w: &String| w.ends_with("(pid")) => {
                    format!("[pid]{}", word.trim_start_matches(|c: char| c.is_ascii_digit()))
                }
                _ if words.last().is_some_and(|w: &String| w.ends_with("after")) => {
                    format!("[took]{}", word.trim_start_matches(|c| ":".find(c).is_none()))
                }
                word => word.to_owned(),
            });
        }
        words.join(" ")
    }

    /// What is left of the stack in the account; the state bucket is not part of it.
    pub async fn leftovers(&self) -> Vec<String> {
        let aws = self.aws().await;
        let mut left = Vec::new();
        let instances = aws.ec2().describe_instances().send().await.unwrap();
        for instance in instances.reservations().iter().flat_map(|r| r.instances()) {
            let state = instance.state().and_then(|s| s.name()).map(|n| n.as_str());
            if state != Some("terminated") {
                left.push(format!("instance {:?}", instance.instance_id()));
            }
        }
        let groups = aws.ec2().describe_security_groups().send().await.unwrap();
        let own = groups.security_groups().iter().filter(|g| g.group_name() != Some("default"));
        left.extend(own.map(|g| format!("group {:?}", g.group_name())));
        let addresses = aws.ec2().describe_addresses().send().await.unwrap();
        left.extend(addresses.addresses().iter().map(|a| format!("address {:?}", a.public_ip())));
        let buckets = aws.s3().list_buckets().send().await.unwrap();
        let names = buckets.buckets().iter().filter_map(|b| b.name());
        left.extend(names.filter(|n| n.contains("dev-example")).map(|n| format!("bucket {n}")));
        let databases = aws.rds().describe_db_instances().send().await.unwrap();
        left.extend(databases.db_instances().iter().map(|d| format!("{:?}", d.db_instance_arn())));
        let subnets = aws.rds().describe_db_subnet_groups().send().await.unwrap();
        let groups = subnets.db_subnet_groups().iter();
        left.extend(groups.map(|d| format!("{:?}", d.db_subnet_group_name())));
        let roles = aws.iam().list_roles().send().await.unwrap();
        let ours = roles.roles().iter().filter(|r| r.role_name().contains("dev-example"));
        left.extend(ours.map(|r| format!("role {}", r.role_name())));
        let profiles = aws.iam().list_instance_profiles().send().await.unwrap();
        left.extend(profiles.instance_profiles().iter().map(|p| p.arn().to_owned()));
        let zones = aws.route53().list_hosted_zones().send().await.unwrap();
        left.extend(zones.hosted_zones().iter().map(|z| format!("zone {}", z.name())));
        let secrets = aws.secretsmanager().list_secrets().send().await.unwrap();
        left.extend(secrets.secret_list().iter().map(|s| format!("secret {:?}", s.name())));
        left
    }
}

/// Runs to the end and expects this exit code; returns what was printed.
pub fn end(code: i32, mut command: Command) -> String {
    let out = command.stdin(Stdio::null()).output().unwrap();
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8(b).unwrap()).concat();
    assert_eq!(out.status.code(), Some(code), "{command:?}:\n{text}");
    assert_no_secret("the output", text.as_bytes());
    text
}

/// Fails when a secret's plaintext is there.
pub fn assert_no_secret(place: &str, bytes: &[u8]) {
    for plain in SECRETS {
        let found = bytes.windows(plain.len()).any(|w| w == plain.as_bytes());
        assert!(!found, "{place} shows {plain}:\n{}", String::from_utf8_lossy(bytes));
    }
}

/// A run under way.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    readers: Vec<JoinHandle<()>>,
    seen: String,
}

impl Running {
    pub fn new(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let (line, lines) = channel();
        let readers = streams.map(|stream| {
            let line = line.clone();
            std::thread::spawn(move || {
                for text in BufReader::new(stream).lines() {
                    // Nobody listens any more once the test has failed.
                    let _ = line.send(text.unwrap());
                }
            })
        });
        Self { child, lines, readers: readers.into(), seen: String::new() }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Reads on until a line has this text.
    pub fn wait_for(&mut self, text: &str) {
        loop {
            let line = self.lines.recv();
            let line = line.unwrap_or_else(|_| panic!("no line has {text:?}:\n{}", self.seen));
            self.seen.push_str(&line);
            self.seen.push('\n');
            if line.contains(text) {
                return;
            }
        }
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args([format!("-{name}"), pid]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end and expects this exit code; returns what was printed.
    pub fn end(self, code: i32) -> String {
        let (ended, text) = self.outcome();
        assert_eq!(ended, Some(code), "{text}");
        text
    }

    /// Waits for the end; returns exit code and what was printed.
    pub fn outcome(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        for line in self.lines.try_iter() {
            self.seen.push_str(&line);
            self.seen.push('\n');
        }
        assert_no_secret("the output", self.seen.as_bytes());
        (status.code(), std::mem::take(&mut self.seen))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        let _ = self.child.kill();
    }
}
