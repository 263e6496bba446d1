//! The built dev example against the sandbox, as a user runs it; what is left is looked up
//! through the SDK, not through our own state.

mod calls;
mod commands;
mod freeze;
mod hangup;
mod interrupt;
mod life;
mod lock;
mod messages;
mod outage;
mod secrets;
mod state;
mod user;
