//! A plan as Markdown, for a comment on a pull request.

use std::fmt::Write as _;

use crate::plan::{Action, Plan, Step};

use super::progress::words;
use super::reason::because;
use super::style::Style;
use super::text::{change_lines, concealed, counts, is_shown, plan_text, renames, step_title};

/// GitHub refuses comments over 65,536 characters; the details are cut before that.
const MOST: usize = 60_000;

/// The plan: headline, table, and the details folded away.
pub fn plan_markdown(plan: &Plan) -> String {
    let mut out = String::new();
    let title = if plan.destroy { "Ferrocrete destroy" } else { "Ferrocrete plan" };
    let _ = writeln!(out, "### {title}: `{}/{}`\n", plan.project, plan.stack);
    let shown: Vec<&Step> = plan.steps.iter().filter(|s| is_shown(plan, s)).collect();
    let exports = plan.exports.values().any(|e| e.old != e.new);
    if shown.is_empty() && !exports {
        let bare = Plan { moves: Vec::new(), concealed: Default::default(), ..plan.clone() };
        out.push_str(&plan_text(&bare, Style::Plain));
        append_renames(&mut out, plan);
        append_concealed(&mut out, plan);
        return out;
    }
    let _ = writeln!(out, "{}\n", headline(plan));
    if !shown.is_empty() {
        out.push_str("| | Resource | Type | Why |\n|---|---|---|---|\n");
        let mut left_out = 0;
        for step in &shown {
            let row = row(plan, step);
            if out.len() + row.len() > MOST / 2 {
                left_out += 1;
            } else {
                out.push_str(&row);
            }
        }
        if left_out > 0 {
            let _ = writeln!(out, "\n… and {left_out} more.");
        }
        out.push('\n');
    }
    details(&mut out, plan, &shown);
    append_renames(&mut out, plan);
    append_concealed(&mut out, plan);
    if !plan.refreshed {
        out.push_str(
            "\nLive state was not read, so changes made outside this program are not seen.\n",
        );
    }
    out
}

/// As long as there is room.
fn append_renames(out: &mut String, plan: &Plan) {
    let list = renames(plan, "- ", "`");
    if out.len() + list.len() > MOST {
        let count = plan.moves.len();
        let _ = writeln!(out, "\n{count} resources are renamed here, unchanged in AWS.");
    } else if let Some((title, list)) = list.split_once('\n') {
        let _ = write!(out, "\n{title}\n\n{list}");
    }
}

/// As long as there is room.
fn append_concealed(out: &mut String, plan: &Plan) {
    let list = concealed(plan, "- ", "`");
    if out.len() + list.len() > MOST {
        let count = plan.concealed.properties.len();
        let _ = writeln!(out, "\nProperties of {count} resources are secret from now on.");
    } else if let Some((title, list)) = list.split_once('\n') {
        let _ = write!(out, "\n{title}\n\n{list}");
    }
}

fn headline(plan: &Plan) -> String {
    let parts: Vec<String> =
        counts(plan).into_iter().map(|(count, what, _)| format!("**{count}** {what}")).collect();
    if parts.is_empty() { "Only exports change.".into() } else { format!("{}.", parts.join(", ")) }
}

fn row(plan: &Plan, step: &Step) -> String {
    let words = words(step.action);
    let symbol = match step.action {
        Action::Replace if step.delete_first => "-/+",
        Action::Replace => "+/-",
        _ => words.symbol,
    };
    let why = because(plan, step).unwrap_or_default();
    format!(
        "| `{symbol}` {} | `{}` | {} | {} |\n",
        words.verb,
        cell(&step.urn.short()),
        cell(step.urn.type_name()),
        cell(&why)
    )
}

fn details(out: &mut String, plan: &Plan, shown: &[&Step]) {
    let mut body = String::new();
    let mut cut = false;
    for step in shown {
        let mut block = format!("{} {}\n", diff_sign(step.action), step_title(plan, step));
        for line in change_lines(step) {
            let sign = if line.sign == '~' { '!' } else { line.sign };
            let _ = writeln!(block, "{sign}     {}{}", "  ".repeat(line.depth), line.text);
        }
        if out.len() + body.len() + block.len() > MOST {
            cut = true;
            break;
        }
        body.push_str(&block);
    }
    for (name, change) in plan.exports.iter().filter(|(_, e)| e.old != e.new) {
        let show = |v: &Option<crate::value::Value>| {
            v.as_ref().map_or_else(|| "(none)".to_owned(), super::text::export_value)
        };
        let line = format!("! export {name}: {} → {}\n", show(&change.old), show(&change.new));
        if out.len() + body.len() + line.len() > MOST {
            cut = true;
            break;
        }
        body.push_str(&line);
    }
    let fence = fence(&body);
    let _ = writeln!(
        out,
        "<details><summary>Details</summary>\n\n{fence}diff\n{body}{fence}\n\n</details>"
    );
    if cut {
        out.push_str("\nThe details are cut here; the full plan is in the log of the run.\n");
    }
}

fn diff_sign(action: Action) -> char {
    match action {
        Action::Create => '+',
        Action::Delete | Action::DeleteReplaced => '-',
        Action::Same | Action::Read => ' ',
        Action::Update | Action::Replace | Action::Forget => '!',
    }
}

/// A fence longer than any run of backticks inside.
fn fence(body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}
