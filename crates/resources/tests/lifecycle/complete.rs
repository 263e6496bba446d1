//! No resource type without a lifecycle test, and none whose `find` is never asked.

use std::path::{Path, PathBuf};

use ferrocrete_resources::aws::{AwsConnector, AwsSettings};

/// Every registered type with its test file, if it has one.
fn tests() -> Vec<(&'static str, Option<PathBuf>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lifecycle");
    let folders = std::fs::read_dir(&here).unwrap().flatten().map(|e| e.path());
    let folders = folders.filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten());
    let files: Vec<_> = files.map(|file| (file.path(), read(&file.path()))).collect();
    let registry = ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()));
    let of = |type_name: &str| {
        let head = format!("//! `{type_name}`.");
        let file = files.iter().find(|(_, text)| text.lines().next() == Some(&head));
        file.map(|(path, _)| path.clone())
    };
    let names = registry.types().map(|handler| handler.schema().type_name);
    names.map(|name| (name, of(name))).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_type_has_its_test() {
    let missing: Vec<_> = tests().into_iter().filter(|(_, file)| file.is_none()).collect();
    assert!(missing.is_empty(), "no lifecycle test begins with their name: {missing:?}");
}

/// `World::finds` kills a run after AWS carried the create out and before that is recorded.
#[test]
fn every_types_find_is_asked_after_a_kill() {
    let asks = |file: &Path| {
        let text = read(file);
        // Two types whose tests are one macro.
        let shared = text.contains("rules::").then(|| read(&file.with_file_name("rules.rs")));
        [Some(text), shared].into_iter().flatten().any(|text| text.contains(".finds("))
    };
    let all = tests().into_iter().filter_map(|(name, file)| Some((name, file?)));
    let missing: Vec<_> = all.filter(|(_, file)| !asks(file)).collect();
    assert!(missing.is_empty(), "their tests do not call `finds`: {missing:?}");
}
