//! Finding a Python that can run the emulator.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::SandboxError;

/// The oldest Python that moto works with.
pub const MINIMUM_PYTHON: &str = "3.10";

const CHECK: &str = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";

/// The first of the given one, `$FERROCRETE_PYTHON`, `python3`, `python` that is new enough and has
/// venv. If the user named one, only that is tried.
pub(crate) async fn find(given: Option<&Path>) -> Result<PathBuf, SandboxError> {
    let variable = || std::env::var_os("FERROCRETE_PYTHON").filter(|value| !value.is_empty());
    let named = given.map(Path::to_owned).or_else(|| variable().map(PathBuf::from));
    let candidates = match named {
        Some(python) => vec![python],
        None => vec!["python3".into(), "python".into()],
    };
    let mut tried = Vec::new();
    for python in candidates {
        match check(&python).await {
            Ok(()) => return Ok(python),
            Err(Unfit::NoVenv(reason)) => return Err(SandboxError::NoVenv { python, reason }),
            Err(Unfit::Unusable(why)) => tried.push(format!("{} {why}", python.display())),
        }
    }
    Err(SandboxError::NoPython { tried: tried.join(", ") })
}

enum Unfit {
    Unusable(String),
    NoVenv(String),
}

async fn check(python: &PathBuf) -> Result<(), Unfit> {
    let output = Command::new(python)
        .args(["-c", CHECK])
        .output()
        .await
        .map_err(|error| Unfit::Unusable(format!("cannot be run ({error})")))?;
    if !output.status.success() {
        let printed = String::from_utf8_lossy(&output.stderr);
        let reason = printed.lines().last().unwrap_or("no output").to_owned();
        return Err(if reason.contains("venv") || reason.contains("ensurepip") {
            Unfit::NoVenv(reason)
        } else {
            Unfit::Unusable(format!("fails ({reason})"))
        });
    }
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if number(&version) < number(MINIMUM_PYTHON) {
        return Err(Unfit::Unusable(format!("is version {version}")));
    }
    Ok(())
}

fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(number("3.9") < number("3.10"));
        assert!(number("4.0") > number("3.10"));
        assert!(number("nonsense") < number("3.10"));
    }
}
