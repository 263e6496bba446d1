//! How a run ended, as text.

use std::fmt::Write as _;

use crate::execute::Report;
use crate::value::PropertyMap;

use super::progress::{duration, noun};
use super::style::{Colour, Style};
use super::text::export_value;

/// Failures each once, what was not started, and one line that says what was done, what is
/// open, and how to go on. `again` is the command that continues, such as `up`.
pub fn report_text(report: &Report, again: &str, style: Style) -> String {
    let mut out = String::new();
    for failure in &report.failures {
        let head = style.paint(Colour::Red, "failed:");
        let name = failure.urn.short();
        let _ = writeln!(
            out,
            "{head} {} {} `{name}`\n  {}",
            failure.action,
            noun(&failure.urn),
            failure.error.to_string().replace('\n', "\n  ")
        );
    }
    for (urn, action, why) in &report.skipped {
        let head = style.paint(Colour::Yellow, "not started:");
        let verb = action.verb();
        let _ = writeln!(out, "{head} {verb} {} `{}`: {why}", noun(urn), urn.short());
    }
    for urn in &report.open {
        let head = style.paint(Colour::Yellow, "open:");
        let _ = writeln!(out, "{head} {} `{}`: AWS still works on it", noun(urn), urn.short());
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{}", ending(report, again, style));
    out
}

fn ending(report: &Report, again: &str, style: Style) -> String {
    let done = done(report);
    let took = duration(report.took);
    if report.is_success() && !report.interrupted {
        let head = style.paint(Colour::Green, "Done");
        return format!("{head} in {took}: {done}.");
    }
    let head = match report.interrupted {
        true => style.paint(Colour::Yellow, "Interrupted"),
        false => style.paint(Colour::Red, "Not finished"),
    };
    let mut rest = Vec::new();
    for (count, what) in [
        (report.failures.len(), "failed"),
        (report.skipped.len(), "not started"),
        (report.open.len(), "still open"),
    ] {
        if count > 0 {
            rest.push(format!("{count} {what}"));
        }
    }
    let rest = if rest.is_empty() { "nothing is open".into() } else { rest.join(", ") };
    format!("{head} after {took}: {done}; {rest}. Run `{again}` again to go on from here.")
}

fn done(report: &Report) -> String {
    let sum = report.done;
    let parts: Vec<String> = [
        (sum.create, "created"),
        (sum.update, "updated"),
        (sum.replace, "replaced"),
        (sum.delete, "deleted"),
        (sum.forget, "forgotten"),
        (sum.same, "unchanged"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    if parts.is_empty() { "nothing was changed".into() } else { parts.join(", ") }
}

/// Exports, one a line, aligned; secrets as `(secret)`. Empty without exports.
pub fn exports_text(exports: &PropertyMap, style: Style) -> String {
    if exports.is_empty() {
        return String::new();
    }
    let width = exports.keys().map(|k| k.chars().count()).max().unwrap_or(0);
    let mut out = format!("{}\n", style.paint(Colour::Bold, "Exports"));
    for (name, value) in exports {
        let _ = writeln!(out, "  {name:<width$} = {}", export_value(value));
    }
    out
}
