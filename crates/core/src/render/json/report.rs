//! Reports and outputs as JSON.

use serde::Serialize;

use crate::execute::Report;
use crate::plan::{Action, Summary};
use crate::value::{PropertyMap, Value};

use super::value::ShownMap;

#[derive(Serialize)]
struct ReportDoc<'a> {
    format: &'static str,
    version: u32,
    success: bool,
    interrupted: bool,
    took_ms: u64,
    done: Summary,
    failures: Vec<FailureDoc<'a>>,
    skipped: Vec<SkippedDoc<'a>>,
    open: Vec<&'a str>,
    exports: ShownMap<'a>,
}

#[derive(Serialize)]
struct FailureDoc<'a> {
    urn: &'a str,
    action: &'a str,
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct SkippedDoc<'a> {
    urn: &'a str,
    action: Action,
    because: &'a str,
}

/// The report of a run as one line of JSON.
pub fn report_json(report: &Report) -> String {
    super::text(&ReportDoc {
        format: super::REPORT_FORMAT,
        version: super::VERSION,
        success: report.is_success(),
        interrupted: report.interrupted,
        took_ms: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        done: report.done,
        failures: report
            .failures
            .iter()
            .map(|f| FailureDoc {
                urn: f.urn.as_str(),
                action: f.action,
                error: f.error.to_string(),
                code: f.error.code.as_deref(),
                operation: Some(f.error.operation.as_str()).filter(|o| !o.is_empty()),
                request_id: f.error.request_id.as_deref(),
            })
            .collect(),
        skipped: report
            .skipped
            .iter()
            .map(|(urn, action, why)| SkippedDoc {
                urn: urn.as_str(),
                action: *action,
                because: why,
            })
            .collect(),
        open: report.open.iter().map(|urn| urn.as_str()).collect(),
        exports: ShownMap(&report.exports),
    })
}

#[derive(Serialize)]
struct OutputsDoc<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    outputs: ShownMap<'a>,
}

/// A stack's exports as one line of JSON; secrets laid open only when `reveal` is set.
pub fn outputs_json(project: &str, stack: &str, outputs: &PropertyMap, reveal: bool) -> String {
    let shown: PropertyMap = match reveal {
        true => outputs.iter().map(|(k, v): (&String, &Value)| (k.clone(), v.reveal())).collect(),
        false => outputs.clone(),
    };
    super::text(&OutputsDoc {
        format: super::OUTPUTS_FORMAT,
        version: super::VERSION,
        project,
        stack,
        outputs: ShownMap(&shown),
    })
}
