//! The hash of a JSON value.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// SHA-256, in hex, over the JSON without white space and with keys sorted by code point.
///
/// The sorting is done here: whether `serde_json` itself sorts depends on a cargo feature
/// that any other crate in the user's program may turn on.
pub(super) fn hex(json: &Json) -> String {
    let mut text = String::new();
    write(json, &mut text);
    Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect()
}

fn write(json: &Json, out: &mut String) {
    match json {
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
