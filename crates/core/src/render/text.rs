//! A plan as text for people.

use std::fmt::Write as _;

use crate::plan::{Action, ChangeKind, ExportChange, Move, Plan, PropertyChange, Step};
use crate::value::Value;

use super::diff::{Line, compare};
use super::progress::words;
use super::reason::{because, worth_saying};
use super::style::{Colour, Style};
use super::value::{OWN_TAGS, digest, is_long, is_one_text, lines, listed, one_line, visible};

/// Most lines of one property's comparison.
const MOST_LINES: usize = 40;

/// The whole plan, ending with a newline.
pub fn plan_text(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    let shown: Vec<&Step> = plan.steps.iter().filter(|s| is_shown(plan, s)).collect();
    let exports = exports(plan, style);
    if shown.is_empty() && exports.is_empty() {
        out.push_str(nothing(plan));
        out.push('\n');
        out.push_str(&renames(plan, "  ", ""));
        out.push_str(&concealed(plan, "  ", ""));
        out.push_str(&not_refreshed(plan, style));
        return out;
    }
    let title = if plan.destroy { "Plan to destroy" } else { "Plan for" };
    let name = format!("{title} {}/{}", plan.project, plan.stack);
    let _ = writeln!(out, "{}\n", style.paint(Colour::Bold, name));
    for step in shown {
        step_text(&mut out, plan, step, style);
        out.push('\n');
    }
    if !exports.is_empty() {
        let _ = writeln!(out, "{}\n{exports}", style.paint(Colour::Bold, "Exports"));
    }
    let renames = renames(plan, "  ", "");
    if !renames.is_empty() {
        let _ = writeln!(out, "{renames}");
    }
    let concealed = concealed(plan, "  ", "");
    if !concealed.is_empty() {
        let _ = writeln!(out, "{concealed}");
    }
    let _ = writeln!(out, "{}", summary_line(plan, style));
    out.push_str(&not_refreshed(plan, style));
    out
}

/// "Plan: 3 to create, 1 to update, 12 unchanged."
pub fn summary_line(plan: &Plan, style: Style) -> String {
    let parts: Vec<String> = counts(plan)
        .into_iter()
        .map(|(count, text, colour)| {
            let text = format!("{count} {text}");
            colour.map_or(text.clone(), |c| style.paint(c, text))
        })
        .collect();
    match parts.is_empty() {
        true => format!("{} nothing.", style.paint(Colour::Bold, "Plan:")),
        false => format!("{} {}.", style.paint(Colour::Bold, "Plan:"), parts.join(", ")),
    }
}

/// What is counted, zeros left out.
pub(super) fn counts(plan: &Plan) -> Vec<(usize, &'static str, Option<Colour>)> {
    let sum = plan.summary();
    let of = |action| plan.steps.iter().filter(|s| s.action == action && is_shown(plan, s)).count();
    [
        (sum.create, "to create", Some(Colour::Green)),
        (sum.update, "to update", Some(Colour::Yellow)),
        (sum.replace, "to replace", Some(Colour::Magenta)),
        (sum.delete, "to delete", Some(Colour::Red)),
        (of(Action::DeleteReplaced), "left over from a replacement to delete", Some(Colour::Red)),
        (sum.forget, "to forget", Some(Colour::Yellow)),
        (of(Action::Read), "to read during the apply", Some(Colour::Cyan)),
        (sum.same, "unchanged", None),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .collect()
}

fn nothing(plan: &Plan) -> &'static str {
    if plan.destroy {
        "Nothing to destroy: the stack has no resources."
    } else {
        "No changes. Your infrastructure matches the program."
    }
}

/// What is renamed, a line each.
pub(super) fn renames(plan: &Plan, lead: &str, quote: &str) -> String {
    let mut out = String::new();
    if !plan.moves.is_empty() {
        out.push_str("Renamed here, unchanged in AWS:\n");
    }
    for Move { from, to } in &plan.moves {
        let (new, old) = (to.short(), from.short());
        let of = match to.type_name() == from.type_name() {
            true => String::new(),
            false => format!("{} ", from.type_name()),
        };
        let type_name = to.type_name();
        let _ = writeln!(out, "{lead}{type_name} {quote}{new}{quote}, was {of}{quote}{old}{quote}");
    }
    out
}

/// What becomes secret in state, a line each.
pub(super) fn concealed(plan: &Plan, lead: &str, quote: &str) -> String {
    let mut out = String::new();
    if plan.concealed.is_empty() {
        return out;
    }
    out.push_str("Secret from now on, also in state:\n");
    for ((urn, _), names) in &plan.concealed.properties {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (type_name, name) = (urn.type_name(), urn.short());
        let _ = writeln!(out, "{lead}{type_name} {quote}{name}{quote}: {}", names.join(", "));
    }
    if plan.concealed.properties.is_empty() {
        let _ = writeln!(out, "{lead}exports");
    }
    out
}

