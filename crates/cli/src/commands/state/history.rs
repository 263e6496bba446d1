//! `state history`.

use ferrocrete_core::state::{SnapshotInfo, history as read};
use serde::Serialize;

use super::table;
use crate::app::App;
use crate::args::HistoryArgs;
use crate::commands::json_line;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::target::Target;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    snapshots: Vec<Entry<'a>>,
}

#[derive(Default, Serialize)]
struct Entry<'a> {
    present: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<u64>,
    bytes: u64,
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

fn entry(snapshot: &SnapshotInfo) -> Entry<'_> {
    let SnapshotInfo { present, place, size, stored_at, content } = snapshot;
    let stored_at = stored_at.as_deref();
    let known = Entry { present: *present, bytes: *size, place, at: stored_at, ..Entry::default() };
    match content {
        Ok(content) => {
            let written = content.written.as_ref();
            Entry {
                serial: Some(content.serial),
                resources: Some(content.resources),
                open: Some(content.open),
                at: written.map(|w| w.at.as_str()).or(stored_at),
                by: written.map(|w| w.by.as_str()),
                command: written.map(|w| w.command.as_str()),
                restored: written.and_then(|w| w.restored),
                ..known
            }
        }
        Err(error) => Entry { problem: Some(CliError::from(error.clone()).message), ..known },
    }
}

pub(super) async fn history(
    app: &App<'_>,
    target: &Target<'_>,
    args: &HistoryArgs,
) -> Result<Exit> {
    let backend = &*target.backend;
    let found = app.or_interrupted(read(backend, &app.project, &app.env, args.limit)).await?;
    let entries = found.iter().map(entry);
    if app.global.json {
        app.io.out(json_line(&Document {
            format: "ferrocrete-history",
            version: ferrocrete_core::render::VERSION,
            project: &app.project,
            stack: &app.env,
            snapshots: entries.collect(),
        }));
    } else if found.is_empty() {
        app.io.err(format!("{}/{} has no snapshots: `up` was never run\n", app.project, app.env));
    } else {
        let head = ["SERIAL", "TIME", "RESOURCES", "BY", "COMMAND", "BYTES", "WHERE"];
        let rows: Vec<[String; 7]> =
            std::iter::once(head.map(str::to_owned)).chain(entries.map(row)).collect();
        app.io.out(table(&rows));
    }
    Ok(Exit::Ok)
}

fn row(entry: Entry<'_>) -> [String; 7] {
    let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let text = |t: Option<&str>| t.unwrap_or("-").to_owned();
    let present = if entry.present { " (present)" } else { "" };
    let command = match entry.restored {
        Some(from) => format!("{} {from}", text(entry.command)),
        None => text(entry.command),
    };
    let place = match entry.problem {
        Some(problem) => format!("{problem} ({})", entry.place),
        None => entry.place.to_owned(),
    };
    [
        format!("{}{present}", number(entry.serial)),
        text(entry.at),
        number(entry.resources.map(|n| n as u64)),
        text(entry.by),
        command,
        entry.bytes.to_string(),
        place,
    ]
}
