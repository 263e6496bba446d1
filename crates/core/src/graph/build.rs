//! From declarations to a checked graph.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use petgraph::graph::{DiGraph, NodeIndex};

use crate::plan::check_path;
use crate::program::{Declaration, Declared};
use crate::resource::Registry;
use crate::schema::{Known, Mention};
use crate::urn::Urn;
use crate::value::{Expr, NoOutputs, Value};

use super::{Graph, GraphError};

/// Adds edges (outputs used, names in texts, `depends_on`, parents), checks names, types and cycles.
///
/// # Errors
/// Everything that is wrong, together.
pub fn build(
    project: &str,
    stack: &str,
    declared: Declared,
    registry: &Registry,
) -> Result<Graph, GraphError> {
    let mut errors = declared.errors;
    let mut dag: DiGraph<Declaration, ()> = DiGraph::new();
    let mut index: BTreeMap<Urn, NodeIndex> = BTreeMap::new();
    for node in declared.nodes {
        let urn = node.urn().clone();
        check_node(&node, registry, &mut errors);
        let at = dag.add_node(node);
        if index.insert(urn.clone(), at).is_some() {
            errors.push(GraphError::Duplicate { urn });
        }
    }
    let mut edges: BTreeSet<(NodeIndex, NodeIndex)> = BTreeSet::new();
    // Who waits for all of a component.
    let mut waiting: BTreeMap<NodeIndex, Vec<NodeIndex>> = BTreeMap::new();
    let extra = by_node(&declared.extra);
    for at in dag.node_indices() {
        let urn = dag[at].urn();
        for dependency in wanted(&dag[at], &extra) {
            match index.get(&dependency) {
                Some(to) if is_component(&dag[*to]) => {
                    // Who is in a component by being owned by it waits for nothing.
                    if !is_parent(&dag[at], &dependency) {
                        waiting.entry(*to).or_default().push(at);
                    }
                }
                Some(to) => drop(edges.insert((*to, at))),
                None => {
                    errors.push(GraphError::Dangling { from: urn.clone(), to: dependency });
                }
            }
        }
    }
    edges.extend(mentioned(&dag, registry));
    let direct = edges.clone();
    for (component, all) in waiting {
        let ends = ends(members(&dag, component), &direct);
        edges.extend(all.iter().flat_map(|at| ends.iter().map(move |end| (*end, *at))));
    }
    edges.into_iter().for_each(|(from, to)| {
        dag.add_edge(from, to, ());
    });
    check_aliases(&dag, &index, &mut errors);
    check_components(&dag, &mut errors);
    let order = match topological(&dag) {
        Ok(order) => order,
        Err(cycle) => {
            errors.push(GraphError::Cycle { cycle });
            Vec::new()
        }
    };
    match errors.len() {
        0 => Ok(Graph {
            project: project.to_owned(),
            stack: stack.to_owned(),
            default_tags: declared.default_tags,
            exports: declared.exports,
            dag,
            index,
            order,
        }),
        1 => Err(errors.remove(0)),
        _ => Err(GraphError::Several(errors)),
    }
}

fn check_node(node: &Declaration, registry: &Registry, errors: &mut Vec<GraphError>) {
    let urn = node.urn();
    match node {
        Declaration::Resource(r) => {
            let Some(handler) = registry.handler(r.type_name) else {
                let type_name = r.type_name.to_owned();
                errors.push(GraphError::UnknownType { urn: urn.clone(), type_name });
                return;
            };
            let schema = handler.schema();
            for (option, names) in [
                ("ignore_changes", &r.options.ignore_changes),
                ("replace_on_changes", &r.options.replace_on_changes),
            ] {
                for name in names.iter().filter(|n| schema.field(n).is_none()) {
                    if option == "ignore_changes" && name.contains(['.', '[']) {
                        if let Err(why) = check_path(schema, name) {
                            let (urn, path) = (urn.clone(), name.clone());
                            errors.push(GraphError::BadPath { urn, option, path, why });
                        }
                        continue;
                    }
                    let known: Vec<_> = schema.fields.iter().map(|f| f.name).collect();
                    errors.push(GraphError::UnknownProperty {
                        urn: urn.clone(),
                        option,
                        property: name.clone(),
                        known: known.join(", "),
                    });
                }
            }
        }
        Declaration::Lookup(l) if registry.lookup(l.type_name).is_none() => {
            let type_name = l.type_name.to_owned();
            errors.push(GraphError::UnknownType { urn: urn.clone(), type_name });
        }
        Declaration::Lookup(_) | Declaration::Component(_) | Declaration::Reference(_) => {}
    }
}

