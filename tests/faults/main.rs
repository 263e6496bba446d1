//! The built dev example while the wire misbehaves: throttling, errors in each protocol's own
//! form, cut connections, answers that are late, short or lost. It gets through all the same, in
//! a bounded number of calls, and the account holds what is declared, once.

mod broken;
#[path = "../killpoints/example.rs"]
#[allow(dead_code, reason = "shared with the kill points")]
mod example;
#[path = "../killpoints/listing/mod.rs"]
#[allow(dead_code, reason = "shared with the kill points")]
mod listing;
mod lost;
mod microburst;
mod storms;
#[path = "../dev_stack/user.rs"]
#[allow(dead_code, reason = "shared with the tests of the dev stack")]
mod user;
mod weather;
