//! Values that the cloud would refuse, found without asking it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Field, Kind, Limits, Schema, Shape};
use crate::plan::network;
use crate::value::{PropertyMap, Value};

/// Most tags of one resource, by AWS's general limit ("Tag naming limits and requirements").
const MOST_TAGS: usize = 50;
/// Most characters of a tag's key.
const TAG_KEY: usize = 128;
/// Most characters of a tag's value.
const TAG_VALUE: usize = 256;

/// What is wrong with one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its path, such as `cidr_block` or `ingress[0].from_port`.
    pub property: String,
    /// What is wrong, as the rest of a sentence: "must be one of …".
    pub why: String,
}

impl Finding {
    /// What is wrong with a property.
    pub fn new(property: impl Into<String>, why: impl Into<String>) -> Self {
        Self { property: property.into(), why: why.into() }
    }

    /// The top-level property.
    fn top(&self) -> &str {
        self.property.split(['.', '[']).next().unwrap_or_default()
    }
}

/// The properties of a resource, for a check of its type: what is not known before the apply says
/// nothing.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    properties: &'a PropertyMap,
    sources: &'a Sources<'a>,
}

/// What the program says of the resource or lookup that a property is an output of.
pub(crate) type Sources<'a> = dyn Fn(&str) -> Option<PropertyMap> + 'a;

impl<'a> Known<'a> {
    /// What is known of these properties, and nothing of where they come from.
    pub fn of(properties: &'a PropertyMap) -> Self {
        Self { properties, sources: &|_| None }
    }

    /// What the program says of the resource, or asks by the lookup, whose output this property
    /// is: of `hosted_zone_id`, the properties of the zone. `None` when the value is given
    /// otherwise, or computed from the output.
    pub fn source(self, name: &str) -> Option<PropertyMap> {
        (self.sources)(name)
    }

    /// Whether a property is set, its value known or not. One that is not known yet may turn out
    /// to be nothing, where it is an output that may be missing.
    pub fn has(self, name: &str) -> bool {
        self.properties.get(name).is_some_and(|value| !value.is_null())
    }

    /// A value, when it is set and all of it is known. Secrets are revealed: never quote them.
    pub fn get(self, name: &str) -> Option<Value> {
        let value = self.properties.get(name).filter(|v| !v.is_null() && !v.has_unknown())?;
        Some(value.reveal())
    }

    /// What is wrong unless exactly one of these is set. Of those that are not known yet, one may
    /// turn out to be nothing.
    pub fn exactly_one(self, names: &[&str]) -> Option<Finding> {
        let set = names.iter().filter(|name| self.has(name)).count();
        if set == 0 {
            let list: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
            let why = format!("is missing: give exactly one of {}", list.join(", "));
            return names.first().map(|name| Finding::new(*name, why));
        }
        self.at_most_one(names)
    }

    /// What is wrong when more than one of these is set.
    pub fn at_most_one(self, names: &[&str]) -> Option<Finding> {
        let mut given = names.iter().filter(|name| self.get(name).is_some());
        let (first, second) = (given.next()?, given.next()?);
        Some(Finding::new(*second, format!("cannot stand beside `{first}`: give one of them")))
    }

    /// A text, when it is set and known.
    pub fn text(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, when it is set and known.
    pub fn int(self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Int(n) => Some(n),
            _ => None,
        }
    }

    /// A flag, when it is set and known.
    pub fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }
}

/// What the cloud would refuse of the properties that are new, by the schema, by what is documented,
/// and by the type's own check. Most properties of most plans are not new, and cost nothing.
pub(crate) fn check(
    schema: &Schema,
    limits: Option<&Limits>,
    inputs: &PropertyMap,
    is_new: impl Fn(&str) -> bool,
    sources: &Sources<'_>,
) -> Vec<Finding> {
    let mut all = Vec::new();
    let new: BTreeSet<&str> =
        schema.fields.iter().map(|field| field.name).filter(|name| is_new(name)).collect();
    if new.is_empty() {
        return all;
    }
    let checker = Checker { type_name: schema.type_name, limits };
    for field in schema.fields.iter().filter(|field| new.contains(field.name)) {
        if let Some(value) = inputs.get(field.name) {
            checker.field(field, value, &Place::of(field), false, &mut all);
        }
    }
    if let Some(own) = schema.check {
        all.extend(
            own(Known { properties: inputs, sources })
                .into_iter()
                .filter(|f| new.contains(f.top())),
        );
    }
    all
}

/// Where a value is: as the limits write it, and as people do.
struct Place {
    documented: String,
    shown: String,
}

impl Place {
    fn of(field: &Field) -> Self {
        Self { documented: field.name.to_owned(), shown: field.name.to_owned() }
    }

    fn member(&self, at: usize) -> Self {
        Self {
            documented: format!("{}[]", self.documented),
            shown: format!("{}[{at}]", self.shown),
        }
    }

    fn inner(&self, name: &str) -> Self {
        Self {
            documented: format!("{}.{name}", self.documented),
            shown: format!("{}.{name}", self.shown),
        }
    }
}

