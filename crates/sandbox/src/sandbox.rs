//! The handle on a running sandbox.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::info::{self, Announcement, Health};
use crate::server::Files;
use crate::{
    Account, CallLog, Config, Event, Fault, Info, Options, Progress, SandboxError, account, http,
    install, server, wrapper,
};

/// A running sandbox. Dropping it leaves the server running; [`stop`](Self::stop) ends it.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    info: Info,
    files: Files,
}

impl Sandbox {
    /// Installs the emulator if needed, starts the server of this name in the background if none
    /// runs, waits until it is healthy, and returns it. A server of another version of this crate
    /// is replaced. `progress` is told what takes time.
    pub async fn start(
        options: &Options,
        mut progress: impl FnMut(Progress),
    ) -> Result<Self, SandboxError> {
        options.check()?;
        let home = options.home()?;
        let files = Files::of(&home, &options.name);
        if let Some(found) = current(&files).await {
            progress(Progress::Ready);
            return Ok(Self::new(options, files, found));
        }
        install::create_dir(&home.join("servers"))?;
        let installation = install::ensure(&home, options.python.as_deref(), &mut progress).await?;
        let _lock = install::lock(&files.lock, &mut progress).await?;
        let found = match current(&files).await {
            Some(found) => found, // started by another process while we waited
            None => {
                files.stop().await?;
                progress(Progress::Starting);
                tracing::debug!(name = options.name, "starting the AWS emulator");
                server::start(options, &files, &installation).await?
            }
        };
        progress(Progress::Ready);
        Ok(Self::new(options, files, found))
    }

    /// The sandbox of this name if its server is running and healthy, whatever its version.
    pub async fn running(options: &Options) -> Result<Option<Self>, SandboxError> {
        options.check()?;
        let files = Files::of(&options.home()?, &options.name);
        let found = files.alive().await;
        Ok(found.map(|found| Self::new(options, files, found)))
    }

    fn new(options: &Options, files: Files, (announced, health): (Announcement, Health)) -> Self {
        let endpoint = format!("http://127.0.0.1:{}", announced.port);
        let info = Info {
            name: options.name.clone(),
            port: announced.port,
            pid: announced.pid,
            boot_id: health.boot_id,
            account: info::ACCOUNT.to_owned(),
            region: info::REGION.to_owned(),
            version: health.version,
            log: files.log.clone(),
            started_at: health.started_at,
            env: info::env(&endpoint, info::ACCOUNT, info::REGION),
            endpoint,
        };
        Self { inner: Arc::new(Inner { info, files }) }
    }

    /// What is known of the server, as it was when this handle was made.
    pub fn info(&self) -> &Info {
        &self.inner.info
    }

    /// Ends the server; everything in the sandbox is lost. Succeeds when it is already gone.
    pub async fn stop(&self) -> Result<(), SandboxError> {
        let files = &self.inner.files;
        let _lock = install::lock(&files.lock, &mut |_| {}).await?;
        match files.alive().await {
            // Another server has taken the place of ours, which therefore is gone.
            Some((announced, _)) if announced.pid != self.info().pid => Ok(()),
            _ => files.stop().await,
        }
    }

    /// Drops everything in one account, or (without account) in all of them; settings, recorded
    /// calls and faults included. A full reset changes the boot id.
    pub async fn reset(&self, account: Option<&str>) -> Result<(), SandboxError> {
        self.post("/_sandbox/reset", &Scope { account }).await
    }

    /// Changes settings of one account, or (without account) of all that have none of their own.
    pub async fn configure(
        &self,
        account: Option<&str>,
        config: Config,
    ) -> Result<(), SandboxError> {
        let body = Scoped { account, value: &config };
        self.post("/_sandbox/config", &body).await
    }

    /// The calls made in one account, or in all of them.
    pub async fn calls(&self, account: Option<&str>) -> Result<CallLog, SandboxError> {
        let query = account.map_or_else(String::new, |id| format!("?account={id}"));
        self.send("GET", &format!("/_sandbox/calls{query}"), b"").await
    }

    /// Forgets the calls made so far in one account, or in all of them.
    pub async fn reset_calls(&self, account: Option<&str>) -> Result<(), SandboxError> {
        self.post("/_sandbox/calls/reset", &Scope { account }).await
    }

    pub(crate) async fn faults_hit(&self, account: &str) -> Result<u32, SandboxError> {
        #[derive(serde::Deserialize)]
        struct Listed {
            account: Option<String>,
            fired: u32,
        }
        let listed: Vec<Listed> = self.send("GET", "/_sandbox/faults", b"").await?;
        let ours = listed.iter().filter(|fault| fault.account.as_deref() == Some(account));
        Ok(ours.map(|fault| fault.fired).sum())
    }

    /// Adds faults to those there are. Tests use [`Account::faults`], which spares the others.
    pub async fn faults(&self, faults: &[Fault]) -> Result<(), SandboxError> {
        self.post("/_sandbox/faults", &faults).await
    }

    /// Removes the faults of one account, or all.
    pub async fn reset_faults(&self, account: Option<&str>) -> Result<(), SandboxError> {
        self.post("/_sandbox/faults/reset", &Scope { account }).await
    }

    pub(crate) async fn happens(
        &self,
        account: &str,
        region: &str,
        event: &Event,
    ) -> Result<(), SandboxError> {
        #[derive(Serialize)]
        struct Body<'a> {
            account: &'a str,
            region: &'a str,
            #[serde(flatten)]
            event: &'a Event,
        }
        self.post("/_sandbox/events", &Body { account, region, event }).await
    }

    /// A fresh account, for one test: empty, and not used by any other test or process.
    pub fn fresh_account(&self) -> Account {
        self.account(account::fresh_id())
    }

    /// The account with this id (twelve digits).
    pub fn account(&self, id: impl Into<String>) -> Account {
        Account::new(self.clone(), id.into())
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<(), SandboxError> {
        let body = serde_json::to_vec(body).expect("plain data");
        self.send::<serde_json::Value>("POST", path, &body).await?;
        Ok(())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<T, SandboxError> {
        let info = self.info();
        let (status, answer) =
            http::request(info.port, method, path, body).await.map_err(|source| {
                SandboxError::Unreachable { endpoint: info.endpoint.clone(), source }
            })?;
        let refused =
            |reason: String| SandboxError::Refused { request: format!("{method} {path}"), reason };
        if status != 200 {
            return Err(refused(String::from_utf8_lossy(&answer).into_owned()));
        }
        serde_json::from_slice(&answer).map_err(|error| refused(error.to_string()))
    }
}

/// The running server of this name, if it is of our version.
async fn current(files: &Files) -> Option<(Announcement, Health)> {
    files.alive().await.filter(|(announced, _)| announced.version == wrapper::version())
}

#[derive(Serialize)]
struct Scope<'a> {
    account: Option<&'a str>,
}

#[derive(Serialize)]
struct Scoped<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(flatten)]
    value: &'a T,
}
