//! [`Urn`]: who a resource is, for ever.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The lasting name of a resource: project, stack, component path, type and name.
///
/// Written `urn:fc:PROJECT:STACK:PATH:TYPE:NAME`, for example
/// `urn:fc:shop:dev:network/zone-a:AWS::EC2::Subnet:public`. The path is empty
/// for a resource that no component owns. A physical id may change
/// (replacement); the urn never does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Urn(std::sync::Arc<str>);

/// Why a text is not a [`Urn`] or not a valid name in one.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum UrnError {
    /// A name holds a character outside `A-Z a-z 0-9 _ . -`, nothing but dots, or over 64 of them.
    #[error(
        "{what} `{name}` is not valid: use 1 to 64 letters, digits, `-`, `_` or `.`, and not dots only"
    )]
    BadName {
        /// What the name is for: "project", "stack", "resource" …
        what: &'static str,
        /// The offending name.
        name: String,
    },
    /// The text does not have the seven parts of a urn.
    #[error("`{0}` is not a urn: expected urn:fc:PROJECT:STACK:PATH:TYPE:NAME")]
    BadUrn(String),
}

/// Checks a project, stack, component or resource name.
pub fn check_name(what: &'static str, name: &str) -> Result<(), UrnError> {
    // Where state is kept in folders, `..` would be another one.
    let ok = name.chars().any(|c| c != '.')
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if ok { Ok(()) } else { Err(UrnError::BadName { what, name: name.to_owned() }) }
}

impl Urn {
    /// Builds a urn; `path` is the names of the owning components, outermost first.
    ///
    /// # Errors
    /// [`UrnError::BadName`] when a part holds a character that is not allowed.
    pub fn new(
        project: &str,
        stack: &str,
        path: &[&str],
        type_name: &str,
        name: &str,
    ) -> Result<Self, UrnError> {
        check_name("project", project)?;
        check_name("stack", stack)?;
        for part in path {
            check_name("component", part)?;
        }
        check_name("resource", name)?;
        let path = path.join("/");
        Ok(Self(format!("urn:fc:{project}:{stack}:{path}:{type_name}:{name}").into()))
    }

    /// The urn as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or("")
    }

    /// The project.
    pub fn project(&self) -> &str {
        self.part(2)
    }

    /// The stack, usually the environment.
    pub fn stack(&self) -> &str {
        self.part(3)
    }

    /// Names of the owning components joined by `/`; empty at top level.
    pub fn path(&self) -> &str {
        self.part(4)
    }

    /// The resource type, such as `AWS::EC2::Subnet`.
    pub fn type_name(&self) -> &str {
        self.part(5).rsplit_once(':').map_or("", |(t, _)| t)
    }

    /// The name given in the program.
    pub fn name(&self) -> &str {
        self.part(5).rsplit_once(':').map_or("", |(_, n)| n)
    }

    /// Path and name, the short form that people read: `network/public`.
    pub fn short(&self) -> String {
        if self.path().is_empty() {
            self.name().to_owned()
        } else {
            format!("{}/{}", self.path(), self.name())
        }
    }
}

impl fmt::Display for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Urn {
    type Err = UrnError;

    fn from_str(text: &str) -> Result<Self, UrnError> {
        let bad = || UrnError::BadUrn(text.to_owned());
        let rest = text.strip_prefix("urn:fc:").ok_or_else(bad)?;
        let mut parts = rest.splitn(4, ':');
        let (project, stack, path, tail) = (
            parts.next().ok_or_else(bad)?,
            parts.next().ok_or_else(bad)?,
            parts.next().ok_or_else(bad)?,
            parts.next().ok_or_else(bad)?,
        );
        let (type_name, name) = tail.rsplit_once(':').ok_or_else(bad)?;
        if type_name.is_empty() {
            return Err(bad());
        }
        let path: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        Self::new(project, stack, &path, type_name, name)
    }
}

impl TryFrom<String> for Urn {
    type Error = UrnError;

    fn try_from(text: String) -> Result<Self, UrnError> {
        text.parse()
    }
}

impl From<Urn> for String {
    fn from(urn: Urn) -> Self {
        urn.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back() {
        let urn = Urn::new("shop", "dev", &["net", "a"], "AWS::EC2::Subnet", "public").unwrap();
        assert_eq!(urn.as_str(), "urn:fc:shop:dev:net/a:AWS::EC2::Subnet:public");
        assert_eq!(urn.project(), "shop");
        assert_eq!(urn.stack(), "dev");
        assert_eq!(urn.path(), "net/a");
        assert_eq!(urn.type_name(), "AWS::EC2::Subnet");
        assert_eq!(urn.name(), "public");
        assert_eq!(urn.short(), "net/a/public");
        assert_eq!(urn.as_str().parse::<Urn>().unwrap(), urn);
    }

    #[test]
    fn bad_text_is_refused() {
        for bad in ["", "urn:fc:a:b", "urn:fc:a:b::T:na me", "urn:fc:a:b:::x", "urn:aws:a:b::T:x"] {
            assert!(bad.parse::<Urn>().is_err(), "{bad}");
        }
        assert!(Urn::new("p", "s", &[], "T", "a:b").is_err());
        // In a folder it would be another stack's, or nobody's.
        for dots in [".", "..", "..."] {
            assert!(Urn::new("p", dots, &[], "T", "a").is_err(), "{dots}");
        }
        assert!(Urn::new("p", ".x.", &[], "T", "a").is_ok());
    }
}
