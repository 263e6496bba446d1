//! The seeds of the fuzz targets, through the same functions: the targets cannot rot.

use std::path::Path;

/// Feeds every seed of a target to what the target calls.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut seeds = 0;
    for seed in std::fs::read_dir(&folder).unwrap() {
        let path = seed.unwrap().path();
        println!("{}", path.display());
        let bytes = std::fs::read(&path).unwrap();
        run(&bytes);
        // Cut off and overwritten, too.
        run(&bytes[..bytes.len() / 2]);
        for at in (0..bytes.len()).step_by(bytes.len() / 16 + 1) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x14;
            run(&changed);
        }
        seeds += 1;
    }
    assert!(seeds >= 4, "{seeds} seeds of {target}");
}

#[test]
fn snapshot() {
    replay("snapshot", ferrocrete_core::state::fuzzing::snapshot);
}

#[test]
fn journal() {
    replay("journal", ferrocrete_core::state::fuzzing::journal);
}

#[test]
fn plan() {
    replay("plan", ferrocrete_core::state::fuzzing::plan);
}

#[test]
fn keys() {
    replay("keys", ferrocrete_core::state::fuzzing::keys);
}
