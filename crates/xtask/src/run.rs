//! Running cargo from the repository's root.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Cargo with these arguments, in the repository's root.
pub fn cargo(args: &[&str]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/xtask");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root);
    command
}

/// Runs it with this terminal; ends as it ended.
pub fn hand_over(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {command:?} does not start: {error}");
            ExitCode::FAILURE
        }
    }
}
