//! The built dev example, killed at every call that it makes: before AWS has the call, and after
//! AWS carried it out but before the answer came back. The next run finds everything, makes
//! nothing twice and leaves nothing behind; the account is listed through the SDK.
//!
//! Every test run tries a sample; `cargo xtask sweep` tries every call of every command.

mod example;
mod life;
mod listing;
mod point;
mod proxy;
mod sweep;
#[allow(dead_code, reason = "shared with the tests of the dev stack")]
#[path = "../dev_stack/user.rs"]
mod user;

use example::Backend;

#[tokio::test(flavor = "multi_thread")]
async fn state_in_a_folder() {
    sweep::run(Backend::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn state_in_s3_and_dynamodb() {
    sweep::run(Backend::S3).await;
}
