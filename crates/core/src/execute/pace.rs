//! Throttled calls: asked again until they are answered.
//!
//! The cloud refused such a call for the number of calls alone: it was not carried out, and the
//! very same call will be answered later. So it never ends a step. How fast calls are sent is
//! the connector's business; here is only how long they are repeated.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ErrorKind, OpError};

use super::Interrupt;
use super::retry::Backoff;

/// How long a call outside of any step is repeated: of a plan, a lookup, an audit.
pub(crate) const OUTSIDE: Duration = Duration::from_secs(900);
/// How long a read that is under way is still waited for after a second Ctrl-C.
const HASTE: Duration = Duration::from_secs(2);

tokio::task_local! {
    static INTERRUPT: Interrupt;
}

/// Runs a step; what it calls learns of a second Ctrl-C from [`in_haste`].
pub(super) async fn interruptible<T>(interrupt: &Interrupt, step: impl Future<Output = T>) -> T {
    INTERRUPT.scope(interrupt.clone(), step).await
}

/// Returns once the step that asks was interrupted twice: what was not sent by then is not sent
/// at all. Outside of steps it never returns.
pub async fn in_haste() {
    match INTERRUPT.try_with(Interrupt::clone) {
        Ok(interrupt) => interrupt.reached(2).await,
        Err(_) => std::future::pending().await,
    }
}

/// Whether the step that asks was interrupted twice.
pub fn is_in_haste() -> bool {
    INTERRUPT.try_with(|interrupt| interrupt.count() >= 2).unwrap_or(false)
}

/// Returns a moment after a second Ctrl-C: when even a read that is under way is given up.
pub(super) async fn hasty(interrupt: &Interrupt) {
    interrupt.reached(2).await;
    tokio::time::sleep(HASTE).await;
}

/// Makes a call as often as it is throttled, for `limit`, or until a second Ctrl-C.
///
/// # Errors
/// Any other error of the call, and the last one when the time is over.
pub(crate) async fn patiently<T, F>(
    limit: Duration,
    mut call: impl FnMut() -> F,
) -> Result<T, OpError>
where
    F: Future<Output = Result<T, OpError>>,
{
    let start = Instant::now();
    let mut backoff = Backoff::new();
    loop {
        match call().await {
            Err(error) if error.kind == ErrorKind::Throttled && start.elapsed() < limit => {
                tokio::select! {
                    biased;
                    () = in_haste() => return Err(error),
                    () = backoff.wait() => {}
                }
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn throttled() -> OpError {
        OpError::new(ErrorKind::Throttled, "rate exceeded")
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_throttled_is_asked_again_and_nothing_else_is() {
        let calls = Cell::new(0);
        let answer = patiently(OUTSIDE, async || {
            calls.set(calls.get() + 1);
            if calls.get() <= 40 { Err(throttled()) } else { Ok(calls.get()) }
        });
        assert_eq!(answer.await.unwrap(), 41);

        calls.set(0);
        let refused = patiently(OUTSIDE, async || {
            calls.set(calls.get() + 1);
            Err::<(), _>(OpError::new(ErrorKind::Service, "broken"))
        });
        assert_eq!((refused.await.unwrap_err().kind, calls.get()), (ErrorKind::Service, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_is_bounded() {
        let start = Instant::now();
        let error = patiently(OUTSIDE, async || Err::<(), _>(throttled())).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Throttled);
        let took = start.elapsed();
        assert!(took >= OUTSIDE && took < OUTSIDE + Duration::from_secs(10), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_interrupt_ends_it() {
        let interrupt = Interrupt::new();
        let start = Instant::now();
        let step = interruptible(&interrupt, async {
            assert!(!is_in_haste());
            patiently(OUTSIDE, async || Err::<(), _>(throttled())).await
        });
        let user = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            interrupt.raise_to(2);
        };
        let (ended, ()) = tokio::join!(step, user);
        assert_eq!(ended.unwrap_err().kind, ErrorKind::Throttled);
        assert_eq!(start.elapsed(), Duration::from_secs(60));
    }
}
