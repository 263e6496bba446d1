//! Replays the seeds of a fuzz target; the crates' `fuzz_seeds` tests share it.

use std::path::Path;

/// Feeds every seed of a target to what the target calls.
pub fn replay(target: &str, run: fn(&[u8])) {
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
