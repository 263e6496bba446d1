//! What a random program declares, and how somebody edits it between runs.

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete_core::program::Component;
use ferrocrete_core::value::Input;
use ferrocrete_core::{Options, Output, Secret, Stack};

use crate::types::{Named, Part, Tagged, Tokened};

/// Which resource type, told apart by how an interrupted create is found again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// By its name.
    #[default]
    Named,
    /// By the tag with its urn; slow to come and to go.
    Tagged,
    /// By the token of its create.
    Tokened,
    /// By its owner and name; no tags; goes with its owner.
    Part,
}

/// One resource of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spec {
    pub kind: Kind,
    /// Changes in place, and with it the address.
    pub size: i64,
    /// Replaces.
    pub zone: u8,
    /// Changes in place; the cloud never tells it.
    pub secret: Option<u8>,
    /// Resources whose ids it uses; change in place.
    pub refs: BTreeSet<u8>,
    /// Resources whose ids it uses; replace.
    pub fixed_refs: BTreeSet<u8>,
    /// A resource whose address it repeats; changes in place.
    pub echo: Option<u8>,
    pub depends_on: BTreeSet<u8>,
    /// The owner of a part.
    pub owner: Option<u8>,
    pub parent: Option<u8>,
    pub component: Option<u8>,
    pub protect: bool,
    pub retain: bool,
    pub delete_first: bool,
    pub fixed_name: bool,
}

impl Spec {
    /// Whether its old generation goes before the new one comes.
    pub fn goes_first(&self) -> bool {
        self.delete_first || self.fixed_name
    }

    /// What it needs, directly.
    pub fn needs(&self) -> BTreeSet<u8> {
        let mut all = self.refs.clone();
        all.extend(&self.fixed_refs);
        all.extend(&self.depends_on);
        all.extend(self.echo);
        all.extend(self.owner);
        all.extend(self.parent);
        all
    }
}

/// What a program declares; a resource uses only those before it. No number is used twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program(pub BTreeMap<u8, Spec>, u8);

/// A change of the program between two runs. Where no resource has the number, the next one
/// is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    Add(Spec),
    Remove(u8),
    Size(u8, i64),
    Zone(u8, u8),
    Secret(u8, u8),
    Refs(u8, BTreeSet<u8>),
    FixedRefs(u8, BTreeSet<u8>),
    DependsOn(u8, BTreeSet<u8>),
}

struct Group;

impl Component for Group {
    const TYPE: &'static str = "sim:Group";
    type Outputs = Stack;

    fn build(self, scope: &Stack) -> Stack {
        scope.clone()
    }
}

struct Declared {
    urn: ferrocrete_core::Urn,
    id: Output<String>,
    address: Output<String>,
}

/// The secret's plaintext.
pub fn plain(index: u8, secret: u8) -> String {
    format!("hush-{index}-{secret}")
}

/// The resource's name in the program.
pub fn name(index: u8) -> String {
    format!("r{index}")
}

/// The resource behind a name.
pub fn index(name: &str) -> u8 {
    name[1..].parse().expect("a name made by `name`")
}

impl FromIterator<(u8, Spec)> for Program {
    fn from_iter<I: IntoIterator<Item = (u8, Spec)>>(resources: I) -> Self {
        let resources: BTreeMap<u8, Spec> = resources.into_iter().collect();
        let next = resources.keys().next_back().map_or(0, |last| last + 1);
        Self(resources, next).tidied()
    }
}

impl Program {
    /// These resources.
    pub fn of<const N: usize>(resources: [(u8, Spec); N]) -> Self {
        resources.into_iter().collect()
    }

    /// Made valid.
    pub fn tidied(mut self) -> Self {
        self.tidy();
        self
    }

    /// Adds a resource, made valid.
    pub fn add(&mut self, spec: Spec) {
        if self.1 < u8::MAX {
            self.0.insert(self.1, spec);
            self.1 += 1;
            self.tidy();
        }
    }

    /// This one, or else the next that there is.
    pub fn pick(&self, number: u8) -> Option<u8> {
        self.0.range(number..).chain(&self.0).next().map(|(at, _)| *at)
    }

    /// Whether a replacement deletes first: its own, or one that takes it along.
    pub fn goes_first(&self, number: u8) -> bool {
        self.0.get(&number).is_some_and(|spec| {
            spec.goes_first() || spec.needs().iter().any(|n| self.goes_first(*n))
        })
    }

    /// Edits it; an edit that would take a protected resource away does nothing.
    pub fn edit(&mut self, edit: &Edit) {
        let before = self.clone();
        self.carry_out(edit);
        if before.0.iter().any(|(at, spec)| spec.protect && !self.0.contains_key(at)) {
            *self = before;
        }
    }

