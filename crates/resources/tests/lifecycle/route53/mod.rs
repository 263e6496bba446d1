//! Route 53.

mod hosted_zone;
mod lookups;
mod record_set;
