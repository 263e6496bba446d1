//! Notes of who reads a stack's exports: `readers/PROJECT/STACK.reader`.
//!
//! A file each, so that two readers that come at once do not meet.

use super::files::Folder;
use crate::state::error::StateError;
use crate::state::readers::StackName;

const FOLDER: &str = "readers";
/// Tells notes from what a write that broke off has left.
const SUFFIX: &str = ".reader";

fn folder_of(reader: &StackName) -> String {
    format!("{FOLDER}/{}", reader.project())
}

fn name(reader: &StackName) -> String {
    format!("{}/{}{SUFFIX}", folder_of(reader), reader.stack())
}

/// Names that are none were not written by us, and say nothing.
pub(super) fn list(folder: &Folder) -> Result<Vec<StackName>, StateError> {
    let mut all = Vec::new();
    for project in folder.names(FOLDER)? {
        let files = folder.names(&format!("{FOLDER}/{project}"))?;
        let stacks = files.iter().filter_map(|file| file.strip_suffix(SUFFIX));
        all.extend(stacks.filter_map(|stack| StackName::new(&project, stack).ok()));
    }
    Ok(all)
}

pub(super) fn add(folder: &Folder, reader: &StackName) -> Result<(), StateError> {
    folder.create_inside(&folder_of(reader))?;
    folder.replace(&name(reader), format!("{reader} reads exports of this stack\n").as_bytes())
}

pub(super) fn remove(folder: &Folder, reader: &StackName) {
    folder.remove(&name(reader));
}
