//! AWS resources and lookups of Ferrocrete, one file each.

pub mod aws;
pub mod prelude;
