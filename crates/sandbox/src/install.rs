//! Installing the emulator: a virtual environment per set of requirements, and a folder with the
//! wrapper's sources per version. Both are complete or rebuilt: a marker is written last.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use crate::{Progress, SandboxError, python, wrapper};

const MARKER: &str = "complete";

/// Where an installed emulator is.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    /// The virtual environment's Python.
    pub python: PathBuf,
    /// The folder that holds the package `ferrocrete_sandbox`.
    pub sources: PathBuf,
}

impl Installation {
    fn of(home: &Path) -> (PathBuf, PathBuf) {
        (
            home.join(format!("venv-{}-{}", wrapper::MOTO_VERSION, wrapper::requirements_digest())),
            home.join(format!("wrapper-{}", wrapper::version())),
        )
    }
}

/// Installs what is missing. Other processes that want the same wait.
pub(crate) async fn ensure(
    home: &Path,
    python: Option<&Path>,
    progress: &mut impl FnMut(Progress),
) -> Result<Installation, SandboxError> {
    let (venv, sources) = Installation::of(home);
    let installation = Installation { python: venv_python(&venv), sources: sources.clone() };
    if is_complete(&venv) && is_complete(&sources) {
        return Ok(installation);
    }
    create_dir(home)?;
    let _lock = lock(&home.join("install.lock"), progress).await?;
    if !is_complete(&venv) {
        progress(Progress::Installing);
        tracing::info!(folder = %venv.display(), "installing the AWS emulator");
        remove(&venv)?;
        make_venv(&venv, python).await?;
        mark_complete(&venv)?;
    }
    if !is_complete(&sources) {
        remove(&sources)?;
        write_sources(&sources)?;
        mark_complete(&sources)?;
    }
    Ok(installation)
}

fn venv_python(venv: &Path) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts").join("python.exe")
    } else {
        venv.join("bin").join("python")
    }
}

async fn make_venv(venv: &Path, python: Option<&Path>) -> Result<(), SandboxError> {
    let python = python::find(python).await?;
    let made = Command::new(&python)
        .args(["-m", "venv"])
        .arg(venv)
        .output()
        .await
        .map_err(SandboxError::file("cannot run", &python))?;
    if !made.status.success() {
        return Err(SandboxError::NoVenv {
            python,
            reason: last_lines(&[made.stdout, made.stderr].concat(), 4),
        });
    }

    let requirements = venv.join("requirements.txt");
    write(&requirements, wrapper::REQUIREMENTS)?;
    let pip = Command::new(venv_python(venv))
        .args(["-m", "pip", "install", "--quiet", "--no-input"])
        // The list is complete; moto's own list would bring 220 MB that nothing here uses.
        .args(["--no-deps", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements)
        .env_remove("PYTHONPATH")
        .output()
        .await
        .map_err(SandboxError::file("cannot run", &venv_python(venv)))?;
    if !pip.status.success() {
        return Err(SandboxError::Pip {
            folder: venv.to_owned(),
            reason: last_lines(&pip.stderr, 4),
        });
    }
    Ok(())
}

fn write_sources(folder: &Path) -> Result<(), SandboxError> {
    for (path, text) in wrapper::SOURCES {
        let path = folder.join(path);
        create_dir(path.parent().expect("a file has a folder"))?;
        write(&path, text)?;
    }
    Ok(())
}

fn is_complete(folder: &Path) -> bool {
    folder.join(MARKER).is_file()
}

fn mark_complete(folder: &Path) -> Result<(), SandboxError> {
    write(&folder.join(MARKER), "")
}

fn write(path: &Path, text: &str) -> Result<(), SandboxError> {
    fs::write(path, text).map_err(SandboxError::file("cannot write", path))
}

fn remove(folder: &Path) -> Result<(), SandboxError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(SandboxError::file("cannot remove", folder)(error))
        }
        _ => Ok(()),
    }
}

pub(crate) fn create_dir(folder: &Path) -> Result<(), SandboxError> {
    fs::create_dir_all(folder).map_err(SandboxError::file("cannot create", folder))
}

/// An exclusive lock on a file, held until it is dropped (or the process dies).
pub(crate) async fn lock(
    path: &Path,
    progress: &mut impl FnMut(Progress),
) -> Result<File, SandboxError> {
    let file = File::create(path).map_err(SandboxError::file("cannot create", path))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    progress(Progress::Waiting);
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(TryLockError::Error(error)) => {
                return Err(SandboxError::file("cannot lock", path)(error));
            }
        }
    }
}

/// The last lines of what a program printed, in one line.
pub(crate) fn last_lines(printed: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(printed);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_lines_skips_blank_ones() {
        assert_eq!(last_lines(b"a\n\n b \nc\n\n", 2), "b | c");
        assert_eq!(last_lines(b"", 2), "");
    }

    #[tokio::test]
    async fn a_second_locker_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = lock(&path, &mut |_| {}).await.unwrap();
        let mut seen = Vec::new();
        let second = tokio::time::timeout(
            Duration::from_millis(200),
            lock(&path, &mut |step| seen.push(step)),
        )
        .await;
        assert!(second.is_err());
        assert_eq!(seen, [Progress::Waiting]);
        drop(first);
        lock(&path, &mut |_| {}).await.unwrap();
    }

    #[test]
    fn an_interrupted_installation_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        write_sources(folder.path()).unwrap();
        assert!(!is_complete(folder.path()));
        mark_complete(folder.path()).unwrap();
        assert!(is_complete(folder.path()));
    }
}
