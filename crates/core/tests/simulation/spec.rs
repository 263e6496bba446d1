//! What a random program declares, and how somebody edits it between runs.

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete_core::program::Component;
use ferrocrete_core::value::Input;
use ferrocrete_core::{Alias, Options, Output, Secret, Stack};

use crate::cloud::NO_SIZE;
use crate::links::Link;
use crate::records::Record;
use crate::types::{Named, Part, Tagged, Tokened};

/// Which resource type, told apart by how an interrupted create is found again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
    /// By its owner and grant, which are what it is; its owner does not go before it.
    Link,
    /// By its host and form, which are what it is; several change in one call.
    Record,
}

impl Kind {
    /// Whether it has all properties.
    fn is_thing(self) -> bool {
        !matches!(self, Kind::Link | Kind::Record)
    }

    /// Whether it is slow to come and to go.
    pub fn is_slow(self) -> bool {
        self == Self::Tagged
    }
}

/// A text that may be secret.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    pub word: u8,
    pub secret: bool,
}

/// One resource of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spec {
    pub kind: Kind,
    /// Changes in place, and with it the address.
    pub size: i64,
    /// What there has to be at least; changes in place.
    pub room: i64,
    /// Replaces.
    pub zone: u8,
    /// Changes in place; the cloud never tells it.
    pub secret: Option<u8>,
    /// A text that the cloud tells, and that may be secret; changes in place.
    pub note: Option<Note>,
    /// A resource whose note it repeats; changes in place.
    pub quote: Option<u8>,
    /// A resource whose rack it repeats, where that has one; changes in place.
    pub rack: Option<u8>,
    /// Its size is not the program's business once it is there.
    pub ignores: bool,
    /// Resources whose ids it uses; change in place.
    pub refs: BTreeSet<u8>,
    /// Resources whose ids it uses; replace.
    pub fixed_refs: BTreeSet<u8>,
    /// A resource whose address it repeats; changes in place.
    pub echo: Option<u8>,
    /// A resource whose sign it repeats; replaces.
    pub sign: Option<u8>,
    pub depends_on: BTreeSet<u8>,
    /// The owner of a part.
    pub owner: Option<u8>,
    pub parent: Option<u8>,
    pub component: Option<u8>,
    /// Which of its names it has.
    pub called: u8,
    /// Its names and components before.
    pub former: BTreeSet<(u8, Option<u8>)>,
    pub protect: bool,
    pub retain: bool,
    pub delete_first: bool,
    pub fixed_name: bool,
    /// A name that others may have at another time; replaces.
    pub shared_name: Option<u8>,
    /// A place that only one has; changes in place.
    pub seat: Option<u8>,
    /// What a link grants, and a record's host.
    pub grant: u8,
}

impl Spec {
    /// Whether its old generation goes before the new one comes.
    pub fn goes_first(&self) -> bool {
        let exchanges = self.seat.is_some() || self.shared_name.is_some();
        self.delete_first || self.fixed_name || exchanges
    }

    /// The host of a record.
    pub fn host(&self) -> String {
        format!("host-{}", self.grant)
    }

    /// The form of a record.
    pub fn form(&self) -> String {
        format!("form-{}", self.zone)
    }

    /// Whether it is something's, and nothing without it.
    pub fn is_owned(&self) -> bool {
        matches!(self.kind, Kind::Part | Kind::Link)
    }

    fn move_to(&mut self, called: u8, component: Option<u8>) {
        self.former.insert((self.called, self.component));
        (self.called, self.component) = (called, component);
        self.former.remove(&(called, component));
    }

    /// What it needs, directly.
    pub fn needs(&self) -> BTreeSet<u8> {
        let mut all = self.refs.clone();
        all.extend(&self.fixed_refs);
        all.extend(&self.depends_on);
        all.extend(self.echo);
        all.extend(self.sign);
        all.extend(self.quote);
        all.extend(self.rack);
        all.extend(self.owner);
        all.extend(self.parent);
        all
    }
}

/// What a program declares; a resource uses only those before it. No number is used twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program(pub BTreeMap<u8, Spec>, u8, Groups);

/// The names of each component, the present one last; not of those that have just their first.
type Groups = BTreeMap<u8, Vec<u8>>;

