//! Panics of the user's code, as errors.
//!
//! A panic says its words on standard error before anybody can catch it, and they may quote a
//! secret. So while something is watched here, the process's panic hook is told nothing: the
//! words go to whoever watches, and to nobody else.

use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

/// What a panic said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// Its words.
    pub message: String,
    /// Where in the source it was, as `FILE:LINE`, when that is known.
    pub place: Option<String>,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.place {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}

thread_local! {
    /// How many watch on this thread, one within the other, and the last panic's place.
    static WATCH: RefCell<(usize, Option<String>)> = const { RefCell::new((0, None)) };
}

static HOOK: Once = Once::new();

fn quiet_while_watched() {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(|l| format!("{}:{}", l.file(), l.line()));
            // A panic while the thread ends finds nothing to write to, and nobody who watches.
            let watched = WATCH.try_with(|watch| {
                let mut watch = watch.borrow_mut();
                watch.1 = place;
                watch.0 > 0
            });
            if !watched.unwrap_or(false) {
                before(info);
            }
        }));
    });
}

/// Runs something; a panic in it is an error, and says nothing on standard error. Where panics
/// abort the process (`panic = "abort"`), they still do.
///
/// # Errors
/// What the panic said.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panic> {
    quiet_while_watched();
    WATCH.with(|watch| watch.borrow_mut().0 += 1);
    let done = panic::catch_unwind(AssertUnwindSafe(run));
    let place = WATCH.with(|watch| {
        let mut watch = watch.borrow_mut();
        watch.0 -= 1;
        watch.1.take()
    });
    done.map_err(|words| {
        let text = words.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| words.downcast_ref::<&str>().copied());
        Panic { message: text.unwrap_or("without a word").to_owned(), place }
    })
}

/// As [`caught`], of something that goes on for a while. After a panic it is not polled again.
///
/// # Errors
/// What the panic said.
pub async fn caught_async<F: Future>(run: F) -> Result<F::Output, Panic> {
    let mut run = pin!(run);
    std::future::poll_fn(|cx| match caught(|| run.as_mut().poll(cx)) {
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_place() {
        let inner = caught(|| {
            assert_eq!(caught(|| 7), Ok(7));
            panic!("no luck {}", 13)
        });
        let panic: Panic = Result::<(), _>::unwrap_err(inner);
        assert_eq!(panic.message, "no luck 13");
        assert!(panic.to_string().contains("panics.rs:"), "{panic}");
    }

    #[tokio::test]
    async fn so_is_one_later_on() {
        let later = async {
            tokio::task::yield_now().await;
            panic!("no luck")
        };
        assert_eq!(Result::<(), _>::unwrap_err(caught_async(later).await).message, "no luck");
        assert_eq!(caught_async(async { 7 }).await, Ok(7));
    }
}
