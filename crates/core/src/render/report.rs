//! How a run ended, as text.

use std::fmt::Write as _;

use crate::execute::Report;
use crate::plan::Plan;
use crate::value::PropertyMap;

use super::progress::{duration, noun};
use super::style::{Colour, Style};
use super::text::{change_lines, export_value};

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

/// What a refresh found: what is gone and what was changed outside.
pub fn refresh_text(found: &Plan, style: Style) -> String {
    let mut out = String::new();
    let (mut gone, mut going, mut drifted) = (0, 0, 0);
    for step in &found.steps {
        let id = step.id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
        let name = format!("{} {}{id}", step.urn.type_name(), step.urn.short());
        if step.gone {
            gone += 1;
            let _ = writeln!(out, "{} {name} is gone from AWS", style.paint(Colour::Red, "-"));
        } else if step.going {
            going += 1;
            let _ = writeln!(out, "{} {name} is being deleted", style.paint(Colour::Red, "-"));
        } else if !step.changes.is_empty() {
            drifted += 1;
            let head = style.paint(Colour::Yellow, "~");
            let _ = writeln!(out, "{head} {name} was changed outside this program");
            for line in change_lines(step) {
                let _ = writeln!(out, "    {}", line.paint(style));
            }
        }
    }
    let read = found.steps.len();
    let count = if read == 1 { "1 resource was".into() } else { format!("{read} resources were") };
    let going = if going == 0 { String::new() } else { format!(", {going} being deleted") };
    let _ = match (gone, going.as_str(), drifted) {
        (0, "", 0) => writeln!(out, "{count} read; all are as recorded."),
        _ => writeln!(
            out,
            "\n{count} read: {gone} gone{going}, {drifted} changed outside. `up` brings them back to \
             what the program declares."
        ),
    };
    out
}
