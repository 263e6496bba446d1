//! S3.

mod bucket;
mod bucket_aspects;
mod bucket_details;
mod bucket_policy;
