//! [`ReadPool`]: reads of one type that fall together go out as one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::oneshot;

use crate::error::OpError;
use crate::execute::{OUTSIDE, patiently};
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
        let answers = match self.registry.handler(&key.0) {
            Some(handler) => {
                let read = patiently(OUTSIDE, || handler.read(&key.1, items.clone()));
                let all_gone = join_all(senders.iter_mut().map(oneshot::Sender::closed));
                tokio::select! {
                    biased;
                    answers = read => answers,
                    _ = all_gone => return,
                }
            }
            None => Err(OpError::invalid(format!("{} is not in the registry", key.0))),
        };
        match answers {
            // Somebody who stopped waiting needs no answer.
            Ok(answers) => senders.into_iter().zip(answers).for_each(|(tx, answer)| {
                let _ = tx.send(Ok(answer));
            }),
            Err(error) => senders.into_iter().for_each(|tx| {
                let _ = tx.send(Err(error.clone()));
            }),
        }
    }
}
