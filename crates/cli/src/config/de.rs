//! serde from [`Node`]s: knows the path, keeps track of unknown keys and secrets.

use std::any::type_name;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ferrocrete_core::Secret;
use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::fault::{Fault, Problem};
use super::node::{Kind, Node, Origin, join, normal};
use super::toml;

/// What was noticed on the way.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Keys that nobody asked for: path, origin, and the keys that there are.
    pub unknown: Vec<(String, Origin, Vec<&'static str>)>,
    /// Paths whose type is [`Secret`].
    pub secrets: BTreeSet<String>,
}

/// A deserializer of one node.
pub(super) struct De {
    node: Node,
    path: String,
    notes: Rc<RefCell<Notes>>,
    /// Keys of the struct that this node stands in.
    siblings: Vec<&'static str>,
}

impl De {
    pub fn new(node: Node, notes: Rc<RefCell<Notes>>) -> Self {
        Self { node, path: String::new(), notes, siblings: Vec::new() }
    }

    fn inner(&self, node: Node, path: String, siblings: Vec<&'static str>) -> Self {
        Self { node, path, notes: self.notes.clone(), siblings }
    }

    /// A loose text as what it looks like.
    fn settled(mut self) -> Self {
        if let Kind::Loose(text) = &self.node.kind {
            let text = text.clone();
            self.node = toml::value(&text, &self.node.origin)
                .unwrap_or_else(|| Node::new(Kind::Text(text), self.node.origin.clone()));
        }
        self
    }

    /// A loose text as text; quotes of `--set` come off.
    fn textual(mut self) -> Self {
        if let Kind::Loose(text) = &self.node.kind {
            let quoted = self.node.origin == Origin::Set && text.starts_with(['"', '\'']);
            let parsed = if quoted { toml::value(text, &self.node.origin) } else { None };
            self.node = match parsed {
                Some(node @ Node { kind: Kind::Text(_), .. }) => node,
                _ => Node::new(Kind::Text(text.clone()), self.node.origin.clone()),
            };
        }
        self
    }

    fn locate<T>(&self, result: Result<T, Fault>, what: &'static str) -> Result<T, Fault> {
        result.map_err(|fault| fault.at(&self.path, &self.node.origin).found(what))
    }

    fn visit<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        fields: &[&'static str],
    ) -> Result<V::Value, Fault> {
        let (path, origin, what) = (self.path.clone(), self.node.origin.clone(), self.node.what());
        let result = match self.node.kind.clone() {
            Kind::Bool(b) => visitor.visit_bool(b),
            Kind::Int(n) => visitor.visit_i64(n),
            Kind::Float(n) => visitor.visit_f64(n),
            Kind::Text(s) | Kind::Loose(s) => visitor.visit_string(s),
            Kind::List(items) => {
                visitor.visit_seq(List { of: &self, items: items.into_iter(), index: 0 })
            }
            Kind::Table(table) => visitor.visit_map(Table::new(&self, table, fields)),
        };
        result.map_err(|fault: Fault| fault.at(&path, &origin).found(what))
    }
}

struct List<'a> {
    of: &'a De,
    items: std::vec::IntoIter<Node>,
    index: usize,
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let path = format!("{}[{}]", self.of.path, self.index);
        self.index += 1;
        let (origin, what) = (node.origin.clone(), node.what());
        let inner = self.of.inner(node, path.clone(), Vec::new());
        // A type's own complaint comes from outside of its deserializer, without a place.
        seed.deserialize(inner).map(Some).map_err(|fault| fault.at(&path, &origin).found(what))
    }
}

struct Table<'a> {
    of: &'a De,
    items: std::vec::IntoIter<(String, Node)>,
    next: Option<(String, Node)>,
    fields: Vec<&'static str>,
}

impl<'a> Table<'a> {
    fn new(of: &'a De, table: BTreeMap<String, Node>, fields: &[&'static str]) -> Self {
        let taken: BTreeSet<String> = table.keys().cloned().collect();
        let items: Vec<(String, Node)> = table
            .into_iter()
            .map(|(key, node)| {
                let own = fields.contains(&key.as_str());
                let alike = fields.iter().find(|f| normal(f) == normal(&key));
                match alike {
                    // Names of variables know neither small letters nor hyphens.
                    Some(field)
                        if !own
                            && matches!(node.origin, Origin::Env(_))
                            && !taken.contains(*field) =>
                    {
                        ((*field).to_owned(), node)
                    }
                    _ => (key, node),
                }
            })
            .collect();
        Self { of, items: items.into_iter(), next: None, fields: fields.to_vec() }
    }
}