fn not_refreshed(plan: &Plan, style: Style) -> String {
    if plan.refreshed {
        return String::new();
    }
    let note = "Live state was not read, so changes made outside this program are not seen.";
    format!("{}\n", style.paint(Colour::Dim, note))
}

/// The old generation is part of its replacement, not a line of its own.
pub(super) fn is_shown(plan: &Plan, step: &Step) -> bool {
    match step.action {
        Action::Same => false,
        Action::DeleteReplaced => replacement(plan, step).is_none(),
        _ => true,
    }
}

fn replacement<'a>(plan: &'a Plan, old: &Step) -> Option<&'a Step> {
    // What AWS is deleting is shown with what takes its place.
    let takes_its_place = |s: &&Step| match s.action {
        Action::Replace => true,
        Action::Create => s.going,
        _ => false,
    };
    let mut later = plan.steps.iter().filter(|s| s.urn == old.urn && s.generation > old.generation);
    later.find(takes_its_place)
}

/// "AWS::EC2::Subnet a (subnet-1)" with what is special about the step.
pub(super) fn step_title(plan: &Plan, step: &Step) -> String {
    let mut title = format!("{} {}", step.urn.type_name(), step.urn.short());
    let id = match step.action {
        // The id of a replacement that people know is the old one.
        Action::Replace => step.prior.as_ref().map(|p| p.id.as_str()).or(step.id.as_deref()),
        _ => step.id.as_deref(),
    };
    if let Some(id) = id {
        let _ = write!(title, " ({id})");
    }
    for note in notes(plan, step) {
        let _ = write!(title, ", {note}");
    }
    title
}

fn notes(plan: &Plan, step: &Step) -> Vec<String> {
    let mut notes = Vec::new();
    if step.action == Action::Replace {
        let old: Vec<Action> = plan
            .steps
            .iter()
            .filter(|s| s.urn == step.urn && s.generation < step.generation)
            .map(|s| s.action)
            .collect();
        notes.push(if old.contains(&Action::Forget) {
            "new one created, old one left in AWS (+)".into()
        } else if step.delete_first {
            "old one deleted first (-/+)".into()
        } else {
            "new one created first (+/-)".into()
        });
    }
    if step.gone && step.action.is_removal() {
        notes.push("already gone from AWS".into());
    } else if let Some((owner, _)) = &step.deleted_with {
        notes.push(format!("goes with `{}`", owner.short()));
    }
    if step.going {
        notes.push("AWS is deleting it; waits first until it is gone".into());
    }
    if step.wait_first {
        notes.push("waits first until AWS has finished with it".into());
    }
    if step.action == Action::Forget {
        notes.push("stays in AWS".into());
    }
    notes
}

fn step_text(out: &mut String, plan: &Plan, step: &Step, style: Style) {
    let words = words(step.action);
    let action = style.paint(words.colour, format!("{} {}", words.symbol, words.verb));
    let _ = writeln!(out, "{action} {}", step_title(plan, step));
    if worth_saying(step)
        && let Some(why) = because(plan, step)
    {
        let _ = writeln!(out, "    {}", style.paint(Colour::Dim, why));
    }
    for line in change_lines(step) {
        let _ = writeln!(out, "    {}", line.paint(style));
    }
}

/// A line of a step's details.
pub(super) struct Detail {
    /// `+`, `-`, `~` or space: what a unified diff would mark it with.
    pub sign: char,
    /// The text, without the sign.
    pub text: String,
    /// Lines of the value itself stand deeper.
    pub depth: usize,
}

impl Detail {
    pub(super) fn paint(&self, style: Style) -> String {
        let colour = match self.sign {
            '+' => Some(Colour::Green),
            '-' => Some(Colour::Red),
            '~' => Some(Colour::Yellow),
            _ => None,
        };
        let indent = "  ".repeat(self.depth);
        match colour {
            Some(colour) if self.depth > 0 => {
                format!("{indent}{}", style.paint(colour, format!("{} {}", self.sign, self.text)))
            }
            Some(colour) => {
                format!("{} {}", style.paint(colour, self.sign.to_string()), self.text)
            }
            None => format!("{indent}{}", self.text),
        }
    }
}

/// What changes, property by property.
pub(super) fn change_lines(step: &Step) -> Vec<Detail> {
    if step.action.is_removal() {
        return Vec::new();
    }
    let create = step.action == Action::Create;
    let seen: Vec<(&PropertyChange, Option<Value>, Option<Value>)> =
        step.changes.iter().filter_map(hide_own_tags).collect();
    if seen.is_empty() && !step.changes.is_empty() && step.action == Action::Update {
        return vec![Detail { sign: '~', text: "tags: ownership tags".into(), depth: 0 }];
    }
    let width = match create {
        true => seen.iter().map(|(c, ..)| c.path.chars().count() + 1).max().unwrap_or(0).min(34),
        false => 0,
    };
    let mut out = Vec::new();
    for (change, old, new) in seen {
        let name = format!("{:<width$}", format!("{}:", change.path));
        let notes = change_notes(change, create);
        match (old, new) {
            (None, new) => added(&mut out, &name, &new.unwrap_or(Value::Null), &notes, create),
            (Some(old), None) => {
                let text = format!("{name} {}{notes}", listed(&old).remove(0));
                out.push(Detail { sign: '-', text, depth: 0 });
            }
            (Some(old), Some(new)) => changed(&mut out, &name, &old, &new, &notes),
        }
    }
    out
}

