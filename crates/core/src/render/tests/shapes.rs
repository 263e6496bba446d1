//! Comparison of lines.

use crate::render::diff::{Line, compare};

fn lines(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

fn drawn(old: &str, new: &str) -> String {
    compare(&lines(old), &lines(new))
        .into_iter()
        .map(|line| match line {
            Line::Same(s) => s,
            Line::Old(s) => format!("-{s}"),
            Line::New(s) => format!("+{s}"),
            Line::Gap(n) => format!("({n})"),
        })
        .collect()
}

#[test]
fn changes_with_a_little_around_them() {
    assert_eq!(drawn("abc", "abc"), "");
    assert_eq!(drawn("", "ab"), "+a+b");
    assert_eq!(drawn("ab", ""), "-a-b");
    assert_eq!(drawn("abc", "axc"), "a-b+xc");
    assert_eq!(drawn("abcdefghij", "abcdeXghij"), "(3)de-f+Xgh(2)");
    assert_eq!(drawn("abcde", "bcdef"), "-abcde+f");
}

#[test]
fn a_huge_change_is_shown_as_a_whole() {
    let old: Vec<String> = (0..3_000).map(|n| n.to_string()).collect();
    let new: Vec<String> = (0..3_000).map(|n| (n + 1).to_string()).collect();
    assert_eq!(compare(&old, &new).len(), 6_000);
}
