//! [`Secrets`]: the texts that must not be seen, to take them out of whatever is said.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Expr, PropertyMap, Value};

/// Stands where a secret was.
const HIDDEN: &str = "[secret]";
/// Shorter texts are not told from parts of other words.
const SHORTEST: usize = 4;
/// A line of a longer secret, such as a private key, counts by itself from here on.
const LONG_LINE: usize = 16;

/// Every secret that a run has seen, however it came to know it. Clones are the same.
///
/// Clouds quote in their errors what they were sent. So whatever an engine says (events, reports,
/// errors, the journal) is scrubbed of these. Texts of less than four characters are not: they
/// cannot be told from parts of other words.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeSet<Text>>>);

/// The longest first: one may be part of another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Text(std::cmp::Reverse<usize>, String);

impl Secrets {
    /// Remembers every secret in this value.
    pub fn learn(&self, value: &Value) {
        match value {
            Value::Secret(inner) => self.learn_all(inner),
            Value::List(items) => items.iter().for_each(|v| self.learn(v)),
            Value::Map(map) => self.learn_map(map),
            _ => {}
        }
    }

    /// Remembers every secret in these values.
    pub fn learn_map(&self, map: &PropertyMap) {
        map.values().for_each(|v| self.learn(v));
    }

    /// Remembers what the program itself says to be secret.
    pub(crate) fn learn_expr(&self, expr: &Expr) {
        match expr {
            Expr::Literal(value) => self.learn(value),
            Expr::Get { .. } => {}
            Expr::List(items) => items.iter().for_each(|e| self.learn_expr(e)),
            Expr::Map(map) => map.values().for_each(|e| self.learn_expr(e)),
            Expr::Apply { args, .. } => args.iter().for_each(|e| self.learn_expr(e)),
            Expr::Secret(inner) => match &**inner {
                Expr::Literal(value) => self.learn_all(value),
                other => self.learn_expr(other),
            },
        }
    }

    fn learn_all(&self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Int(n) => self.add(&n.to_string()),
            Value::Float(n) => self.add(&n.to_string()),
            Value::List(items) => items.iter().for_each(|v| self.learn_all(v)),
            Value::Map(map) => map.values().for_each(|v| self.learn_all(v)),
            Value::Secret(inner) => self.learn_all(inner),
            Value::Null | Value::Bool(_) | Value::Unknown => {}
        }
    }

    fn add(&self, text: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut add = |text: &str| {
            if text.chars().count() >= SHORTEST {
                all.insert(Text(std::cmp::Reverse(text.len()), text.to_owned()));
            }
        };
        let trimmed = text.trim();
        // As it is, as it stands in JSON and in quotes of Rust, and line by line.
        for form in [text, trimmed] {
            add(form);
            for quoted in [serde_json::Value::from(form).to_string(), format!("{form:?}")] {
                add(&quoted[1..quoted.len() - 1]);
            }
        }
        if text.contains('\n') {
            text.lines().map(str::trim).filter(|l| l.len() >= LONG_LINE).for_each(add);
        }
    }

    /// How many texts are known.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether the text holds a secret.
    pub fn is_in(&self, text: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().any(|secret| text.contains(&secret.1))
    }

    /// The text without any secret.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for secret in all.iter().filter(|s| !HIDDEN.contains(&s.1)) {
            if text.contains(&secret.1) {
                text = text.replace(&secret.1, HIDDEN);
            }
        }
        text
    }

    /// Without those that stand in plain in this value as well: whoever writes them down in plain
    /// does not hide them.
    pub(crate) fn forget_plain(&self, value: &Value) {
        match value {
            Value::String(plain) => {
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                all.retain(|secret| !plain.contains(&secret.1));
            }
            Value::List(items) => items.iter().for_each(|v| self.forget_plain(v)),
            Value::Map(map) => map.values().for_each(|v| self.forget_plain(v)),
            _ => {}
        }
    }

    /// The value with every text marked as secret that holds one.
    pub(crate) fn mark(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.is_in(&text) => Value::secret(Value::String(text)),
            Value::List(items) => Value::List(items.into_iter().map(|v| self.mark(v)).collect()),
            Value::Map(map) => Value::Map(self.mark_map(map)),
            other => other,
        }
    }

    /// The values with every text marked as secret that holds one.
    pub(crate) fn mark_map(&self, map: PropertyMap) -> PropertyMap {
        map.into_iter().map(|(k, v)| (k, self.mark(v))).collect()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowing(secrets: &[&str]) -> Secrets {
        let known = Secrets::default();
        secrets.iter().for_each(|s| known.learn(&Value::secret((*s).into())));
        known
    }

    #[test]
    fn every_secret_is_taken_out_in_every_form() {
        let secrets = knowing(&["hunter2", "hunter2-and-more", "two\nlines \"quoted\"", "abc"]);
        assert_eq!(secrets.scrub("hunter2-and-more, hunter2!"), "[secret], [secret]!");
        let json = serde_json::Value::from("two\nlines \"quoted\"").to_string();
        assert_eq!(secrets.scrub(&format!("bad value {json}")), "bad value \"[secret]\"");
        assert_eq!(secrets.scrub("the alphabet begins with abc"), "the alphabet begins with abc");
        assert_eq!(secrets.scrub("nothing"), "nothing");
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----\n";
        assert_eq!(knowing(&[key]).scrub("line MIIEvQIBADANBgkqhkiG9w0B"), "line [secret]");
    }

    #[test]
    fn what_is_plain_elsewhere_is_not_hidden() {
        let secrets = knowing(&["admin", "hunter2"]);
        secrets.forget_plain(&Value::List(vec!["the admin group".into()]));
        assert_eq!(secrets.mark("admin".into()), "admin".into());
        assert_eq!(secrets.mark("my hunter2".into()), Value::secret("my hunter2".into()));
    }

    #[test]
    fn what_the_program_says_is_known() {
        let secrets = Secrets::default();
        let inner = Expr::Secret(Arc::new(Expr::Literal("hunter2".into())));
        secrets.learn_expr(&Expr::List(vec![inner, Expr::Literal("plain".into())]));
        assert_eq!(secrets.scrub("plain hunter2"), "plain [secret]");
        assert_eq!(format!("{secrets:?}"), "[secret]");
    }
}