fn change_notes(change: &PropertyChange, create: bool) -> String {
    let mut notes = String::new();
    if change.kind == ChangeKind::Drift {
        notes.push_str("  [drift]");
    }
    if change.replaces && !create {
        notes.push_str("  (replaces)");
    }
    notes
}

fn added(out: &mut Vec<Detail>, name: &str, value: &Value, notes: &str, create: bool) {
    let shown = listed(value);
    let sign = if create { ' ' } else { '+' };
    // Only what stands on one line stands in a column.
    let name = if shown.len() > 1 { name.trim_end() } else { name };
    let (first, rest) = shown.split_first().map_or(("", &[][..]), |(f, r)| (f.as_str(), r));
    out.push(Detail { sign, text: format!("{name} {first}{notes}"), depth: 0 });
    for line in rest {
        out.push(Detail { sign: ' ', text: line.clone(), depth: if create { 0 } else { 1 } });
    }
}

fn changed(out: &mut Vec<Detail>, name: &str, old: &Value, new: &Value, notes: &str) {
    let side_by_side = !is_long(old) && !is_long(new) || (is_one_text(old) && is_one_text(new));
    if side_by_side || matches!(old, Value::Unknown) || matches!(new, Value::Unknown) {
        let (left, right) = (listed(old).join(" "), listed(new).join(" "));
        let right = match (old, new) {
            (Value::Secret(_), Value::Secret(_)) => "(another secret)".to_owned(),
            _ if left == right && old.has_secret() => "(a secret in it changes)".to_owned(),
            _ => right,
        };
        out.push(Detail { sign: '~', text: format!("{name} {left} → {right}{notes}"), depth: 0 });
        return;
    }
    let compared = compare(&lines(old), &lines(new));
    if compared.is_empty() {
        let what = if old.has_secret() || new.has_secret() {
            "(a secret in it changes)"
        } else {
            "(only spaces, line ends or order change)"
        };
        out.push(Detail { sign: '~', text: format!("{name} {what}{notes}"), depth: 0 });
        return;
    }
    out.push(Detail { sign: '~', text: format!("{name}{notes}"), depth: 0 });
    let more = compared.len().saturating_sub(MOST_LINES);
    for line in compared.into_iter().take(MOST_LINES) {
        let (sign, text) = match line {
            Line::Same(text) => (' ', format!("  {}", cut(&text))),
            Line::Old(text) => ('-', cut(&text)),
            Line::New(text) => ('+', cut(&text)),
            Line::Gap(1) => (' ', "  … 1 line the same".into()),
            Line::Gap(n) => (' ', format!("  … {n} lines the same")),
        };
        out.push(Detail { sign, text, depth: 2 });
    }
    if more > 0 {
        out.push(Detail { sign: ' ', text: format!("  … {more} more lines"), depth: 2 });
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}… (sha {})", &line[..at], digest(line)),
        None => line.to_owned(),
    }
}

/// The change without ownership tags; `None` when nothing else is in it.
fn hide_own_tags(
    change: &PropertyChange,
) -> Option<(&PropertyChange, Option<Value>, Option<Value>)> {
    let inside = change.path.strip_prefix(&change.property).unwrap_or("");
    if inside.trim_start_matches(['.', '[', '"']).starts_with(OWN_TAGS) {
        return None;
    }
    let old = change.old.as_ref().and_then(visible);
    let new = change.new.as_ref().and_then(visible);
    let had_any = change.old.is_some() || change.new.is_some();
    (!had_any || old.is_some() || new.is_some()).then_some((change, old, new))
}

fn exports(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    for (name, ExportChange { old, new }) in &plan.exports {
        let short = |v: &Value| match v {
            Value::String(_) => listed(v).join(" "),
            other => one_line(other),
        };
        let (colour, line) = match (old, new) {
            (old, new) if old == new => continue,
            (None, Some(new)) => (Colour::Green, format!("+ {name}: {}", short(new))),
            (Some(old), None) => (Colour::Red, format!("- {name}: {}", short(old))),
            (Some(old), Some(new)) => {
                let new = match (old, new) {
                    (Value::Secret(_), Value::Secret(_)) => "(another secret)".into(),
                    _ => short(new),
                };
                (Colour::Yellow, format!("~ {name}: {} → {new}", short(old)))
            }
            (None, None) => continue,
        };
        let (sign, rest) = line.split_at(1);
        let _ = writeln!(out, "  {}{rest}", style.paint(colour, sign));
    }
    out
}

/// The value of an export on one line, however long: people copy it from there.
pub(super) fn export_value(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        other => one_line(other),
    }
}
