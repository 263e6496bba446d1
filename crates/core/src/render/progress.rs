//! Events as plain lines, and the words for actions.

use std::time::Duration;

use crate::event::Event;
use crate::plan::Action;
use crate::urn::Urn;

use super::style::{Colour, Style};

/// The words for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionWords {
    /// What a plan marks it with: `+`, `~` …
    pub symbol: &'static str,
    /// "create".
    pub verb: &'static str,
    /// "creating".
    pub present: &'static str,
    /// "created".
    pub past: &'static str,
    /// Its colour.
    pub colour: Colour,
}

/// The words for an action.
pub fn words(action: Action) -> ActionWords {
    let (symbol, verb, present, past, colour) = match action {
        Action::Same => (" ", "keep", "keeping", "kept", Colour::Dim),
        Action::Create => ("+", "create", "creating", "created", Colour::Green),
        Action::Update => ("~", "update", "updating", "updated", Colour::Yellow),
        Action::Replace => ("±", "replace", "replacing", "replaced", Colour::Magenta),
        Action::Delete => ("-", "delete", "deleting", "deleted", Colour::Red),
        Action::DeleteReplaced => {
            ("-", "delete replaced", "deleting replaced", "deleted", Colour::Red)
        }
        Action::Forget => ("x", "forget", "forgetting", "forgotten", Colour::Yellow),
        Action::Read => ("?", "read", "reading", "read", Colour::Cyan),
    };
    ActionWords { symbol, verb, present, past, colour }
}

/// The last part of a type name, for sentences: "Subnet".
pub fn noun(urn: &Urn) -> &str {
    let name = urn.type_name();
    name.rsplit(':').next().unwrap_or(name)
}

/// A duration as people say it: `0.4s`, `12s`, `2m03s`, `1h05m`.
pub fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", took.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// One line for an event on a screen that cannot be redrawn; `None` where none is needed.
pub fn event_line(event: &Event, style: Style) -> Option<String> {
    let step = |action: Action, urn: &Urn, rest: String| {
        let words = words(action);
        let verb = style.paint(words.colour, format!("{:<8}", words.verb));
        format!("{verb} {} {} … {rest}", urn.type_name(), urn.short())
    };
    let about =
        |urn: &Urn, rest: String| format!("{:<8} {} {} … {rest}", "", urn.type_name(), urn.short());
    Some(match event {
        Event::Phase { .. } | Event::Interrupt { .. } => return None,
        Event::Locked { lock } => {
            format!("waiting for the lock, which is held by {lock}")
        }
        Event::Settled { urn, outcome } => {
            format!("{:<8} {} {} … {outcome}", "settled", urn.type_name(), urn.short())
        }
        Event::Started { urn, action, .. } => step(*action, urn, "started".into()),
        Event::Waiting { urn, status, .. } => about(urn, format!("waiting: {status}")),
        Event::Retrying { urn, why, .. } => about(urn, format!("tried again: {}", first_line(why))),
        Event::Finished { urn, action, id, took, .. } => {
            let id = id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
            step(*action, urn, format!("done in {}{id}", duration(*took)))
        }
        Event::Failed { urn, action, error, .. } => {
            step(*action, urn, style.paint(Colour::Red, format!("failed: {error}")))
        }
        Event::Skipped { urn, action, because, .. } => {
            step(*action, urn, style.paint(Colour::Yellow, format!("not started: {because}")))
        }
        Event::Paced { service, region, per_second } => {
            let place = region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
            match per_second {
                Some(1) => format!("{service}{place} answers one call a second; waiting"),
                Some(many) => format!("{service}{place} answers {many} calls a second; waiting"),
                None => format!("{service}{place} answers every call again"),
            }
        }
        Event::Warning { text } => format!("{}: {text}", style.paint(Colour::Yellow, "warning")),
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}