/// A change of the program between two runs. Where no resource has the number, the next one
/// is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    Add(Spec),
    Remove(u8),
    Size(u8, i64),
    Room(u8, i64),
    Note(u8, Option<Note>),
    Zone(u8, u8),
    Secret(u8, u8),
    Refs(u8, BTreeSet<u8>),
    FixedRefs(u8, BTreeSet<u8>),
    DependsOn(u8, BTreeSet<u8>),
    /// Another name.
    Rename(u8, u8),
    /// Another component, or none.
    Regroup(u8, Option<u8>),
    /// Another name of a component.
    RenameGroup(u8, u8),
    /// Another key in a loop: the same under a new number.
    Rekey(u8),
    Grant(u8, u8),
    Seat(u8, Option<u8>),
    SharedName(u8, Option<u8>),
    /// Two exchange grant, seat and name; what they have become is valid only together.
    Swap(u8, u8),
}

fn noted(at: u8, note: Note) -> Input<String> {
    let text = text(at, note);
    if note.secret { Secret::new(text).into() } else { text.into() }
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
    sign: Output<String>,
    /// Of a thing.
    more: Option<More>,
}

struct More {
    note: Output<String>,
    rack: Output<String>,
}

/// The secret's plaintext.
pub fn plain(index: u8, secret: u8) -> String {
    format!("hush-{index}-{secret}")
}

/// What a note says. In plain it is always the first word, so that what was said before it became
/// secret is known.
pub fn text(index: u8, note: Note) -> String {
    format!("note-{index}-{}.", if note.secret { note.word } else { 0 })
}

/// One of the resource's names in the program.
pub fn name(index: u8, called: u8) -> String {
    format!("r{index}-{called}")
}

/// The resource behind a name.
pub fn index(name: &str) -> u8 {
    let number = name[1..].split('-').next().unwrap_or_default();
    number.parse().expect("a name made by `name`")
}

