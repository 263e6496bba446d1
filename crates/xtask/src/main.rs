//! `cargo xtask`: what takes longer than a test run may, and what is made from code, each as one
//! command.

mod behaviours;
mod bench;
mod fuzz;
mod resources;
mod run;
mod schemas;
mod simulate;
mod sweep;

use std::process::ExitCode;

use clap::Parser;

/// Ferrocrete's long-running proofs and measurements, and what is made from code.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    Behaviours(behaviours::Behaviours),
    Bench(bench::Bench),
    Fuzz(fuzz::Fuzz),
    Resources(resources::Resources),
    Schemas(schemas::Schemas),
    Simulate(simulate::Simulate),
    Sweep(sweep::Sweep),
}

fn main() -> ExitCode {
    match Task::parse() {
        Task::Behaviours(task) => task.run(),
        Task::Bench(task) => task.run(),
        Task::Fuzz(task) => task.run(),
        Task::Resources(task) => task.run(),
        Task::Schemas(task) => task.run(),
        Task::Simulate(task) => task.run(),
        Task::Sweep(task) => task.run(),
    }
}
