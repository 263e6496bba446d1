//! SQS.

mod queue;
mod queue_policy;
