//! What resources mean for others that they name: they steer them, so that AWS moves some of their
//! properties on the others' behalf, such as the number of tasks of a service that is scaled; or they
//! imply a value, as an egress rule implies that not everything may go out.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::program::Declaration;
use crate::resource::Registry;
use crate::schema::{Field, Given, Shape};
use crate::state::{ResourceState, State};
use crate::urn::Urn;
use crate::value::{Expr, PropertyMap, Value};

/// The resources whose outputs stand in a property that says `steers`.
pub(crate) fn steered(registry: &Registry, graph: &Graph) -> BTreeSet<Urn> {
    let mut found = BTreeSet::new();
    each_property(registry, graph, &mut |_, field, expr| {
        if field.steers {
            expr.dependencies(&mut found);
        }
    });
    found
}

/// What others say of a resource by being declared.
pub(crate) type Implied = BTreeMap<Urn, Vec<Implication>>;

/// What another resource says of one by being declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implication {
    /// The property.
    pub(crate) property: &'static str,
    /// Its value, unless the program declares it.
    pub(crate) value: Given,
    /// Who says so.
    pub(crate) by: Urn,
}

/// The resources whose outputs stand in a property that `implies` something of them, and what.
pub(crate) fn implied(registry: &Registry, graph: &Graph) -> Implied {
    let mut found = Implied::new();
    each_property(registry, graph, &mut |urn, field, expr| {
        let Some((property, value)) = field.implies else { return };
        let mut named = BTreeSet::new();
        expr.dependencies(&mut named);
        for other in named {
            let handler = registry.handler(other.type_name());
            if handler.is_some_and(|h| h.schema().field(property).is_some()) {
                let implication = Implication { property, value, by: urn.clone() };
                found.entry(other).or_default().push(implication);
            }
        }
    });
    found
}

/// Who visits each property that is declared: whose it is, what it is, and its value.
type Visit<'a> = dyn FnMut(&Urn, &Field, &Expr) + 'a;

/// Shows every property of every resource in the program, nested ones, too.
fn each_property(registry: &Registry, graph: &Graph, visit: &mut Visit<'_>) {
    for declaration in graph.in_order() {
        if let Declaration::Resource(decl) = declaration
            && let Some(handler) = registry.handler(decl.type_name)
        {
            properties(&decl.urn, handler.schema().fields, &decl.inputs, visit);
        }
    }
}

fn properties(urn: &Urn, fields: &[Field], expr: &Expr, visit: &mut Visit<'_>) {
    match expr {
        Expr::Secret(expr) => properties(urn, fields, expr, visit),
        Expr::Map(map) => {
            for field in fields {
                let Some(expr) = map.get(field.name) else { continue };
                visit(urn, field, expr);
                inside(urn, field.shape, expr, visit);
            }
        }
        _ => {}
    }
}

fn inside(urn: &Urn, shape: Shape, expr: &Expr, visit: &mut Visit<'_>) {
    match (shape, expr) {
        (_, Expr::Secret(expr)) => inside(urn, shape, expr, visit),
        (Shape::Struct(fields), expr) => properties(urn, fields(), expr, visit),
        (Shape::List(of), Expr::List(all)) => {
            all.iter().for_each(|one| inside(urn, *of, one, visit));
        }
        (Shape::Map(of), Expr::Map(all)) => {
            all.values().for_each(|one| inside(urn, *of, one, visit));
        }
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
