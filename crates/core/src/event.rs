//! The one stream of events that every renderer consumes.

use std::time::Duration;

use crate::plan::Action;
use crate::state::LockInfo;
use crate::urn::Urn;

/// Something that happened in a run. Never holds a secret.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A phase began: "lock", "load", "refresh", "plan", "apply", "settle".
    Phase {
        /// Its name.
        name: &'static str,
        /// Detail for people, may be empty.
        detail: String,
    },
    /// Somebody else holds the lock; it is waited for.
    Locked {
        /// Who, and since when.
        lock: Box<LockInfo>,
    },
    /// An interrupted operation of an earlier run was settled.
    Settled {
        /// Whose.
        urn: Urn,
        /// What came of it, for people.
        outcome: String,
    },
    /// A step began.
    Started {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// What it does.
        action: Action,
    },
    /// A step waits for AWS.
    Waiting {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// What for: AWS's word, such as `creating`.
        status: String,
    },
    /// A step is tried again after an expected error.
    Retrying {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// The error, for people.
        why: String,
    },
    /// A step finished.
    Finished {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// What it did.
        action: Action,
        /// Physical id, when there is one.
        id: Option<String>,
        /// How long it took.
        took: Duration,
    },
    /// A step failed.
    Failed {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// What it tried.
        action: Action,
        /// The error, for people.
        error: String,
    },
    /// A step was not started.
    Skipped {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// What it would have done.
        action: Action,
        /// Why not: a failed dependency or an interruption.
        because: String,
    },
    /// Calls wait for their turn with a service that refuses more than so many. Sent once when it
    /// begins, when the rate has doubled or halved, and when it is over.
    Paced {
        /// The service, such as `route53`.
        service: String,
        /// Which region's, unless it is a global service.
        region: Option<String>,
        /// Calls a second that it answers; `None` when it answers all of them again.
        per_second: Option<u32>,
    },
    /// Something worth a line that belongs to no step.
    Warning {
        /// For people.
        text: String,
    },
    /// Ctrl-C or a termination signal came: 1 finish what runs, 2 stop waiting.
    Interrupt {
        /// How many came.
        count: u8,
    },
}

/// Where events go. Cloneable; sending never blocks, and nobody listening is fine.
#[derive(Debug, Clone, Default)]
pub struct Events(Option<tokio::sync::mpsc::UnboundedSender<Event>>);

impl Events {
    /// A stream and its receiving end.
    pub fn channel() -> (Self, tokio::sync::mpsc::UnboundedReceiver<Event>) {
        let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
        (Self(Some(tx)), rx)
    }

    /// Events that nobody hears.
    pub fn none() -> Self {
        Self(None)
    }

    /// Whether anybody listens.
    pub fn is_heard(&self) -> bool {
        self.0.as_ref().is_some_and(|tx| !tx.is_closed())
    }

    /// Sends one event.
    pub fn send(&self, event: Event) {
        tracing::debug!(target: "ferrocrete::event", ?event);
        if let Some(tx) = &self.0 {
            // The receiver going away only means that nobody looks any more.
            let _ = tx.send(event);
        }
    }
}
