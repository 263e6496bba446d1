//! One background server per name: finding, starting and stopping it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use crate::info::{Announcement, Health};
use crate::install::Installation;
use crate::{Options, SandboxError, http, install, process, wrapper};

const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// The files of one named server.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// Written by the server once it listens, removed when it stops.
    pub announcement: PathBuf,
    pub log: PathBuf,
    /// Held while a server is being started or stopped.
    pub lock: PathBuf,
}

impl Files {
    pub(crate) fn of(home: &Path, name: &str) -> Self {
        let folder = home.join("servers");
        Self {
            announcement: folder.join(format!("{name}.json")),
            log: folder.join(format!("{name}.log")),
            lock: folder.join(format!("{name}.lock")),
        }
    }

    /// The server that announced itself, if it is alive. A stale announcement is removed.
    pub(crate) async fn alive(&self) -> Option<(Announcement, Health)> {
        let announced = self.announced()?;
        if let Some(health) = health(announced.port).await
            && health.pid == announced.pid
        {
            return Some((announced, health));
        }
        // It may be too busy to answer; only a server that is gone has a stale announcement.
        if !process::is_ours(announced.pid, &self.announcement).await {
            let _ = fs::remove_file(&self.announcement);
        }
        None
    }

    fn announced(&self) -> Option<Announcement> {
        serde_json::from_slice(&fs::read(&self.announcement).ok()?).ok()
    }

    /// Ends whatever server announced itself here: asks first, then signals.
    pub(crate) async fn stop(&self) -> Result<(), SandboxError> {
        let Some(announced) = self.announced() else {
            return Ok(());
        };
        let Announcement { pid, port, .. } = announced;
        if health(port).await.is_some_and(|health| health.pid == pid) {
            let _ = http::request(port, "POST", "/_sandbox/shutdown", b"{}").await;
            if self.gone(pid, STOP_TIMEOUT).await {
                return self.forget();
            }
        }
        for name in ["TERM", "KILL"] {
            if !process::is_ours(pid, &self.announcement).await {
                return self.forget();
            }
            process::signal(pid, name).await;
            if self.gone(pid, STOP_TIMEOUT).await {
                return self.forget();
            }
        }
        Err(SandboxError::NotStopped { pid })
    }

    fn forget(&self) -> Result<(), SandboxError> {
        match fs::remove_file(&self.announcement) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(SandboxError::file("cannot remove", &self.announcement)(error))
            }
            _ => Ok(()),
        }
    }

    async fn gone(&self, pid: u32, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if !process::is_ours(pid, &self.announcement).await {
                return true;
            }
            tokio::time::sleep(POLL).await;
        }
        false
    }
}

async fn health(port: u16) -> Option<Health> {
    let asked = http::request(port, "GET", "/_sandbox/health", b"");
    let (status, body) = tokio::time::timeout(Duration::from_secs(5), asked).await.ok()?.ok()?;
    let health: Health = serde_json::from_slice(&body).ok()?;
    (status == 200 && health.ok).then_some(health)
}

/// Starts a server and waits until it is healthy. The caller holds the lock.
pub(crate) async fn start(
    options: &Options,
    files: &Files,
    installation: &Installation,
) -> Result<(Announcement, Health), SandboxError> {
    let mut child = spawn(options, files, installation)?;
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        if let Some(found) = files.alive().await {
            return Ok(found);
        }
        let ended = child.try_wait().ok().flatten();
        let reason = match ended {
            Some(status) => format!("it ended with {status}"),
            None if Instant::now() > deadline => {
                let _ = child.kill().await;
                format!("not healthy after {} s", START_TIMEOUT.as_secs())
            }
            None => {
                tokio::time::sleep(POLL).await;
                continue;
            }
        };
        let log = fs::read(&files.log).unwrap_or_default();
        return Err(SandboxError::NotStarted {
            reason: format!("{reason}: {}", install::last_lines(&log, 3)),
            log: files.log.clone(),
        });
    }
}

fn spawn(
    options: &Options,
    files: &Files,
    installation: &Installation,
) -> Result<Child, SandboxError> {
    let log = File::create(&files.log).map_err(SandboxError::file("cannot create", &files.log))?;
    let errors = log.try_clone().map_err(SandboxError::file("cannot open", &files.log))?;
    let config = serde_json::json!({
        "slow": options.slow,
        "unkind": options.unkind,
        "rate": options.rate,
    })
    .to_string();
    let mut command = Command::new(&installation.python);
    command
        .args(["-m", "ferrocrete_sandbox", "--announce"])
        .arg(&files.announcement)
        .args(["--version", wrapper::version(), "--config", &config])
        .args(["--idle-hours", &(options.idle_timeout.as_secs_f64() / 3600.0).to_string()])
        .args(["--port", &options.port.unwrap_or(0).to_string()])
        .args(
            options
                .forget_accounts_after
                .map(|after| format!("--forget-after={}", after.as_secs_f64())),
        )
        .env("PYTHONPATH", &installation.sources)
        .env("PYTHONUNBUFFERED", "1")
        .env_remove("PYTHONHOME")
        .current_dir(&installation.sources)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .kill_on_drop(false);
    // Ctrl-C in the terminal ends the program that started the sandbox, not the sandbox.
    #[cfg(unix)]
    command.process_group(0);
    command.spawn().map_err(SandboxError::file("cannot run", &installation.python))
}
