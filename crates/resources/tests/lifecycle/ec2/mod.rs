//! EC2.

mod vpc;
