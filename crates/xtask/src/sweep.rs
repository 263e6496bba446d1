//! The dev example, killed at every call that it makes.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;

use crate::run::{cargo, hand_over};

/// Kill the dev example at every call that it makes, before and after AWS carried it out.
///
/// A first `up`, an `up` that replaces, and `destroy`, on state in a folder and in S3 and
/// DynamoDB, all against the sandbox. Each killed run is followed by another; the account must
/// then hold what is declared and nothing else. About half an hour on two cores.
#[derive(Args)]
pub struct Sweep {
    /// Only this point, such as `s3/up/37/after` or `local/up/ec2:RunInstances#1/before`.
    #[arg(long)]
    point: Option<String>,
    /// Only a sample, as every test run does; the same seed tries the same calls again.
    #[arg(long, conflicts_with = "point")]
    sample: Option<usize>,
    /// How many stacks at once, on each kind of state.
    #[arg(long, default_value_t = 6)]
    parallel: usize,
}

impl Sweep {
    /// Runs it.
    pub fn run(self) -> ExitCode {
        let built = hand_over(cargo(&["build", "--example", "dev"]));
        if built != ExitCode::SUCCESS {
            return built;
        }
        let choice = match (self.point, self.sample) {
            (Some(point), _) => point,
            (None, Some(seed)) => format!("sample:{seed}"),
            (None, None) => "all".to_owned(),
        };
        let mut command = cargo(&["test", "--test", "killpoints", "state_in", "--", "--nocapture"]);
        command
            .env("FERROCRETE_SWEEP", choice)
            .env("FERROCRETE_SWEEP_PARALLEL", self.parallel.to_string())
            .stdout(Stdio::piped());
        match tables(command) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("error: the sweep cannot be followed: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Passes on what is printed; the tables' rows come once more at the end, as one table.
fn tables(mut command: Command) -> std::io::Result<ExitCode> {
    let mut child = command.spawn()?;
    let mut head = Vec::new();
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let line = line?;
        if line.starts_with("| state ") || line.starts_with("|---") {
            if !head.contains(&line) {
                head.push(line);
            }
        } else if line.starts_with("| ") {
            rows.push(line);
        } else {
            if line.starts_with("FAILED ") {
                failed.push(line.clone());
            }
            println!("{line}");
        }
    }
    let status = child.wait()?;
    println!();
    for line in head.iter().chain(&rows).chain(&failed) {
        println!("{line}");
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
