//! [`InitReport`].

use std::fmt;

use crate::location::S3Location;

/// What [`init`](super::init) found and did. [`Display`](fmt::Display) writes it line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitReport {
    /// Which place.
    pub location: S3Location,
    /// The AWS account that bucket and table are in.
    pub account: String,
    /// The region that they are in.
    pub region: String,
    /// What was looked at, in order.
    pub items: Vec<InitItem>,
}

/// One thing that [`init`](super::init) looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitItem {
    /// Bucket or table, with its name.
    pub place: String,
    /// Which setting; `exists` for bucket or table itself.
    pub what: &'static str,
    /// What was done.
    pub outcome: InitOutcome,
}

/// What was done about a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitOutcome {
    /// The bucket or table was made.
    Created,
    /// The setting was missing or different, and is now as it should be.
    Changed,
    /// It was as it should be.
    Found,
    /// It was left out, for this reason.
    Skipped(&'static str),
}

impl InitReport {
    /// Whether anything was created or changed.
    pub fn changed(&self) -> bool {
        let changed =
            |item: &InitItem| matches!(item.outcome, InitOutcome::Created | InitOutcome::Changed);
        self.items.iter().any(changed)
    }
}

impl fmt::Display for InitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (account {}, region {})", self.location, self.account, self.region)?;
        for InitItem { place, what, outcome } in &self.items {
            match outcome {
                InitOutcome::Created => writeln!(f, "  created  {place}")?,
                InitOutcome::Changed => writeln!(f, "  changed  {place}: {what}")?,
                InitOutcome::Found => writeln!(f, "  found    {place}: {what}")?,
                InitOutcome::Skipped(why) => writeln!(f, "  skipped  {place}: {what}, {why}")?,
            }
        }
        Ok(())
    }
}
