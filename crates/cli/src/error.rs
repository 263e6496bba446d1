//! [`CliError`]: every error as message, hint and exit code, in one place.

use std::any::Any;
use std::fmt::Display;

use ferrocrete_core::error::{Error, ErrorKind, OpError};
use ferrocrete_core::panics::Panic;
use ferrocrete_core::render::{Colour, Style};
use ferrocrete_core::state::StateError;
use ferrocrete_sandbox::SandboxError;

use crate::exit::Exit;

/// Result of the command line's functions.
pub(crate) type Result<T, E = CliError> = std::result::Result<T, E>;

/// What a user reads when a command does not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CliError {
    /// How the process ends.
    pub exit: Exit,
    /// What failed and why.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
}

/// Between what is wrong and what to do about it, in messages of the engine.
const WHAT_TO_DO: &str = "\n  what to do: ";

/// For those who have no credentials, or do not want to use them.
const NO_ACCOUNT: &str =
    "or try it without an account: add --sandbox to run against a local AWS emulator";

/// How clients of AWS answer when nobody says where.
const NO_REGION: &str = "no AWS region";

impl CliError {
    pub fn new(message: impl Into<String>) -> Self {
        let text = message.into();
        let (message, hints) = match text.split_once(WHAT_TO_DO) {
            // Several errors in one text keep their own hints where they are.
            Some((message, hint)) if !hint.contains(WHAT_TO_DO) && !hint.contains('\n') => {
                (message.to_owned(), vec![hint.to_owned()])
            }
            _ => (text, Vec::new()),
        };
        Self { exit: Exit::Error, message, hints }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// A panic, in the user's program or in ours.
    pub fn panicked(who: &str, panic: &Panic) -> Self {
        Self::new(format!("{who} panicked: {panic}"))
    }

    pub fn interrupted() -> Self {
        Self::new("interrupted: nothing was changed").exit(Exit::Interrupted)
    }

    /// The whole message for the terminal.
    pub fn text(&self, style: Style) -> String {
        let mut out = format!("{} {}\n", style.paint(Colour::Red, "error:"), self.message);
        for hint in &self.hints {
            let head = style.paint(Colour::Cyan, "hint:");
            out.push_str(&format!("{head} {}\n", hint.replace('\n', "\n      ")));
        }
        out
    }

    /// One line of JSON.
    pub fn json(&self) -> String {
        #[derive(serde::Serialize)]
        struct Doc<'a> {
            format: &'static str,
            version: u32,
            exit_code: u8,
            error: &'a str,
            hints: &'a [String],
        }
        let document = Doc {
            format: "ferrocrete-error",
            version: ferrocrete_core::render::VERSION,
            exit_code: self.exit.code(),
            error: &self.message,
            hints: &self.hints,
        };
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// An error that the user's program returned, told apart where it is one of ours.
    pub fn from_program<E: Display + 'static>(error: E) -> Self {
        let text = error.to_string();
        let boxed: Box<dyn Any> = Box::new(error);
        let boxed = match boxed.downcast::<Error>() {
            Ok(ours) => return (*ours).into(),
            Err(other) => other,
        };
        type Shared = Box<dyn std::error::Error + Send + Sync>;
        let boxed = match boxed.downcast::<Shared>() {
            Ok(inner) => {
                return match inner.downcast::<Error>() {
                    Ok(ours) => (*ours).into(),
                    Err(other) => Self::chain(other.as_ref()),
                };
            }
            Err(other) => other,
        };
        match boxed.downcast::<Box<dyn std::error::Error>>() {
            Ok(inner) => match inner.downcast::<Error>() {
                Ok(ours) => (*ours).into(),
                Err(other) => Self::chain(other.as_ref()),
            },
            Err(_) => Self::new(text),
        }
    }

