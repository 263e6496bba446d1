//! `-v`: tracing on standard error.

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Which log lines are shown: this workspace's own by the number of `-v`; everybody else's
/// only as errors, at any verbosity. The SDK and its HTTP client log whole bodies, which hold
/// secrets, even in warnings.
fn filter(verbose: u8) -> Targets {
    let own = match verbose {
        0 => LevelFilter::WARN,
        1 => Level::INFO.into(),
        2 => Level::DEBUG.into(),
        _ => Level::TRACE.into(),
    };
    Targets::new().with_default(LevelFilter::ERROR).with_target("ferrocrete", own)
}

/// Starts logging for the process; a program that has a subscriber of its own keeps it.
pub(crate) fn start(verbose: u8, colour: bool) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .with_target(verbose > 1)
        // It would say on standard error that standard error is gone, and panic over that.
        .log_internal_errors(false);
    let _ = tracing_subscriber::registry().with(filter(verbose)).with(lines).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_crates_stay_quiet_at_any_verbosity() {
        let most = filter(9);
        assert!(most.would_enable("ferrocrete_core::execute", &Level::TRACE));
        assert!(most.would_enable("ferrocrete::event", &Level::TRACE));
        for foreign in ["aws_smithy_runtime::client", "hyper::proto", "aws_sdk_rds", "h2::codec"] {
            assert!(most.would_enable(foreign, &Level::ERROR));
            assert!(!most.would_enable(foreign, &Level::WARN), "{foreign}");
        }
    }
}
