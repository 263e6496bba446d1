//! Declarations: the program's result, still without edges.

use std::collections::BTreeMap;

use crate::graph::GraphError;
use crate::resource::ProviderConfig;
use crate::urn::Urn;
use crate::value::{EvalError, Expr, Value};

use super::options::Options;

/// A declared resource.
#[derive(Debug, Clone)]
pub struct ResourceDecl {
    /// Who it is.
    pub urn: Urn,
    /// Its type name.
    pub type_name: &'static str,
    /// Its properties.
    pub inputs: Expr,
    /// Urns that it may have had before.
    pub aliases: Vec<Urn>,
    /// Its options, with what it inherits.
    pub options: Options,
}

/// A declared lookup.
#[derive(Debug, Clone)]
pub struct LookupDecl {
    /// Who it is.
    pub urn: Urn,
    /// Its type name.
    pub type_name: &'static str,
    /// Its arguments.
    pub args: Expr,
    /// Account, region and role.
    pub provider: ProviderConfig,
    /// Nodes it waits for besides those whose outputs it uses.
    pub depends_on: Vec<Urn>,
    /// What it is owned by, and what the components are owned by that it is in.
    pub parents: Vec<Urn>,
}

/// A declared component.
#[derive(Debug, Clone)]
pub struct ComponentDecl {
    /// Who it is.
    pub urn: Urn,
}

/// A declared reference to another stack.
#[derive(Debug, Clone)]
pub struct ReferenceDecl {
    /// The other stack: its project, its name.
    pub urn: Urn,
    /// The exports that are read.
    pub exports: BTreeMap<String, Vec<WantedExport>>,
}

/// What the program takes an export of another stack for.
#[derive(Debug, Clone)]
pub struct WantedExport {
    /// The Rust type.
    pub type_name: &'static str,
    /// Whether a value is one.
    pub fits: fn(&Value) -> Result<(), EvalError>,
}

/// A declared node.
#[derive(Debug, Clone)]
pub enum Declaration {
    /// A resource.
    Resource(Box<ResourceDecl>),
    /// A lookup.
    Lookup(Box<LookupDecl>),
    /// A component.
    Component(ComponentDecl),
    /// A reference to another stack.
    Reference(ReferenceDecl),
}

impl Declaration {
    /// Who it is.
    pub fn urn(&self) -> &Urn {
        match self {
            Declaration::Resource(r) => &r.urn,
            Declaration::Lookup(l) => &l.urn,
            Declaration::Component(c) => &c.urn,
            Declaration::Reference(r) => &r.urn,
        }
    }
}

/// Everything that a program declared.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Nodes in order of declaration.
    pub nodes: Vec<Declaration>,
    /// Extra edges: the first waits for the second.
    pub extra: Vec<(Urn, Urn)>,
    /// Stack exports.
    pub exports: BTreeMap<String, Expr>,
    /// Tags for every taggable resource.
    pub default_tags: BTreeMap<String, String>,
    /// What was wrong with declarations.
    pub errors: Vec<GraphError>,
}
