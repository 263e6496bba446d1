//! The Ferrocrete command line as a library: [`Runner`] turns a program that declares
//! infrastructure into its own deployment tool.
//!
//! Exit codes are listed in `docs/exit-codes.md`, the JSON that `--json` prints in
//! `docs/json.md`.

mod app;
mod args;
mod commands;
mod config;
mod error;
mod exit;
#[doc(hidden)]
pub mod fuzzing;
mod io;
mod location;
mod logging;
mod program;
mod runner;
mod sandbox;
mod signals;
mod target;
mod view;

pub use exit::Exit;
pub use io::{Io, Outcome};
pub use runner::{NoConfig, Runner};
