//! Which known name somebody may have meant.

/// The known name that is closest to `name`, if any is close.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().map(|k| (distance(name, k), k));
    near.filter(|(d, k)| *d <= 1 + k.len() / 3).min().map(|(_, k)| k)
}

/// Levenshtein.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_close_is_meant() {
        let known = ["repository_url", "state_bucket", "a"];
        assert_eq!(nearest("repositori_url", known), Some("repository_url"));
        assert_eq!(nearest("repository_arn", known), Some("repository_url"));
        assert_eq!(nearest("cluster", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
