//! Which stacks read the exports of which.
//!
//! It is known in two places. The reader's own state says what it reads ([`super::State::reads`]);
//! that alone counts. In the place of the stack that is read there is a note that the reader
//! exists ([`super::StateBackend::readers`]), so that nobody has to look through all stacks of a
//! backend. The note is made before the reader's first step and removed after its last, so there
//! may be a note of a stack that reads nothing, but no reader without a note.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::StateError;
use crate::urn::{UrnError, check_name};

/// A stack of a backend: `PROJECT/STACK`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StackName {
    project: String,
    stack: String,
}

/// Names of exports that a stack reads, by the stack that has them.
pub type Reads = BTreeMap<StackName, BTreeSet<String>>;

/// A stack that reads exports of another one, or may do so.
#[derive(Debug)]
pub struct Reader {
    /// The stack that reads.
    pub stack: StackName,
    /// The exports that it reads; why this is not known, when its state cannot be read.
    pub exports: Result<BTreeSet<String>, StateError>,
}

impl StackName {
    /// The name of a stack.
    ///
    /// # Errors
    /// [`UrnError::BadName`] when project or stack holds a character that is not allowed.
    pub fn new(project: &str, stack: &str) -> Result<Self, UrnError> {
        check_name("project", project)?;
        check_name("stack", stack)?;
        Ok(Self { project: project.to_owned(), stack: stack.to_owned() })
    }

    /// Its project.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Its name within the project.
    pub fn stack(&self) -> &str {
        &self.stack
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.stack)
    }
}

impl FromStr for StackName {
    type Err = UrnError;

    fn from_str(text: &str) -> Result<Self, UrnError> {
        let (project, stack) = text.split_once('/').unwrap_or((text, ""));
        Self::new(project, stack)
    }
}

impl TryFrom<String> for StackName {
    type Error = UrnError;

    fn try_from(text: String) -> Result<Self, UrnError> {
        text.parse()
    }
}

impl From<StackName> for String {
    fn from(name: StackName) -> Self {
        name.to_string()
    }
}
