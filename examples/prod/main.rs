//! Two production systems from one program; the environment says which.
//!
//!     cargo run --example prod -- up --sandbox --env global     # what the others share
//!     cargo run --example prod -- up --sandbox --env staging    # Fargate RAG service
//!     cargo run --example prod -- up --sandbox --env prod       # the same, larger
//!     cargo run --example prod -- up --sandbox --env pyshop     # web API platform

mod config;
mod global;
mod pyshop;
mod rag;

use std::process::ExitCode;

use ferrocrete::prelude::*;

use config::{Config, System};

fn main() -> ExitCode {
    Runner::new("prod-example")
        .config::<Config>()
        .config_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/prod"))
        .secret_keys(["openai_api_key", "anthropic_api_key"])
        .run(program)
}

async fn program(stack: Stack, config: Config) -> Result<()> {
    stack.default_tags([("environment", stack.name()), ("owner", config.owner.as_str())]);
    match config.system {
        System::Global(config) => global::program(&stack, config),
        System::Rag(config) => rag::program(&stack, config),
        System::Pyshop(config) => pyshop::program(&stack, config),
    }
    Ok(())
}
