//! [`Report`]: how a run ended.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::StepFailure;
use crate::plan::{Action, Summary};
use crate::urn::Urn;
use crate::value::{EvalError, PropertyMap};

/// How a run ended.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Steps that succeeded, per action.
    pub done: Summary,
    /// Steps that failed, each once.
    pub failures: Vec<StepFailure>,
    /// Steps that were not started, and why.
    pub skipped: Vec<(Urn, Action, String)>,
    /// Steps whose wait was cut short; the next run goes on with them.
    pub open: Vec<Urn>,
    /// Whether Ctrl-C came.
    pub interrupted: bool,
    /// Exports, as far as they are known; secrets marked.
    pub exports: PropertyMap,
    /// Exports that cannot be computed, and why.
    pub refused_exports: BTreeMap<String, EvalError>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Whether every step was carried out.
    pub fn is_success(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty() && self.open.is_empty()
    }
}
