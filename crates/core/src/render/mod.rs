//! Render: plans, events and reports as text, JSON and Markdown; graphs as DOT and Mermaid.
//!
//! Everything here is a pure function from a value of the engine to a `String`. Nothing
//! knows a terminal, nothing shows a secret, and the same input gives the same bytes.

mod diff;
mod graph;
mod json;
mod markdown;
mod progress;
mod reason;
mod report;
mod style;
mod text;
mod value;

pub use graph::{dot, mermaid};
pub use json::{
    EVENT_FORMAT, OUTPUTS_FORMAT, PLAN_FORMAT, REPORT_FORMAT, VERSION, event_json, outputs_json,
    plan_json, report_json, revealed_json, value_json,
};
pub use markdown::plan_markdown;
pub use progress::{ActionWords, duration, event_line, noun, words};
pub use reason::because;
pub use report::{exports_text, refresh_text, report_text};
pub use style::{Colour, Style};
pub use text::{plan_text, summary_line};
pub use value::{one_line, visible};

#[cfg(test)]
mod tests;
