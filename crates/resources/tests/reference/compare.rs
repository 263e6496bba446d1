//! Our schemas against CloudFormation's: every difference has its reason, and every reason its
//! difference.

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete_core::schema::{Field, Kind as Compared, Schema, Shape};

use crate::cfn::{CfnProperty, CfnType};
use crate::differences::{Claims, Kind};

/// One of our properties, however deep.
struct Ours {
    path: String,
    required: bool,
    replaces: bool,
    write_only: bool,
    /// Whether its value is no struct: nothing is looked for inside.
    closed: Closed,
}

#[derive(Clone, Copy, PartialEq)]
enum Closed {
    /// It has properties of its own.
    No,
    /// A plain value.
    Plain,
    /// A map, tags or JSON: as good as what CloudFormation spells out.
    Whole,
}

/// Deeper, nothing is compared: a struct that contains itself never ends.
const DEPTH: usize = 8;

fn flat(fields: &[Field], at: &str, above: (bool, bool), depth: usize, all: &mut Vec<Ours>) {
    for field in fields {
        let path = format!("{at}{}", field.name);
        let flags = (above.0 || field.replaces, above.1 || field.write_only);
        let parts = structs(field.shape);
        let whole = matches!(field.kind, Compared::Tags | Compared::Json | Compared::OrderedJson)
            || ["Map<", "Tags"].iter().any(|t| field.rust_type.contains(t));
        all.push(Ours {
            path: path.clone(),
            required: field.required,
            replaces: flags.0,
            write_only: flags.1,
            closed: match parts {
                Some(_) => Closed::No,
                None if whole => Closed::Whole,
                None => Closed::Plain,
            },
        });
        if let (Some(parts), true) = (parts, depth > 0) {
            flat(parts, &format!("{path}."), flags, depth - 1, all);
        }
    }
}

/// The properties of the struct that a value is, or holds.
pub fn structs(shape: Shape) -> Option<&'static [Field]> {
    match shape {
        Shape::Plain => None,
        Shape::Struct(fields) => Some(fields()),
        Shape::List(of) | Shape::Map(of) => structs(*of),
    }
}

/// Every difference, by kind and name.
pub fn differences(schema: &Schema, cfn: &CfnType, claims: &Claims) -> Vec<(Kind, String)> {
    let theirs = cfn.flat();
    let mut ours = Vec::new();
    flat(schema.fields, "", (false, false), DEPTH, &mut ours);
    let by_key: BTreeMap<String, &Ours> =
        ours.iter().map(|o| (claims.theirs(&o.path), o)).collect();
    let outputs: BTreeSet<String> =
        schema.outputs.iter().map(|o| claims.theirs(o.name).replace('.', "")).collect();

    let mut found = Vec::new();
    found.extend(left_out(&theirs, &by_key, &outputs));
    found.extend(own(&theirs, &by_key));
    let pairs: Vec<_> =
        by_key.iter().filter_map(|(key, ours)| Some((*ours, theirs.get(key)?))).collect();
    let behaves = |kind, differs: fn(&Ours, &CfnProperty) -> bool| {
        let paths = pairs.iter().filter(|(o, t)| differs(o, t)).map(|(o, _)| o.path.as_str());
        topmost(paths.collect()).into_iter().map(move |path| (kind, path.to_owned()))
    };
    found.extend(behaves(Kind::Replaces, |o, t| o.replaces && (!t.create_only || t.conditional)));
    found.extend(behaves(Kind::InPlace, |o, t| !o.replaces && (t.create_only || t.conditional)));
    found.extend(behaves(Kind::NotReadBack, |o, t| o.write_only && !t.write_only));
    found.extend(behaves(Kind::ReadBack, |o, t| !o.write_only && t.write_only));
    // In another struct, what must be set is another matter, and inside of structs
    // CloudFormation often demands less than AWS does.
    for (ours, theirs) in pairs.iter().filter(|(ours, _)| !claims.moves(&ours.path)) {
        match (ours.required, theirs.required) {
            (true, false) if !ours.path.contains('.') => {
                found.push((Kind::Required, ours.path.clone()))
            }
            (false, true) => found.push((Kind::Optional, ours.path.clone())),
            _ => {}
        }
    }
    found.extend(actions(schema, cfn));
    found
}

