//! A process that may die, freeze or be interrupted at any exchange with the world.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use ferrocrete_core::execute::Interrupt;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};

/// How a process comes to its end. Exchanges are counted from 0: each call that leaves is
/// one, and each answer that arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum End {
    /// By itself.
    #[default]
    Runs,
    /// SIGKILL at this exchange.
    KilledAt(u64),
    /// So many Ctrl-C from this exchange on, one per exchange.
    InterruptedAt(u64, u8),
    /// SIGSTOP when the answer of this exchange arrives, SIGCONT after so many seconds.
    FrozenAt(u64, u64),
}

struct Inner {
    exchanges: AtomicU64,
    end: End,
    dead: watch::Sender<bool>,
    thaw: Mutex<Option<Instant>>,
    interrupt: Interrupt,
}

/// A process; clones are the same one.
#[derive(Clone)]
pub struct Process(Arc<Inner>);

impl Process {
    pub fn new(end: End) -> Self {
        Self(Arc::new(Inner {
            exchanges: AtomicU64::new(0),
            end,
            dead: watch::Sender::new(false),
            thaw: Mutex::new(None),
            interrupt: Interrupt::new(),
        }))
    }

    pub fn interrupt(&self) -> &Interrupt {
        &self.0.interrupt
    }

    /// How many exchanges there were.
    pub fn exchanges(&self) -> u64 {
        self.0.exchanges.load(Ordering::SeqCst)
    }

    fn frozen(&self) -> Option<Instant> {
        self.0.thaw.lock().unwrap().filter(|t| *t > Instant::now())
    }

    async fn exchange(&self, answer: bool) {
        if *self.0.dead.borrow() {
            std::future::pending::<()>().await;
        }
        let now = self.0.exchanges.fetch_add(1, Ordering::SeqCst);
        match self.0.end {
            End::KilledAt(at) if now == at => {
                self.0.dead.send_replace(true);
                std::future::pending::<()>().await;
            }
            End::InterruptedAt(at, times) if (at..at + u64::from(times)).contains(&now) => {
                self.0.interrupt.raise();
            }
            // The next answer after this exchange: no request is ever held back half sent.
            End::FrozenAt(at, seconds) if answer && now >= at => {
                let mut thaw = self.0.thaw.lock().unwrap();
                thaw.get_or_insert(Instant::now() + Duration::from_secs(seconds));
            }
            _ => {}
        }
    }

    /// A call to the cloud leaves.
    pub async fn leaves(&self) {
        self.exchange(false).await;
    }

    /// A call to the backend leaves; tasks of a frozen process are frozen too.
    pub async fn leaves_if_awake(&self) {
        self.awake().await;
        self.exchange(false).await;
    }

    /// An answer arrives.
    pub async fn hears(&self) {
        self.exchange(true).await;
        self.awake().await;
    }

    async fn awake(&self) {
        while let Some(thaw) = self.frozen() {
            sleep_until(thaw).await;
        }
        if *self.0.dead.borrow() {
            std::future::pending::<()>().await;
        }
    }

    /// Runs `work` as this process; `None` when it was killed.
    pub async fn run<T>(&self, work: impl Future<Output = T> + Send) -> Option<T> {
        let mut dead = self.0.dead.subscribe();
        let work = Thawing { process: self.clone(), work: Box::pin(work), sleep: None };
        tokio::select! {
            biased;
            _ = dead.wait_for(|d| *d) => None,
            out = work => Some(out),
        }
    }
}

struct Thawing<'a, T> {
    process: Process,
    work: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<T> Future for Thawing<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if let Some(thaw) = self.process.frozen() {
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(thaw)));
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        self.work.as_mut().poll(cx)
    }
}
