//! [`Target`]: the stack that a command is about: its resource types, state and keys.

use std::path::PathBuf;
use std::sync::Arc;

use ferrocrete_backend_s3::{KmsKeyProvider, S3Backend};
use ferrocrete_core::event::Events;
use ferrocrete_core::resource::{ProviderConfig, Registry};
use ferrocrete_core::state::{KeyFile, KeyProvider, LocalBackend, Passphrase, StateBackend};
use ferrocrete_core::{Engine, Secret};
use ferrocrete_resources::aws::{AwsConnector, AwsSettings};

use crate::app::App;
use crate::config::{Origin, SecretsBy};
use crate::error::{CliError, Result};
use crate::location::{DEFAULT_FOLDER, Location};
use crate::sandbox::{Attached, Known, attach, make_folder};

/// A stack that can be reached.
pub(crate) struct Target<'a> {
    app: &'a App<'a>,
    aws: AwsSettings,
    sandbox: Option<Attached>,
    pub location: Location,
    pub backend: Arc<dyn StateBackend>,
}

impl<'a> Target<'a> {
    /// Finds the backend, and the sandbox if asked for.
    pub async fn new(app: &'a App<'a>) -> Result<Self> {
        let settings = &app.settings;
        let sandbox = match app.global.sandbox {
            true => Some(attach(&app.io).await?),
            false => None,
        };
        let aws = match &sandbox {
            Some(sandbox) => sandbox.aws(settings.region.clone()),
            None => AwsSettings {
                region: settings.region.clone(),
                profile: settings.profile.clone(),
                endpoint_url: None,
                keys: None,
            },
        };
        let location = location(app, sandbox.as_ref())?;
        let backend: Arc<dyn StateBackend> = match &location {
            Location::Local(folder) => Arc::new(LocalBackend::new(folder, &app.project, &app.env)),
            Location::S3(s3) => {
                let config = aws.load(&provider(s3)).await;
                let config = config.map_err(|e| CliError::from_settings(&e))?;
                Arc::new(S3Backend::new(s3.clone(), &config, &app.project, &app.env)?)
            }
        };
        let target = Self { app, aws, sandbox, location, backend };
        target.greet_sandbox().await?;
        Ok(target)
    }

    /// Sets up state in a sandbox that was not used before, and says when it has forgotten.
    async fn greet_sandbox(&self) -> Result<()> {
        let Some(sandbox) = &self.sandbox else { return Ok(()) };
        let folder = &self.app.layers.folder;
        let known = sandbox.known(folder);
        let own_place = self.app.settings.backend.is_none();
        if known == Known::Restarted {
            let rest = match own_place {
                true => "starting afresh".to_owned(),
                false => format!("state in {} still lists them", self.location.url()),
            };
            self.app.io.err(format!(
                "sandbox: the sandbox was restarted and has forgotten its resources; {rest}\n"
            ));
        }
        if known != Known::Same {
            if own_place {
                self.init().await?;
            }
            sandbox.remember(folder)?;
        }
        Ok(())
    }

    /// Makes the place of state; returns what was done, for people.
    pub async fn init(&self) -> Result<String> {
        match &self.location {
            Location::Local(folder) => {
                self.make_local_folder()?;
                Ok(format!("file://{} is ready\n", folder.display()))
            }
            Location::S3(s3) => {
                let config = self.aws.load(&provider(s3)).await;
                let config = config.map_err(|e| CliError::from_settings(&e))?;
                Ok(ferrocrete_backend_s3::init(s3, &config).await?.to_string())
            }
        }
    }

    fn make_local_folder(&self) -> Result<()> {
        match &self.location {
            Location::Local(folder) => make_folder(folder),
            Location::S3(_) => Ok(()),
        }
    }

    /// Every resource type: AWS's and the program's own.
    pub fn registry(&self) -> Registry {
        ferrocrete_resources::registry(AwsConnector::new(self.aws.clone()))
            .merge(self.app.types.clone())
    }

    /// An engine for this stack that sends its events there.
    pub async fn engine(&self, events: Events) -> Result<Engine> {
        let options = self.app.engine_options();
        let keys = self.keys().await?;
        let engine = Engine::new(
            &self.app.project,
            &self.app.env,
            self.registry(),
            self.backend.clone(),
            keys,
        );
        Ok(engine.with_options(options).with_events(events))
    }

