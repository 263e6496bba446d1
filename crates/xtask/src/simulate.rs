//! Random histories of the engine on the simulated cloud.

use std::process::ExitCode;

use clap::Args;

use crate::run::{cargo, hand_over};

/// Run many random histories of the engine on the simulated cloud.
///
/// A history that breaks a promise is made smaller and printed as a test.
#[derive(Args)]
pub struct Simulate {
    /// How many seeds.
    #[arg(long, default_value_t = 100_000)]
    seeds: u64,
    /// The first one. Default: drawn at random.
    #[arg(long)]
    from: Option<u64>,
}

impl Simulate {
    /// Runs it.
    pub fn run(self) -> ExitCode {
        let mut command = cargo(&[
            "test",
            "--release",
            "--package",
            "ferrocrete-core",
            "--test",
            "simulation",
            "many_seeds",
            "--",
            "--nocapture",
        ]);
        command.env("FERROCRETE_SEEDS", self.seeds.to_string());
        if let Some(from) = self.from {
            command.env("FERROCRETE_SEED", from.to_string());
        }
        hand_over(command)
    }
}
