//! The components: what they make, and that their switches change just what they should.

mod database;
mod dns_and_tls;
mod fargate_service;
mod network;
mod state_backend;
