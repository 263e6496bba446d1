//! Faults in the words of the user: which key, where, what is expected, what is there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ferrocrete_core::spelling::nearest;

use crate::error::CliError;

use super::de::Notes;
use super::fault::{Fault, Problem};
use super::node::{Origin, join};
use super::{Layers, variable};

/// Everything wrong with a configuration.
pub(super) fn problems(layers: &Layers, fault: Option<&Fault>, notes: &Notes) -> CliError {
    let mut lines = Vec::new();
    let mut hints = Vec::new();
    for (path, origin, known) in &notes.unknown {
        let known: Vec<&str> = known.to_vec();
        lines.push(unknown(path, origin, &known));
    }
    if let Some(fault) = fault {
        let key = fault.key();
        let mut secrets = notes.secrets.clone();
        secrets.extend(layers.secret_keys.iter().cloned());
        lines.push(sentence(layers, fault, &secrets));
        if matches!(fault.problem, Problem::Missing { .. }) {
            hints.push(missing_hint(layers, &key, Layers::is_secret(&key, &secrets)));
        }
    }
    let mut error = CliError::new(match lines.len() {
        1 => lines.remove(0),
        _ => format!("the configuration is not valid:\n  {}", lines.join("\n  ")),
    });
    error.hints = hints;
    error
}

fn sentence(layers: &Layers, fault: &Fault, secrets: &BTreeSet<String>) -> String {
    let key = match fault.key() {
        // The configuration as a whole.
        key if key.is_empty() => layers.file.to_string(),
        key => key,
    };
    let place = fault.origin.as_ref().map(ToString::to_string).unwrap_or_default();
    let secret = Layers::is_secret(&fault.key(), secrets);
    match &fault.problem {
        Problem::Missing { .. } => format!("key `{key}` is missing in {}", layers.file),
        Problem::Unknown { expected } => match &fault.origin {
            Some(origin) => unknown(&key, origin, expected),
            None => format!("unknown key `{key}`"),
        },
        Problem::Type { expected } => {
            format!("key `{key}`: expected {}, found {} ({place})", plain(expected), fault.found)
        }
        Problem::Value { expected } => format!(
            "key `{key}`: expected {}, found {} that does not fit ({place})",
            plain(expected),
            fault.found
        ),
        Problem::Variant { expected } => {
            let names: Vec<_> = expected.iter().map(|n| format!("`{n}`")).collect();
            format!("key `{key}`: expected one of {} ({place})", names.join(", "))
        }
        Problem::Custom(_) if secret => {
            format!("key `{key}` is not accepted; details are hidden, as it is secret ({place})")
        }
        Problem::Custom(message) => format!("key `{key}`: {message} ({place})"),
    }
}

fn unknown(path: &str, origin: &Origin, known: &[&str]) -> String {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut text = format!("unknown key `{path}` ({origin})");
    if let Some(nearest) = nearest(name, known.iter().copied()) {
        text.push_str(&format!("; did you mean `{}`?", join(parent, nearest)));
    } else if !known.is_empty() {
        let names: Vec<_> = known.iter().map(|k| format!("`{k}`")).collect();
        text.push_str(&format!("; there are {}", names.join(", ")));
    }
    text
}

fn missing_hint(layers: &Layers, key: &str, secret: bool) -> String {
    let variable = variable(key);
    if secret {
        return format!("it is secret: set {variable}, or run on a terminal to be asked for it");
    }
    format!("add it to {}, set {variable}, or pass --set {key}=VALUE", layers.file)
}

/// The file of an environment is missing.
pub(super) fn no_file(name: &str, env: &str, folders: &[PathBuf]) -> CliError {
    let mut there = BTreeSet::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            if file.starts_with("stack.") && file.ends_with(".toml") {
                there.insert(file);
            }
        }
    }
    let looked: Vec<_> = folders.iter().map(|f| f.display().to_string()).collect();
    let error = CliError::new(format!(
        "there is no {name} for environment `{env}` in {}",
        looked.join(" or ")
    ));
    if there.is_empty() {
        return error.hint(format!("create {name} with the configuration of this environment"));
    }
    let there: Vec<String> = there.into_iter().collect();
    error.hint(format!("there are: {}; pick one with --env, or create {name}", there.join(", ")))
}

/// serde's words for types as people say them.
fn plain(expected: &str) -> String {
    match expected {
        "a string" | "string" | "str" => "text".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list".into(),
        "a map" => "a table".into(),
        "u8" => "a whole number from 0 to 255".into(),
        "u16" => "a whole number from 0 to 65535".into(),
        "u32" => "a whole number from 0 to 4294967295".into(),
        "u64" | "usize" => "a whole number from 0".into(),
        "i8" => "a whole number from -128 to 127".into(),
        "i16" => "a whole number from -32768 to 32767".into(),
        "i32" => "a whole number from -2147483648 to 2147483647".into(),
        "i64" | "isize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        other if other.starts_with("struct ") => "a table".into(),
        other => other.to_owned(),
    }
}
