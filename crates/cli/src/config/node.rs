//! A configuration value that knows where it comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A line of a file.
    File(Arc<str>, usize),
    /// An environment variable.
    Env(Arc<str>),
    /// `--set` on the command line.
    Set,
    /// A flag of the command line.
    Flag(&'static str),
    /// A person.
    Prompt,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(name, line) => write!(f, "{name}:{line}"),
            Origin::Env(name) => write!(f, "environment variable {name}"),
            Origin::Set => f.write_str("--set"),
            Origin::Flag(name) => f.write_str(name),
            Origin::Prompt => f.write_str("the prompt"),
        }
    }
}

/// A value and its origin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub kind: Kind,
    pub origin: Origin,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Table(BTreeMap<String, Node>),
    /// From the environment or `--set`: what it is depends on what is wanted.
    Loose(String),
}

impl Node {
    pub fn new(kind: Kind, origin: Origin) -> Self {
        Self { kind, origin }
    }

    /// What this is, for messages; never the value itself, which may be secret.
    pub fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Bool(_) => "true or false",
            Kind::Int(_) => "a whole number",
            Kind::Float(_) => "a number with a fraction",
            Kind::Text(_) | Kind::Loose(_) => "text",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The node at a dotted path.
    pub fn get(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, part| match &node.kind {
            Kind::Table(table) => table.get(part),
            _ => None,
        })
    }

    /// Puts a node at a path, making tables on the way; what stands in the way is replaced.
    /// Existing keys are matched without regard to case and to `-` or `_`.
    pub fn put(&mut self, path: &[&str], value: Node) {
        let Some((first, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if !matches!(self.kind, Kind::Table(_)) {
            *self = Node::new(Kind::Table(BTreeMap::new()), value.origin.clone());
        }
        let Kind::Table(table) = &mut self.kind else { return };
        let key = match table.contains_key(*first) {
            true => (*first).to_owned(),
            false => {
                let alike = table.keys().find(|k| normal(k) == normal(first)).cloned();
                alike.unwrap_or_else(|| (*first).to_owned())
            }
        };
        let origin = value.origin.clone();
        let slot =
            table.entry(key).or_insert_with(|| Node::new(Kind::Table(BTreeMap::new()), origin));
        slot.put(rest, value);
    }

    /// Every value that is no table, with its dotted path, in order.
    pub fn leaves(&self) -> Vec<(String, &Node)> {
        fn walk<'a>(path: &str, node: &'a Node, out: &mut Vec<(String, &'a Node)>) {
            match &node.kind {
                Kind::Table(table) => {
                    for (key, inner) in table {
                        walk(&join(path, key), inner, out);
                    }
                }
                _ => out.push((path.to_owned(), node)),
            }
        }
        let mut out = Vec::new();
        walk("", self, &mut out);
        out
    }
}

impl fmt::Display for Node {
    /// The value as TOML, for those that are not secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Int(n) => write!(f, "{n}"),
            Kind::Float(n) => write!(f, "{n}"),
            Kind::Text(s) | Kind::Loose(s) => write!(f, "{s:?}"),
            Kind::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Kind::Table(table) => {
                f.write_str("{ ")?;
                for (index, (key, item)) in table.iter().enumerate() {
                    write!(f, "{}{key} = {item}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// Keys that a variable's name cannot tell apart.
pub(super) fn normal(key: &str) -> String {
    key.to_ascii_lowercase().replace('-', "_")
}

/// A dotted path one deeper.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
