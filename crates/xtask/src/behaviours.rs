//! The document of what AWS does.

use std::process::ExitCode;

use clap::Args;

use crate::run::{cargo, hand_over};

/// Write docs/aws-behaviour.md from the code: what AWS does, sources, answers, tests.
#[derive(Args)]
pub struct Behaviours {}

impl Behaviours {
    /// Runs it.
    pub fn run(self) -> ExitCode {
        // The test that compares the document writes it, so that the two cannot disagree.
        let mut command = cargo(&["test", "--quiet", "--package", "ferrocrete-sandbox"]);
        command.args(["--lib", "the_page_is_up_to_date"]).env("FERROCRETE_UPDATE_DOCS", "1");
        hand_over(command)
    }
}
