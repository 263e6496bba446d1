//! Infrastructure as code as an ordinary Rust program.
//!
//! Resources are structs, dependencies are values, and the program is its own deployment
//! tool: `cargo run -- up`. See the [README](https://github.com/ferrocrete/ferrocrete) for a
//! first stack, and [`Stack`] for what a program can declare.
//!
//! ```no_run
//! use ferrocrete::prelude::*;
//! use ferrocrete::ec2::{SecurityGroup, SecurityGroupIngress};
//!
//! async fn program(stack: Stack, _: NoConfig) -> Result<()> {
//!     let web = stack.add("web", SecurityGroup::builder().group_description("the web tier"));
//!     stack.add(
//!         "http",
//!         SecurityGroupIngress::builder()
//!             .group_id(&web.group_id)
//!             .ip_protocol("tcp")
//!             .from_port(80)
//!             .to_port(80)
//!             .cidr_ip("0.0.0.0/0"),
//!     );
//!     stack.export("web", &web.group_id);
//!     Ok(())
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     Runner::new("shop").run(program)
//! }
//! ```

pub use ferrocrete_core as core;
pub use ferrocrete_core::{
    Alias, Component, Engine, EngineOptions, Error, Handle, Input, Options, Output, Result, Secret,
    Stack, StackReference, Urn, interpolate,
};
pub use ferrocrete_resources as resources;
#[cfg(feature = "acm")]
pub use ferrocrete_resources::acm;
#[cfg(feature = "applicationautoscaling")]
pub use ferrocrete_resources::applicationautoscaling;
pub use ferrocrete_resources::aws;
#[cfg(feature = "cloudwatch")]
pub use ferrocrete_resources::cloudwatch;
#[cfg(feature = "components")]
pub use ferrocrete_resources::components;
#[cfg(feature = "dynamodb")]
pub use ferrocrete_resources::dynamodb;
#[cfg(feature = "ec2")]
pub use ferrocrete_resources::ec2;
#[cfg(feature = "ecr")]
pub use ferrocrete_resources::ecr;
#[cfg(feature = "ecs")]
pub use ferrocrete_resources::ecs;
#[cfg(feature = "elbv2")]
pub use ferrocrete_resources::elbv2;
#[cfg(feature = "iam")]
pub use ferrocrete_resources::iam;
#[cfg(feature = "kms")]
pub use ferrocrete_resources::kms;
#[cfg(feature = "logs")]
pub use ferrocrete_resources::logs;
#[cfg(feature = "rds")]
pub use ferrocrete_resources::rds;
#[cfg(feature = "route53")]
pub use ferrocrete_resources::route53;
#[cfg(feature = "s3")]
pub use ferrocrete_resources::s3;
#[cfg(feature = "secretsmanager")]
pub use ferrocrete_resources::secretsmanager;
#[cfg(feature = "sns")]
pub use ferrocrete_resources::sns;
#[cfg(feature = "sqs")]
pub use ferrocrete_resources::sqs;
#[cfg(feature = "ssm")]
pub use ferrocrete_resources::ssm;

#[cfg(feature = "cli")]
pub use ferrocrete_cli as cli;
#[cfg(feature = "cli")]
pub use ferrocrete_cli::Runner;

/// What nearly every program uses.
pub mod prelude {
    #[cfg(feature = "cli")]
    pub use ferrocrete_cli::{NoConfig, Runner};
    pub use ferrocrete_core::program::{Node, Timeouts};
    pub use ferrocrete_core::resource::ProviderConfig;
    pub use ferrocrete_core::{
        Component, Error, Input, Options, Output, Result, Secret, Stack, StackReference,
        interpolate,
    };
}