/// Each alias is one resource's, and no other resource's urn.
fn check_aliases(
    dag: &DiGraph<Declaration, ()>,
    index: &BTreeMap<Urn, NodeIndex>,
    errors: &mut Vec<GraphError>,
) {
    let mut claimed: BTreeMap<&Urn, &Urn> = BTreeMap::new();
    for node in dag.node_weights() {
        let Declaration::Resource(decl) = node else { continue };
        for alias in &decl.aliases {
            if index.contains_key(alias) {
                let (urn, alias) = (decl.urn.clone(), alias.clone());
                errors.push(GraphError::AliasDeclared { urn, alias });
            } else if let Some(first) = claimed.insert(alias, &decl.urn) {
                let urns = [first.clone(), decl.urn.clone()];
                errors.push(GraphError::AliasTwice { urns, alias: alias.clone() });
            }
        }
    }
}

/// What a node asks to wait for.
fn wanted(node: &Declaration, extra: &BTreeMap<&Urn, Vec<&Urn>>) -> BTreeSet<Urn> {
    let mut wanted = BTreeSet::new();
    match node {
        Declaration::Resource(r) => {
            r.inputs.dependencies(&mut wanted);
            wanted.extend(r.options.depends_on.iter().cloned());
            wanted.extend(r.options.parents().cloned());
        }
        Declaration::Lookup(l) => {
            l.args.dependencies(&mut wanted);
            wanted.extend(l.depends_on.iter().chain(&l.parents).cloned());
        }
        Declaration::Component(_) | Declaration::Reference(_) => {}
    }
    let more = extra.get(node.urn()).into_iter().flatten();
    wanted.extend(more.map(|to| (*to).clone()));
    wanted
}

/// Who waits for whom because a text names it.
fn mentioned(dag: &DiGraph<Declaration, ()>, registry: &Registry) -> Vec<(NodeIndex, NodeIndex)> {
    let mut mentions = Vec::new();
    for at in dag.node_indices() {
        let Declaration::Resource(decl) = &dag[at] else { continue };
        let schema = registry.handler(decl.type_name).map(|handler| handler.schema());
        let Some(of) = schema.and_then(|schema| schema.mentions) else { continue };
        // What cannot be computed is told by the plan.
        let Ok(Value::Map(inputs)) = decl.inputs.eval(&NoOutputs) else { continue };
        mentions.extend(of(Known::of(&inputs)).into_iter().map(|mention| (at, mention)));
    }
    if mentions.is_empty() {
        return Vec::new();
    }
    let named = |mention: &Mention| {
        dag.node_indices().find(|at| match &dag[*at] {
            Declaration::Resource(decl) if decl.type_name == mention.type_name => {
                let Expr::Map(properties) = &decl.inputs else { return false };
                let literal =
                    properties.get(mention.property).and_then(|p| p.eval(&NoOutputs).ok());
                literal.is_some_and(|value| value.as_str() == Some(&mention.value))
            }
            _ => false,
        })
    };
    mentions.iter().filter_map(|(at, mention)| Some((named(mention)?, *at))).collect()
}

/// What was asked for after the declaration, by who waits.
fn by_node(extra: &[(Urn, Urn)]) -> BTreeMap<&Urn, Vec<&Urn>> {
    let mut all: BTreeMap<&Urn, Vec<&Urn>> = BTreeMap::new();
    for (from, to) in extra {
        all.entry(from).or_default().push(to);
    }
    all
}

