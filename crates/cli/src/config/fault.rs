//! What is wrong with one key; never holds its value, which may be secret.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::node::{Origin, join};

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is something else than wanted.
    Type { expected: String },
    /// The right kind of thing, but not one that fits.
    Value { expected: String },
    /// Not there.
    Missing { key: &'static str },
    /// There, but nobody knows it.
    Unknown { expected: Vec<&'static str> },
    /// Not one of the names that there are.
    Variant { expected: Vec<&'static str> },
    /// The type's own complaint, in its words; quotes the value as likely as not.
    Custom(String),
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub problem: Problem,
    /// Dotted path; for a missing key, of the table that it is missing in.
    pub path: Option<String>,
    pub origin: Option<Origin>,
    /// What stands there.
    pub found: &'static str,
}

impl Fault {
    pub fn new(problem: Problem) -> Self {
        Self { problem, path: None, origin: None, found: "" }
    }

    /// Fills in where; the innermost place wins.
    pub fn at(mut self, path: &str, origin: &Origin) -> Self {
        if self.path.is_none() {
            self.path = Some(path.to_owned());
            self.origin = Some(origin.clone());
        }
        self
    }

    pub fn found(mut self, what: &'static str) -> Self {
        if self.found.is_empty() {
            self.found = what;
        }
        self
    }

    /// The dotted key that the fault is about.
    pub fn key(&self) -> String {
        let path = self.path.as_deref().unwrap_or("");
        match &self.problem {
            Problem::Missing { key } => join(path, key),
            _ => path.to_owned(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.problem, self.key())
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Problem::Custom(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Problem::Type { expected: expected.to_string() })
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Problem::Value { expected: expected.to_string() })
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(Problem::Value { expected: format!("{expected}, but there are {length}") })
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Problem::Variant { expected: expected.to_vec() })
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Problem::Unknown { expected: expected.to_vec() })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(Problem::Missing { key })
    }
}