/// Without those that are inside of others.
fn topmost(paths: Vec<&str>) -> Vec<&str> {
    let inside = |path: &str| {
        let mut above = path.rmatch_indices('.').map(|(at, _)| &path[..at]);
        above.any(|a| paths.contains(&a))
    };
    paths.iter().copied().filter(|path| !inside(path)).collect()
}

fn left_out(
    theirs: &BTreeMap<String, CfnProperty>,
    ours: &BTreeMap<String, &Ours>,
    outputs: &BTreeSet<String>,
) -> Vec<(Kind, String)> {
    let above_whole = |key: &str| {
        let mut above = key.match_indices('.').map(|(at, _)| &key[..at]);
        above.any(|a| match (ours.get(a), theirs.get(a)) {
            (Some(o), Some(t)) => o.closed == Closed::Whole || o.closed == Closed::Plain && t.any,
            _ => false,
        })
    };
    let held = |key: &String, property: &CfnProperty| {
        let below = format!("{key}.");
        ours.contains_key(key)
            || ours.keys().any(|o| o.starts_with(&below))
            || property.id
            || property.read_only && outputs.contains(&key.replace('.', ""))
    };
    let missing = theirs.iter().filter(|(key, property)| {
        let below = format!("{key}.");
        let inside = theirs.iter().filter(|(k, _)| k.starts_with(&below));
        !held(key, property)
            && !above_whole(key)
            && !inside.into_iter().any(|(k, inner)| held(k, inner))
    });
    let paths: Vec<_> = missing.map(|(_, property)| property.path.as_str()).collect();
    topmost(paths).into_iter().map(|path| (Kind::LeftOut, path.to_owned())).collect()
}

fn own(
    theirs: &BTreeMap<String, CfnProperty>,
    ours: &BTreeMap<String, &Ours>,
) -> Vec<(Kind, String)> {
    let beyond = |key: &str| {
        let mut above = key.match_indices('.').map(|(at, _)| &key[..at]);
        above.any(|a| theirs.get(a).is_some_and(|t| t.any))
    };
    let own = ours.iter().filter(|(key, _)| {
        let below = format!("{key}.");
        !theirs.contains_key(*key) && !theirs.keys().any(|t| t.starts_with(&below)) && !beyond(key)
    });
    let paths: Vec<_> = own.map(|(_, ours)| ours.path.as_str()).collect();
    topmost(paths).into_iter().map(|path| (Kind::Own, path.to_owned())).collect()
}

