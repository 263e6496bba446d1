//! Each resource type through its life, against the sandbox: create, nothing to do, each update
//! in place, replacement, drift, destroy, and a create that was cut off. What the account holds
//! is asked through the SDK, never read from state.

mod acm;
mod applicationautoscaling;
mod assumed;
mod budget;
mod cloudwatch;
mod complete;
mod components;
mod cut;
mod defaults;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod elbv2;
mod every_call;
mod iam;
mod identities;
mod kms;
mod logs;
mod lost;
mod patient;
#[allow(dead_code, reason = "shared with the kill points of the dev stack")]
#[path = "../../../../tests/killpoints/proxy.rs"]
mod proxy;
mod rds;
mod rekeyed;
mod rekeyed_b;
mod renamed;
mod route53;
mod s3;
mod secretsmanager;
mod slots;
mod sns;
mod sqs;
mod ssm;
mod throttled;
mod world;
