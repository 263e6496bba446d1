//! [`StackReference`]: exports of another stack.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::graph::GraphError;
use crate::urn::Urn;
use crate::value::{EvalError, Output, Value, from_value};

use super::declare::{Declaration, ReferenceDecl, WantedExport};
use super::stack::Stack;

/// Another stack in the same state backend, whose exports this one reads; made by
/// [`Stack::reference`].
///
/// ```
/// # use ferrocrete_core::{Output, Stack};
/// fn program(stack: &Stack) {
///     let global = stack.reference("global");
///     let url: Output<String> = global.output("repository_url");
///     stack.export("image", url.map(|url| format!("{url}:latest")));
/// }
/// ```
#[derive(Clone)]
pub struct StackReference {
    stack: Stack,
    urn: Urn,
}

impl StackReference {
    /// The export `name` of that stack, known in every plan. A secret export stays secret.
    ///
    /// A plan fails when there is no such export, or its value is no `T`.
    pub fn output<T: DeserializeOwned + 'static>(&self, name: &str) -> Output<T> {
        let wanted = WantedExport { type_name: std::any::type_name::<T>(), fits: fits::<T> };
        if let Some(decl) = reference(&mut self.stack.declared().nodes, &self.urn) {
            decl.exports.entry(name.to_owned()).or_default().push(wanted);
        }
        Output::of_node(&self.urn, name)
    }

    /// That stack's project.
    pub fn project(&self) -> &str {
        self.urn.project()
    }

    /// That stack's name.
    pub fn name(&self) -> &str {
        self.urn.stack()
    }
}

/// The type in the urns of references.
pub(crate) const REFERENCE: &str = "Ferrocrete::Stack";

fn fits<T: DeserializeOwned>(value: &Value) -> Result<(), EvalError> {
    from_value::<T>(value).map(drop)
}

fn reference<'a>(nodes: &'a mut [Declaration], urn: &Urn) -> Option<&'a mut ReferenceDecl> {
    nodes.iter_mut().find_map(|node| match node {
        Declaration::Reference(decl) if decl.urn == *urn => Some(decl),
        _ => None,
    })
}

impl Stack {
    /// Another stack, whose exports are read at every plan: `stack.reference("global")` of this
    /// project, `stack.reference("platform/global")` of project `platform`. Its state is read
    /// from the same backend, with the same key provider, without a lock.
    pub fn reference(&self, stack: &str) -> StackReference {
        let (project, name) = stack.split_once('/').unwrap_or((self.project(), stack));
        let urn = Urn::new(project, name, &[], REFERENCE, name);
        let urn = urn.unwrap_or_else(|e| self.stand_in(REFERENCE, e.into()));
        let mut declared = self.declared();
        if (urn.project(), urn.stack()) == (self.project(), self.name()) {
            declared.errors.push(GraphError::OwnReference { stack: stack.to_owned() });
        }
        if reference(&mut declared.nodes, &urn).is_none() {
            let decl = ReferenceDecl { urn: urn.clone(), exports: BTreeMap::new() };
            declared.nodes.push(Declaration::Reference(decl));
        }
        drop(declared);
        StackReference { stack: self.clone(), urn }
    }
}
