//! CloudWatch Logs.

mod log_group;