impl FromIterator<(u8, Spec)> for Program {
    fn from_iter<I: IntoIterator<Item = (u8, Spec)>>(resources: I) -> Self {
        let resources: BTreeMap<u8, Spec> = resources.into_iter().collect();
        let next = resources.keys().next_back().map_or(0, |last| last + 1);
        Self(resources, next, Groups::new()).tidied()
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

    /// Edits it; an edit that would take a protected resource or a chosen name away does nothing.
    pub fn edit(&mut self, edit: &Edit) {
        let before = self.clone();
        self.carry_out(edit);
        let lost = before.0.iter().any(|(at, spec)| spec.protect && !self.0.contains_key(at));
        // Who is told no name any more keeps the one that it has, so nobody else can have it.
        let nameless = before.0.iter().any(|(at, spec)| {
            let after = self.0.get(at).map(|s| s.shared_name);
            spec.shared_name.is_some() && after == Some(None)
        });
        if lost || nameless {
            *self = before;
        }
    }

    fn carry_out(&mut self, edit: &Edit) {
        let number = match edit {
            Edit::Add(spec) => return self.add(spec.clone()),
            Edit::Remove(n)
            | Edit::Size(n, _)
            | Edit::Room(n, _)
            | Edit::Note(n, _)
            | Edit::Zone(n, _)
            | Edit::Secret(n, _) => *n,
            Edit::Refs(n, _) | Edit::FixedRefs(n, _) | Edit::DependsOn(n, _) => *n,
            Edit::Rename(n, _) | Edit::Regroup(n, _) => *n,
            Edit::RenameGroup(group, called) => return self.rename_group(*group, *called),
            Edit::Rekey(n) | Edit::Grant(n, _) | Edit::Seat(n, _) | Edit::SharedName(n, _) => *n,
            Edit::Swap(one, other) => return self.swap(*one, *other),
        };
        let Some(at) = self.pick(number) else { return };
        let protect = self.0[&at].protect;
        let spec = self.0.get_mut(&at).expect("picked");
        match edit {
            Edit::Remove(_) if !protect => drop(self.0.remove(&at)),
            Edit::Zone(_, zone) if !protect => spec.zone = *zone,
            Edit::Remove(_) | Edit::Zone(..) | Edit::Add(_) => {}
            Edit::RenameGroup(..) | Edit::Swap(..) => {}
            Edit::Rekey(_) if !protect && self.1 < u8::MAX => {
                let mut spec = self.0.remove(&at).expect("picked");
                spec.former.clear();
                self.0.insert(self.1, spec);
                self.1 += 1;
            }
            Edit::Rekey(_) => {}
            Edit::Grant(_, grant) => spec.grant = *grant,
            Edit::Seat(_, seat) => spec.seat = *seat,
            Edit::SharedName(_, name) if !protect => spec.shared_name = *name,
            Edit::SharedName(..) => {}
            Edit::Rename(_, called) => spec.move_to(*called, spec.component),
            Edit::Regroup(_, group) => spec.move_to(spec.called, *group),
            Edit::Size(_, size) => spec.size = *size,
            // A program that declares less is refused: `core/tests/engine/moves.rs`.
            Edit::Room(_, room) => spec.room = spec.room.max(*room),
            Edit::Note(_, note) => spec.note = *note,
            Edit::Secret(_, secret) => spec.secret = Some(*secret),
            Edit::Refs(_, refs) => spec.refs = refs.clone(),
            Edit::FixedRefs(_, refs) => spec.fixed_refs = refs.clone(),
            Edit::DependsOn(_, refs) => spec.depends_on = refs.clone(),
        }
        self.tidy();
    }

    fn swap(&mut self, one: u8, other: u8) {
        let Some(one) = self.pick(one) else { return };
        let kind = self.0[&one].kind;
        let same = |(at, s): &(&u8, &Spec)| **at != one && s.kind == kind && !s.protect;
        let mut after = self.0.range(other..).chain(&self.0).filter(same);
        let Some(other) = after.next().map(|(at, _)| *at) else { return };
        if self.0[&one].protect {
            return;
        }
        let mut spec = self.0[&one].clone();
        let their = self.0.get_mut(&other).expect("picked");
        std::mem::swap(&mut spec.grant, &mut their.grant);
        std::mem::swap(&mut spec.seat, &mut their.seat);
        std::mem::swap(&mut spec.shared_name, &mut their.shared_name);
        self.0.insert(one, spec);
        self.tidy();
    }

    fn rename_group(&mut self, group: u8, called: u8) {
        let names = self.2.entry(group).or_insert_with(|| vec![0]);
        names.retain(|n| *n != called);
        names.push(called);
    }

    /// With everything renamed and moved, and nothing changed.
    pub fn renamed(&self) -> Self {
        let mut other = self.clone();
        let groups: BTreeSet<u8> = self.0.values().filter_map(|s| s.component).collect();
        for group in groups.into_iter().filter(|g| g % 2 == 0) {
            other.rename_group(group, 77);
        }
        for (at, spec) in &mut other.0 {
            match at % 4 {
                0 => spec.move_to(77, spec.component),
                1 => spec.move_to(spec.called, spec.component.xor(Some(at % 3))),
                2 => spec.move_to(77, spec.component.xor(Some(at % 3))),
                _ => {}
            }
        }
        other
    }

    /// The name of a component, and those that it had.
    fn group_names(&self, group: u8) -> (String, Vec<String>) {
        let names = self.2.get(&group).map_or(&[0][..], Vec::as_slice);
        let (now, before) = names.split_last().expect("it has one");
        let text = |called: &u8| format!("g{group}-{called}");
        (text(now), before.iter().map(text).collect())
    }

    /// Everything that it may have been before.
    fn aliases(&self, spec: &Spec, at: u8) -> Vec<Alias> {
        let mut all = Vec::new();
        for (called, group) in &spec.former {
            let alias = Alias::new().name(name(at, *called));
            match group {
                // It is where its parent is.
                _ if spec.parent.is_some() => all.push(alias),
                None => all.push(alias.top_level()),
                Some(group) => {
                    let (now, before) = self.group_names(*group);
                    let paths = before.into_iter().chain([now]);
                    all.extend(paths.map(|path| alias.clone().parent(path)));
                }
            }
        }
        all
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
                self.0.iter().filter(|(_, s)| s.is_owned()).map(|(i, _)| *i).collect();
            let records: BTreeSet<u8> =
                self.0.iter().filter(|(_, s)| s.kind == Kind::Record).map(|(i, _)| *i).collect();
            let first: BTreeSet<u8> =
                self.0.iter().filter(|(_, s)| s.goes_first()).map(|(i, _)| *i).collect();
            let things: BTreeSet<u8> =
                self.0.iter().filter(|(_, s)| s.kind.is_thing()).map(|(i, _)| *i).collect();
            let mut lost = BTreeSet::new();
            for (at, spec) in &mut self.0 {
                let ok = |n: &u8| n < at && there.contains(n) && !records.contains(n);
                spec.refs.retain(ok);
                spec.fixed_refs.retain(|n| ok(n) && !parts.contains(n));
                spec.depends_on.retain(ok);
                spec.echo = spec.echo.filter(ok);
                spec.sign = spec.sign.filter(ok);
                spec.quote = spec.quote.filter(|n| ok(n) && things.contains(n));
                spec.rack = spec.rack.filter(|n| ok(n) && things.contains(n));
                if spec.parent.is_some_and(|p| !ok(&p)) {
                    lost.insert(*at);
                }
                if !matches!(spec.kind, Kind::Named | Kind::Tagged) {
                    spec.seat = None;
                }
                if spec.kind != Kind::Named || spec.fixed_name {
                    spec.shared_name = None;
                }
                if spec.kind == Kind::Record {
                    let record = Spec { kind: Kind::Record, ..Spec::default() };
                    let (size, grant, zone) = (spec.size, spec.grant, spec.zone);
                    let (depends_on, former) = (spec.depends_on.clone(), spec.former.clone());
                    let (called, component) = (spec.called, spec.component);
                    let its = Spec { size, grant, zone, depends_on, former, ..record };
                    *spec = Spec { called, component, ..its };
                }
                if spec.kind == Kind::Link {
                    // It has no properties but its size.
                    let link = Spec { kind: Kind::Link, owner: spec.owner, ..Spec::default() };
                    let (size, grant) = (spec.size, spec.grant);
                    let (depends_on, former) = (spec.depends_on.clone(), spec.former.clone());
                    let (called, component) = (spec.called, spec.component);
                    *spec = Spec { size, grant, depends_on, former, called, component, ..link };
                }
                if spec.is_owned() {
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
                    spec.sign = None;
                    spec.fixed_name = false;
                    spec.shared_name = None;
                    spec.seat = None;
                    spec.delete_first = false;
                    spec.depends_on.retain(|n| !first.contains(n));
                }
            }
            // Only one can be or have it; the first one does.
            let mut taken = BTreeSet::new();
            for (at, spec) in &mut self.0 {
                let kind = spec.kind;
                if kind == Kind::Link && !taken.insert((kind, "link", spec.owner, spec.grant)) {
                    lost.insert(*at);
                }
                if kind == Kind::Record && !taken.insert((kind, "host", None, spec.grant)) {
                    lost.insert(*at);
                }
                if spec.seat.is_some_and(|seat| !taken.insert((kind, "seat", None, seat))) {
                    spec.seat = None;
                }
                if spec.shared_name.is_some_and(|name| !taken.insert((kind, "name", None, name))) {
                    spec.shared_name = None;
                }
            }
            if lost.is_empty() {
                return;
            }
            self.0.retain(|at, _| !lost.contains(at));
        }
    }

