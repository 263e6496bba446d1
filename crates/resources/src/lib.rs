//! AWS resources and lookups of Ferrocrete, one file each.
//!
//! One cargo feature per AWS service; a program that uses only EC2 and S3 compiles only
//! these SDK crates.

pub mod aws;
#[cfg(feature = "ec2")]
pub mod ec2;
#[cfg(feature = "iam")]
pub mod iam;
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
pub mod sts;

pub use registry::registry;
