//! CloudWatch Logs.

mod log_group;
mod metric_filter;
