//! `state …`; `list` and `show` are here.

mod audit;
mod forget;
mod history;
mod restore;
mod scrub;
mod verify;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ferrocrete_core::render::{Colour, one_line, value_json};
use ferrocrete_core::state::{Completeness, ResourceState, State};
use ferrocrete_core::value::PropertyMap;
use ferrocrete_core::{Urn, Value};
use serde::Serialize;

use super::json_line;
use crate::app::App;
use crate::args::StateCommand;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::target::Target;

pub(super) async fn state(app: &App<'_>, command: &StateCommand) -> Result<Exit> {
    let target = app.or_interrupted(Target::new(app)).await?;
    // Needs no key, so that it also helps whoever has the wrong one.
    if let StateCommand::History(args) = command {
        return history::history(app, &target, args).await;
    }
    let engine = target.engine(ferrocrete_core::event::Events::none()).await?;
    match command {
        StateCommand::List => list(app, &app.or_interrupted(engine.state()).await?),
        StateCommand::Show { resource } => {
            show(app, &app.or_interrupted(engine.state()).await?, resource)?;
        }
        StateCommand::History(_) => {}
        StateCommand::Restore { serial } => {
            restore::restore(app, &target, &engine, *serial).await?;
        }
        StateCommand::Scrub => scrub::scrub(app, &target, &engine).await?,
        StateCommand::Forget { resource } => {
            forget::forget(app, &target, &engine, resource).await?;
        }
        StateCommand::Verify => return verify::verify(app, &engine).await,
        StateCommand::Audit(args) => return audit::audit(app, &engine, args).await,
    }
    Ok(Exit::Ok)
}

#[derive(Serialize)]
struct Entry<'a> {
    urn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    named_after: Option<&'a str>,
    r#type: &'a str,
    path: &'a str,
    name: &'a str,
    generation: u64,
    id: &'a str,
    completeness: Completeness,
    protect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs: Option<Box<serde_json::value::RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<Box<serde_json::value::RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<Vec<&'a str>>,
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    serial: u64,
    sequence: u64,
    resources: Vec<Entry<'a>>,
    open: Vec<&'a str>,
}

fn entry(resource: &ResourceState, whole: bool) -> Entry<'_> {
    let raw = |map: &PropertyMap| {
        let text = value_json(&Value::Map(map.clone()));
        serde_json::value::RawValue::from_string(text).ok().filter(|_| whole)
    };
    let names = || resource.dependencies.iter().map(|u| u.as_str()).collect();
    Entry {
        urn: resource.urn.as_str(),
        named_after: resource.named_after.as_ref().map(|urn| urn.as_str()),
        r#type: resource.urn.type_name(),
        path: resource.urn.path(),
        name: resource.urn.name(),
        generation: resource.generation,
        id: &resource.id,
        completeness: resource.completeness,
        protect: resource.protect,
        inputs: raw(&resource.inputs),
        outputs: raw(&resource.outputs),
        dependencies: whole.then(names),
    }
}

fn document<'a>(app: &'a App<'_>, state: &'a State, resources: Vec<Entry<'a>>) -> Document<'a> {
    Document {
        format: "ferrocrete-state",
        version: ferrocrete_core::render::VERSION,
        project: &app.project,
        stack: &app.env,
        serial: state.serial,
        sequence: state.sequence,
        resources,
        open: state.intents.keys().map(|(urn, _)| urn.as_str()).collect(),
    }
}

fn list(app: &App<'_>, state: &State) {
    if app.global.json {
        let entries = state.resources.values().map(|r| entry(r, false)).collect();
        return app.io.out(json_line(&document(app, state, entries)));
    }
    if state.resources.is_empty() && state.intents.is_empty() {
        return app.io.err(format!("{}/{} has no resources\n", app.project, app.env));
    }
    let mut rows: Vec<[String; 4]> = state
        .resources
        .values()
        .map(|r| {
            let marks = marks(r).join(", ");
            [r.urn.type_name().to_owned(), r.urn.short(), r.id.clone(), marks]
        })
        .collect();
    rows.extend(state.intents.values().map(|open| {
        let urn = &open.intent.urn;
        let id = open.id.clone().unwrap_or_default();
        [urn.type_name().to_owned(), urn.short(), id, "interrupted".to_owned()]
    }));
    app.io.out(table(&rows));
}

fn marks(resource: &ResourceState) -> Vec<String> {
    let mut marks = Vec::new();
    if resource.generation > 1 {
        marks.push(format!("generation {}", resource.generation));
    }
    if let Some(former) = &resource.named_after {
        marks.push(format!("renamed from {}", former.short()));
    }
    match resource.completeness {
        Completeness::Complete => {}
        Completeness::Incomplete => marks.push("incomplete".into()),
        Completeness::PendingDelete => marks.push("replaced, still to delete".into()),
    }
    if resource.protect {
        marks.push("protected".into());
    }
    marks
}

/// Columns as wide as their widest cell.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(out, "{}", cells.join("  ").trim_end());
    }
    out
}

fn show(app: &App<'_>, state: &State, wanted: &str) -> Result<()> {
    let urn = named(state.resources.keys().map(|(urn, _)| urn), wanted)?;
    let found: Vec<&ResourceState> = state.generations(urn).collect();
    if app.global.json {
        let entries = found.iter().map(|r| entry(r, true)).collect();
        app.io.out(json_line(&document(app, state, entries)));
        return Ok(());
    }
    for (index, resource) in found.iter().enumerate() {
        let gap = if index > 0 { "\n" } else { "" };
        app.io.out(format!("{gap}{}", described(app, resource)));
    }
    Ok(())
}

/// The one that is meant by a urn or a name.
fn named<'a>(urns: impl Iterator<Item = &'a Urn>, wanted: &str) -> Result<&'a Urn> {
    let is_meant = |urn: &&Urn| {
        let typed = format!("{}:{}", urn.type_name(), urn.short());
        urn.as_str() == wanted || urn.short() == wanted || typed == wanted
    };
    let found: BTreeSet<&Urn> = urns.filter(is_meant).collect();
    let mut rest = found.iter().copied();
    match (rest.next(), rest.next()) {
        (Some(urn), None) => Ok(urn),
        (None, _) => Err(CliError::new(format!("state has no resource `{wanted}`"))
            .hint("`state list` shows what there is")),
        (Some(_), Some(_)) => {
            let all: Vec<&str> = found.iter().map(|urn| urn.as_str()).collect();
            Err(CliError::new(format!("`{wanted}` is the name of several resources"))
                .hint(format!("name one of:\n{}", all.join("\n"))))
        }
    }
}

fn described(app: &App<'_>, resource: &ResourceState) -> String {
    let urn = &resource.urn;
    let mut out = String::new();
    let name = app.out.paint(Colour::Bold, urn.short());
    let _ = writeln!(out, "{} {name} ({})", urn.type_name(), resource.id);
    let _ = writeln!(out, "  urn: {urn}");
    let marks = marks(resource);
    if !marks.is_empty() {
        let _ = writeln!(out, "  {}", marks.join(", "));
    }
    for (title, map) in [("inputs", &resource.inputs), ("outputs", &resource.outputs)] {
        if !map.is_empty() {
            let _ = writeln!(out, "  {title}:");
        }
        for (key, value) in map {
            let _ = writeln!(out, "    {key}: {}", one_line(value));
        }
    }
    if !resource.dependencies.is_empty() {
        let names: Vec<String> = resource.dependencies.iter().map(|u| u.short()).collect();
        let _ = writeln!(out, "  depends on: {}", names.join(", "));
    }
    out
}
