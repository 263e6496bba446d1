//! How the engine grows: figures for `docs/performance.md`.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::run::cargo;

/// Measure the engine with many resources.
///
/// Prints a table; nothing else should run on the machine meanwhile.
#[derive(Args)]
pub struct Bench {
    /// How many resources; several sizes may be given. Default: 100, 1000, 10000 and 30000.
    sizes: Vec<usize>,
    /// Put the table into docs/performance.md.
    #[arg(long)]
    write: bool,
}

/// Between these lines the page holds what is measured.
const BEGIN: &str = "<!-- cargo xtask bench --write -->\n";
const END: &str = "<!-- end -->\n";

impl Bench {
    /// Runs it.
    pub fn run(self) -> ExitCode {
        let mut command =
            cargo(&["bench", "--package", "ferrocrete-core", "--bench", "scale", "--"]);
        command.args(self.sizes.iter().map(ToString::to_string));
        command.stderr(std::process::Stdio::inherit());
        let table = match command.output() {
            Ok(answer) if answer.status.success() => {
                String::from_utf8_lossy(&answer.stdout).into_owned()
            }
            Ok(_) => return ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {command:?} does not start: {error}");
                return ExitCode::FAILURE;
            }
        };
        print!("{table}");
        if !self.write {
            return ExitCode::SUCCESS;
        }
        match write(&table) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("error: {why}");
                ExitCode::FAILURE
            }
        }
    }
}

fn write(table: &str) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/xtask");
    let page = root.join("docs/performance.md");
    let failed = |e: std::io::Error| format!("{}: {e}", page.display());
    let text = std::fs::read_to_string(&page).map_err(failed)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or_else(|| {
        format!("{} lacks the line `{}` or `{}`", page.display(), BEGIN.trim(), END.trim())
    })?;
    std::fs::write(&page, format!("{before}{BEGIN}\n{table}\n{END}{after}")).map_err(failed)
}
