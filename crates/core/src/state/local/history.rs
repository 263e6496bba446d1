//! The snapshots written last, as files: `history/NUMBER.json`, the number rising.
//!
//! A snapshot is copied here right after it was written. Should the process die in between,
//! the copy is made before that snapshot is replaced.

use super::files::Folder;
use crate::state::backend::FormerSnapshot;
use crate::state::error::StateError;

const FOLDER: &str = "history";
/// How many snapshots are kept unless said otherwise.
pub(super) const KEEP: usize = 20;

fn name(number: u64) -> String {
    format!("{FOLDER}/{number:08}.json")
}

/// The numbers in use, ascending.
fn numbers(folder: &Folder) -> Result<Vec<u64>, StateError> {
    let number = |name: &String| name.strip_suffix(".json")?.parse().ok();
    let mut numbers: Vec<u64> = folder.names(FOLDER)?.iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Copies a snapshot unless it is the newest one here.
pub(super) fn add(folder: &Folder, bytes: &[u8]) -> Result<(), StateError> {
    let newest = numbers(folder)?.last().copied();
    if let Some(newest) = newest
        && folder.read(&name(newest))?.as_deref() == Some(bytes)
    {
        return Ok(());
    }
    folder.create_inside(FOLDER)?;
    folder.replace(&name(newest.unwrap_or(0) + 1), bytes)
}

/// Removes the oldest until `keep` are left.
pub(super) fn prune(folder: &Folder, keep: usize) -> Result<(), StateError> {
    let numbers = numbers(folder)?;
    for number in &numbers[..numbers.len().saturating_sub(keep)] {
        folder.remove(&name(*number));
    }
    Ok(())
}

/// What is here besides the present snapshot, the newest first.
pub(super) fn list(folder: &Folder, now: Option<&[u8]>) -> Result<Vec<FormerSnapshot>, StateError> {
    let mut numbers = numbers(folder)?;
    if let (Some(newest), Some(now)) = (numbers.last(), now)
        && folder.read(&name(*newest))?.as_deref() == Some(now)
    {
        numbers.pop();
    }
    let former = numbers.into_iter().rev().filter_map(|number| {
        // One that was pruned meanwhile is not kept any more.
        let (size, stored_at) = folder.size_and_time(&name(number))?;
        let place = folder.place(&name(number));
        Some(FormerSnapshot { id: number.to_string(), stored_at, size, place })
    });
    Ok(former.collect())
}

pub(super) fn read(folder: &Folder, id: &str) -> Result<Option<Vec<u8>>, StateError> {
    let Ok(number) = id.parse() else { return Ok(None) };
    folder.read(&name(number))
}

/// Removes it for good.
pub(super) fn remove(folder: &Folder, id: &str) -> Result<(), StateError> {
    let Ok(number) = id.parse() else { return Ok(()) };
    let name = name(number);
    folder.remove(&name);
    match folder.read(&name)? {
        None => Ok(()),
        Some(_) => Err(StateError::Io {
            place: folder.place(&name),
            why: "the file cannot be removed".into(),
        }),
    }
}
