//! SQS.

mod queue;
