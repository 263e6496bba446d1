//! [`EntryItem`]: journal entries as an item.

use crate::item::{self, Item};
use crate::overflow::Pointer;

/// One item of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryItem {
    /// Sequence number of its only or first entry.
    pub(crate) first: u64,
    /// Epoch of the writer.
    pub(crate) epoch: u64,
    pub(crate) holds: Holds,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holds {
    /// One entry.
    Body(String),
    /// The entries up to `last`, in an object.
    Object { last: u64, pointer: Pointer },
}

/// Name of the attribute that says how far an item with a pointer reaches.
pub(crate) const LAST: &str = "last_seq";

impl EntryItem {
    pub(crate) fn write(&self, pk: &str) -> Item {
        let mut item = item::key(pk, item::entry_sk(self.first));
        item.insert("epoch".to_owned(), item::number(self.epoch));
        match &self.holds {
            Holds::Body(body) => {
                item.insert("body".to_owned(), item::text(body));
            }
            Holds::Object { last, pointer } => {
                item.insert(LAST.to_owned(), item::number(*last));
                item.insert("name".to_owned(), item::text(&pointer.name));
                item.insert("sha256".to_owned(), item::text(&pointer.sha256));
            }
        }
        item
    }

    pub(crate) fn read(item: &Item) -> Option<Self> {
        let first = item::sequence_of(item::text_of(item, item::SK)?)?;
        let holds = match item::text_of(item, "body") {
            Some(body) => Holds::Body(body.to_owned()),
            None => Holds::Object {
                last: item::number_of(item, LAST).filter(|last| *last >= first)?,
                pointer: Pointer {
                    name: item::text_of(item, "name")?.to_owned(),
                    sha256: item::text_of(item, "sha256")?.to_owned(),
                },
            },
        };
        Some(Self { first, epoch: item::number_of(item, "epoch")?, holds })
    }

    /// How many entries it stands for; damaged items may claim any number.
    pub(crate) fn count(&self) -> u64 {
        match self.holds {
            Holds::Body(_) => 1,
            Holds::Object { last, .. } => (last - self.first).saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let body = Holds::Body("{\"a\":1}".to_owned());
        let pointer = Pointer { name: "journal/x.json".to_owned(), sha256: "00".to_owned() };
        for holds in [body, Holds::Object { last: 90, pointer }] {
            let entry = EntryItem { first: 7, epoch: 3, holds };
            let item = entry.write("bucket/project/stack");
            assert_eq!(item[item::SK], item::text("entry#00000000000000000007"));
            assert_eq!(EntryItem::read(&item), Some(entry));
        }
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_refused() {
        let pointer = Pointer { name: "n".to_owned(), sha256: "s".to_owned() };
        let entry = EntryItem { first: 7, epoch: 3, holds: Holds::Object { last: 6, pointer } };
        assert_eq!(EntryItem::read(&entry.write("pk")), None);
    }
}
