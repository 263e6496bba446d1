//! Deterministic simulation: random programs on a simulated cloud, with calls that fail in
//! every way, processes that die anywhere, and judges that know what was promised.
//!
//! `cargo xtask simulate` runs as many seeds as wanted. A history that breaks a promise is
//! made smaller and printed as a test, to be kept in `regressions.rs`.

mod backend;
mod cloud;
mod corners;
mod history;
mod links;
mod mechanisms;
mod process;
mod records;
mod regressions;
mod run;
mod search;
mod smaller;
mod spec;
mod types;
mod unsaid;
mod weather;
