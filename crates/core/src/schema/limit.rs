//! [`Limits`]: which values the cloud documents for the properties of its types.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

use crate::value::Value;

/// Most values that a message lists.
const LISTED: usize = 12;

/// What is documented of the values of one property.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limit {
    /// The only values.
    pub one_of: Vec<serde_json::Value>,
    /// The same, without regard to case.
    pub one_of_any_case: Vec<String>,
    /// What a text has in it, as a regular expression.
    pub pattern: Option<Pattern>,
    /// Fewest characters.
    pub min_length: Option<usize>,
    /// Most characters.
    pub max_length: Option<usize>,
    /// Lowest number.
    pub min: Option<f64>,
    /// Highest number.
    pub max: Option<f64>,
    /// Fewest members of a list.
    pub min_items: Option<usize>,
    /// Most members of a list.
    pub max_items: Option<usize>,
}

/// A regular expression, which is compiled once, by the first value that is held against it.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
}

impl Pattern {
    fn compiled(&self) -> Result<&Regex, &String> {
        let compile = || Regex::new(&self.text).map_err(|e| e.to_string());
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, compiled: OnceLock::new() }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// What is documented, by type and by path: `ebs.volume_type`, `rules[].id`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Limits(BTreeMap<String, BTreeMap<String, Limit>>);

impl Limits {
    /// Reads them from JSON: `{type: {path: limit}}`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    /// Those of a type, by path.
    pub fn of(&self, type_name: &str) -> Option<&BTreeMap<String, Limit>> {
        self.0.get(type_name)
    }

    /// Every one: type, path, limit.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Limit)> {
        self.0.iter().flat_map(|(of, all)| {
            all.iter().map(move |(path, limit)| (of.as_str(), path.as_str(), limit))
        })
    }
}

impl Limit {
    /// Why the pattern says nothing, if it does: it is no regular expression of Rust's.
    pub fn unreadable(&self) -> Option<String> {
        self.pattern.as_ref()?.compiled().err().cloned()
    }

    /// What is wrong with a value that is known and revealed; it is not quoted. `any_case`: the
    /// property is compared without regard to case.
    pub(crate) fn broken_by(&self, value: &Value, any_case: bool) -> Option<String> {
        match value {
            Value::List(all) => between("member", self.min_items, self.max_items, all.len()),
            Value::String(text) => self.text(text, any_case),
            Value::Int(n) => self.number(*n as f64).or_else(|| self.other(&n.to_string())),
            Value::Float(n) => self.number(*n),
            _ => None,
        }
    }

    fn text(&self, text: &str, any_case: bool) -> Option<String> {
        let same = |a: &str, any: bool| if any { a.eq_ignore_ascii_case(text) } else { a == text };
        let strict: Vec<&str> = self.one_of.iter().filter_map(|v| v.as_str()).collect();
        let loose: Vec<&str> = self.one_of_any_case.iter().map(String::as_str).collect();
        for (all, any) in [(strict, any_case), (loose, true)] {
            if !all.is_empty() && !all.iter().any(|a| same(a, any)) {
                return Some(format!("must be {}", listed(&all)));
            }
        }
        between("character", self.min_length, self.max_length, text.chars().count())
            .or_else(|| self.other(text))
    }

    fn number(&self, n: f64) -> Option<String> {
        let all: Vec<f64> = self.one_of.iter().filter_map(|v| v.as_f64()).collect();
        if !all.is_empty() && !all.contains(&n) {
            let all: Vec<String> = all.iter().map(f64::to_string).collect();
            return Some(format!("must be {}", listed(&all)));
        }
        let fits = self.min.is_none_or(|min| n >= min) && self.max.is_none_or(|max| n <= max);
        match (fits, self.min, self.max) {
            (true, ..) | (_, None, None) => None,
            (_, Some(min), Some(max)) => Some(format!("must be from {min} to {max}")),
            (_, Some(min), None) => Some(format!("must be {min} or more")),
            (_, None, Some(max)) => Some(format!("must be {max} or less")),
        }
    }

