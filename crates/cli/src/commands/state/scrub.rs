//! `state scrub`.

use std::fmt::Write as _;

use ferrocrete_core::Engine;
use ferrocrete_core::state::Exposed;
use serde::Serialize;

use crate::app::App;
use crate::commands::json_line;
use crate::error::{CliError, Result};
use crate::target::Target;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    removed: Vec<Removed<'a>>,
}

#[derive(Serialize)]
struct Removed<'a> {
    serial: u64,
    place: &'a str,
    resources: Vec<&'a str>,
}

pub(super) async fn scrub(app: &App<'_>, target: &Target<'_>, engine: &Engine) -> Result<()> {
    app.refuse_unasked("state scrub")?;
    let exposed = app.or_interrupted(engine.exposed()).await?;
    if !app.global.json {
        app.io.out(described(&exposed));
        if exposed.is_empty() {
            return Ok(());
        }
    }
    if !exposed.is_empty() && !app.confirm("Remove these snapshots for good?").await? {
        return Err(CliError::new("state scrub was declined: nothing was changed"));
    }
    target.before_writing()?;
    // Not to be cut off half-way; but it can be run again.
    let removed = engine.scrub(&app.holder("state scrub")).await?;
    app.io.out(match app.global.json {
        true => json_line(&Document {
            format: "ferrocrete-scrub",
            version: ferrocrete_core::render::VERSION,
            project: &app.project,
            stack: &app.env,
            removed: removed.iter().map(document).collect(),
        }),
        false => format!(
            "{} removed. Whoever could read them may know the values: change these, too.\n",
            count(removed.len())
        ),
    });
    Ok(())
}

fn document(one: &Exposed) -> Removed<'_> {
    let resources = one.urns.iter().map(|urn| urn.as_str()).collect();
    Removed { serial: one.serial, place: &one.place, resources }
}

fn count(snapshots: usize) -> String {
    match snapshots {
        1 => "1 snapshot".to_owned(),
        several => format!("{several} snapshots"),
    }
}

fn described(exposed: &[Exposed]) -> String {
    if exposed.is_empty() {
        return "No former snapshot holds in plain what is secret now.\n".to_owned();
    }
    let mut out = String::from("These former snapshots hold in plain what is secret now:\n");
    for one in exposed {
        let names: Vec<String> = one.urns.iter().map(|urn| urn.short()).collect();
        let what = if names.is_empty() { "exports".to_owned() } else { names.join(", ") };
        let _ = writeln!(out, "  {}  {what}  ({})", one.serial, one.place);
    }
    out
}
