//! CloudFormation's registry schemas, with which the tests compare ours, and by which plans refuse
//! values.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use crate::run::hand_over;

/// Extract CloudFormation's schemas of our types from the PyPI package cfn-lint.
///
/// Needs Python 3 with pip. The version and its digest are in `schemas.py`; after a newer one,
/// the tests of `ferrocrete-resources` say what is new.
#[derive(Args)]
pub struct Schemas {
    /// The package's wheel, if it is there already; else pip downloads it.
    #[arg(long)]
    wheel: Option<PathBuf>,
}

impl Schemas {
    /// Runs it.
    pub fn run(self) -> ExitCode {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let resources = here.with_file_name("resources");
        let mut python = Command::new("python3");
        python
            .arg(here.join("src/schemas.py"))
            .args([resources.join("src"), resources.join("tests/reference/schemas.json")])
            .arg(resources.join("src/limits.json"))
            .args(self.wheel);
        hand_over(python)
    }
}
