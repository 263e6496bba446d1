//! What the fuzz targets and the replay of their corpora call; a broken rule is a panic.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::entry::EntryItem;
use crate::item::{self, Item};
use crate::location::S3Location;
use crate::lock::LockRow;
use crate::{overflow, pack};

/// An item of the table, a line per attribute: `NAME TYPE VALUE`, where the type is `S`, `N`
/// or `B` (boolean). Also the file names of overflow objects, and how entries are packed.
pub fn items(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut item = Item::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(name), Some(kind), value) = (parts.next(), parts.next(), parts.next()) else {
            overflow::last_in(line);
            continue;
        };
        let value = value.unwrap_or_default();
        let value = match kind {
            "N" => AttributeValue::N(value.to_owned()),
            "B" => item::flag(value == "true"),
            _ => item::text(value),
        };
        item.insert(name.to_owned(), value);
    }
    if let Some(entry) = EntryItem::read(&item) {
        let again = EntryItem::read(&entry.write("pk"));
        assert_eq!(again.as_ref(), Some(&entry), "what was read is written and read again");
        entry.count();
    }
    let _ = LockRow::read(&item);
    let bodies: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(pack::inline_count(&bodies) <= bodies.len());
}

/// A backend's URL.
pub fn url(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(location) = S3Location::parse(text) {
        let written = location.to_string();
        let again = S3Location::parse(&written);
        assert_eq!(again.as_ref(), Ok(&location), "`{text}` is written as `{written}`");
    }
}
