//! S3.

mod bucket;
mod bucket_aspects;
mod bucket_policy;
