//! `docs/resources.md` from the schemas and the heads of the files.

use std::fmt::Write;

use ferrocrete_core::resource::{LookupHandler, Registry};
use ferrocrete_core::schema::{Field, Kind, Moves, OutputField, Schema};
use ferrocrete_resources::page;

use crate::calls::{OPERATIONS, actions};
use crate::compare::structs;
use crate::source::{self, Source};
use crate::source_of;

/// Deeper structs are not spelled out.
const DEPTH: usize = 6;

/// The whole document; `compared` says with what the schemas were compared.
pub fn document(registry: &Registry, compared: &str) -> String {
    let sources = source::all();
    let types: Vec<_> = registry
        .types()
        .map(|handler| handler.schema())
        .map(|schema| (source_of(&sources, schema.type_name), schema))
        .collect();
    let mut services: Vec<_> = types.iter().map(|(source, _)| source.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();

    let mut out = head(compared, types.len(), registry.lookups().count());
    for service in &services {
        let of = types.iter().filter(|(source, _)| source.service == *service);
        let links = of.map(|(_, schema)| link(schema.rust_name, schema.type_name));
        let _ = writeln!(out, "- `{service}`: {}", links.collect::<Vec<_>>().join(", "));
    }
    out.push_str("- [Lookups](#lookups)\n");
    for service in &services {
        let _ = writeln!(out, "\n## {service}");
        for (source, schema) in types.iter().filter(|(source, _)| source.service == *service) {
            out.push_str(&resource(source, schema));
        }
    }
    out.push_str("\n## Lookups\nWhat exists already, looked up while planning.\n");
    for handler in registry.lookups() {
        out.push_str(&lookup(handler.as_ref()));
    }
    out
}

fn head(compared: &str, types: usize, lookups: usize) -> String {
    format!(
        "# Resource types\n\n\
         {types} types and {lookups} lookups. Made from the code by `cargo xtask resources`; a test \
         fails when it is not up to date. The schemas are compared with CloudFormation's, as \
         {compared} has them: what is left out or behaves in another way is named with its \
         reason, and a test fails when a difference has no reason or a reason no difference. \
         What CloudFormation calls deprecated is not compared.\n\n\
         | of a property | means |\n|---|---|\n\
         | required | must be set |\n\
         | replaces | a change makes a new resource |\n\
         | secret | never shown; encrypted in state |\n\
         | not read back | AWS never returns it, or it is not asked: only a change in the program changes it |\n\
         | AWS's default | AWS fills it in; taking it out of the program changes nothing |\n\
         | moves | AWS moves it by itself, which is neither drift nor undone; less than what AWS has made \
           of a version or size is no change |\n\
         | steers | AWS moves values of the resource whose output stands here |\n\
         | implies `x = y` | the resource whose output stands here has that property with that value, unless it is declared |\n\
         | set | order means nothing |\n\
         | by `name` | members belong together by that property; order means nothing |\n\
         | JSON | compared as JSON |\n\
         | policy | compared by what it means: spelling and order mean nothing |\n\
         | name | derived from the urn when not set |\n\
         | tags | merged with the stack's; foreign tags stay |\n\n"
    )
}

/// A link to a type's section, as GitHub and docs.rs make anchors of headings.
fn link(text: &str, type_name: &str) -> String {
    format!("[{text}](#{})", type_name.replace("::", "").to_lowercase())
}

fn resource(source: &Source, schema: &Schema) -> String {
    let Schema { type_name, rust_name, doc, .. } = schema;
    let service = &source.service;
    let mut out = format!(
        "\n### {type_name}\n`{service}::{rust_name}`: {} [AWS]({}), [source](../{})\n",
        cell(doc),
        page(schema),
        source.path.display()
    );
    properties(&mut out, schema.fields);
    outputs(&mut out, schema.outputs);
    out.push_str("\n| operation | SDK calls | IAM actions |\n|---|---|---|\n");
    for operation in OPERATIONS {
        let actions: Vec<_> =
            actions(schema, operation).iter().map(|action| format!("`{action}`")).collect();
        if let Some(calls) = source.cell(operation) {
            let _ = writeln!(out, "| {operation} | {calls} | {} |", actions.join(", "));
        }
    }
    let mut notes = Vec::new();
    if schema.delete_before_replace {
        notes.push("A replacement deletes first.".to_owned());
    }
    if schema.update_anytime {
        notes.push("AWS takes an update while it carries out another one.".to_owned());
    }
    if !schema.identity.is_empty() {
        let names = names(schema.identity);
        notes.push(format!("AWS knows it by {names}: what has the same is the same."));
    }
    for unique in schema.unique {
        let names = names(unique);
        notes.push(format!("Only one at a time has the same {names}."));
    }
    if let Some(field) = schema.deleted_with {
        notes.push(format!("AWS deletes it together with what `{field}` names."));
    }
    if !source.traps.is_empty() {
        notes.push(format!("Traps: {}", cell(&source.traps)));
    }
    if !source.claims.left_out.is_empty() {
        notes.push(format!("Left out: {}", cell(&source.claims.left_out)));
    }
    for note in notes {
        let _ = writeln!(out, "\n{note}");
    }
    if !source.claims.lines.is_empty() {
        out.push_str("\nUnlike CloudFormation:\n");
        for line in &source.claims.lines {
            let _ = writeln!(out, "- {}", cell(line));
        }
    }
    out
}

fn names(fields: &[&str]) -> String {
    let quoted: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
    quoted.join(" and ")
}

fn lookup(handler: &dyn LookupHandler) -> String {
    let mut out = format!("\n### {}\n{}\n", handler.type_name(), cell(handler.doc()));
    properties(&mut out, handler.fields());
    outputs(&mut out, handler.outputs());
    let actions = source::lookup_actions(handler.type_name());
    let actions: Vec<_> = actions.iter().map(|action| format!("`{action}`")).collect();
    if !actions.is_empty() {
        let _ = writeln!(out, "\nIAM actions: {}.", actions.join(", "));
    }
    out
}

fn properties(out: &mut String, fields: &[Field]) {
    if !fields.is_empty() {
        out.push_str("\n| property | type | | |\n|---|---|---|---|\n");
        rows(out, fields, "", DEPTH);
    }
}

fn rows(out: &mut String, fields: &[Field], at: &str, depth: usize) {
    for field in fields {
        let path = format!("{at}{}", field.name);
        let (kind, flags) = (field.rust_type, flags(field));
        let _ = writeln!(out, "| `{path}` | `{kind}` | {flags} | {} |", cell(field.doc));
        if let (Some(parts), true) = (structs(field.shape), depth > 0) {
            rows(out, parts, &format!("{path}."), depth - 1);
        }
    }
}

fn flags(field: &Field) -> String {
    let aliases;
    let kind = match field.kind {
        Kind::Plain => "",
        Kind::Set => "set",
        Kind::By(name) => {
            aliases = format!("by `{name}`");
            aliases.as_str()
        }
        Kind::DropsEmpty => "empty texts count as none",
        Kind::Json => "JSON",
        Kind::OrderedJson => "JSON, lists in order",
        Kind::PartialJson => "JSON, of which only what is declared counts",
        Kind::Policy => "policy",
        Kind::Aliases(of) => {
            let pairs: Vec<_> = of.iter().map(|(from, to)| format!("`{from}` is `{to}`")).collect();
            aliases = pairs.join(", ");
            aliases.as_str()
        }
        Kind::CaseInsensitive => "case means nothing",
        Kind::DnsName => "compared as a DNS name",
        Kind::Cidr => "compared as a network",
        Kind::MaybeCidr => "a set; ranges are compared as networks",
        Kind::PublicKey => "compared by type and key material",
        Kind::Tags => "tags",
        Kind::Name(rule) => {
            aliases = format!("name, up to {} characters", rule.max);
            aliases.as_str()
        }
    };
    let moves = match field.moves {
        Moves::Never => "",
        Moves::Version => "moves to later minor versions",
        Moves::Up => "moves upwards",
        Moves::Anywhere => "moves",
        Moves::Steered => "moves when steered",
    };
    let secret = secret(field.secret, field.secret_if);
    let implies = match field.implies {
        Some((name, value)) => format!("implies `{name} = {}`", value.value()),
        None => String::new(),
    };
    let flags = [
        (field.required, "required"),
        (field.replaces, "replaces"),
        (!secret.is_empty(), secret.as_str()),
        (field.write_only, "not read back"),
        (field.server_default, "AWS's default"),
        (field.default.is_some(), "set again when taken out"),
        (!moves.is_empty(), moves),
        (field.steers, "steers"),
        (!implies.is_empty(), implies.as_str()),
        (!kind.is_empty(), kind),
    ];
    let set: Vec<_> = flags.into_iter().filter_map(|(is, text)| is.then_some(text)).collect();
    set.join(", ")
}

fn secret(always: bool, when: Option<(&str, &str)>) -> String {
    match when {
        _ if always => "secret".to_owned(),
        Some((name, value)) => format!("secret if `{name}` is `{value}`"),
        None => String::new(),
    }
}

fn outputs(out: &mut String, fields: &[OutputField]) {
    if fields.is_empty() {
        return;
    }
    out.push_str("\n| output | type | | |\n|---|---|---|---|\n");
    for field in fields {
        let secret = secret(field.secret, field.secret_if);
        let flags = [
            (!secret.is_empty(), secret.as_str()),
            (field.from_input, "known from the property"),
            (field.once, "told once"),
        ];
        let set: Vec<_> = flags.into_iter().filter_map(|(is, text)| is.then_some(text)).collect();
        let (name, kind, doc) = (field.name, field.rust_type, cell(field.doc));
        let _ = writeln!(out, "| `{name}` | `{kind}` | {} | {doc} |", set.join(", "));
    }
}

/// Text for a cell of a table: links to Rust items become their names.
fn cell(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        out.push_str(before);
        let Some((item, tail)) = after.split_once("`]") else { break };
        let name = item.rsplit("::").next().unwrap_or(item);
        let _ = write!(out, "`{name}`");
        rest = tail;
    }
    out.push_str(rest);
    out.replace('|', "\\|")
}

#[test]
fn links_and_bars_are_made_readable() {
    assert_eq!(cell("as [`super::Role`] has, `A|B`"), "as `Role` has, `A\\|B`");
}
