//! Errors of the engine, and [`OpError`], the error of one cloud operation.

use crate::graph::GraphError;
use crate::observe::ReferenceError;
use crate::plan::PlanError;
use crate::state::StateError;
use crate::urn::Urn;
use crate::value::Secrets;

/// Result of engine functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What goes wrong in a run, outside single steps (those are in the run's report).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program declares something impossible.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// No plan can be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// An export of another stack cannot be read.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// State cannot be read, locked or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// A cloud call outside any step failed: credentials, refresh, lookups.
    #[error("{what}: {source}")]
    Cloud {
        /// What was being done.
        what: String,
        /// The cloud's answer.
        source: OpError,
    },
    /// State was written with another account or region than the one in use.
    #[error(
        "this stack's state belongs to {recorded}, but the credentials in use are for {current}\n  what to do: switch credentials, profile or region; nothing was changed"
    )]
    WrongAccount {
        /// What state says.
        recorded: String,
        /// What the credentials say.
        current: String,
    },
    /// The user's program returned an error.
    #[error("{0}")]
    Program(String),
    /// The run was interrupted before anything was started.
    #[error("interrupted: nothing was changed")]
    Interrupted,
}

impl Error {
    /// Without the secrets that its words may quote: those of a cloud, and of the user's code.
    pub(crate) fn scrubbed(self, secrets: &Secrets) -> Self {
        match self {
            Error::Plan(error) => Error::Plan(error.scrubbed(secrets)),
            Error::Cloud { what, source } => {
                Error::Cloud { what: secrets.scrub(&what), source: source.scrubbed(secrets) }
            }
            Error::Program(text) => Error::Program(secrets.scrub(&text)),
            // These hold names and numbers, and what the program says of itself.
            Error::Graph(_)
            | Error::Reference(_)
            | Error::State(_)
            | Error::WrongAccount { .. }
            | Error::Interrupted => self,
        }
    }
}

/// What kind of failure a cloud operation met; decided from the error *code*, never its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It does not exist.
    NotFound,
    /// Something with this name exists already.
    AlreadyExists,
    /// The caller may not do this.
    AccessDenied,
    /// There are no usable credentials.
    NoCredentials,
    /// Too many calls: this one was not carried out, and is repeated until a step's time is over.
    Throttled,
    /// The cloud has none left of what was asked for: machines, addresses. Asking again at once
    /// does not help.
    NoCapacity,
    /// Something still depends on it.
    Dependency,
    /// The request is wrong and will stay wrong.
    Invalid,
    /// No answer: the call may or may not have taken effect.
    NoAnswer,
    /// The call was carried out, but nobody can read what was answered: asking again gives the
    /// same answer, and what it made is looked for by the next run.
    Unreadable,
    /// The service failed.
    Service,
    /// The time that the user allows is over.
    TimedOut,
    /// The run was interrupted while waiting.
    Interrupted,
    /// Anything else.
    Other,
}

/// The error of one cloud operation.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.describe())]
pub struct OpError {
    /// The kind, by which the engine decides.
    pub kind: ErrorKind,
    /// The service's error code, such as `DependencyViolation`.
    pub code: Option<String>,
    /// The service's message, or ours.
    pub message: String,
    /// The call, such as `ec2:CreateVpc`; empty when none was made.
    pub operation: String,
    /// The service's request id.
    pub request_id: Option<String>,
}

impl OpError {
    /// An error that did not come from a service.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            operation: String::new(),
            request_id: None,
        }
    }

    /// An input that the resource type refuses before any call.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Without the secrets that the cloud's words may quote.
    #[must_use]
    pub fn scrubbed(self, secrets: &Secrets) -> Self {
        Self { message: secrets.scrub(&self.message), ..self }
    }

    /// Whether the very same question may be answered in a moment: throttled, no answer, or
    /// the service failed.
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, ErrorKind::Throttled | ErrorKind::NoAnswer | ErrorKind::Service)
    }

    /// Whether the service answered with this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    fn describe(&self) -> String {
        let mut text = String::new();
        if !self.operation.is_empty() {
            text.push_str(&self.operation);
            text.push_str(": ");
        }
        text.push_str(&self.message);
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => text.push_str(&format!(" ({code}, request {id})")),
            (Some(code), None) => text.push_str(&format!(" ({code})")),
            (None, Some(id)) => text.push_str(&format!(" (request {id})")),
            (None, None) => {}
        }
        text
    }
}

/// A step that failed, for the report at the end.
#[derive(Debug, Clone)]
pub struct StepFailure {
    /// Whose step.
    pub urn: Urn,
    /// What it tried: "create", "delete" …
    pub action: &'static str,
    /// Why it failed.
    pub error: OpError,
}