/// The members for which no other member waits: whoever waits for these waits for all.
fn ends(mut members: Vec<NodeIndex>, edges: &BTreeSet<(NodeIndex, NodeIndex)>) -> Vec<NodeIndex> {
    let all: BTreeSet<NodeIndex> = members.iter().copied().collect();
    let dependents = |of: NodeIndex| {
        let (first, last) = ((of, NodeIndex::new(0)), (of, NodeIndex::end()));
        edges.range(first..=last).map(|(_, dependent)| *dependent)
    };
    members.retain(|member| !dependents(*member).any(|d| d != *member && all.contains(&d)));
    members
}

fn is_component(node: &Declaration) -> bool {
    matches!(node, Declaration::Component(_))
}

/// Whether `node` is owned by `other`, and does not wait for it besides.
fn is_parent(node: &Declaration, other: &Urn) -> bool {
    match node {
        Declaration::Resource(r) => {
            !r.options.depends_on.contains(other) && r.options.parents().any(|p| p == other)
        }
        Declaration::Lookup(l) => !l.depends_on.contains(other) && l.parents.contains(other),
        Declaration::Component(_) | Declaration::Reference(_) => false,
    }
}

/// Two components in one place could not be told apart by the paths of what is in them.
fn check_components(dag: &DiGraph<Declaration, ()>, errors: &mut Vec<GraphError>) {
    let mut places: BTreeMap<String, &Urn> = BTreeMap::new();
    for node in dag.node_weights().filter(|n| is_component(n)) {
        let urn = node.urn();
        if let Some(first) = places.insert(urn.short(), urn)
            && first != urn
        {
            errors.push(GraphError::SharedPlace { urns: [first.clone(), urn.clone()] });
        }
    }
}

/// A component stands for everything in it, at any depth.
fn members(dag: &DiGraph<Declaration, ()>, at: NodeIndex) -> Vec<NodeIndex> {
    let Declaration::Component(component) = &dag[at] else { return vec![at] };
    let path = component.urn.short();
    dag.node_indices()
        .filter(|i| {
            let inside = dag[*i].urn().path();
            let nested =
                inside.strip_prefix(&path).is_some_and(|r| r.is_empty() || r.starts_with('/'));
            nested && !matches!(dag[*i], Declaration::Component(_))
        })
        .collect()
}

/// Kahn's algorithm that takes ready nodes in order of declaration, so that the result is
/// the same at every run; on a cycle, its members.
fn topological(dag: &DiGraph<Declaration, ()>) -> Result<Vec<NodeIndex>, Vec<Urn>> {
    let mut missing: Vec<usize> =
        dag.node_indices().map(|i| dag.neighbors_directed(i, petgraph::Incoming).count()).collect();
    let mut ready: BinaryHeap<Reverse<NodeIndex>> =
        dag.node_indices().filter(|i| missing[i.index()] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(dag.node_count());
    while let Some(Reverse(next)) = ready.pop() {
        order.push(next);
        for dependent in dag.neighbors(next) {
            missing[dependent.index()] -= 1;
            if missing[dependent.index()] == 0 {
                ready.push(Reverse(dependent));
            }
        }
    }
    if order.len() == dag.node_count() { Ok(order) } else { Err(find_cycle(dag)) }
}

/// The members of one cycle, each waiting for the next.
fn find_cycle(dag: &DiGraph<Declaration, ()>) -> Vec<Urn> {
    let Some(group) = petgraph::algo::tarjan_scc(dag)
        .into_iter()
        .find(|group| group.len() > 1 || group.first().is_some_and(|i| dag.contains_edge(*i, *i)))
    else {
        return Vec::new();
    };
    // Walk dependencies inside the component until a node comes back.
    let mut walk: Vec<NodeIndex> = vec![*group.iter().min().unwrap_or(&group[0])];
    loop {
        let here = walk[walk.len() - 1];
        let next =
            dag.neighbors_directed(here, petgraph::Incoming).filter(|n| group.contains(n)).min();
        let Some(next) = next else { break };
        if let Some(start) = walk.iter().position(|n| *n == next) {
            return walk[start..].iter().map(|i| dag[*i].urn().clone()).collect();
        }
        walk.push(next);
    }
    walk.iter().map(|i| dag[*i].urn().clone()).collect()
}
