//! [`Example`]: the built dev example as somebody with AWS credentials runs it, whose AWS is the
//! sandbox or a proxy before it.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::user::{User, assert_no_secret};

/// What went wrong, for people.
pub type Problem = String;

/// Where state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    Local,
    S3,
}

pub const BACKENDS: [Backend; 2] = [Backend::Local, Backend::S3];

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Local => "local",
            Backend::S3 => "s3",
        })
    }
}

/// Somebody who runs the example.
pub struct Example {
    pub user: User,
    backend: Backend,
}

impl Example {
    /// In a fresh account, with a place for state.
    pub async fn new(env: &'static str, backend: Backend) -> Result<Self, Problem> {
        let example = Self { user: User::new(env).await, backend };
        if backend == Backend::S3 {
            example.run(0, example.direct(&["backend", "init"])).await?;
        }
        Ok(example)
    }

    /// The example against the sandbox itself.
    pub fn direct(&self, args: &[impl AsRef<str>]) -> Command {
        self.through(self.user.account.endpoint(), args)
    }

    /// The example with another endpoint, as somebody with credentials runs it.
    pub fn through(&self, endpoint: &str, args: &[impl AsRef<str>]) -> Command {
        let args: Vec<_> = args.iter().map(AsRef::as_ref).collect();
        let mut command = self.user.bare(&args);
        let place = match self.backend {
            Backend::Local => self.user.local(),
            Backend::S3 => format!("s3://ferrocrete-state-{}", self.user.account.id),
        };
        let key = self.user.folder.path().join("key");
        command
            .envs(self.user.account.env())
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("FERROCRETE_BACKEND", place)
            .env("FERROCRETE_SECRETS", format!("keyfile:{}", key.display()));
        command
    }

    /// Runs to the end and expects this exit code; returns what was printed.
    pub async fn run(&self, code: i32, mut command: Command) -> Result<String, Problem> {
        let printed = self.printed_to(&mut command);
        let shown = format!("{:?}", command.get_args().collect::<Vec<_>>());
        let status = tokio::process::Command::from(command).status().await.unwrap();
        let text = read(&printed);
        if status.code() != Some(code) {
            return Err(format!("{shown} ended with {:?}, not {code}:\n{text}", status.code()));
        }
        Ok(text)
    }

    /// Sends what is printed to a file, so that nobody has to read along.
    pub fn printed_to(&self, command: &mut Command) -> PathBuf {
        let path = self.user.folder.path().join("printed");
        let file = File::create(&path).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        path
    }
}

/// What was printed.
pub fn read(printed: &Path) -> String {
    let bytes = std::fs::read(printed).unwrap();
    assert_no_secret("the output", &bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
