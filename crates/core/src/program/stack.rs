//! [`Stack`]: where a program declares its resources.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, OpError};
use crate::execute::{OUTSIDE, patiently};
use crate::graph::GraphError;
use crate::resource::{Lookup, LookupType, ProviderConfig, Registry, Resource, ResourceType};
use crate::schema::mark_expr;
use crate::urn::Urn;
use crate::value::{PropertyMap, Secrets, Value, from_value};

use super::alias::{Alias, Path, names};
use super::complete::Complete;
use super::component::Component;
use super::declare::{ComponentDecl, Declaration, Declared, LookupDecl, ResourceDecl};
use super::exported::Exported;
use super::handle::{ComponentHandle, Handle, LookupHandle, Node};
use super::options::Options;

struct Shared {
    project: String,
    name: String,
    registry: Registry,
    declared: Mutex<Declared>,
    /// Where nodes were before that now have other nodes in them.
    former: Mutex<BTreeMap<Urn, Vec<Path>>>,
}

/// Where a program declares its resources; cheap to clone. Inside a component it is the
/// component's scope.
///
/// Mistakes (a name used twice, a bad name) are collected and reported together once the
/// program has ended, so that declarations need no `?`.
#[derive(Clone)]
pub struct Stack {
    shared: Arc<Shared>,
    path: Path,
    /// Where this scope was before.
    former: Vec<Path>,
    /// By path, what the component's user says of what is in it.
    pub(super) inner_aliases: Vec<(String, Alias)>,
    owner: Options,
}

impl Stack {
    /// An empty stack. Programs are given one; tests and library users make one.
    pub fn new(project: &str, name: &str, registry: Registry) -> Self {
        let stack = Self {
            shared: Arc::new(Shared {
                project: project.to_owned(),
                name: name.to_owned(),
                registry,
                declared: Mutex::default(),
                former: Mutex::default(),
            }),
            path: Path::new(),
            former: Vec::new(),
            inner_aliases: Vec::new(),
            owner: Options::default(),
        };
        for (what, text) in [("project", project), ("stack", name)] {
            if let Err(e) = crate::urn::check_name(what, text) {
                stack.declared().errors.push(e.into());
            }
        }
        stack
    }

    pub(super) fn declared(&self) -> MutexGuard<'_, Declared> {
        // A panic in one declaration leaves the list whole.
        self.shared.declared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was declared so far.
    pub fn take_declared(&self) -> Declared {
        std::mem::take(&mut self.declared())
    }

    /// The project.
    pub fn project(&self) -> &str {
        &self.shared.project
    }

    /// The stack's name, usually the environment: `dev`, `prod`.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Tags for every taggable resource; a resource's own tags win.
    pub fn default_tags<K: Into<String>, V: Into<String>>(
        &self,
        tags: impl IntoIterator<Item = (K, V)>,
    ) {
        let tags = tags.into_iter().map(|(k, v)| (k.into(), v.into()));
        self.declared().default_tags.extend(tags);
    }

    /// Declares a resource: `stack.add("web", SecurityGroup::builder()…)`.
    pub fn add<R: Resource>(&self, name: &str, resource: impl Complete<R>) -> Handle<R> {
        self.add_with(name, resource, Options::new())
    }

    /// Declares a resource with [`Options`].
    pub fn add_with<R: Resource>(
        &self,
        name: &str,
        resource: impl Complete<R>,
        options: Options,
    ) -> Handle<R> {
        let type_name = <R as ResourceType>::SCHEMA.type_name;
        let urn = self.urn(type_name, name, &options);
        let aliases = self.former_urns(&urn, &options);
        self.remember(&urn, &aliases);
        let options = options.inherit(&self.owner);
        let inputs = mark_expr(R::FIELDS, resource.into_input().into_expr());
        let decl = ResourceDecl { urn: urn.clone(), type_name, inputs, aliases, options };
        self.declare(Declaration::Resource(Box::new(decl)));
        Handle::new(urn)
    }

    /// Declares a lookup as a node of the graph: its arguments may be outputs, its answers
    /// are outputs. For answers that steer the program itself, see [`Stack::answer`].
    pub fn lookup<L: Lookup>(&self, name: &str, lookup: impl Complete<L>) -> LookupHandle<L> {
        self.lookup_with(name, lookup, Options::new())
    }

    /// Declares a lookup with [`Options`]; `provider`, `parent` and `depends_on` count.
    pub fn lookup_with<L: Lookup>(
        &self,
        name: &str,
        lookup: impl Complete<L>,
        options: Options,
    ) -> LookupHandle<L> {
        let type_name = <L as LookupType>::TYPE;
        let urn = self.urn(type_name, name, &options);
        let options = options.inherit(&self.owner);
        self.declare(Declaration::Lookup(Box::new(LookupDecl {
            urn: urn.clone(),
            type_name,
            args: mark_expr(L::FIELDS, lookup.into_input().into_expr()),
            parents: options.parents().cloned().collect(),
            provider: options.provider.unwrap_or_default(),
            depends_on: options.depends_on,
        })));
        LookupHandle::new(urn)
    }

