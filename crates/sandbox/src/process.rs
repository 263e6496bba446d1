//! Processes of ours: telling them apart from others, and ending them.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// Whether this process is a sandbox server that was started with this announcement file. Process
/// ids are reused, so a bare id proves nothing.
pub(crate) async fn is_ours(pid: u32, announcement: &Path) -> bool {
    let line = command_line(pid).await;
    line.contains("ferrocrete_sandbox") && line.contains(&*announcement.to_string_lossy())
}

async fn command_line(pid: u32) -> String {
    if let Ok(raw) = tokio::fs::read(format!("/proc/{pid}/cmdline")).await {
        return String::from_utf8_lossy(&raw).replace('\0', " ");
    }
    if cfg!(target_os = "linux") {
        return String::new(); // no such process
    }
    let output =
        Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid.to_string()]).output().await;
    output
        .map_or_else(|_| String::new(), |found| String::from_utf8_lossy(&found.stdout).into_owned())
}

/// Sends a signal by name, such as `TERM`. The caller has checked that the process is ours.
pub(crate) async fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn another_process_is_not_ours() {
        assert!(!is_ours(std::process::id(), Path::new("/nowhere")).await);
        assert!(!is_ours(1, Path::new("/nowhere")).await);
    }
}
