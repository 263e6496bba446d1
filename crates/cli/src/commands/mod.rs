//! The commands, one file each.

mod apply;
mod backend;
mod config;
mod graph;
mod outputs;
mod plan;
mod sandbox;
mod state;
mod unlock;

use crate::app::App;
use crate::args::Command;
use crate::error::Result;
use crate::exit::Exit;

/// Carries out a command that is about a stack.
pub(crate) async fn run(app: &App<'_>, command: &Command) -> Result<Exit> {
    match command {
        Command::Up(_) => apply::up(app).await,
        Command::Destroy(_) => apply::destroy(app).await,
        Command::Refresh => apply::refresh(app).await,
        Command::Plan(args) => plan::plan(app, args).await,
        Command::Outputs(args) => outputs::outputs(app, args).await,
        Command::State(command) => state::state(app, command).await,
        Command::Backend(command) => backend::backend(app, *command).await,
        Command::Unlock => unlock::unlock(app).await,
        Command::Config(_) => config::show(app).await,
        Command::Graph(args) => graph::graph(app, args).await,
        Command::Sandbox(command) => sandbox(&app.io, app.global.json, *command).await,
    }
}

pub(crate) use sandbox::sandbox;

/// A document of JSON, on a line of its own.
pub(crate) fn json_line<T: serde::Serialize>(document: &T) -> String {
    serde_json::to_string(document).unwrap_or_default() + "\n"
}
