//! Ctrl-C and SIGTERM as [`Interrupt`]s.

use ferrocrete_core::execute::Interrupt;
use tokio::task::JoinHandle;

/// Counts signals from now on.
pub(crate) fn watch(interrupt: Interrupt) -> JoinHandle<()> {
    tokio::spawn(async move {
        #[cfg(unix)]
        let mut term = {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(term) => term,
                // Without a handler the system's own takes over: the process ends.
                Err(_) => return,
            }
        };
        loop {
            #[cfg(unix)]
            tokio::select! {
                pressed = tokio::signal::ctrl_c() => if pressed.is_err() { return },
                _ = term.recv() => {}
            }
            #[cfg(not(unix))]
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            interrupt.raise();
        }
    })
}
