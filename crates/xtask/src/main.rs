//! `cargo xtask`: what takes longer than a test run may, each as one command.

mod fuzz;
mod run;
mod simulate;
mod sweep;

use std::process::ExitCode;

use clap::Parser;

/// Ferrocrete's long-running proofs and measurements.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    Fuzz(fuzz::Fuzz),
    Simulate(simulate::Simulate),
    Sweep(sweep::Sweep),
}

fn main() -> ExitCode {
    match Task::parse() {
        Task::Fuzz(task) => task.run(),
        Task::Simulate(task) => task.run(),
        Task::Sweep(task) => task.run(),
    }
}
