//! The journal's file: a line an entry.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::Folder;
use crate::state::backend::Record;
use crate::state::codec::COPY;
use crate::state::error::StateError;

pub(super) const NAME: &str = "journal.jsonl";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    s: u64,
    e: u64,
    b: String,
    /// Over the rest: the body has a checksum of its own, its place in the journal has not.
    c: String,
}

impl Line {
    fn new(record: &Record) -> Self {
        let Record { sequence, epoch, body } = record;
        Self { s: *sequence, e: *epoch, b: body.clone(), c: checksum(*sequence, *epoch, body) }
    }

    fn is_sound(&self) -> bool {
        self.c == checksum(self.s, self.e, &self.b)
    }
}

fn checksum(sequence: u64, epoch: u64, body: &str) -> String {
    let digest = Sha256::digest(format!("{sequence}\n{epoch}\n{body}"));
    digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// Its entries; a last line that was cut off in the middle of a write was never durable and
/// is left out.
pub(super) fn read(folder: &Folder) -> Result<Vec<Record>, StateError> {
    let bytes = folder.read(NAME)?.unwrap_or_default();
    parse(&bytes, &folder.place(NAME))
}

/// The entries in a journal's bytes; `place` is for messages.
pub(in crate::state) fn parse(bytes: &[u8], place: &str) -> Result<Vec<Record>, StateError> {
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let (lines, rest) = bytes.split_at(whole);
    let damaged = |number: usize, why: String| StateError::Damaged {
        place: format!("line {} of {place}", number + 1),
        why,
        fix: COPY.into(),
    };
    let mut records = Vec::new();
    for (number, line) in lines.split_inclusive(|b| *b == b'\n').enumerate() {
        let line: Line = serde_json::from_slice(line)
            .map_err(|e| damaged(number, format!("it is not a journal entry: {e}")))?;
        if !line.is_sound() {
            let why = "its content does not have the recorded checksum".to_owned();
            return Err(damaged(number, why));
        }
        records.push(Record { sequence: line.s, epoch: line.e, body: line.b });
    }
    if goes_on_after_a_line(rest) {
        return Err(damaged(records.len(), "something else than its end follows it".to_owned()));
    }
    Ok(records)
}

/// Whether a whole line is there whose end was overwritten. A write that was cut off leaves
/// only the beginning of a line.
fn goes_on_after_a_line(rest: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Line>();
    let sound = matches!(values.next(), Some(Ok(line)) if line.is_sound());
    sound && values.byte_offset() < rest.len()
}

/// Records as lines.
pub(super) fn lines(records: &[Record], place: String) -> Result<Vec<u8>, StateError> {
    let mut out = Vec::new();
    for record in records {
        serde_json::to_writer(&mut out, &Line::new(record))
            .map_err(|e| StateError::Io { place: place.clone(), why: e.to_string() })?;
        out.push(b'\n');
    }
    Ok(out)
}