    /// Whether the cloud refuses something that is declared, whatever is done.
    pub fn is_mistaken(&self) -> bool {
        self.0.values().any(|s| s.size == NO_SIZE)
    }

    /// Without the mistakes.
    pub fn corrected(mut self) -> Self {
        self.0.values_mut().filter(|s| s.size == NO_SIZE).for_each(|s| s.size = 1);
        self
    }

    /// What is secret by now, also if it was in plain before.
    pub fn hidden(&self) -> BTreeSet<String> {
        let secret = self.0.iter().filter_map(|(at, s)| Some((*at, s.note?)));
        let secret = secret.filter(|(_, note)| note.secret);
        secret.flat_map(|(at, note)| [text(at, note), text(at, Note { word: 0, ..note })]).collect()
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
            .map(|g| {
                let (name, before) = self.group_names(g);
                let options = before.into_iter().fold(Options::new(), Options::alias);
                (g, (*stack.component_with(&name, Group, options)).clone())
            })
            .collect();
        let mut done: BTreeMap<u8, Declared> = BTreeMap::new();
        for (at, spec) in &self.0 {
            let scope = spec.component.map_or(stack, |g| &groups[&g]);
            let aliases = self.aliases(spec, *at);
            let mut options = aliases.into_iter().fold(Options::new(), Options::alias);
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
            if spec.ignores {
                options = options.ignore_changes(["size"]);
            }
            let ids = |set: &BTreeSet<u8>| -> Option<Input<Vec<String>>> {
                (!set.is_empty()).then(|| set.iter().map(|n| &done[n].id).collect())
            };
            let label = name(*at, spec.called);
            let shared = spec.shared_name.map(|name| format!("shared-{name}"));
            let fixed = shared.or_else(|| spec.fixed_name.then(|| format!("fixed-{at}")));
            macro_rules! add {
                ($type:ident $(, $owner:ident)?) => {{
                    let builder = $type::builder()
                        .size(spec.size)
                        .zone(format!("zone-{}", spec.zone))
                        .room(spec.room)
                        .maybe_name(fixed)
                        .maybe_secret(spec.secret.map(|s| Secret::new(plain(*at, s))))
                        .maybe_refs(ids(&spec.refs))
                        .maybe_fixed_refs(ids(&spec.fixed_refs))
                        .maybe_seat(spec.seat.map(i64::from))
                        .maybe_sign_of(spec.sign.map(|n| &done[&n].sign))
                        .maybe_note(spec.note.map(|note| noted(*at, note)))
                        .maybe_quote(spec.quote.and_then(|n| Some(&done[&n].more.as_ref()?.note)))
                        .maybe_stand(spec.rack.and_then(|n| Some(&done[&n].more.as_ref()?.rack)))
                        .maybe_echo(spec.echo.map(|n| &done[&n].address));
                    $(let builder = builder.owner_id(&done[&spec.$owner.expect("tidy")].id);)?
                    let handle = scope.add_with(&label, builder, options);
                    stack.export(&format!("guest-{at}"), &handle.guest);
                    use ferrocrete_core::program::Node as _;
                    Declared {
                        urn: handle.urn().clone(),
                        id: handle.thing_id.clone(),
                        address: handle.address.clone(),
                        sign: handle.sign.clone(),
                        more: Some(More {
                            note: Output::from_expr(handle.note.expr().clone()),
                            rack: Output::from_expr(handle.rack.expr().clone()),
                        }),
                    }
                }};
            }
            let declared = match spec.kind {
                Kind::Named => add!(Named),
                Kind::Tagged => add!(Tagged),
                Kind::Tokened => add!(Tokened),
                Kind::Part => add!(Part, owner),
                Kind::Record => {
                    let builder =
                        Record::builder().size(spec.size).host(spec.host()).form(spec.form());
                    let handle = scope.add_with(&label, builder, options);
                    use ferrocrete_core::program::Node as _;
                    Declared {
                        urn: handle.urn().clone(),
                        id: handle.thing_id.clone(),
                        address: handle.address.clone(),
                        sign: handle.sign.clone(),
                        more: None,
                    }
                }
                Kind::Link => {
                    let builder = Link::builder()
                        .size(spec.size)
                        .grant(format!("grant-{}", spec.grant))
                        .owner_id(&done[&spec.owner.expect("tidy")].id);
                    let handle = scope.add_with(&label, builder, options);
                    use ferrocrete_core::program::Node as _;
                    Declared {
                        urn: handle.urn().clone(),
                        id: handle.thing_id.clone(),
                        address: handle.address.clone(),
                        sign: handle.sign.clone(),
                        more: None,
                    }
                }
            };
            stack.export(&format!("id-{at}"), &declared.id);
            if let Some(more) = &declared.more {
                stack.export(&format!("note-{at}"), &more.note);
                stack.export(&format!("rack-{at}"), &more.rack);
            }
            done.insert(*at, declared);
        }
    }
}
