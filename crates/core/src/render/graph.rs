//! A graph as a drawing: DOT for Graphviz, Mermaid for Markdown. Arrows run from what
//! comes first to what waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::graph::Graph;
use crate::program::Declaration;
use crate::urn::Urn;

use super::progress::noun;

/// Nodes and components of one level.
#[derive(Default)]
struct Level<'a> {
    nodes: Vec<(usize, &'a Declaration)>,
    inner: BTreeMap<&'a str, Level<'a>>,
}

fn levels(graph: &Graph) -> Level<'_> {
    let mut top = Level::default();
    for (index, node) in graph.in_order().enumerate() {
        if matches!(node, Declaration::Component(_)) {
            continue;
        }
        let mut level = &mut top;
        for part in node.urn().path().split('/').filter(|p| !p.is_empty()) {
            level = level.inner.entry(part).or_default();
        }
        level.nodes.push((index, node));
    }
    top
}

/// Edges between nodes by their index in dependency order; components have none of their own.
fn edges(graph: &Graph) -> Vec<(usize, usize)> {
    let index: BTreeMap<&Urn, usize> =
        graph.in_order().enumerate().map(|(i, node)| (node.urn(), i)).collect();
    let components = graph.in_order().filter(|n| matches!(n, Declaration::Component(_)));
    let components: BTreeSet<&Urn> = components.map(Declaration::urn).collect();
    let mut edges = Vec::new();
    for node in graph.in_order().filter(|n| !components.contains(n.urn())) {
        let from = graph.dependencies(node.urn()).filter(|u| !components.contains(u));
        edges.extend(from.map(|urn| (index[urn], index[node.urn()])));
    }
    edges.sort_unstable();
    edges
}

/// The graph in Graphviz's language; components are clusters, lookups are dashed, other stacks
/// are folders.
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph stack {\n  rankdir = LR;\n  node [shape = box];\n");
    let title = format!("{}/{}", graph.project, graph.stack);
    let _ = writeln!(out, "  label = {};", quoted(&title));
    let mut clusters = 0;
    dot_level(&mut out, &levels(graph), 1, &mut clusters);
    for (from, to) in edges(graph) {
        let _ = writeln!(out, "  n{from} -> n{to};");
    }
    out.push_str("}\n");
    out
}

fn dot_level(out: &mut String, level: &Level<'_>, depth: usize, clusters: &mut usize) {
    let indent = "  ".repeat(depth);
    for (index, node) in &level.nodes {
        let label = quoted(&format!("{}\n{}", node.urn().name(), noun(node.urn())));
        let style = match node {
            Declaration::Lookup(_) => ", style = dashed",
            Declaration::Reference(_) => ", shape = folder",
            _ => "",
        };
        let _ = writeln!(out, "{indent}n{index} [label = {label}{style}];");
    }
    for (name, inner) in &level.inner {
        let _ = writeln!(out, "{indent}subgraph cluster_{clusters} {{");
        let _ = writeln!(out, "{indent}  label = {};", quoted(name));
        *clusters += 1;
        dot_level(out, inner, depth + 1, clusters);
        let _ = writeln!(out, "{indent}}}");
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// The graph in Mermaid's language; components are subgraphs, lookups are rounded, other stacks
/// have double sides.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    let mut groups = 0;
    mermaid_level(&mut out, &levels(graph), 1, &mut groups);
    for (from, to) in edges(graph) {
        let _ = writeln!(out, "  n{from} --> n{to}");
    }
    out
}

fn mermaid_level(out: &mut String, level: &Level<'_>, depth: usize, groups: &mut usize) {
    let indent = "  ".repeat(depth);
    for (index, node) in &level.nodes {
        let label = format!("{}<br/>{}", escaped(node.urn().name()), escaped(noun(node.urn())));
        let _ = match node {
            Declaration::Lookup(_) => writeln!(out, "{indent}n{index}([\"{label}\"])"),
            Declaration::Reference(_) => writeln!(out, "{indent}n{index}[[\"{label}\"]]"),
            _ => writeln!(out, "{indent}n{index}[\"{label}\"]"),
        };
    }
    for (name, inner) in &level.inner {
        let _ = writeln!(out, "{indent}subgraph g{groups} [\"{}\"]", escaped(name));
        *groups += 1;
        mermaid_level(out, inner, depth + 1, groups);
        let _ = writeln!(out, "{indent}end");
    }
}

/// Mermaid writes special characters as entities with `#` for `&`.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' => out.push_str("#35;"),
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            other => out.push(other),
        }
    }
    out
}
