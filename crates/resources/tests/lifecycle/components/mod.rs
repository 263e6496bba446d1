//! The components: what they make, and that their switches change just what they should.

mod database;
mod network;
mod state_backend;
