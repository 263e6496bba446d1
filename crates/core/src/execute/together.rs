//! [`Together`]: steps whose changes AWS takes in one call.
//!
//! Two resources that exchange what only one can have cannot be changed one after the other.
//! Where AWS takes both changes at once (the records of a zone, the priorities of a listener's
//! rules), the steps start together, each hands in its change, and the last one makes the call
//! for all.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use crate::error::{ErrorKind, OpError};

type Answer = Result<(), OpError>;
/// A change, and who waits for the answer.
type HandedIn = (Box<dyn Any + Send>, oneshot::Sender<Answer>);

/// The steps of one group.
pub struct Together {
    round: Mutex<Round>,
    /// Rises when somebody leaves.
    left: watch::Sender<u64>,
}

struct Round {
    /// Steps that have not ended.
    members: usize,
    handed_in: Vec<HandedIn>,
}

impl Together {
    /// A group of so many steps.
    pub(super) fn new(members: usize) -> Self {
        Self {
            round: Mutex::new(Round { members, handed_in: Vec::new() }),
            left: watch::Sender::new(0),
        }
    }

    /// Hands in a change. Returns what the call for all of them was answered, once everybody
    /// handed in theirs or ended.
    pub(crate) async fn hand_in<T: Send + 'static, Call: Future<Output = Answer>>(
        &self,
        change: T,
        call: impl FnOnce(Vec<T>) -> Call,
    ) -> Answer {
        let (tx, mut answer) = oneshot::channel();
        let mut left = self.left.subscribe();
        self.lock().handed_in.push((Box::new(change), tx));
        loop {
            if let Some(all) = self.complete() {
                let (changes, waiting): (Vec<_>, Vec<_>) = all.into_iter().unzip();
                let typed = changes.into_iter().map(|c| c.downcast::<T>().map(|c| *c));
                let answer = match typed.collect::<Result<Vec<T>, _>>() {
                    Ok(changes) => call(changes).await,
                    Err(_) => Err(OpError::new(
                        ErrorKind::Other,
                        "changes of different types were handed in together: a bug in Ferrocrete",
                    )),
                };
                // Whoever stopped waiting needs no answer.
                waiting.into_iter().for_each(|tx| drop(tx.send(answer.clone())));
                return answer;
            }
            tokio::select! {
                biased;
                answer = &mut answer => {
                    return answer.unwrap_or_else(|_| {
                        Err(OpError::new(ErrorKind::NoAnswer, "the call for several was dropped"))
                    });
                }
                // The sender lives as long as `self`, so waiting cannot fail.
                _ = left.changed() => {}
            }
        }
    }

    /// All changes, when nobody is missing.
    fn complete(&self) -> Option<Vec<HandedIn>> {
        let mut round = self.lock();
        let all = !round.handed_in.is_empty() && round.handed_in.len() >= round.members;
        all.then(|| std::mem::take(&mut round.handed_in))
    }

    fn lock(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One step of a group, until it ends.
pub(super) struct Member(pub(super) Arc<Together>);

impl Drop for Member {
    fn drop(&mut self) {
        let mut round = self.0.lock();
        round.members = round.members.saturating_sub(1);
        drop(round);
        self.0.left.send_modify(|n| *n += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn hand_in(group: &Together, change: u8, calls: &Mutex<Vec<Vec<u8>>>) -> Answer {
        let call = |changes: Vec<u8>| async {
            calls.lock().unwrap().push(changes);
            Ok(())
        };
        group.hand_in(change, call).await
    }

    #[tokio::test]
    async fn one_call_is_made_for_all() {
        let (group, calls) = (Together::new(3), Mutex::default());
        let all = [1, 2, 3].map(|n| hand_in(&group, n, &calls));
        let answers = futures::future::join_all(all).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(calls.into_inner().unwrap(), [vec![1, 2, 3]]);
    }

    #[tokio::test]
    async fn nobody_waits_for_who_has_ended() {
        let (group, calls) = (Arc::new(Together::new(3)), Mutex::default());
        let [one, other] = [Member(group.clone()), Member(group.clone())];
        let ends = async {
            tokio::task::yield_now().await;
            drop(one);
            tokio::task::yield_now().await;
            drop(other);
        };
        let (answer, ()) = tokio::join!(hand_in(&group, 7, &calls), ends);
        assert!(answer.is_ok());
        assert_eq!(calls.into_inner().unwrap(), [vec![7]]);
    }

    #[tokio::test]
    async fn an_answer_is_everybodys_and_the_next_round_is_a_new_one() {
        let group = Together::new(2);
        let refuse = |_: Vec<u8>| async { Err(OpError::invalid("refused")) };
        let (a, b) = tokio::join!(group.hand_in(1, refuse), group.hand_in(2, refuse));
        assert!(a.is_err() && b.is_err());
        let calls = Mutex::default();
        let (a, b) = tokio::join!(hand_in(&group, 1, &calls), hand_in(&group, 2, &calls));
        assert!(a.is_ok() && b.is_ok());
        assert_eq!(calls.into_inner().unwrap(), [vec![1, 2]]);
    }
}
