//! Graph: declarations with their edges, checked for cycles and unknown types.

mod build;
mod error;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::{DiGraph, NodeIndex};

use crate::program::{Declaration, LookupDecl, ReferenceDecl, ResourceDecl};
use crate::state::{Reads, StackName};
use crate::urn::Urn;
use crate::value::{Expr, Secrets};

pub use build::build;
pub use error::GraphError;

/// The dependency graph of a program: edges run from what comes first to what waits for it.
#[derive(Debug, Clone)]
pub struct Graph {
    /// The project.
    pub project: String,
    /// The stack.
    pub stack: String,
    /// Tags for every taggable resource.
    pub default_tags: BTreeMap<String, String>,
    /// Stack exports.
    pub exports: BTreeMap<String, Expr>,
    dag: DiGraph<Declaration, ()>,
    index: BTreeMap<Urn, NodeIndex>,
    order: Vec<NodeIndex>,
}

impl Graph {
    /// Declarations, dependencies first; among equals in order of declaration.
    pub fn in_order(&self) -> impl Iterator<Item = &Declaration> {
        self.order.iter().map(|i| &self.dag[*i])
    }

    /// Remembers every secret that the program writes down.
    pub(crate) fn teach(&self, secrets: &Secrets) {
        for declaration in self.in_order() {
            match declaration {
                Declaration::Resource(r) => secrets.learn_expr(&r.inputs),
                Declaration::Lookup(l) => secrets.learn_expr(&l.args),
                Declaration::Component(_) | Declaration::Reference(_) => {}
            }
        }
        self.exports.values().for_each(|expr| secrets.learn_expr(expr));
    }

    /// Number of declarations.
    pub fn len(&self) -> usize {
        self.dag.node_count()
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.dag.node_count() == 0
    }

    /// The declared resource `urn`.
    pub fn resource(&self, urn: &Urn) -> Option<&ResourceDecl> {
        match self.get(urn)? {
            Declaration::Resource(r) => Some(r),
            _ => None,
        }
    }

    /// The declared lookup `urn`.
    pub fn lookup(&self, urn: &Urn) -> Option<&LookupDecl> {
        match self.get(urn)? {
            Declaration::Lookup(l) => Some(l),
            _ => None,
        }
    }

    /// All declared resources, dependencies first.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceDecl> {
        self.in_order().filter_map(|d| match d {
            Declaration::Resource(r) => Some(&**r),
            _ => None,
        })
    }

    /// All declared lookups, dependencies first.
    pub fn lookups(&self) -> impl Iterator<Item = &LookupDecl> {
        self.in_order().filter_map(|d| match d {
            Declaration::Lookup(l) => Some(l.as_ref()),
            _ => None,
        })
    }

    /// All stacks that are referred to.
    pub fn references(&self) -> impl Iterator<Item = &ReferenceDecl> {
        self.in_order().filter_map(|d| match d {
            Declaration::Reference(r) => Some(r),
            _ => None,
        })
    }

    /// The exports of other stacks that the program reads.
    pub(crate) fn reads(&self) -> Reads {
        let read = self.references().filter(|decl| !decl.exports.is_empty());
        let named = read.filter_map(|decl| {
            let name = StackName::new(decl.urn.project(), decl.urn.stack()).ok()?;
            Some((name, decl.exports.keys().cloned().collect()))
        });
        named.collect()
    }

    /// What `urn` waits for directly.
    pub fn dependencies(&self, urn: &Urn) -> impl Iterator<Item = &Urn> {
        self.neighbors(urn, petgraph::Incoming)
    }

    /// What waits for `urn` directly.
    pub fn dependents(&self, urn: &Urn) -> impl Iterator<Item = &Urn> {
        self.neighbors(urn, petgraph::Outgoing)
    }

    /// The resources that `urn` waits for, looking through lookups: what state records.
    pub fn resource_dependencies(&self, urn: &Urn) -> BTreeSet<Urn> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<&Urn> = self.dependencies(urn).collect();
        let mut seen = BTreeSet::new();
        while let Some(next) = todo.pop() {
            if !seen.insert(next) {
                continue;
            }
            match self.get(next) {
                Some(Declaration::Resource(_)) => {
                    found.insert(next.clone());
                }
                Some(_) => todo.extend(self.dependencies(next)),
                None => {}
            }
        }
        found
    }

    /// The graph itself, for algorithms and drawings.
    pub fn dag(&self) -> &DiGraph<Declaration, ()> {
        &self.dag
    }

    fn get(&self, urn: &Urn) -> Option<&Declaration> {
        self.index.get(urn).map(|i| &self.dag[*i])
    }

    fn neighbors(&self, urn: &Urn, way: petgraph::Direction) -> impl Iterator<Item = &Urn> {
        let found: BTreeSet<NodeIndex> = self
            .index
            .get(urn)
            .map(|i| self.dag.neighbors_directed(*i, way).collect())
            .unwrap_or_default();
        found.into_iter().map(|i| self.dag[i].urn())
    }
}
