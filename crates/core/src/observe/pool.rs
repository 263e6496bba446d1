//! [`ReadPool`]: reads of one type that fall together go out as one.
//!
//! A read is as good as its parts: a resource whose attributes or tags AWS does not find is not
//! there yet, and never spoils the reads that went out with its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use tokio::sync::oneshot;

use crate::error::{ErrorKind, OpError};
use crate::execute::{OUTSIDE, patiently};
use crate::panics::caught_async;
use crate::resource::{LiveState, ProviderConfig, ReadItem, Registry};

/// How long a read waits for company.
const GATHER: Duration = Duration::from_millis(5);

type Answer = Result<Option<LiveState>, OpError>;
type Key = (String, ProviderConfig);
type Queue = Vec<(ReadItem, oneshot::Sender<Answer>)>;

/// Merges reads of one resource type and provider, for refresh and for waiting alike. A read that
/// is throttled is repeated as long as somebody waits for it.
#[derive(Clone)]
pub struct ReadPool {
    registry: Registry,
    queues: Arc<Mutex<BTreeMap<Key, Queue>>>,
}

impl ReadPool {
    /// A pool over these types.
    pub fn new(registry: Registry) -> Self {
        Self { registry, queues: Arc::default() }
    }

    /// Reads one resource, together with whatever else is asked for at the moment.
    ///
    /// # Errors
    /// The error of the call that it went out with.
    pub async fn read(&self, type_name: &str, provider: &ProviderConfig, item: ReadItem) -> Answer {
        let (tx, rx) = oneshot::channel();
        let key = (type_name.to_owned(), provider.clone());
        let first = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = queues.entry(key.clone()).or_default();
            queue.push((item, tx));
            queue.len() == 1
        };
        if first {
            tokio::spawn(self.clone().flush(key));
        }
        rx.await.unwrap_or_else(|_| Err(OpError::invalid("the read was dropped")))
    }

    async fn flush(self, key: Key) {
        tokio::time::sleep(GATHER).await;
        let queue = self
            .queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&key)
            .unwrap_or_default();
        let (items, mut senders): (Vec<_>, Vec<_>) = queue.into_iter().unzip();
        let Some(handler) = self.registry.handler(&key.0) else {
            let error = OpError::invalid(format!("{} is not in the registry", key.0));
            return senders.into_iter().for_each(|tx| {
                let _ = tx.send(Err(error.clone()));
            });
        };
        let read = async |items: &[ReadItem]| {
            let read = patiently(OUTSIDE, || handler.read(&key.1, items.to_vec()));
            caught_async(read).await.unwrap_or_else(|panic| {
                let text = format!("reading {} panicked: {panic}", key.0);
                Err(OpError::new(ErrorKind::Other, text))
            })
        };
        let answers = {
            let all_gone = join_all(senders.iter_mut().map(oneshot::Sender::closed));
            tokio::select! {
                biased;
                answers = read(&items) => answers,
                _ = all_gone => return,
            }
        };
        // Somebody who stopped waiting needs no answer.
        match answers {
            Ok(answers) => senders.into_iter().zip(answers).for_each(|(tx, answer)| {
                let _ = tx.send(Ok(answer));
            }),
            // Whose fault it is, is not known, unless it is everybody's.
            Err(error) if items.len() > 1 && is_somebodys(&error) => {
                let each = items.into_iter().zip(senders).map(|(item, tx)| async {
                    let answer = read(&[item]).await;
                    let one = |mut all: Vec<_>| all.pop().flatten();
                    let _ = tx.send(answer.map(one).or_else(absent));
                });
                futures::stream::iter(each).buffer_unordered(APART).collect::<()>().await;
            }
            Err(error) => senders.into_iter().for_each(|tx| {
                let _ = tx.send(absent(error.clone()));
            }),
        }
    }
}

/// Most reads at once where each goes out by itself.
const APART: usize = 8;

/// Whether an error may be about one of several resources only.
fn is_somebodys(error: &OpError) -> bool {
    !error.is_passing() && !matches!(error.kind, ErrorKind::NoCredentials | ErrorKind::AccessDenied)
}

/// What AWS does not find is not there, whichever call says so.
fn absent(error: OpError) -> Answer {
    match error.kind {
        ErrorKind::NotFound => Ok(None),
        _ => Err(error),
    }
}