/// IAM actions that only one side needs; of those that only CloudFormation needs, only other
/// services': what we call of a service of our own is known, what AWS calls for us is not.
fn actions(schema: &Schema, cfn: &CfnType) -> Vec<(Kind, String)> {
    let ours: BTreeSet<&str> = schema.iam.iter().flat_map(|(_, a)| a.iter().copied()).collect();
    let theirs: BTreeSet<&str> = cfn.permissions.values().flatten().map(String::as_str).collect();
    if theirs.is_empty() {
        return Vec::new();
    }
    let service = |action: &str| action.split(':').next().unwrap_or_default().to_lowercase();
    // Whose first call is that which makes it.
    let first = schema.iam.iter().flat_map(|(_, actions)| actions.iter()).next();
    let own = first.map(|action| service(action)).unwrap_or_default();
    let lower: BTreeSet<String> = theirs.iter().map(|a| a.to_lowercase()).collect();
    let ours_lower: BTreeSet<String> = ours.iter().map(|a| a.to_lowercase()).collect();
    let covered = |action: &str| {
        lower
            .iter()
            .any(|t| t == action || t.strip_suffix('*').is_some_and(|t| action.starts_with(t)))
    };
    let more = ours.iter().filter(|a| !covered(&a.to_lowercase()));
    let less =
        theirs.iter().filter(|a| service(a) != own && !ours_lower.contains(&a.to_lowercase()));
    let more = more.map(|a| (Kind::AlsoNeeds, (*a).to_owned()));
    more.chain(less.map(|a| (Kind::NotNeeded, (*a).to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ferrocrete_core::resource::ResourceType;
    use ferrocrete_core::{Outputs, Properties, Resource};
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::differences::parse;

    fn found<R: ResourceType>(cfn: serde_json::Value, head: &[&str]) -> Vec<String> {
        let cfn: CfnType = serde_json::from_value(cfn).expect("a type");
        let found = differences(&R::SCHEMA, &cfn, &parse(head));
        found.into_iter().map(|(kind, name)| format!("{kind} {name}")).collect()
    }

    #[derive(Clone, Serialize, Deserialize, Outputs)]
    struct NoOutputs {}

    #[derive(Clone, Serialize, Deserialize, Resource)]
    #[resource(type = "Test::Compute::Machine", outputs = NoOutputs)]
    struct Machine {
        #[field(replaces)]
        image: String,
        zone: Option<String>,
        #[field(write_only)]
        user_data: Option<String>,
        password: Option<String>,
        disk: Option<Disk>,
        extra: Option<String>,
        labels: Option<BTreeMap<String, String>>,
    }

    #[derive(Clone, Serialize, Deserialize, Properties)]
    struct Disk {
        size: Option<i32>,
        kind: String,
    }

    #[test]
    fn properties_differ_in_each_way() {
        let cfn = serde_json::json!({
            "properties": {
                "Image": "string", "Zone!": "string", "UserData": "string", "Password": "string",
                "Disk": {"Size!": "integer", "Label": "string"}, "Cpu": {"Count": "integer"},
                "Arn": "string", "Old": "string", "Id": "string",
                "Labels": [{"Name": "string", "Value": "string"}],
            },
            "create_only": ["Zone"], "write_only": ["Password"], "read_only": ["Arn", "Id"],
            "deprecated": ["Old"], "permissions": {},
        });
        let wanted = [
            "left out arn",
            "left out cpu",
            "left out disk.label",
            "own disk.kind",
            "own extra",
            "replaces image",
            "in place zone",
            "not read back user_data",
            "read back password",
            "optional disk.size",
            "required image",
            "optional zone",
        ];
        assert_eq!(found::<Machine>(cfn.clone(), &[]), wanted);
        let renamed = "- renamed `extra` (`cpu.count`), `disk.kind` (`disk.label`): a reason.";
        let rest = found::<Machine>(cfn, &["Differences:", renamed]);
        assert_eq!(rest[..2], ["left out arn", "replaces image"]);
    }

    #[derive(Clone, Serialize, Deserialize, Resource)]
    #[resource(
        type = "Test::Compute::Network",
        outputs = NoOutputs,
        iam(create("a:Make", "a:TagIt", "a:List"))
    )]
    struct Network {
        #[field(replaces)]
        range: Option<String>,
        idle_timeout: Option<i32>,
    }

    #[test]
    fn what_sometimes_replaces_there_differs_in_any_case() {
        let cfn = serde_json::json!({
            "properties": {"Range": "string", "IdleTimeout": "string"},
            "conditional_create_only": ["Range", "IdleTimeout"], "permissions": {},
        });
        assert_eq!(found::<Network>(cfn, &[]), ["replaces range", "in place idle_timeout"]);
    }

    #[test]
    fn attributes_that_are_spelled_out_are_those_of_a_list() {
        let cfn = serde_json::json!({
            "properties": {"Attributes": [{"Key": "string", "Value": "string"}], "Range": "string"},
            "create_only": ["Range"], "permissions": {},
        });
        let head = ["Differences:", "- spelled out `idle_timeout` (`attributes`): it has a type."];
        assert_eq!(found::<Network>(cfn, &head), [""; 0]);
    }

    #[test]
    fn actions_of_ones_own_service_may_be_fewer_but_not_more() {
        let cfn = serde_json::json!({
            "properties": {"Range": "string", "IdleTimeout": "string"},
            "create_only": ["Range"],
            "permissions": {"create": ["a:Make", "a:Look", "kms:Grant", "a:Tag*"]},
        });
        let wanted = ["also needs a:List", "does not need kms:Grant"];
        assert_eq!(found::<Network>(cfn, &[]), wanted);
    }
}
