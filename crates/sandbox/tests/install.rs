//! Installing, with a stand-in for Python: what goes wrong is said clearly, and put right later.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ferrocrete_sandbox::{Options, Sandbox, SandboxError};
use tempfile::TempDir;

/// A script that plays Python: it says its version, and makes a "virtual environment" whose Python
/// does what `inner` says.
fn stand_in(folder: &Path, version: &str, inner: &str) -> PathBuf {
    let path = folder.join("python");
    let count = folder.join("venvs");
    let script = format!(
        "#!/bin/sh\n\
         case \"$1\" in\n\
         -c) echo {version};;\n\
         -m) echo made >> {count}; mkdir -p $3/bin; cat > $3/bin/python <<'END'\n#!/bin/sh\n{inner}\nEND\n\
         chmod +x $3/bin/python;;\n\
         esac\n",
        count = count.display(),
    );
    write_script(&path, &script);
    path
}

fn write_script(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn options(home: &TempDir, python: PathBuf) -> Options {
    Options {
        cache_dir: Some(home.path().join("cache")),
        python: Some(python),
        ..Options::default()
    }
}

async fn failure(options: &Options) -> SandboxError {
    Sandbox::start(options, |_| {}).await.unwrap_err()
}

#[tokio::test]
async fn no_python() {
    let home = TempDir::new().unwrap();
    let error = failure(&options(&home, "/nowhere/python".into())).await;
    assert!(matches!(error, SandboxError::NoPython { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("/nowhere/python") && text.contains("FERROCRETE_PYTHON"), "{text}");
}

#[tokio::test]
async fn an_old_python() {
    let home = TempDir::new().unwrap();
    let python = stand_in(home.path(), "3.9", "");
    let text = failure(&options(&home, python)).await.to_string();
    assert!(text.contains("is version 3.9") && text.contains("3.10"), "{text}");
}

#[tokio::test]
async fn a_python_without_venv() {
    let home = TempDir::new().unwrap();
    let python = home.path().join("python");
    write_script(
        &python,
        "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1\n",
    );
    let error = failure(&options(&home, python)).await;
    assert!(matches!(error, SandboxError::NoVenv { .. }), "{error:?}");
    assert!(error.to_string().contains("apt install python3-venv"));
}

#[tokio::test]
async fn pip_without_network_and_again_with_it() {
    let home = TempDir::new().unwrap();
    let offline = "echo 'ERROR: Could not find a version that satisfies moto' >&2; exit 1";
    let offline = stand_in(home.path(), "3.12", offline);
    let error = failure(&options(&home, offline)).await;
    assert!(matches!(error, SandboxError::Pip { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("Could not find a version") && text.contains("network"), "{text}");

    // The half-made folder is made again; this time the server is what fails.
    let online = "case \"$2\" in pip) exit 0;; esac; echo 'no such module' >&2; exit 3";
    let online = options(&home, stand_in(home.path(), "3.12", online));
    let error = failure(&online).await;
    assert!(matches!(error, SandboxError::NotStarted { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("no such module") && text.contains(".log"), "{text}");
    assert_eq!(made(&home), 2);

    // What is installed is not installed again.
    failure(&online).await;
    assert_eq!(made(&home), 2);
}

#[tokio::test]
async fn an_interrupted_installation_is_replaced() {
    let home = TempDir::new().unwrap();
    let options = options(&home, stand_in(home.path(), "3.12", "exit 0"));
    failure(&options).await;
    let cache = options.cache_dir.clone().unwrap();
    for entry in fs::read_dir(&cache).unwrap().map(Result::unwrap) {
        let marker = entry.path().join("complete");
        if marker.is_file() {
            fs::remove_file(marker).unwrap();
            fs::write(entry.path().join("rest"), "of an interrupted one").unwrap();
        }
    }
    failure(&options).await;
    assert_eq!(made(&home), 2);
    for entry in fs::read_dir(&cache).unwrap().map(Result::unwrap) {
        assert!(!entry.path().join("rest").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_installers_install_once() {
    let home = TempDir::new().unwrap();
    let options = options(&home, stand_in(home.path(), "3.12", "sleep 0.2; exit 0"));
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let options = options.clone();
            tokio::spawn(async move { failure(&options).await })
        })
        .collect();
    for start in starts {
        start.await.unwrap();
    }
    assert_eq!(made(&home), 1);
}

/// How often a virtual environment was made.
fn made(home: &TempDir) -> usize {
    let count = fs::read_to_string(home.path().join("venvs")).unwrap_or_default();
    count.lines().count()
}
