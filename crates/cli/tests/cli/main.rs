//! The command line from end to end, on a cloud in memory and state in a folder.

mod commands;
mod config;
mod fake;
mod sandbox;
mod state;
mod trouble;
