//! Secrets Manager.

mod secret;