impl<'de> MapAccess<'de> for Table<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, node)) = self.items.next() else { return Ok(None) };
        let (path, origin) = (join(&self.of.path, &key), node.origin.clone());
        let name: StringDeserializer<Fault> = key.clone().into_deserializer();
        self.next = Some((key, node));
        seed.deserialize(name).map(Some).map_err(|fault| fault.at(&path, &origin))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, node)) = self.next.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let path = join(&self.of.path, &key);
        // The seed of a field is `PhantomData<its type>`: this is how a secret is known
        // without asking the type for more than `Deserialize`.
        if type_name::<V>().contains(secret_type()) {
            self.of.notes.borrow_mut().secrets.insert(path.clone());
        }
        let (origin, what) = (node.origin.clone(), node.what());
        let inner = self.of.inner(node, path.clone(), self.fields.clone());
        seed.deserialize(inner).map_err(|fault| fault.at(&path, &origin).found(what))
    }
}

fn secret_type() -> &'static str {
    type_name::<Secret<()>>().split('<').next().unwrap_or_default()
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            if let Kind::Loose(text) = &self.node.kind
                && let Ok(number) = text.trim().parse::<$type>()
            {
                let result = visitor.$visit(number);
                return self.locate(result, "a number");
            }
            // What is no such number must not become one by chance.
            self.textual().visit(visitor, &[])
        }
    )*};
}

impl<'de> de::Deserializer<'de> for De {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.settled().visit(visitor, &[])
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.settled().visit(visitor, &[])
    }

    numbers!(
        deserialize_i8 visit_i64 i64,
        deserialize_i16 visit_i64 i64,
        deserialize_i32 visit_i64 i64,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i64 i64,
        deserialize_u8 visit_u64 u64,
        deserialize_u16 visit_u64 u64,
        deserialize_u32 visit_u64 u64,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u64 u64,
        deserialize_f32 visit_f64 f64,
        deserialize_f64 visit_f64 f64
    );

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.textual().visit(visitor, &[])
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.textual().visit(visitor, &[])
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.textual().visit(visitor, &[])
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.textual().visit(visitor, &[])
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        if let Kind::Loose(text) = &self.node.kind
            && !text.trim_start().starts_with('[')
        {
            let origin = &self.node.origin;
            let items = text
                .split(',')
                .map(|part| Node::new(Kind::Loose(part.trim().to_owned()), origin.clone()))
                .filter(|n| !matches!(&n.kind, Kind::Loose(t) if t.is_empty()))
                .collect();
            self.node = Node::new(Kind::List(items), origin.clone());
        }
        self.settled().visit(visitor, &[])
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.settled().visit(visitor, &[])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.settled().visit(visitor, fields)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let this = match &self.node.kind {
            Kind::Loose(text) if text.trim_start().starts_with('{') => self.settled(),
            _ => self.textual(),
        };
        let (path, origin, what) = (this.path.clone(), this.node.origin.clone(), this.node.what());
        let result = match this.node.kind.clone() {
            Kind::Text(name) => visitor.visit_enum(Variant { name, content: None }),
            Kind::Table(table) if table.len() == 1 => match table.into_iter().next() {
                Some((name, node)) => {
                    let path = join(&this.path, &name);
                    let content = this.inner(node, path, Vec::new());
                    visitor.visit_enum(Variant { name, content: Some(content) })
                }
                None => Err(de::Error::custom("it is empty")),
            },
            _ => Err(Fault::new(Problem::Type { expected: "the name of a variant".into() })),
        };
        result.map_err(|fault: Fault| fault.at(&path, &origin).found(what))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let noted = (self.path.clone(), self.node.origin.clone(), self.siblings.clone());
        self.notes.borrow_mut().unknown.push(noted);
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { bytes byte_buf unit unit_struct }
}

struct Variant {
    name: String,
    content: Option<De>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Fault;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Fault> {
        let name: StringDeserializer<Fault> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

struct Content(Option<De>);

impl Content {
    fn de(self) -> Result<De, Fault> {
        let expected = "a table with the variant's name as its key".to_owned();
        self.0.ok_or_else(|| Fault::new(Problem::Type { expected }))
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self.de()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_seq(self.de()?, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_struct(self.de()?, "", fields, visitor)
    }
}
