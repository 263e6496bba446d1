//! Values for people: on one line where they fit, shortened where they do not.

use sha2::{Digest, Sha256};

use crate::value::Value;

/// Widest value that stays on its line.
const WIDTH: usize = 76;
/// Tags that the engine owns; people need not read them.
pub(super) const OWN_TAGS: &str = "ferrocrete:";

/// The value without the ownership tags of the engine; `None` when nothing else was in it.
pub fn visible(value: &Value) -> Option<Value> {
    let Value::Map(map) = value else { return Some(value.clone()) };
    let rest: std::collections::BTreeMap<_, _> = map
        .iter()
        .filter(|(key, _)| !key.starts_with(OWN_TAGS))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (map.is_empty() || !rest.is_empty()).then_some(Value::Map(rest))
}

/// The whole value on one line, however long.
pub fn one_line(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::String(s) => format!("{s:?}"),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(one_line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let items: Vec<_> = map.iter().map(|(k, v)| format!("{k}: {}", one_line(v))).collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::Unknown => "(known after apply)".into(),
        Value::Secret(_) => "(secret)".into(),
    }
}

/// The value for a listing: one line where it fits, else several, long text shortened.
pub(super) fn listed(value: &Value) -> Vec<String> {
    let line = one_line(value);
    if fits(&line) && !has_newline(value) {
        return vec![line];
    }
    match value {
        Value::String(text) if json_document(text).is_none() => vec![shortened(text)],
        _ => lines(value),
    }
}

/// The whole value as lines, to compare line by line.
pub(super) fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => match json_document(text) {
            Some(document) => lines(&document),
            None => text.lines().map(str::to_owned).collect(),
        },
        Value::List(items) => bracketed("[", "]", items.iter().map(|v| (None, v))),
        Value::Map(map) => bracketed("{", "}", map.iter().map(|(k, v)| (Some(k.as_str()), v))),
        other => vec![one_line(other)],
    }
}

fn bracketed<'a>(
    open: &str,
    close: &str,
    items: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
) -> Vec<String> {
    let mut out = vec![open.to_owned()];
    for (key, value) in items {
        let key = key.map(|k| format!("{k}: ")).unwrap_or_default();
        let line = format!("{key}{}", one_line(value));
        let inner = match value {
            Value::List(_) | Value::Map(_) if !fits(&line) => lines(value),
            _ => Vec::new(),
        };
        match inner.split_first() {
            None => out.push(format!("  {line}")),
            Some((first, rest)) => {
                out.push(format!("  {key}{first}"));
                out.extend(rest.iter().map(|l| format!("  {l}")));
            }
        }
    }
    out.push(close.to_owned());
    out
}

/// Whether a value is better compared line by line than side by side.
pub(super) fn is_long(value: &Value) -> bool {
    !fits(&one_line(value)) || has_newline(value)
}

/// Whether a value is text without lines or structure to compare.
pub(super) fn is_one_text(value: &Value) -> bool {
    matches!(value, Value::String(s) if !s.contains('\n') && json_document(s).is_none())
}

/// A text by its beginning, its size and a digest that tells two versions apart.
pub(super) fn shortened(text: &str) -> String {
    let count = text.lines().count();
    let first: String = text.lines().next().unwrap_or("").chars().take(48).collect();
    let size = if count > 1 {
        format!("{count} lines")
    } else {
        format!("{} characters", text.chars().count())
    };
    format!("{first:?}… ({size}, sha {})", digest(text))
}

/// The first digits of a text's SHA-256.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(3).map(|b| format!("{b:02x}")).collect()
}

/// The content, when a text is a JSON object or list.
fn json_document(text: &str) -> Option<Value> {
    let start = text.trim_start();
    if !start.starts_with('{') && !start.starts_with('[') {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(Value::from(json))
}

fn has_newline(value: &Value) -> bool {
    matches!(value, Value::String(s) if s.contains('\n'))
}

fn fits(line: &str) -> bool {
    line.chars().count() <= WIDTH
}