    /// Prepares for writing; plans write nothing.
    pub fn before_writing(&self) -> Result<()> {
        self.make_local_folder()
    }

    async fn keys(&self) -> Result<Arc<dyn KeyProvider>> {
        let app = self.app;
        let how = match (&app.settings.secrets, &self.location) {
            (Some(how), _) => how.clone(),
            (None, Location::Local(_)) => SecretsBy::KeyFile(None),
            (None, _) if self.sandbox.is_some() => SecretsBy::KeyFile(None),
            (None, _) if app.io.var("FERROCRETE_PASSPHRASE").is_some() => SecretsBy::Passphrase,
            (None, _) => return Err(no_secrets()),
        };
        Ok(match how {
            SecretsBy::KeyFile(path) => Arc::new(KeyFile::new(self.key_path(path))),
            SecretsBy::Passphrase => Arc::new(Passphrase::new(self.passphrase().await?)),
            SecretsBy::Kms(key) => {
                let place = match &self.location {
                    Location::S3(s3) => provider(s3),
                    Location::Local(_) => ProviderConfig::default(),
                };
                let config = self.aws.load(&place).await;
                let config = config.map_err(|e| CliError::from_settings(&e))?;
                Arc::new(KmsKeyProvider::new(&config, key, &app.project, &app.env))
            }
        })
    }

    fn key_path(&self, named: Option<PathBuf>) -> PathBuf {
        match (named, &self.location, &self.sandbox) {
            (Some(path), ..) => self.app.layers.folder.join(path),
            (None, Location::Local(folder), _) => folder.join("key"),
            (None, Location::S3(_), Some(sandbox)) => sandbox.key_file(),
            (None, Location::S3(_), None) => {
                self.app.layers.folder.join(DEFAULT_FOLDER).join("key")
            }
        }
    }

    async fn passphrase(&self) -> Result<Secret<String>> {
        let io = &self.app.io;
        if let Some(given) = io.var("FERROCRETE_PASSPHRASE") {
            return Ok(Secret::new(given.to_owned()));
        }
        let none = || {
            CliError::new("the passphrase of state is not given")
                .hint("set FERROCRETE_PASSPHRASE, or run on a terminal to be asked for it")
        };
        if !io.is_interactive() {
            return Err(none());
        }
        let first = io.ask_hidden("passphrase of state: ").await.ok_or_else(none)?;
        // Nobody can correct a slip of the finger once state is encrypted with it.
        if self.backend.load().await?.snapshot.is_none() {
            let again = io.ask_hidden("the same once more: ").await.ok_or_else(none)?;
            if first != again {
                return Err(CliError::new("the two passphrases differ"));
            }
        }
        Ok(first)
    }
}

fn location(app: &App<'_>, sandbox: Option<&Attached>) -> Result<Location> {
    let Some(url) = &app.settings.backend else {
        return match sandbox {
            Some(sandbox) => Ok(Location::S3(sandbox.location()?)),
            None => Ok(Location::Local(app.layers.folder.join(DEFAULT_FOLDER))),
        };
    };
    let from_file = app
        .settings
        .sources
        .iter()
        .any(|(name, _, origin)| *name == "backend" && matches!(origin, Origin::File(..)));
    let base = if from_file { app.layers.folder.as_path() } else { app.io.folder() };
    Location::parse(url, base)
}

fn provider(s3: &ferrocrete_backend_s3::S3Location) -> ProviderConfig {
    ProviderConfig { region: s3.region.clone(), profile: s3.profile.clone(), ..Default::default() }
}

fn no_secrets() -> CliError {
    CliError::new("it is not said what encrypts the secrets in state")
        .hint("set FERROCRETE_PASSPHRASE (or --secrets passphrase to be asked for it)")
        .hint("or --secrets kms:KEY with the id, ARN or alias of an AWS KMS key")
        .hint("or --secrets keyfile:PATH with a file that everybody who runs this has a copy of")
        .hint("to set it once for all, write `secrets = \"…\"` into the table [ferrocrete]")
}
