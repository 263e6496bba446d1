//! Ctrl-C and SIGTERM as [`Interrupt`]s.

use ferrocrete_core::execute::Interrupt;
use tokio::task::JoinHandle;

/// Counts signals from now on.
pub(crate) fn watch(interrupt: Interrupt) -> JoinHandle<()> {
    tokio::spawn(async move {
        // One listener for all of them: a signal that comes between two listeners is lost.
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
            // Without a handler the system's own takes over: the process ends.
            let (Ok(mut int), Ok(mut term)) = both else { return };
            loop {
                tokio::select! {
                    _ = int.recv() => {}
                    _ = term.recv() => {}
                }
                interrupt.raise();
            }
        }
        #[cfg(not(unix))]
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupt.raise();
        }
    })
}
