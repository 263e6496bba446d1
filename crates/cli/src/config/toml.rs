//! TOML text to [`Node`]s that know their line.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml_edit::{Document, Item, TableLike, Value};

use super::node::{Kind, Node, Origin};

/// What is wrong with a text, without quoting it: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bad {
    pub line: usize,
    pub why: String,
}

struct Reader<'a> {
    text: &'a str,
    origin: Box<dyn Fn(usize) -> Origin + 'a>,
}

/// A whole file.
pub(super) fn file(name: &Arc<str>, text: &str) -> Result<Node, Bad> {
    let reader = Reader { text, origin: Box::new(|line| Origin::File(name.clone(), line)) };
    let document = Document::parse(text).map_err(|e| reader.bad(&e))?;
    Ok(Node::new(Kind::Table(reader.table(document.as_table())), (reader.origin)(1)))
}

/// One value, such as `8080`, `"text"` or `[1, 2]`.
pub(super) fn value(text: &str, origin: &Origin) -> Option<Node> {
    let whole = format!("v = {text}");
    let reader = Reader { text: &whole, origin: Box::new(|_| origin.clone()) };
    let document = Document::parse(whole.as_str()).ok()?;
    let table = document.as_table();
    // More than one key means that the text held more than a value.
    if table.len() != 1 {
        return None;
    }
    table.get("v").map(|item| reader.item(item))
}

impl Reader<'_> {
    fn bad(&self, error: &toml_edit::TomlError) -> Bad {
        let at = error.span().map_or(0, |s| s.start).min(self.text.len());
        let why = error.message().lines().next().unwrap_or("it is not TOML").to_owned();
        Bad { line: self.line(at), why }
    }

    fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1
    }

    fn origin_of(&self, span: Option<std::ops::Range<usize>>) -> Origin {
        (self.origin)(self.line(span.map_or(0, |s| s.start).min(self.text.len())))
    }

    fn table(&self, table: &dyn TableLike) -> BTreeMap<String, Node> {
        table.iter().map(|(key, item)| (key.to_owned(), self.item(item))).collect()
    }

    fn item(&self, item: &Item) -> Node {
        let origin = self.origin_of(item.span());
        match item {
            Item::None => Node::new(Kind::Table(BTreeMap::new()), origin),
            Item::Value(value) => self.value(value),
            Item::Table(table) => Node::new(Kind::Table(self.table(table)), origin),
            Item::ArrayOfTables(tables) => {
                let items = tables
                    .iter()
                    .map(|t| Node::new(Kind::Table(self.table(t)), self.origin_of(t.span())))
                    .collect();
                Node::new(Kind::List(items), origin)
            }
        }
    }

    fn value(&self, value: &Value) -> Node {
        let kind = match value {
            Value::String(s) => Kind::Text(s.value().clone()),
            Value::Integer(n) => Kind::Int(*n.value()),
            Value::Float(n) => Kind::Float(*n.value()),
            Value::Boolean(b) => Kind::Bool(*b.value()),
            Value::Datetime(d) => Kind::Text(d.value().to_string()),
            Value::Array(items) => Kind::List(items.iter().map(|v| self.value(v)).collect()),
            Value::InlineTable(table) => Kind::Table(self.table(table)),
        };
        Node::new(kind, self.origin_of(value.span()))
    }
}
