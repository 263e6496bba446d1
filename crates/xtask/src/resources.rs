//! The document of all resource types.

use std::process::ExitCode;

use clap::Args;

use crate::run::{cargo, hand_over};

/// Write docs/resources.md from the code: properties, outputs, calls, IAM actions.
#[derive(Args)]
pub struct Resources {}

impl Resources {
    /// Runs it.
    pub fn run(self) -> ExitCode {
        // The test that compares the document writes it, so that the two cannot disagree.
        let test = ["--test", "reference", "the_document_is_up_to_date"];
        let mut command = cargo(&["test", "--quiet", "--package", "ferrocrete-resources"]);
        command.args(test).env("FERROCRETE_UPDATE_DOCS", "1");
        hand_over(command)
    }
}
