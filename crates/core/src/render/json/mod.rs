//! Versioned JSON, documented in `docs/json.md`: one document per line, fields in a fixed
//! order, the same bytes for the same input.

mod event;
mod plan;
mod report;
mod value;

pub use event::event_json;
pub use plan::plan_json;
pub use report::{outputs_json, report_json};
pub use value::{revealed_json, value_json};

/// `format` of a plan.
pub const PLAN_FORMAT: &str = "ferrocrete-plan";
/// `format` of an event.
pub const EVENT_FORMAT: &str = "ferrocrete-event";
/// `format` of the report at the end of a run.
pub const REPORT_FORMAT: &str = "ferrocrete-report";
/// `format` of a stack's outputs.
pub const OUTPUTS_FORMAT: &str = "ferrocrete-outputs";
/// `version` of all of them. Raised when a field changes its meaning or goes; new fields
/// may come at any time.
pub const VERSION: u32 = 1;

fn text<T: serde::Serialize>(document: &T) -> String {
    // Plain structs and maps with text keys cannot fail to serialize.
    serde_json::to_string(document).unwrap_or_else(|e| unreachable!("{e}"))
}
