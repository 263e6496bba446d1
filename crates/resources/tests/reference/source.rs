//! What the source of a resource type says: the head of its file and the calls it makes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::differences::{self, Claims};

/// A file that declares resource types.
pub struct Source {
    /// Path from the repository's root.
    pub path: PathBuf,
    /// The service's folder, which is its module.
    pub service: String,
    /// The code of the file and of its folder.
    code: String,
    /// The code of the service's files, which call each other.
    service_code: String,
    /// Rows of the table: operations, and what is called for them.
    pub rows: Vec<(Vec<String>, String)>,
    /// What is to be known about the type.
    pub traps: String,
    /// How it differs from CloudFormation, and why.
    pub claims: Claims,
}

/// All files that declare resource types.
pub fn all() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for service in list(&src).into_iter().filter(|path| path.is_dir()) {
        let files: Vec<_> = list(&service).into_iter().filter(|path| path.is_file()).collect();
        let texts: Vec<_> = files.iter().map(|path| read(path)).collect();
        let heads = |text: &str| text.starts_with("//! `AWS::");
        let service_code: String = texts.iter().map(|text| code(text)).collect();
        for (path, text) in files.iter().zip(&texts).filter(|(_, text)| heads(text)) {
            found.push(Source::new(path, text, service_code.clone()));
        }
    }
    found
}

/// The IAM actions of the calls that a lookup's code makes.
pub fn lookup_actions(type_name: &str) -> BTreeSet<String> {
    let declares = format!("#[lookup(type = \"{type_name}\"");
    let files = within(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).into_iter();
    let texts = files.map(|path| code(&read(&path))).filter(|text| text.contains(&declares));
    texts.flat_map(|text| quoted_actions(&text).map(str::to_owned).collect::<Vec<_>>()).collect()
}

impl Source {
    fn new(path: &Path, text: &str, service_code: String) -> Self {
        let head = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        let head: Vec<_> = head.collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/x");
        let mut whole = code(text);
        for part in within(&path.with_extension("")) {
            whole.push_str(&code(&read(&part)));
        }
        let service = path.parent().and_then(Path::file_name).expect("a folder");
        Source {
            path: path.strip_prefix(root).expect("inside").to_owned(),
            service: service.to_string_lossy().into_owned(),
            code: whole,
            service_code,
            rows: rows(&head),
            traps: paragraph(&head, "Traps:"),
            claims: differences::parse(&head),
        }
    }

    /// Whether this file declares the type.
    pub fn declares(&self, type_name: &str) -> bool {
        self.code.contains(&format!("\"{type_name}\""))
    }

    /// The SDK calls that the table names for an operation.
    pub fn calls(&self, operation: &str) -> Vec<String> {
        let rows = self.rows.iter().filter(|(ops, _)| ops.iter().any(|op| op == operation));
        rows.flat_map(|(_, cell)| calls(cell)).collect()
    }

    /// What the table says about an operation.
    pub fn cell(&self, operation: &str) -> Option<&str> {
        let mut rows = self.rows.iter();
        rows.find(|(ops, _)| ops.iter().any(|op| op == operation)).map(|(_, cell)| cell.as_str())
    }

    /// Whether the file, or another of its service, has such a method of the SDK.
    pub fn makes(&self, call: &str) -> bool {
        let has = |code: &str| words(code).any(|w| w.contains('_') && is_call(w, call));
        // Of one word: `subscribe()`.
        let one = format!(".{}()", call.to_lowercase());
        [&self.code, &self.service_code].iter().any(|code| has(code) || code.contains(&one))
    }

    /// The names that errors carry: the IAM actions of the calls, as the code has them.
    pub fn actions(&self) -> BTreeSet<&str> {
        let code = self.code.split("#[resource(").enumerate();
        let without_attributes = code.map(|(i, part)| match i {
            0 => part,
            _ => part.split_once(")]").map_or("", |(_, rest)| rest),
        });
        without_attributes.flat_map(quoted_actions).collect()
    }
}

fn quoted_actions(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').filter(|text| is_action(text))
}

/// `ec2:CreateVpc`.
fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, call)| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !service.is_empty()
            && service.chars().all(plain)
            && call.starts_with(|c: char| c.is_ascii_uppercase())
            && call.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Names of SDK calls in a cell of the table: words such as `CreateVpc`.
fn calls(cell: &str) -> Vec<String> {
    // What stands in backticks is a property.
    let plain = cell.split('`').step_by(2);
    let words = plain.flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '*'));
    let call = |w: &&str| {
        w.starts_with(|c: char| c.is_uppercase()) && w.contains(|c: char| c.is_lowercase())
    };
    words.filter(call).map(str::to_owned).collect()
}

/// Whether a method of the SDK, such as `create_db_instance`, is this call.
fn is_call(method: &str, call: &str) -> bool {
    method.replace('_', "").eq_ignore_ascii_case(call)
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

fn rows(head: &[&str]) -> Vec<(Vec<String>, String)> {
    let lines = head.iter().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let cells = lines.filter_map(|line| line.split_once('|')).skip(2);
    cells
        .map(|(ops, cell)| {
            (ops.split(',').map(|op| op.trim().to_owned()).collect(), cell.trim().to_owned())
        })
        .collect()
}

/// The text that begins with this word, up to an empty line or the next such text.
pub fn paragraph(head: &[&str], begin: &str) -> String {
    paragraph_lines(head, begin).join(" ").trim_start_matches(begin).trim().to_owned()
}

/// Its lines.
pub fn paragraph_lines<'a>(head: &[&'a str], begin: &str) -> Vec<&'a str> {
    let from = head.iter().position(|line| line.starts_with(begin));
    let lines = from.map_or(&[][..], |at| &head[at..]);
    let end = ["Traps:", "Left out:", "Differences:"];
    let of = lines.iter().enumerate().take_while(|(i, line)| {
        *i == 0 || !line.is_empty() && !end.iter().any(|e| line.starts_with(e))
    });
    of.map(|(_, line)| *line).collect()
}

/// The code without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

/// All files below a folder.
fn within(folder: &Path) -> Vec<PathBuf> {
    let parts = list(folder).into_iter();
    parts.flat_map(|path| if path.is_dir() { within(&path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
