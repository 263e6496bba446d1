//! The one stream of events that every renderer consumes.

use std::time::Duration;

use crate::plan::Action;
use crate::state::LockInfo;
use crate::urn::Urn;
use crate::value::Secrets;

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

impl Event {
    /// Without the secrets that its words may quote.
    fn scrubbed(mut self, secrets: &Secrets) -> Self {
        let words = match &mut self {
            Event::Phase { detail, .. } => Some(detail),
            Event::Settled { outcome, .. } => Some(outcome),
            Event::Waiting { status, .. } => Some(status),
            Event::Retrying { why, .. } => Some(why),
            Event::Finished { id, .. } => id.as_mut(),
            Event::Failed { error, .. } => Some(error),
            Event::Skipped { because, .. } => Some(because),
            Event::Warning { text } => Some(text),
            Event::Locked { .. }
            | Event::Started { .. }
            | Event::Paced { .. }
            | Event::Interrupt { .. } => None,
        };
        if let Some(words) = words {
            *words = secrets.scrub(words);
        }
        self
    }
}

/// Where events go. Cloneable; sending never blocks, and nobody listening is fine.
#[derive(Debug, Clone, Default)]
pub struct Events {
    to: Option<tokio::sync::mpsc::UnboundedSender<Event>>,
    /// What no event may tell.
    secrets: Secrets,
}

impl Events {
    /// A stream and its receiving end.
    pub fn channel() -> (Self, tokio::sync::mpsc::UnboundedReceiver<Event>) {
        let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
        (Self { to: Some(tx), secrets: Secrets::default() }, rx)
    }

    /// Events that nobody hears.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same, scrubbed of these secrets.
    #[must_use]
    pub(crate) fn hiding(self, secrets: &Secrets) -> Self {
        Self { secrets: secrets.clone(), ..self }
    }

    /// Whether anybody listens.
    pub fn is_heard(&self) -> bool {
        self.to.as_ref().is_some_and(|tx| !tx.is_closed())
    }

    /// Sends one event.
    pub fn send(&self, event: Event) {
        let event = event.scrubbed(&self.secrets);
        tracing::debug!(target: "ferrocrete::event", ?event);
        if let Some(tx) = &self.to {
            // The receiver going away only means that nobody looks any more.
            let _ = tx.send(event);
        }
    }
}
