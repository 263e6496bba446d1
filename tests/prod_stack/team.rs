//! [`Team`]: people with the built example, a folder for state, and an account.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ferrocrete::aws::{Aws, AwsSettings};
use ferrocrete_sandbox::{Account, Options, Sandbox};
use serde_json::Value;

/// Plaintext that nobody may ever see.
pub const SECRETS: [&str; 2] = ["sk-openai-plain-5d2c", "sk-ant-plain-8e1f"];

pub struct Team {
    pub account: Account,
    folder: tempfile::TempDir,
    home: PathBuf,
}

/// One step of a plan.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    pub action: String,
    /// Component path and name.
    pub name: String,
    pub kind: String,
    /// Properties that change.
    pub changes: Vec<String>,
}

impl Team {
    pub async fn new() -> Self {
        let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
        let home = sandbox.info().log.ancestors().nth(2).unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        Self { account: sandbox.fresh_account(), folder, home }
    }

    pub fn state(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, env: &str, args: &[&str]) -> Command {
        let deps = std::env::current_exe().unwrap();
        let built = deps.parent().and_then(Path::parent).unwrap().join("examples/prod");
        let mut command = Command::new(built);
        command
            .args(args)
            .args(["--sandbox", "--env", env])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("FERROCRETE_CONFIG_RAG__OPENAI_API_KEY", SECRETS[0])
            .env("FERROCRETE_CONFIG_RAG__ANTHROPIC_API_KEY", SECRETS[1])
            .env("FERROCRETE_SANDBOX_HOME", &self.home)
            .env("FERROCRETE_SANDBOX_NAME", Options::for_tests().name)
            .env("FERROCRETE_SANDBOX_ACCOUNT", &self.account.id)
            // Nothing but loopback.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        // The keys are settings of the RAG service only.
        if !matches!(env, "staging" | "prod") {
            command.env_remove("FERROCRETE_CONFIG_RAG__OPENAI_API_KEY");
            command.env_remove("FERROCRETE_CONFIG_RAG__ANTHROPIC_API_KEY");
        }
        if !args.contains(&"--backend") {
            let state = self.folder.path().join("state");
            command.args(["--backend", &format!("file://{}", state.display())]);
        }
        command
    }

    /// Runs the example and expects this exit code; returns what was printed, without secrets.
    pub fn run(&self, code: i32, env: &str, args: &[&str]) -> String {
        let mut command = self.command(env, args);
        let out = command.stdin(Stdio::null()).output().unwrap();
        let text = [&out.stdout, &out.stderr].map(|b| String::from_utf8_lossy(b).into_owned());
        let text = text.concat();
        assert_eq!(out.status.code(), Some(code), "{command:?}:\n{text}");
        for plain in SECRETS {
            assert!(!text.contains(plain), "{plain} is shown:\n{text}");
        }
        text
    }

    /// `up`, after which there is nothing to do.
    pub fn up(&self, env: &str, more: &[&str]) {
        self.run(0, env, &[&["up", "--yes"], more].concat());
        assert_eq!(self.plan(env, more), [], "a second `up` of {env} {more:?}");
    }

    /// What `up` would change.
    pub fn plan(&self, env: &str, more: &[&str]) -> Vec<Step> {
        let out = self.command(env, &[&["plan", "--json"], more].concat()).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let plan: Value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&out.stderr)));
        assert_eq!(plan["format"], "ferrocrete-plan", "{plan}");
        let steps = plan["steps"].as_array().unwrap().iter();
        let quiet = ["same", "read"];
        let mut steps: Vec<_> = steps
            .filter(|s| !quiet.contains(&s["action"].as_str().unwrap()))
            .map(Step::of)
            .collect();
        steps.sort();
        steps
    }

    /// An export.
    pub fn output(&self, env: &str, name: &str) -> String {
        self.run(0, env, &["outputs", name]).trim().to_owned()
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
}

impl Step {
    fn of(json: &Value) -> Self {
        let text = |field: &str| json[field].as_str().unwrap().to_owned();
        let name = match text("path").as_str() {
            "" => text("name"),
            path => format!("{path}/{}", text("name")),
        };
        let changes = json["changes"].as_array().into_iter().flatten();
        let mut changes: Vec<_> =
            changes.map(|c| c["property"].as_str().unwrap().to_owned()).collect();
        changes.sort();
        changes.dedup();
        Self { action: text("action"), name, kind: text("type"), changes }
    }

    /// `action name`, and for an update what changes.
    pub fn brief(&self) -> String {
        match self.action.as_str() {
            "update" => format!("update {}: {}", self.name, self.changes.join(", ")),
            action => format!("{action} {}", self.name),
        }
    }
}

/// Steps as [`Step::brief`].
pub fn briefs(steps: &[Step]) -> Vec<String> {
    steps.iter().map(Step::brief).collect()
}