    /// An error with what caused it.
    fn chain(error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            let more = next.to_string();
            if !text.contains(&more) {
                text.push_str(&format!(": {more}"));
            }
            cause = next.source();
        }
        Self::new(text)
    }

    fn no_credentials(detail: &str) -> Self {
        // Only the cause: what to do about it is said here, once.
        let reason = detail.lines().find_map(|l| l.trim().strip_prefix("reason: "));
        let reason = reason.unwrap_or_else(|| detail.lines().next().unwrap_or(""));
        // The SDK goes on with a list of attempts, a line each, which is cut off here.
        let reason = reason.strip_suffix(" Attempted:").unwrap_or(reason);
        let reason = ["other: ", "the credential provider was not enabled: "]
            .iter()
            .fold(reason, |text, prefix| text.strip_prefix(prefix).unwrap_or(text))
            .trim_end_matches('.');
        let reason = match reason {
            "no credentials found in chain" => {
                "none were found in variables, profiles or instance metadata"
            }
            other => other,
        };
        Self::new(format!("there are no usable AWS credentials: {reason}"))
            .hint("log in with `aws sso login` or `aws configure`, and name the profile with --profile or AWS_PROFILE")
            .hint("or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones)")
            .hint(NO_ACCOUNT)
    }

    fn from_op(what: &str, error: &OpError) -> Self {
        match error.kind {
            ErrorKind::NoCredentials => Self::no_credentials(&error.message),
            ErrorKind::AccessDenied => Self::new(format!("{what}: {error}")).hint(
                "these credentials may not do this: use others (--profile), or ask for the permission",
            ),
            ErrorKind::Interrupted => Self::interrupted(),
            ErrorKind::Invalid if error.message.starts_with(NO_REGION) => Self::no_region(),
            _ => Self::new(format!("{what}: {error}")),
        }
    }

    fn no_region() -> Self {
        Self::new(format!("{NO_REGION} is given"))
            .hint("name one with --region or AWS_REGION, or give the profile a region")
            .hint(NO_ACCOUNT)
    }

    /// What keeps clients of AWS from being set up.
    pub fn from_settings(error: &OpError) -> Self {
        match error.message.starts_with(NO_REGION) {
            true => Self::no_region(),
            false => Self::new(error.message.as_str()),
        }
    }
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        match error {
            Error::State(e) => e.into(),
            Error::Cloud { what, source } => Self::from_op(&what, &source),
            Error::Interrupted => Self::interrupted(),
            other => Self::new(other.to_string()),
        }
    }
}

impl From<StateError> for CliError {
    fn from(error: StateError) -> Self {
        let text = Self::new(error.to_string());
        match error {
            StateError::Locked { place, .. } => {
                Self { message: format!("{} ({place})", text.message), ..text }.exit(Exit::Locked)
            }
            StateError::Unusable { why, .. } if why.contains("no AWS credentials") => {
                text.hint(NO_ACCOUNT)
            }
            _ => text,
        }
    }
}

impl From<SandboxError> for CliError {
    fn from(error: SandboxError) -> Self {
        Self::new(format!("sandbox: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_taken_out_of_messages() {
        let error = CliError::new("the snapshot is damaged: bad sum\n  what to do: restore it");
        assert_eq!(error.message, "the snapshot is damaged: bad sum");
        assert_eq!(error.hints, ["restore it"]);
        assert_eq!(
            error.text(Style::Plain),
            "error: the snapshot is damaged: bad sum\nhint: restore it\n"
        );
    }

    #[test]
    fn no_credentials_says_the_reason_and_the_ways_once() {
        let message = "no usable AWS credentials were found\n  what to do: set AWS_PROFILE\n  \
                       reason: other: the profile `x` does not exist.";
        let error = CliError::no_credentials(message);
        assert_eq!(
            error.message,
            "there are no usable AWS credentials: the profile `x` does not exist"
        );
        assert_eq!(error.hints.len(), 3);
        let chain = "the credential provider was not enabled: no credentials found in chain. \
                     Attempted:\nenvironment: not set";
        assert_eq!(
            CliError::no_credentials(chain).message,
            "there are no usable AWS credentials: none were found in variables, profiles or \
             instance metadata"
        );
    }

    #[test]
    fn errors_of_programs_keep_their_kind() {
        let none = || Error::Cloud {
            what: "lookup".into(),
            source: OpError::new(ErrorKind::NoCredentials, "no providers in chain"),
        };
        let plain = CliError::from_program(none());
        let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(none());
        assert_eq!(CliError::from_program(boxed), plain);
        assert_eq!(plain.hints.len(), 3);
        assert!(plain.hints[2].contains("--sandbox"));
        assert_eq!(CliError::from_program("no luck").message, "no luck");
    }
}
