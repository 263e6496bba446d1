//! Installs, starts and stops the local AWS emulator for demos and tests.
//!
//! The emulator is [moto](https://docs.getmoto.org) behind a Python wrapper of our own,
//! embedded in this crate, which makes it refuse what AWS refuses and be slow where AWS
//! is slow. See the crate's README for what it adds and which test shows it.
//!
//! ```no_run
//! # async fn demo() -> Result<(), ferrocrete_sandbox::SandboxError> {
//! use ferrocrete_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await?;
//! let account = sandbox.fresh_account(); // isolated from every other test
//! for (name, value) in account.env() {
//!     println!("export {name}={value}");
//! }
//! # Ok(())
//! # }
//! ```

mod account;
mod behaviours;
mod config;
mod error;
mod event;
mod http;
mod info;
mod install;
mod options;
mod process;
mod python;
mod sandbox;
mod server;
mod unkind;
mod wrapper;

pub use account::Account;
pub use behaviours::{Behaviour, GROUPS, Group, document};
pub use config::{Call, CallLog, Config, Fault, FaultMode, Slow};
pub use error::SandboxError;
pub use event::Event;
pub use info::Info;
pub use options::{Options, Progress};
pub use python::MINIMUM_PYTHON;
pub use sandbox::Sandbox;
pub use unkind::Unkind;
pub use wrapper::{MOTO_VERSION, version};
