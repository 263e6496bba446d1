//! What an author reads when a property or an attribute is wrong.
//!
//! The wording is the compiler's, so it is compared with one version only; after a look,
//! `TRYBUILD=overwrite cargo test -p ferrocrete-core --test compile_fail` renews it.

use std::process::Command;

/// The compiler whose messages are recorded.
const RECORDED: &str = "rustc 1.95.";

#[test]
fn messages() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap().stdout;
    if !String::from_utf8_lossy(&version).starts_with(RECORDED) {
        eprintln!("not compared: another compiler than {RECORDED}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