struct Checker<'a> {
    type_name: &'a str,
    limits: Option<&'a Limits>,
}

impl Checker<'_> {
    fn field(
        &self,
        field: &Field,
        value: &Value,
        place: &Place,
        hidden: bool,
        all: &mut Vec<Finding>,
    ) {
        let hidden = hidden || field.secret || field.secret_if.is_some();
        let value = match value {
            Value::Secret(inner) => return self.field(field, inner, place, true, all),
            Value::Null | Value::Unknown => return,
            value => value,
        };
        if let Value::List(members) = value {
            for (at, member) in members.iter().enumerate() {
                self.field(field, member, &place.member(at), hidden, all);
            }
        } else if let Some(why) = by_kind(field, value) {
            return all.push(finding(place, value, hidden, why));
        }
        let any_case = matches!(field.kind, Kind::CaseInsensitive | Kind::DnsName);
        let limit = self.limits.and_then(|l| l.of(self.type_name)?.get(&place.documented));
        if !matches!(field.kind, Kind::Aliases(_))
            && let Some(why) = limit.and_then(|l| l.broken_by(value, any_case))
        {
            all.push(finding(place, value, hidden, why));
        }
        if let (Value::Map(map), Some(fields)) = (value, structure(field.shape)) {
            for inner in fields {
                if let Some(value) = map.get(inner.name) {
                    self.field(inner, value, &place.inner(inner.name), hidden, all);
                }
            }
        }
    }
}

/// The properties of what a value is, or of what it is a list of.
fn structure(shape: Shape) -> Option<&'static [Field]> {
    match shape {
        Shape::Struct(fields) => Some(fields()),
        Shape::List(of) => structure(*of),
        Shape::Plain | Shape::Map(_) => None,
    }
}

/// With the value, where it may be shown and is short.
fn finding(place: &Place, value: &Value, hidden: bool, why: String) -> Finding {
    const SHORT: usize = 60;
    let shown = value.to_string();
    let quotable = !hidden && !value.has_secret() && shown.chars().count() <= SHORT;
    let scalar = matches!(value, Value::String(_) | Value::Int(_) | Value::Float(_));
    match quotable && scalar {
        true => Finding::new(&place.shown, format!("{shown} {why}")),
        false => Finding::new(&place.shown, why),
    }
}

fn by_kind(field: &Field, value: &Value) -> Option<String> {
    match (field.kind, value) {
        (Kind::Tags, Value::Map(tags)) => tags_refused(tags),
        (Kind::Cidr, Value::String(text)) => range_refused(text),
        (
            Kind::Json | Kind::OrderedJson | Kind::PartialJson | Kind::Policy,
            Value::String(text),
        ) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(json) if field.kind == Kind::Policy && !json.is_object() => {
                Some("must be a JSON object".into())
            }
            Ok(_) => None,
            Err(error) => Some(format!(
                "is no JSON: wrong at line {}, column {}",
                error.line(),
                error.column()
            )),
        },
        (Kind::DnsName, Value::String(text)) => {
            let name = text.strip_suffix('.').unwrap_or(text);
            let fits = name.len() <= 255 && name.split('.').all(|l| (1..=63).contains(&l.len()));
            (!fits).then(|| {
                "must be a domain name: parts of 1 to 63 characters between dots, at most 255 in all"
                    .into()
            })
        }
        (Kind::Name(rule), Value::String(name)) => {
            let has = name.chars().count();
            (has > rule.max)
                .then(|| format!("must have {} characters or less, but has {has}", rule.max))
        }
        _ => None,
    }
}

fn range_refused(text: &str) -> Option<String> {
    let Some((net, address)) = network(text).zip(text.trim().split_once('/')) else {
        return Some("must be a range of addresses such as 10.0.0.0/16 or 2001:db8::/32".into());
    };
    // Host bits are rather a mistake: AWS drops them without a word, and 1.2.3.4/0 is the whole
    // world.
    let written = address.0.parse::<IpAddr>().ok()?;
    (net.network() != written)
        .then(|| format!("has bits behind its prefix: AWS stores it as {net}"))
}

fn tags_refused(tags: &PropertyMap) -> Option<String> {
    if tags.len() > MOST_TAGS {
        let has = tags.len();
        return Some(format!("must have {MOST_TAGS} tags or less, but have {has} with ours"));
    }
    tags.iter().find_map(|(key, value)| {
        let key_has = key.chars().count();
        let value_has = value.reveal().as_str().map_or(0, |v| v.chars().count());
        if key.to_ascii_lowercase().starts_with("aws:") {
            Some(format!("must not have the key `{key}`: `aws:` is reserved for AWS"))
        } else if key_has == 0 || key_has > TAG_KEY {
            Some(format!("must have keys of 1 to {TAG_KEY} characters, but one has {key_has}"))
        } else if value_has > TAG_VALUE {
            Some(format!(
                "must have values of at most {TAG_VALUE} characters, but that of `{key}` has {value_has}"
            ))
        } else {
            None
        }
    })
}
