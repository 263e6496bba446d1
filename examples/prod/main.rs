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

use config::Config;

fn main() -> ExitCode {
    Runner::new("prod-example")
        .config::<Config>()
        .config_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/prod"))
        .secret_keys(["rag.openai_api_key", "rag.anthropic_api_key"])
        .run(program)
}

async fn program(stack: Stack, config: Config) -> Result<()> {
    stack.default_tags([("environment", stack.name()), ("owner", config.owner.as_str())]);
    match (config.global, config.rag, config.pyshop) {
        (Some(config), None, None) => global::program(&stack, config),
        (None, Some(config), None) => rag::program(&stack, config),
        (None, None, Some(config)) => pyshop::program(&stack, config),
        _ => stack.refuse(
            "the environment is not of one system\n  what to do: give its configuration one of \
             the tables [global], [rag], [pyshop]",
        ),
    }
    Ok(())
}
