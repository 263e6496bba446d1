//! The backend against the local AWS emulator; every test has an account of its own.

mod attack;
mod clock;
mod conformance;
mod contend;
mod errors;
mod init;
mod journal;
mod kms;
mod lock;
mod races;
mod snapshot;
mod store;
mod world;
