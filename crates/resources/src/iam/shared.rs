//! What IAM types share: tags, two-part ids, and who keeps what from being deleted.

use aws_sdk_iam::types::Tag;

use crate::prelude::*;

crate::required_tags!(Tag);

/// The two halves of an id such as `role|policy`.
///
/// # Errors
/// When the id has no `|`.
pub(super) fn halves(id: &str) -> Result<(&str, &str)> {
    id.split_once('|').ok_or_else(|| OpError::invalid(format!("`{id}` is not an id of two parts")))
}

/// Who holds something, kind by kind: "role `a` and `b`, user `c`".
pub(super) fn in_words(holders: &[(&str, Vec<String>)]) -> Option<String> {
    let kind = |(kind, names): &(&str, Vec<String>)| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("{kind} {}", names.join(" and ")))
    };
    let all: Vec<String> = holders.iter().filter_map(kind).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_told_kind_by_kind() {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let all = [("role", list(&["a", "b"])), ("user", list(&[])), ("group", list(&["c"]))];
        assert_eq!(in_words(&all).as_deref(), Some("role `a` and `b`, group `c`"));
        assert_eq!(in_words(&[("role", list(&[]))]), None);
    }
}
