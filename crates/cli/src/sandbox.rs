//! `--sandbox`: the local AWS emulator as a target.

use std::path::{Path, PathBuf};

use ferrocrete_backend_s3::S3Location;
use ferrocrete_resources::aws::AwsSettings;
use ferrocrete_sandbox::{Info, Options, Progress, Sandbox};
use serde::{Deserialize, Serialize};

use crate::error::{CliError, Result};
use crate::io::Io;
use crate::location::DEFAULT_FOLDER;

/// A running sandbox, and the account in it that is used.
#[derive(Debug, Clone)]
pub(crate) struct Attached {
    pub info: Info,
    pub account: String,
    pub secret_key: String,
}

/// Which server and account; tests choose their own.
pub(crate) fn options(io: &Io) -> Options {
    match io.var("FERROCRETE_SANDBOX_NAME") {
        Some(name) => Options::default().named(name),
        None => Options::default(),
    }
}

/// Starts the sandbox unless it runs, and says what takes time.
pub(crate) async fn start(io: &Io) -> Result<Sandbox> {
    let say = |progress| {
        io.err(match progress {
            Progress::Waiting => "sandbox: waiting for another process that is starting it\n",
            Progress::Installing => "sandbox: installing the emulator, once: about 15 s\n",
            Progress::Starting => "sandbox: starting the emulator\n",
            _ => "",
        });
    };
    Ok(Sandbox::start(&options(io), say).await?)
}

/// The sandbox of `--sandbox`.
pub(crate) async fn attach(io: &Io) -> Result<Attached> {
    let sandbox = start(io).await?;
    Ok(Attached::new(sandbox.info().clone(), io))
}

/// What is remembered from one command to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    boot_id: String,
    account: String,
}

/// What the memory says about this sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Never used from here.
    New,
    /// The same that was used before.
    Same,
    /// Another: what was in it is gone.
    Restarted,
}

impl Attached {
    fn new(info: Info, io: &Io) -> Self {
        let own = io.var("FERROCRETE_SANDBOX_ACCOUNT");
        let account = own.unwrap_or(&info.account).to_owned();
        let secret_key = info.env.get("AWS_SECRET_ACCESS_KEY").cloned().unwrap_or_default();
        Self { info, account, secret_key }
    }

    /// Clients of the emulator and of nothing else.
    pub fn aws(&self, region: Option<String>) -> AwsSettings {
        AwsSettings {
            region: Some(region.unwrap_or_else(|| self.info.region.clone())),
            profile: None,
            endpoint_url: Some(self.info.endpoint.clone()),
            keys: Some((self.account.clone(), self.secret_key.clone())),
        }
    }

    /// Where state is kept unless the user names a place.
    pub fn location(&self) -> Result<S3Location> {
        let url = format!("s3://ferrocrete-state-{}", self.account);
        let parsed = S3Location::parse(&url).map_err(|e| {
            CliError::new(e.to_string())
                .hint("FERROCRETE_SANDBOX_ACCOUNT is the id of an account: twelve digits")
        })?;
        Ok(parsed)
    }

    /// The key of secrets in state; new with every start, as state is.
    pub fn key_file(&self) -> PathBuf {
        let folder = self.info.log.parent().unwrap_or(Path::new("."));
        folder.join("keys").join(format!("{}.key", self.info.boot_id))
    }

    /// Compares with what was used last from `folder`.
    pub fn known(&self, folder: &Path) -> Known {
        let text = std::fs::read_to_string(memory_file(folder)).unwrap_or_default();
        match serde_json::from_str::<Memory>(&text) {
            Ok(memory) if memory == self.memory() => Known::Same,
            Ok(memory) if memory.account == self.account => Known::Restarted,
            _ => Known::New,
        }
    }

    /// Remembers this sandbox; called once its state is set up.
    pub fn remember(&self, folder: &Path) -> Result<()> {
        let file = memory_file(folder);
        let fail =
            |e: std::io::Error| CliError::new(format!("{} cannot be written: {e}", file.display()));
        make_folder(&folder.join(DEFAULT_FOLDER))?;
        let text = serde_json::to_string(&self.memory()).unwrap_or_default();
        std::fs::write(&file, text + "\n").map_err(fail)
    }

    fn memory(&self) -> Memory {
        Memory { boot_id: self.info.boot_id.clone(), account: self.account.clone() }
    }
}

fn memory_file(folder: &Path) -> PathBuf {
    folder.join(DEFAULT_FOLDER).join("sandbox.json")
}

/// Makes the folder of local files, kept out of version control.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let ignore = folder.join(".gitignore");
    let made = std::fs::create_dir_all(folder)
        .and_then(|()| if ignore.exists() { Ok(()) } else { std::fs::write(&ignore, "*\n") });
    made.map_err(|e| CliError::new(format!("{} cannot be made: {e}", folder.display())))
}
