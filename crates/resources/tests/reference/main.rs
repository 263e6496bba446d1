//! `docs/resources.md`, and what it rests on: our schemas, the heads of the types' files, the SDK
//! calls in them, and CloudFormation's schemas.

mod calls;
mod cfn;
mod compare;
mod differences;
mod render;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use differences::Kind;
use ferrocrete_core::resource::Registry;
use ferrocrete_core::schema::Field;
use ferrocrete_core::schema::Kind::By;
use ferrocrete_resources::aws::{AwsConnector, AwsSettings};
use source::Source;

fn registry() -> Registry {
    ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()))
}

fn source_of<'a>(sources: &'a [Source], type_name: &str) -> &'a Source {
    let mut found = sources.iter().filter(|source| source.declares(type_name));
    found.next().unwrap_or_else(|| panic!("no file beginning with its name declares {type_name}"))
}

/// Fails with all problems at once.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

const UPDATE: &str = "FERROCRETE_UPDATE_DOCS";

#[test]
fn the_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/resources.md");
    let wanted = render::document(&registry(), &cfn::load().source);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, wanted).expect("docs/ can be written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = || {
        let mut lines = wanted.lines().zip(found.lines()).enumerate();
        let first = lines.find(|(_, (wanted, found))| wanted != found);
        first.map_or_else(|| "one is longer".to_owned(), |(at, (w, _))| format!("{}: {w}", at + 1))
    };
    let said = "docs/resources.md is not up to date: run `cargo xtask resources`";
    assert!(found == wanted, "{said}\n  first at line {}", differs());
}

/// A list whose members belong together by a property has members with that property, which each
/// of them must set.
#[test]
fn members_belong_together_by_what_they_have() {
    fn check(at: &str, fields: &[Field], depth: usize, problems: &mut Vec<String>) {
        for field in fields {
            let at = format!("{at}.{}", field.name);
            let members = compare::structs(field.shape).unwrap_or_default();
            if let By(name) = field.kind
                && !members.iter().any(|m| m.name == name && m.required)
            {
                problems.push(format!("{at}: its members need not have `{name}`"));
            }
            if depth > 0 {
                check(&at, members, depth - 1, problems);
            }
        }
    }
    let mut problems = Vec::new();
    for handler in registry().types() {
        check(handler.schema().type_name, handler.schema().fields, 8, &mut problems);
    }
    none(&problems);
}

#[test]
fn every_difference_from_cloudformation_has_a_reason() {
    let (sources, extract) = (source::all(), cfn::load());
    let mut problems = Vec::new();
    let mut real: BTreeSet<(String, (Kind, String))> = BTreeSet::new();
    for handler in registry().types() {
        let schema = handler.schema();
        let source = source_of(&sources, schema.type_name);
        let Some(cfn) = extract.types.get(schema.type_name) else {
            if !source.claims.own_type {
                problems.push(format!("{}: no schema: `cargo xtask schemas`", schema.type_name));
            }
            continue;
        };
        let path = source.path.display().to_string();
        for (kind, name) in compare::differences(schema, cfn, &source.claims) {
            let difference = (kind, source.claims.theirs(&name));
            if !source.claims.all().any(|claim| claim == difference) {
                problems.push(format!("{path}: {kind} `{name}`: no reason"));
            }
            real.insert((path.clone(), difference));
        }
    }
    for source in &sources {
        let path = source.path.display().to_string();
        problems.extend(source.claims.wrong.iter().map(|wrong| format!("{path}: {wrong}")));
        for (kind, name) in source.claims.all() {
            if !real.contains(&(path.clone(), (kind, name.clone()))) {
                problems.push(format!("{path}: {kind} `{name}` is not so: take it out"));
            }
        }
    }
    none(&problems);
}
