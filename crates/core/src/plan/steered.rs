//! Which resources others steer: AWS moves some of their properties on the others' behalf, such as
//! the number of tasks of a service that is scaled.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::program::Declaration;
use crate::resource::Registry;
use crate::schema::{Field, Shape};
use crate::state::{ResourceState, State};
use crate::urn::Urn;
use crate::value::{Expr, PropertyMap, Value};

/// The resources whose outputs stand in a property that says `steers`.
pub(crate) fn steered(registry: &Registry, graph: &Graph) -> BTreeSet<Urn> {
    let mut found = BTreeSet::new();
    for declaration in graph.in_order() {
        if let Declaration::Resource(decl) = declaration
            && let Some(handler) = registry.handler(decl.type_name)
        {
            properties(handler.schema().fields, &decl.inputs, &mut found);
        }
    }
    found
}

fn properties(fields: &[Field], expr: &Expr, found: &mut BTreeSet<Urn>) {
    match expr {
        Expr::Secret(expr) => properties(fields, expr, found),
        Expr::Map(map) => {
            for field in fields {
                let Some(expr) = map.get(field.name) else { continue };
                if field.steers {
                    expr.dependencies(found);
                }
                inside(field.shape, expr, found);
            }
        }
        _ => {}
    }
}

fn inside(shape: Shape, expr: &Expr, found: &mut BTreeSet<Urn>) {
    match (shape, expr) {
        (_, Expr::Secret(expr)) => inside(shape, expr, found),
        (Shape::Struct(fields), expr) => properties(fields(), expr, found),
        (Shape::List(of), Expr::List(all)) => all.iter().for_each(|one| inside(*of, one, found)),
        (Shape::Map(of), Expr::Map(all)) => all.values().for_each(|one| inside(*of, one, found)),
        _ => {}
    }
}

/// The same by what state knows: a dependency whose id or output stands in such a property.
pub(super) fn steered_in_state(registry: &Registry, state: &State) -> BTreeSet<Urn> {
    let mut found = BTreeSet::new();
    for record in state.resources.values() {
        let Some(handler) = registry.handler(record.urn.type_name()) else { continue };
        let mut texts = Vec::new();
        recorded(handler.schema().fields, &record.inputs, &mut texts);
        let is_there = |dependency: &ResourceState| {
            let mut outputs = dependency.outputs.values().filter_map(Value::as_str);
            texts
                .iter()
                .any(|text| text.contains(&dependency.id) || outputs.any(|output| output == *text))
        };
        for urn in &record.dependencies {
            if state.current(urn).is_some_and(is_there) {
                found.insert(urn.clone());
            }
        }
    }
    found
}

fn recorded<'a>(fields: &[Field], inputs: &'a PropertyMap, texts: &mut Vec<&'a str>) {
    for field in fields {
        let Some(value) = inputs.get(field.name) else { continue };
        if field.steers {
            texts.extend(value.as_str());
        }
        recorded_inside(field.shape, value, texts);
    }
}

fn recorded_inside<'a>(shape: Shape, value: &'a Value, texts: &mut Vec<&'a str>) {
    match (shape, value) {
        (shape, Value::Secret(value)) => recorded_inside(shape, value, texts),
        (Shape::Struct(fields), Value::Map(map)) => recorded(fields(), map, texts),
        (Shape::List(of), Value::List(all)) => {
            all.iter().for_each(|one| recorded_inside(*of, one, texts));
        }
        (Shape::Map(of), Value::Map(all)) => {
            all.values().for_each(|one| recorded_inside(*of, one, texts));
        }
        _ => {}
    }
}
