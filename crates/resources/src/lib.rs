//! AWS resources and lookups of Ferrocrete, one file each.
//!
//! One cargo feature per AWS service; a program that uses only EC2 and S3 compiles only
//! these SDK crates.

#[cfg(feature = "acm")]
pub mod acm;
#[cfg(feature = "applicationautoscaling")]
pub mod applicationautoscaling;
pub mod aws;
#[cfg(feature = "cloudwatch")]
pub mod cloudwatch;
#[cfg(feature = "components")]
pub mod components;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "ec2")]
pub mod ec2;
#[cfg(feature = "ecr")]
pub mod ecr;
#[cfg(feature = "ecs")]
pub mod ecs;
#[cfg(feature = "elbv2")]
pub mod elbv2;
#[cfg(feature = "iam")]
pub mod iam;
#[cfg(feature = "kms")]
pub mod kms;
#[cfg(feature = "logs")]
pub mod logs;
pub mod prelude;
#[cfg(feature = "rds")]
pub mod rds;
mod registry;
#[cfg(feature = "route53")]
pub mod route53;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "secretsmanager")]
pub mod secretsmanager;
#[cfg(feature = "sns")]
pub mod sns;
#[cfg(feature = "sqs")]
pub mod sqs;
#[cfg(feature = "ssm")]
pub mod ssm;
pub mod sts;

pub use registry::{page, registry};
