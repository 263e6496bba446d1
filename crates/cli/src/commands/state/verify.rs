//! `state verify`.

use ferrocrete_core::Engine;
use ferrocrete_core::state::Verification;
use serde::Serialize;

use crate::app::App;
use crate::commands::json_line;
use crate::error::{CliError, Result};
use crate::exit::Exit;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    sound: bool,
    place: &'a str,
    serial: Option<u64>,
    resources: Option<usize>,
    journal_entries: u64,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    error: String,
    hints: Vec<String>,
}

pub(super) async fn verify(app: &App<'_>, engine: &Engine) -> Result<Exit> {
    let found = app.or_interrupted(engine.verify_state()).await?;
    let problems = found.problems.iter().cloned().map(CliError::from);
    let exit = if found.problems.is_empty() { Exit::Ok } else { Exit::Error };
    if app.global.json {
        let problems = problems.map(|e| Problem { error: e.message, hints: e.hints }).collect();
        app.io.out(json_line(&Document {
            format: "ferrocrete-verify",
            version: ferrocrete_core::render::VERSION,
            project: &app.project,
            stack: &app.env,
            sound: found.problems.is_empty(),
            place: &found.place,
            serial: found.snapshot.as_ref().map(|s| s.serial),
            resources: found.snapshot.as_ref().map(|s| s.resources),
            journal_entries: found.entries,
            problems,
        }));
        return Ok(exit);
    }
    for problem in problems {
        app.io.err(problem.text(app.err));
    }
    if exit == Exit::Ok {
        app.io.out(sound(app, &found));
    }
    Ok(exit)
}

fn sound(app: &App<'_>, found: &Verification) -> String {
    match &found.snapshot {
        Some(snapshot) => format!(
            "snapshot {} with {} resources and {} journal entries after it are sound ({})\n",
            snapshot.serial, snapshot.resources, found.entries, found.place
        ),
        None => format!("{}/{} has no state yet: `up` was never run\n", app.project, app.env),
    }
}
