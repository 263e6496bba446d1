//! The fuzz targets in `fuzz/`.

use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Args;

/// Feed everything that is parsed from outside with bytes that nobody wrote.
///
/// Needs a nightly toolchain and `cargo install cargo-fuzz`.
#[derive(Args)]
pub struct Fuzz {
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Which targets. Default: all.
    targets: Vec<String>,
}

impl Fuzz {
    /// Runs them one after the other; ends with the first that finds something.
    pub fn run(self) -> ExitCode {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/xtask");
        let folder = root.join("fuzz");
        let targets = match self.targets.is_empty() {
            true => all(&folder),
            false => self.targets,
        };
        for target in targets {
            eprintln!("{target}: {} seconds", self.seconds);
            // What is found goes to the first folder, so that the seeds stay as they are.
            let found = folder.join("found").join(&target);
            if let Err(error) = std::fs::create_dir_all(&found) {
                eprintln!("error: {} cannot be made: {error}", found.display());
                return ExitCode::FAILURE;
            }
            let ran = Command::new("cargo")
                .args(["+nightly", "fuzz", "run", &target])
                .arg(&found)
                .arg(folder.join("corpus").join(&target))
                .args(["--", &format!("-max_total_time={}", self.seconds)])
                .args(["-print_final_stats=1", "-max_len=16384", "-timeout=20"])
                // This cargo's own toolchain is not to be theirs.
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("CARGO")
                .current_dir(root)
                .status();
            match ran {
                Ok(status) if status.success() => {}
                Ok(_) => {
                    eprintln!("error: {target} found something, or could not be built");
                    return ExitCode::FAILURE;
                }
                Err(error) => {
                    eprintln!("error: cargo does not start: {error}");
                    return ExitCode::FAILURE;
                }
            }
        }
        ExitCode::SUCCESS
    }
}

/// A target is a file.
fn all(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("fuzz_targets")).into_iter().flatten().flatten();
    let names = files.map(|file| file.path());
    let mut names: Vec<String> =
        names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}
