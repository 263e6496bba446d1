//! CloudFormation's registry schemas, as `cargo xtask schemas` extracted them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

/// The extract.
#[derive(Deserialize)]
pub struct Extract {
    /// Which package, and which version of it.
    pub source: String,
    /// The schemas by type.
    pub types: BTreeMap<String, CfnType>,
}

/// A type's schema.
#[derive(Deserialize)]
pub struct CfnType {
    properties: Value,
    #[serde(default)]
    create_only: BTreeSet<String>,
    #[serde(default)]
    conditional_create_only: BTreeSet<String>,
    #[serde(default)]
    read_only: BTreeSet<String>,
    #[serde(default)]
    write_only: BTreeSet<String>,
    #[serde(default)]
    deprecated: BTreeSet<String>,
    #[serde(default)]
    primary: BTreeSet<String>,
    /// IAM permissions per handler.
    pub permissions: BTreeMap<String, BTreeSet<String>>,
}

/// One property, however deep; its path is a key elsewhere.
#[derive(Clone, Debug)]
pub struct CfnProperty {
    /// Path in snake_case.
    pub path: String,
    /// Must be set.
    pub required: bool,
    /// A change replaces: always, or in some cases.
    pub create_only: bool,
    /// A change replaces in some cases.
    pub conditional: bool,
    /// An output.
    pub read_only: bool,
    /// An output that is the physical id, which every resource of ours has.
    pub id: bool,
    /// Never read back.
    pub write_only: bool,
    /// Any JSON, or any names with their values.
    pub any: bool,
}

/// The extract that is checked in.
pub fn load() -> Extract {
    serde_json::from_str(include_str!("schemas.json")).expect("made by cargo xtask schemas")
}

impl CfnType {
    /// All properties by [`key`] of their paths.
    pub fn flat(&self) -> BTreeMap<String, CfnProperty> {
        let mut flat = BTreeMap::new();
        self.collect(&self.properties, "", &mut flat);
        flat
    }

    fn collect(&self, of: &Value, at: &str, flat: &mut BTreeMap<String, CfnProperty>) {
        let Some(of) = inner(of).as_object() else { return };
        for (name, shape) in of.iter().filter(|(name, _)| *name != "*") {
            let path = format!("{at}{}", name.trim_end_matches('!'));
            if self.deprecated.contains(&path) {
                continue;
            }
            let parts = inner(shape).as_object().filter(|o| !o.contains_key("*"));
            let pairs = parts.is_some_and(is_pair);
            let property_is = |of: &BTreeSet<String>| of.contains(&path);
            let property = CfnProperty {
                path: snake(&path),
                required: name.ends_with('!'),
                create_only: covers(&self.create_only, &path),
                conditional: covers(&self.conditional_create_only, &path),
                read_only: covers(&self.read_only, &path),
                id: path == "Id" || property_is(&self.read_only) && property_is(&self.primary),
                write_only: covers(&self.write_only, &path),
                any: pairs
                    || matches!(inner(shape).as_str(), Some(s) if s.contains("object") || s == "any"),
            };
            flat.insert(key(&path), property);
            if !pairs {
                self.collect(shape, &format!("{path}."), flat);
            }
        }
    }
}

/// Tags, attributes and their like: lists of key and value.
fn is_pair(parts: &serde_json::Map<String, Value>) -> bool {
    parts.keys().map(|k| k.trim_end_matches('!')).eq(["Key", "Value"])
}

/// Whether the set holds the path or one above it.
fn covers(set: &BTreeSet<String>, path: &str) -> bool {
    set.iter()
        .any(|p| path == p || path.strip_prefix(p.as_str()).is_some_and(|r| r.starts_with('.')))
}

/// What a list or map holds, however deep.
fn inner(shape: &Value) -> &Value {
    match shape {
        Value::Array(of) => of.first().map_or(shape, inner),
        Value::Object(of) if of.contains_key("*") && of.len() == 1 => inner(&of["*"]),
        other => other,
    }
}

/// A path however it is written: `DBName` and `db_name` are one.
pub fn key(path: &str) -> String {
    path.replace('_', "").to_lowercase()
}

/// `DBSubnetGroup.Name` as `db_subnet_group.name`.
fn snake(path: &str) -> String {
    let chars: Vec<_> = path.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let next = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        let starts = match before {
            None | Some('.') => false,
            Some(b) => c.is_uppercase() && (!b.is_uppercase() || next),
        };
        if starts {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[test]
fn names_are_written_as_the_sdk_does() {
    let names = [
        ("DBSubnetGroup.Name", "db_subnet_group.name"),
        ("EnableIAMDatabaseAuthentication", "enable_iam_database_authentication"),
        ("MultiAZ", "multi_az"),
        ("Ipv6CidrBlock", "ipv6_cidr_block"),
    ];
    for (theirs, ours) in names {
        assert_eq!(snake(theirs), ours);
        assert_eq!(key(theirs), key(ours));
    }
}