    /// Asks a lookup now, for loops and conditions in plain Rust:
    /// `for zone in stack.answer(AvailabilityZones::builder()).await?.zone_names { … }`.
    ///
    /// # Errors
    /// When AWS refuses, or an argument is an output that is not known yet.
    pub async fn answer<L: Lookup>(
        &self,
        lookup: impl Complete<L>,
    ) -> Result<<L as LookupType>::Outputs, Error> {
        let type_name = <L as LookupType>::TYPE;
        let secrets = Secrets::default();
        let fail = |source: OpError| {
            let source = source.scrubbed(&secrets);
            Error::Cloud { what: format!("lookup {type_name}"), source }
        };
        let handler = self
            .shared
            .registry
            .lookup(type_name)
            .ok_or_else(|| fail(OpError::invalid("this lookup is not in the registry")))?;
        let args = mark_expr(L::FIELDS, lookup.into_input().into_expr())
            .eval(&crate::value::NoOutputs)
            .map_err(|e| fail(OpError::invalid(e.to_string())))?;
        if args.has_unknown() {
            return Err(fail(OpError::invalid(
                "an argument is another resource's output, which is not known while the \
                 program runs; use `stack.lookup` instead",
            )));
        }
        let args = match args {
            Value::Map(map) => map,
            _ => PropertyMap::new(),
        };
        secrets.learn_map(&args);
        let provider = self.provider();
        let ask = || handler.lookup(&provider, &args);
        let answer = patiently(OUTSIDE, ask).await.map_err(fail)?;
        from_value(&Value::Map(answer)).map_err(|e| fail(OpError::invalid(e.to_string())))
    }

    /// Declares a component: everything that it declares is named below it.
    pub fn component<C: Component>(&self, name: &str, component: C) -> ComponentHandle<C::Outputs> {
        self.component_with(name, component, Options::new())
    }

    /// Declares a component with [`Options`], which its resources inherit.
    pub fn component_with<C: Component>(
        &self,
        name: &str,
        component: C,
        options: Options,
    ) -> ComponentHandle<C::Outputs> {
        let urn = self.urn(C::TYPE, name, &options);
        let former = self.remember(&urn, &self.former_urns(&urn, &options));
        let owner = options.inherit(&self.owner);
        self.declare(Declaration::Component(ComponentDecl { urn: urn.clone() }));
        let path = names(&urn.short());
        let own = owner.inner_aliases.iter().map(|(inner, former)| {
            let path = format!("{}/{inner}", urn.short());
            (path, former.clone())
        });
        let own: Vec<(String, Alias)> = own.collect();
        let inner_aliases = self.inner_aliases.iter().chain(&own).cloned().collect();
        let scope = Stack { shared: self.shared.clone(), path, former, inner_aliases, owner };
        let outputs = component.build(&scope);
        self.check_inner(&urn, &own);
        ComponentHandle::new(urn, outputs)
    }

    /// What is named in a component must be in it.
    fn check_inner(&self, component: &Urn, named: &[(String, Alias)]) {
        let mut declared = self.declared();
        for (path, _) in named {
            if !declared.nodes.iter().any(|node| node.urn().short() == *path) {
                let (component, path) = (component.clone(), path.clone());
                declared.errors.push(GraphError::NotInside { component, path });
            }
        }
    }

    /// Makes a value an export of the stack: printed at the end, readable by `outputs NAME`.
    pub fn export(&self, name: &str, value: impl Exported) {
        let expr = value.into_expr();
        let mut declared = self.declared();
        if declared.exports.insert(name.to_owned(), expr).is_some() {
            declared.errors.push(GraphError::DuplicateExport { name: name.to_owned() });
        }
    }

    /// Records that this component cannot be made from what it was given: why, and what to do.
    /// The run ends with it, beside all other mistakes, before anything is planned.
    pub fn refuse(&self, why: impl Into<String>) {
        let at = match self.path.as_slice() {
            [] => "the program".to_owned(),
            path => format!("component `{}`", path.join("/")),
        };
        self.declared().errors.push(GraphError::Refused { at, why: why.into() });
    }

    /// Makes `node` wait for `other`, both declared already.
    pub fn add_dependency(&self, node: &impl Node, other: &impl Node) {
        self.declared().extra.push((node.urn().clone(), other.urn().clone()));
    }

    fn provider(&self) -> ProviderConfig {
        self.owner.provider.clone().unwrap_or_default()
    }

    fn declare(&self, declaration: Declaration) {
        self.declared().nodes.push(declaration);
    }

    /// Where that which a node is in was before.
    pub(super) fn former_paths(&self, options: &Options) -> Vec<Path> {
        match &options.parent {
            Some(parent) => self.former().get(parent).cloned().unwrap_or_default(),
            None => self.former.clone(),
        }
    }

    /// Remembers where a node was before, for those that are in it.
    fn remember(&self, urn: &Urn, former: &[Urn]) -> Vec<Path> {
        let paths: Vec<Path> = former.iter().map(|urn| names(&urn.short())).collect();
        if !paths.is_empty() {
            self.former().insert(urn.clone(), paths.clone());
        }
        paths
    }

    fn former(&self) -> MutexGuard<'_, BTreeMap<Urn, Vec<Path>>> {
        self.shared.former.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The node's urn; a bad name is recorded and given a stand-in, so that the program runs on.
    fn urn(&self, type_name: &str, name: &str, options: &Options) -> Urn {
        let path = match &options.parent {
            Some(parent) => names(&parent.short()),
            None => self.path.clone(),
        };
        let refs: Vec<&str> = path.iter().map(String::as_str).collect();
        Urn::new(&self.shared.project, &self.shared.name, &refs, type_name, name)
            .unwrap_or_else(|e| self.stand_in(type_name, e.into()))
    }

    /// Records a mistake; the urn to go on with.
    pub(super) fn stand_in(&self, type_name: &str, mistake: GraphError) -> Urn {
        let mut declared = self.declared();
        declared.errors.push(mistake);
        let name = format!("invalid-{}", declared.errors.len());
        Urn::new("invalid", "invalid", &[], type_name, &name)
            .unwrap_or_else(|e| unreachable!("{e}"))
    }
}
