//! What may be chosen when a sandbox is started.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::{SandboxError, Slow, Unkind};

/// How to start, or find, a sandbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where the installation, logs and server files live. Default:
    /// `$FERROCRETE_SANDBOX_HOME`, else `ferrocrete/sandbox` in `$XDG_CACHE_HOME` or `~/.cache`.
    pub cache_dir: Option<PathBuf>,
    /// There is one background server per name. Letters, digits, `-` and `_`. Default `default`.
    pub name: String,
    /// How slow AWS's slow things are, for accounts not configured otherwise. Used when a server
    /// is started; one that already runs keeps its own. Default: [`Slow::demo`].
    pub slow: Slow,
    /// Which unkind behaviours of AWS are on, likewise. Default: [`Unkind::demo`].
    pub unkind: Unkind,
    /// How many calls a second a service takes before it throttles, likewise. Default: no limit.
    pub rate: BTreeMap<String, u32>,
    /// The server stops itself after that long without a call. Default 12 hours.
    pub idle_timeout: Duration,
    /// Accounts without a call for that long are dropped, so that a server shared by many tests
    /// does not grow. Default `None`: never.
    pub forget_accounts_after: Option<Duration>,
    /// The Python to install with. Default: `$FERROCRETE_PYTHON`, else `python3`, else `python`.
    pub python: Option<PathBuf>,
    /// The wished port; if it is taken or `None`, a free one is used. Default `None`.
    pub port: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_dir: None,
            name: "default".into(),
            slow: Slow::demo(),
            unkind: Unkind::demo(),
            rate: BTreeMap::new(),
            idle_timeout: Duration::from_secs(12 * 3600),
            forget_accounts_after: None,
            python: None,
            port: None,
        }
    }
}

impl Options {
    /// The server that all tests on this machine share: quick slow-states, AWS's unkind behaviours
    /// for a moment each ([`Unkind::tests`]), left running between test runs, stopped by itself
    /// after two idle hours; accounts idle for ten minutes are dropped. Isolation comes from
    /// [`Sandbox::fresh_account`](crate::Sandbox::fresh_account).
    ///
    /// Its name holds the version and these settings, so that checkouts which differ in them do
    /// not take each other's server away in the middle of a test, or use one that is kinder.
    pub fn for_tests() -> Self {
        let (slow, unkind) = (Slow::tests(), Unkind::tests());
        Self {
            name: format!("test-{}", crate::wrapper::digest_with(&format!("{slow:?}{unkind:?}"))),
            slow,
            unkind,
            idle_timeout: Duration::from_secs(2 * 3600),
            forget_accounts_after: Some(Duration::from_secs(600)),
            ..Self::default()
        }
    }

    /// The same with another name, hence another server.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || !self.name.chars().all(fits) {
            return Err(SandboxError::BadName { name: self.name.clone() });
        }
        Ok(())
    }

    pub(crate) fn home(&self) -> Result<PathBuf, SandboxError> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(chosen) = &self.cache_dir {
            return std::path::absolute(chosen)
                .map_err(SandboxError::file("cannot make absolute", chosen));
        }
        if let Some(home) = set("FERROCRETE_SANDBOX_HOME") {
            let home = PathBuf::from(home);
            return std::path::absolute(&home)
                .map_err(SandboxError::file("cannot make absolute", &home));
        }
        let cache = set("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .ok_or(SandboxError::NoCacheDir)?;
        Ok(cache.join("ferrocrete").join("sandbox"))
    }
}

/// What is going on during [`Sandbox::start`](crate::Sandbox::start).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Another process is installing or starting the same sandbox; this one waits for it.
    Waiting,
    /// The emulator is being installed: once per version, about 15 s and 110 MB.
    Installing,
    /// The server is being started: one to two seconds.
    Starting,
    /// It answers.
    Ready,
}
