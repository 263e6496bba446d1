//! Ctrl-C and other signals as [`Interrupt`](ferrocrete_core::execute::Interrupt)s.
//!
//! Whoever sends SIGTERM sends SIGKILL soon, and behind a closed terminal nobody waits: both
//! count as two at once. A second SIGTERM counts as three; a second SIGHUP as nothing more,
//! because shell and system send one each.

use tokio::task::JoinHandle;

use crate::io::Io;

/// Counts signals from now on.
pub(crate) fn watch(io: Io) -> JoinHandle<()> {
    tokio::spawn(async move {
        // One task for all of them: a signal that comes between two listeners is lost.
        #[cfg(unix)]
        unix::listen(&io).await;
        #[cfg(not(unix))]
        while tokio::signal::ctrl_c().await.is_ok() {
            io.ends_as(crate::exit::Exit::Interrupted);
            io.interrupt().raise();
        }
    })
}

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Io;
    use crate::exit::Exit;

    pub(super) async fn listen(io: &Io) {
        let ignored = ignored();
        let heard = |kind: SignalKind| {
            let number = kind.as_raw_value();
            // Without a handler the system's own takes over: the process ends.
            (ignored >> (number - 1) & 1 == 0).then(|| signal(kind).ok()).flatten()
        };
        let mut int = heard(SignalKind::interrupt());
        let mut term = heard(SignalKind::terminate());
        let mut hup = heard(SignalKind::hangup());
        let mut terms = 0;
        loop {
            tokio::select! {
                () = next(&mut int) => {
                    io.ends_as(Exit::Interrupted);
                    io.interrupt().raise();
                }
                () = next(&mut term) => {
                    io.ends_as(Exit::Terminated);
                    terms += 1;
                    io.interrupt().raise_to(if terms == 1 { 2 } else { 3 });
                }
                () = next(&mut hup) => {
                    io.ends_as(Exit::HungUp);
                    io.interrupt().raise_to(2);
                }
            }
        }
    }

    async fn next(signal: &mut Option<Signal>) {
        let heard = match signal {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if heard.is_none() {
            std::future::pending().await
        }
    }

    /// The signals that whoever started this process wants it to ignore, as `nohup` does with
    /// SIGHUP and a shell with Ctrl-C of what runs in the background; bit 0 is signal 1.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}
