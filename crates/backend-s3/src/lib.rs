//! Ferrocrete state in S3, locked and journaled in DynamoDB.
//!
//! [`S3Backend`] keeps one stack's snapshot as an S3 object and its lock and journal as items
//! of a DynamoDB table; [`S3Location`] says where, and [`init`] makes bucket and table.
//! [`KmsKeyProvider`] protects the secrets in state with an AWS KMS key.
//!
//! # What is stored
//! | where | what |
//! |---|---|
//! | `s3://BUCKET/PREFIX/PROJECT/STACK/snapshot.json` | the snapshot, replaced with `If-Match` |
//! | `s3://BUCKET/PREFIX/PROJECT/STACK/journal/FIRST-LAST-EPOCH-DIGEST.json` | journal entries too large for DynamoDB |
//! | table, `pk` = `BUCKET/PREFIX/PROJECT/STACK`, `sk` = `lock` | the lock: holder, epoch, beat |
//! | table, same `pk`, `sk` = `entry#` and 20 digits | one journal entry, or a pointer to an object |
//!
//! Former snapshots are the object's versions: [`init`] turns versioning on and lets versions
//! expire after 90 days, but for the last 10.
//!
//! # Permissions
//! Running needs `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` on the objects,
//! `s3:ListBucket` on the bucket (without it S3 answers "access denied" for a snapshot that
//! does not exist yet), `s3:ListBucketVersions` and `s3:GetObjectVersion` for former snapshots
//! (and `s3:DeleteObjectVersion` to remove them with `state scrub`),
//! and on the table `dynamodb:GetItem`, `PutItem`, `UpdateItem`, `Query`,
//! `BatchWriteItem`, `DeleteItem`, `ConditionCheckItem`. A plan needs `s3:GetObject`,
//! `s3:ListBucket` and `dynamodb:Query` only. What [`init`] needs is listed there.

mod acquire;
mod append;
mod backend;
mod cleanup;
mod clients;
mod entry;
mod failure;
#[doc(hidden)]
pub mod fuzzing;
mod history;
mod init;
mod item;
mod journal;
mod kms;
mod location;
mod lock;
mod overflow;
mod pack;
mod pause;
mod percent;
mod readers;
mod site;
mod snapshot;

pub use backend::S3Backend;
pub use init::{InitItem, InitOutcome, InitReport, init};
pub use kms::KmsKeyProvider;
pub use location::{DEFAULT_TABLE, LocationError, LocationProblem, S3Location};
