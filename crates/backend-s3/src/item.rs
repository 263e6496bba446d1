//! DynamoDB items: their keys, and reading and writing attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// Partition key attribute.
pub(crate) const PK: &str = "pk";
/// Sort key attribute.
pub(crate) const SK: &str = "sk";
/// Sort key of the lock.
pub(crate) const LOCK: &str = "lock";

/// Attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Sort key of a journal entry; sorts as the sequence does.
pub(crate) fn entry_sk(sequence: u64) -> String {
    format!("entry#{sequence:020}")
}

/// Reverses [`entry_sk`].
pub(crate) fn sequence_of(sk: &str) -> Option<u64> {
    sk.strip_prefix("entry#")?.parse().ok()
}

/// Both key attributes.
pub(crate) fn key(pk: &str, sk: impl Into<String>) -> Item {
    Item::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn flag(value: bool) -> AttributeValue {
    AttributeValue::Bool(value)
}

pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn number_of(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub(crate) fn flag_of(item: &Item, name: &str) -> Option<bool> {
    item.get(name)?.as_bool().ok().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_keys_sort_as_sequences_do() {
        let sequences = [0, 1, 9, 10, 99, 1_000_000, u64::MAX];
        let keys: Vec<_> = sequences.iter().map(|s| entry_sk(*s)).collect();
        assert!(keys.is_sorted());
        assert!(keys.iter().map(|k| sequence_of(k).unwrap()).eq(sequences));
        assert_eq!(sequence_of(LOCK), None);
    }
}
