//! Runs the wrapper's own tests (`wrapper/tests`, through boto3) against the shared test server.

use std::path::{Path, PathBuf};
use std::process::Command;

use ferrocrete_sandbox::{Options, Sandbox};

/// The virtual environment's Python, from the server that runs with it.
fn python_of(home: &Path) -> PathBuf {
    let prefix = format!("venv-{}-", ferrocrete_sandbox::MOTO_VERSION);
    let mut venvs: Vec<_> = std::fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("complete").is_file())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&prefix))
        .collect();
    venvs.sort_by_key(|path| path.metadata().unwrap().modified().unwrap());
    venvs.pop().expect("an installed emulator").join("bin/python")
}

/// pytest, beside the emulator's virtual environment so that this one stays as users have it.
fn install_pytest(home: &Path, python: &Path, requirements: &Path) -> PathBuf {
    let text = std::fs::read_to_string(requirements).unwrap();
    let folder = home.join(format!("pytest-{}", text.replace(['\n', '='], "-")));
    if !folder.is_dir() {
        let temporary = tempfile::tempdir_in(home).unwrap();
        let pip = Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-input"])
            .args(["--disable-pip-version-check", "--target"])
            .arg(temporary.path())
            .arg("--requirement")
            .arg(requirements)
            .output()
            .unwrap();
        assert!(pip.status.success(), "{}", String::from_utf8_lossy(&pip.stderr));
        // Another run may have been quicker; then its folder is as good.
        let _ = std::fs::rename(temporary.path(), &folder);
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn wrapper() {
    let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
    let home = sandbox.info().log.parent().unwrap().parent().unwrap();
    let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("wrapper");
    let python = python_of(home);
    let pytest = install_pytest(home, &python, &wrapper.join("requirements-test.txt"));

    let output = Command::new(&python)
        .args(["-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "tests"])
        .current_dir(&wrapper)
        .env("PYTHONPATH", &pytest)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SANDBOX_ENDPOINT", &sandbox.info().endpoint)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    println!("{printed}");
    assert!(output.status.success(), "{printed}");
}
