//! What a process has used: time, processor time, memory, bytes written.

use std::path::Path;
use std::time::{Duration, Instant};

/// Since when something is measured.
pub struct Since {
    at: Instant,
    cpu: Duration,
}

/// What was used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Time on the wall.
    pub time: Duration,
    /// Time of all processors.
    pub cpu: Duration,
    /// The most memory that the process ever had, in bytes.
    pub peak: u64,
}

impl Since {
    /// From now on.
    pub fn now() -> Self {
        Self { at: Instant::now(), cpu: cpu() }
    }

    /// Until now.
    pub fn used(&self) -> Used {
        Used { time: self.at.elapsed(), cpu: cpu().saturating_sub(self.cpu), peak: peak() }
    }
}

/// Linux counts in hundredths of a second.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in brackets, which may hold anything.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// Bytes that this process has handed to the system to be written to files.
pub fn written() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.and_then(|n| n.parse().ok()).unwrap_or_default()
}

/// Copies a folder of files and folders.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
