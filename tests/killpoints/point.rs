//! [`Point`]: where a run is killed.

use std::fmt;
use std::str::FromStr;

use crate::example::{BACKENDS, Backend};
use crate::proxy::{At, Side, Trap};

/// What the killed run does. In this order they are a stack's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// The first `up`.
    Up,
    /// An `up` that replaces, updates in place, and deletes.
    Replace,
    Destroy,
}

pub const SCENARIOS: [Scenario; 3] = [Scenario::Up, Scenario::Replace, Scenario::Destroy];

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scenario::Up => "up",
            Scenario::Replace => "replace",
            Scenario::Destroy => "destroy",
        })
    }
}

/// Where a run is killed. As text: `s3/up/37/after`, or `s3/up/ec2:RunInstances#1/after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub backend: Backend,
    pub scenario: Scenario,
    pub trap: Trap,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { backend, scenario, trap } = self;
        match &trap.at {
            At::Number(k) => write!(f, "{backend}/{scenario}/{k}/{}", trap.side),
            At::Operation(name, n) => write!(f, "{backend}/{scenario}/{name}#{n}/{}", trap.side),
        }
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = || {
            let (backend, rest) = text.split_once('/')?;
            let (scenario, rest) = rest.split_once('/')?;
            // S3's operations have slashes.
            let (at, side) = rest.rsplit_once('/')?;
            let backend = BACKENDS.into_iter().find(|b| b.to_string() == backend)?;
            let scenario = SCENARIOS.into_iter().find(|s| s.to_string() == scenario)?;
            let side = [Side::Before, Side::After].into_iter().find(|s| s.to_string() == side)?;
            let at = match at.rsplit_once('#') {
                Some((name, n)) => At::Operation(name.to_owned(), n.parse().ok()?),
                None => At::Number(at.parse().ok()?),
            };
            Some(Self { backend, scenario, trap: Trap { at, side } })
        };
        parsed().ok_or_else(|| {
            format!("`{text}` is no kill point: give one like s3/up/37/after or local/destroy/ec2:DeleteSecurityGroup#1/before")
        })
    }
}

#[test]
fn points_are_read_as_they_are_written() {
    for text in ["s3/up/37/after", "local/replace/s3:PUT /*?versioning#2/before"] {
        assert_eq!(text.parse::<Point>().unwrap().to_string(), text);
    }
    assert!("s3/up/37".parse::<Point>().is_err());
    assert!("s3/up/x/after".parse::<Point>().is_err());
}
