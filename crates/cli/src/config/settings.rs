//! The command line's own settings: flags over variables over the table `[ferrocrete]`.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde::Deserialize;

use crate::args::Global;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::io::Io;

use super::de::De;
use super::node::{Kind, Node, Origin};
use super::{Layers, OWN_TABLE, explain};

/// What encrypts the secrets in state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretsBy {
    /// A passphrase from `FERROCRETE_PASSPHRASE` or the prompt.
    Passphrase,
    /// A key file; without a path, beside local state.
    KeyFile(Option<PathBuf>),
    /// An AWS KMS key.
    Kms(String),
}

/// Settings with their sources.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub backend: Option<String>,
    pub region: Option<String>,
    pub profile: Option<String>,
    pub parallel: Option<usize>,
    pub lock_timeout: Option<Duration>,
    pub lease: Option<Duration>,
    pub secrets: Option<SecretsBy>,
    /// Name, value as shown, source: for `config show`.
    pub sources: Vec<(&'static str, String, Origin)>,
}

#[derive(Deserialize)]
struct OwnTable {
    backend: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    parallel: Option<usize>,
    lock_timeout: Option<String>,
    lease: Option<String>,
    secrets: Option<String>,
}

impl Settings {
    /// Joins the sources.
    pub fn new(layers: &Layers, global: &Global, io: &Io) -> Result<Self> {
        let own = own_table(layers)?;
        let mut settings = Self::default();
        let origin = |key: &str| {
            let node = layers.own.as_ref().and_then(|own| own.get(key));
            node.map_or(Origin::File(layers.file.clone(), 1), |n| n.origin.clone())
        };
        let mut pick = |name: &'static str, flag: Option<String>, table: Option<String>| {
            let flag_name = match name {
                "backend" => "--backend",
                "region" => "--region",
                "profile" => "--profile",
                "parallel" => "--parallel",
                "lock_timeout" => "--lock-timeout",
                "lease" => "--lease",
                _ => "--secrets",
            };
            let variable = format!("FERROCRETE_{}", name.to_ascii_uppercase());
            let from_flag = flag.map(|v| (v, Origin::Flag(flag_name)));
            let from_env =
                || io.var(&variable).map(|v| (v.to_owned(), Origin::Env(variable.as_str().into())));
            let from_table = || table.map(|v| (v, origin(name)));
            let (value, origin) = from_flag.or_else(from_env).or_else(from_table)?;
            settings.sources.push((name, value.clone(), origin.clone()));
            Some((value, origin))
        };
        let backend = pick("backend", global.backend.clone(), own.backend);
        let region = pick("region", global.region.clone(), own.region);
        let profile = pick("profile", global.profile.clone(), own.profile);
        let number = |n: usize| n.to_string();
        let parallel = pick("parallel", global.parallel.map(number), own.parallel.map(number));
        let lock_timeout = pick("lock_timeout", global.lock_timeout.clone(), own.lock_timeout);
        let lease = pick("lease", global.lease.clone(), own.lease);
        let secrets = pick("secrets", global.secrets.clone(), own.secrets);
        settings.backend = backend.map(|(v, _)| v);
        settings.region = region.map(|(v, _)| v);
        settings.profile = profile.map(|(v, _)| v);
        settings.parallel = parallel
            .map(|(v, origin)| match v.parse() {
                Ok(n @ 1..=1000) => Ok(n),
                _ => Err(CliError::new(format!(
                    "`parallel` must be a number from 1 to 1000 ({origin})"
                ))),
            })
            .transpose()?;
        settings.lock_timeout =
            lock_timeout.map(|(v, origin)| time("lock_timeout", &v, &origin, WAIT)).transpose()?;
        settings.lease = lease.map(|(v, origin)| time("lease", &v, &origin, LEASE)).transpose()?;
        settings.secrets = secrets.map(|(v, origin)| secrets_by(&v, &origin)).transpose()?;
        Ok(settings)
    }
}

/// How long a lock may be waited for.
const WAIT: RangeInclusive<u64> = 0..=24 * 3600;
/// How long a lease may be: shorter ones are lost to a slow network, longer ones keep others
/// waiting for the dead.
const LEASE: RangeInclusive<u64> = 1..=600;

fn time(name: &str, text: &str, origin: &Origin, seconds: RangeInclusive<u64>) -> Result<Duration> {
    let (least, most) =
        (Duration::from_secs(*seconds.start()), Duration::from_secs(*seconds.end()));
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|t| Duration::try_from(t).ok());
    let time = time.filter(|time| (least..=most).contains(time));
    time.ok_or_else(|| {
        let error =
            CliError::new(format!("`{name}` is not a time that can be used: `{text}` ({origin})"))
                .hint(format!(
                    "give a time from {} to {} seconds, such as `15s`, `2m30s` or `1h`",
                    seconds.start(),
                    seconds.end()
                ));
        if matches!(origin, Origin::Flag(_)) { error.exit(Exit::Usage) } else { error }
    })
}

fn own_table(layers: &Layers) -> Result<OwnTable> {
    let empty = || Node::new(Kind::Table(Default::default()), Origin::Set);
    let own = layers.own.clone().unwrap_or_else(empty);
    let notes = Rc::new(RefCell::new(super::Notes::default()));
    let mut whole = empty();
    // Nested, so that messages name `ferrocrete.backend` and not `backend`.
    whole.put(&[OWN_TABLE], own);
    #[derive(Deserialize)]
    struct Whole {
        ferrocrete: OwnTable,
    }
    let result = Whole::deserialize(De::new(whole, notes.clone()));
    let notes = notes.take();
    match result {
        Ok(whole) if notes.unknown.is_empty() => Ok(whole.ferrocrete),
        Ok(_) => Err(explain::problems(layers, None, &notes)),
        Err(fault) => Err(explain::problems(layers, Some(&fault), &notes)),
    }
}

fn secrets_by(text: &str, origin: &Origin) -> Result<SecretsBy> {
    Ok(match text.split_once(':').unwrap_or((text, "")) {
        ("passphrase", "") => SecretsBy::Passphrase,
        ("keyfile", "") => SecretsBy::KeyFile(None),
        ("keyfile", path) => SecretsBy::KeyFile(Some(path.into())),
        ("kms", key) if !key.is_empty() => SecretsBy::Kms(key.to_owned()),
        _ => {
            let error = CliError::new(format!("`secrets` is not a way to keep a key ({origin})"))
                .hint("give `passphrase`, `keyfile`, `keyfile:PATH`, or `kms:KEY` with a key id, ARN or alias");
            return Err(if matches!(origin, Origin::Flag(_)) {
                error.exit(Exit::Usage)
            } else {
                error
            });
        }
    })
}