    fn carry_out(&mut self, edit: &Edit) {
        let number = match edit {
            Edit::Add(spec) => return self.add(spec.clone()),
            Edit::Remove(n) | Edit::Size(n, _) | Edit::Zone(n, _) | Edit::Secret(n, _) => *n,
            Edit::Refs(n, _) | Edit::FixedRefs(n, _) | Edit::DependsOn(n, _) => *n,
        };
        let Some(at) = self.pick(number) else { return };
        let protect = self.0[&at].protect;
        let spec = self.0.get_mut(&at).expect("picked");
        match edit {
            Edit::Remove(_) if !protect => drop(self.0.remove(&at)),
            Edit::Zone(_, zone) if !protect => spec.zone = *zone,
            Edit::Remove(_) | Edit::Zone(..) | Edit::Add(_) => {}
            Edit::Size(_, size) => spec.size = *size,
            Edit::Secret(_, secret) => spec.secret = Some(*secret),
            Edit::Refs(_, refs) => spec.refs = refs.clone(),
            Edit::FixedRefs(_, refs) => spec.fixed_refs = refs.clone(),
            Edit::DependsOn(_, refs) => spec.depends_on = refs.clone(),
        }
        self.tidy();
    }

    /// Without one resource, for a run that a protected resource has to refuse.
    pub fn without(&self, number: u8) -> Self {
        let mut less = self.clone();
        if let Some(at) = self.pick(number) {
            less.0.remove(&at);
        }
        less.tidy();
        less
    }

    /// Lets go of what is not there, and of combinations that no cloud could carry out.
    fn tidy(&mut self) {
        loop {
            let there: BTreeSet<u8> = self.0.keys().copied().collect();
            let parts: BTreeSet<u8> =
                self.0.iter().filter(|(_, s)| s.kind == Kind::Part).map(|(i, _)| *i).collect();
            let first: BTreeSet<u8> =
                self.0.iter().filter(|(_, s)| s.goes_first()).map(|(i, _)| *i).collect();
            let mut lost = BTreeSet::new();
            for (at, spec) in &mut self.0 {
                let ok = |n: &u8| n < at && there.contains(n);
                spec.refs.retain(ok);
                spec.fixed_refs.retain(|n| ok(n) && !parts.contains(n));
                spec.depends_on.retain(ok);
                spec.echo = spec.echo.filter(ok);
                if spec.parent.is_some_and(|p| !ok(&p)) {
                    lost.insert(*at);
                }
                if spec.kind == Kind::Part {
                    // A part of a part would not be found by its owner's id alone.
                    let owner = spec.owner.filter(|o| ok(o) && !parts.contains(o));
                    if owner.is_none() {
                        lost.insert(*at);
                    }
                    spec.protect = false;
                    spec.retain = false;
                } else {
                    spec.owner = None;
                }
                if spec.protect || spec.retain {
                    // What stays for ever must not hold others, nor be replaced with them.
                    spec.fixed_refs.clear();
                    spec.fixed_name = false;
                    spec.delete_first = false;
                    spec.depends_on.retain(|n| !first.contains(n));
                }
            }
            if lost.is_empty() {
                return;
            }
            self.0.retain(|at, _| !lost.contains(at));
        }
    }

    /// Protection lifted, for the end.
    pub fn unprotected(mut self) -> Self {
        self.0.values_mut().for_each(|s| s.protect = false);
        self
    }

    /// Declares it all.
    pub fn declare(&self, stack: &Stack) {
        let groups: BTreeSet<u8> = self.0.values().filter_map(|s| s.component).collect();
        let groups: BTreeMap<u8, Stack> = groups
            .into_iter()
            .map(|g| (g, (*stack.component(&format!("g{g}"), Group)).clone()))
            .collect();
        let mut done: BTreeMap<u8, Declared> = BTreeMap::new();
        for (at, spec) in &self.0 {
            let scope = spec.component.map_or(stack, |g| &groups[&g]);
            let mut options = Options::new();
            for other in &spec.depends_on {
                options = options.depends_on(&done[other].urn);
            }
            if let Some(parent) = spec.parent {
                options = options.parent(&done[&parent].urn);
            }
            if spec.protect {
                options = options.protect(true);
            }
            if spec.retain {
                options = options.retain_on_delete(true);
            }
            if spec.delete_first {
                options = options.delete_before_replace(true);
            }
            let ids = |set: &BTreeSet<u8>| -> Option<Input<Vec<String>>> {
                (!set.is_empty()).then(|| set.iter().map(|n| &done[n].id).collect())
            };
            let label = name(*at);
            let fixed = spec.fixed_name.then(|| format!("fixed-{at}"));
            macro_rules! add {
                ($type:ident $(, $owner:ident)?) => {{
                    let builder = $type::builder()
                        .size(spec.size)
                        .zone(format!("zone-{}", spec.zone))
                        .maybe_name(fixed)
                        .maybe_secret(spec.secret.map(|s| Secret::new(plain(*at, s))))
                        .maybe_refs(ids(&spec.refs))
                        .maybe_fixed_refs(ids(&spec.fixed_refs))
                        .maybe_echo(spec.echo.map(|n| &done[&n].address));
                    $(let builder = builder.owner_id(&done[&spec.$owner.expect("tidy")].id);)?
                    let handle = scope.add_with(&label, builder, options);
                    use ferrocrete_core::program::Node as _;
                    Declared {
                        urn: handle.urn().clone(),
                        id: handle.thing_id.clone(),
                        address: handle.address.clone(),
                    }
                }};
            }
            let declared = match spec.kind {
                Kind::Named => add!(Named),
                Kind::Tagged => add!(Tagged),
                Kind::Tokened => add!(Tokened),
                Kind::Part => add!(Part, owner),
            };
            stack.export(&format!("id-{at}"), &declared.id);
            done.insert(*at, declared);
        }
    }
}