    /// Against the pattern. One that this program cannot read says nothing; a test of the crate
    /// that has the limits reads them all.
    fn other(&self, text: &str) -> Option<String> {
        let pattern = self.pattern.as_ref()?;
        let fits = pattern.compiled().ok()?.is_match(text);
        (!fits).then(|| format!("does not match the documented pattern `{}`", pattern.text))
    }
}

fn between(what: &str, least: Option<usize>, most: Option<usize>, has: usize) -> Option<String> {
    let s = |n: usize| if n == 1 { "" } else { "s" };
    match (least, most) {
        (Some(least), _) if has < least => {
            Some(format!("must have {least} {what}{} or more, but has {has}", s(least)))
        }
        (_, Some(most)) if has > most => {
            Some(format!("must have {most} {what}{} or less, but has {has}", s(most)))
        }
        _ => None,
    }
}

/// "`a`", "`a` or `b`", "one of `a`, `b` … (5 more)".
fn listed<T: std::fmt::Display>(all: &[T]) -> String {
    let names: Vec<String> = all.iter().take(LISTED).map(|a| format!("`{a}`")).collect();
    match (names.len(), all.len() - names.len()) {
        (1 | 2, 0) => names.join(" or "),
        (_, 0) => format!("one of {}", names.join(", ")),
        (_, more) => format!("one of {} … ({more} more)", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(json: &str) -> Limit {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn values_outside_of_what_is_documented_are_told() {
        let text = |t: &str| Value::from(t);
        for (json, value, why) in [
            (r#"{"one_of":["a","b"]}"#, text("c"), Some("must be `a` or `b`")),
            (r#"{"one_of":["a","b"]}"#, text("B"), Some("must be `a` or `b`")),
            (r#"{"one_of":["a","b"]}"#, text("b"), None),
            (r#"{"one_of_any_case":["a","b"]}"#, text("B"), None),
            (r#"{"one_of":[1,3,5]}"#, Value::Int(2), Some("must be one of `1`, `3`, `5`")),
            (r#"{"min":-1,"max":65535}"#, Value::Int(99_999), Some("must be from -1 to 65535")),
            (r#"{"min":-1}"#, Value::Int(-2), Some("must be -1 or more")),
            (r#"{"max":0.5}"#, Value::Float(0.6), Some("must be 0.5 or less")),
            (r#"{"min":-1,"max":65535}"#, Value::Int(-1), None),
            (r#"{"max_length":2}"#, text("äöü"), Some("must have 2 characters or less, but has 3")),
            (r#"{"min_length":1}"#, text(""), Some("must have 1 character or more, but has 0")),
            (
                r#"{"max_items":0}"#,
                Value::List(vec![text("a")]),
                Some("must have 0 members or less, but has 1"),
            ),
            (
                r#"{"pattern":"^[0-9]*$"}"#,
                text("1x"),
                Some("does not match the documented pattern `^[0-9]*$`"),
            ),
            (r#"{"pattern":"^[0-9]*$"}"#, Value::Int(20), None),
            (r#"{"pattern":"(?!x)"}"#, text("anything"), None),
        ] {
            assert_eq!(limit(json).broken_by(&value, false).as_deref(), why, "{json} {value}");
        }
        assert_eq!(limit(r#"{"one_of":["a"]}"#).broken_by(&text("A"), true), None);
    }

    #[test]
    fn damaged_limits_are_an_error() {
        assert!(Limits::from_json("{").is_err());
        assert!(Limits::from_json(r#"{"T":{"a":{"longest":1}}}"#).is_err());
        let all = Limits::from_json(r#"{"T":{"a":{"max":1}}}"#).unwrap();
        assert_eq!(all.iter().map(|(t, p, _)| (t, p)).collect::<Vec<_>>(), [("T", "a")]);
    }
}
