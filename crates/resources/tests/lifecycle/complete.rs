//! No resource type without a lifecycle test.

use std::path::Path;

use ferrocrete_resources::aws::{AwsConnector, AwsSettings};

#[test]
fn every_type_has_its_test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lifecycle");
    let registry = ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()));
    let mut missing = Vec::new();
    for handler in registry.types() {
        let type_name = handler.schema().type_name;
        let mut found = false;
        for entry in std::fs::read_dir(&here).unwrap().flatten().filter(|e| e.path().is_dir()) {
            for file in std::fs::read_dir(entry.path()).unwrap().flatten() {
                let text = std::fs::read_to_string(file.path()).unwrap();
                found |= text.lines().next() == Some(&format!("//! `{type_name}`."));
            }
        }
        if !found {
            missing.push(type_name);
        }
    }
    assert!(missing.is_empty(), "no lifecycle test begins with their name: {missing:?}");
}
