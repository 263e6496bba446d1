//! Random histories: programs, edits, runs and what befalls them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::cloud::NO_SIZE;
use crate::process::End;
use crate::spec::{Edit, Kind, Program, Spec};
use crate::weather::Weather;

/// What somebody does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Act {
    #[default]
    Up,
    Destroy,
    Refresh,
    Plan,
    /// `up` of a program that lacks a resource; refused when that one is protected.
    UpWithout(u8),
    /// Two `up` at once, the second started so many milliseconds later; only the first meets
    /// its end.
    Race(u16),
    /// Somebody deletes a resource by hand.
    Vanish(u8),
    /// Somebody changes a resource by hand.
    Meddle(u8),
    /// `up` with the credentials of another account.
    Elsewhere,
    /// The cloud extends a resource by itself.
    Grow(u8),
}

/// One thing that happens to the stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub edits: Vec<Edit>,
    pub act: Act,
    pub weather: Weather,
    /// Most operations at once; 0 means 4.
    pub parallel: u8,
    pub end: End,
}

/// A promise that the world breaks, to see that the judges notice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Sabotage {
    #[default]
    None,
    /// The backend confirms journal entries that it does not keep.
    Forgetful,
    /// Nothing is ever found again.
    Blind,
    /// Types do not say what only one can be or have.
    Unsaid,
    /// Types do not say what passes by itself.
    Impatient,
    /// Types do not say for how long something is still going on.
    Hasty,
    /// Types do not say that names outlive what had them.
    Nameless,
    /// Types do not say that a first good status is not to be believed.
    Credulous,
    /// Refusals for the number of calls are not told from others.
    Misread,
    /// Types do not tell what the cloud is deleting from what it is making.
    Silent,
    /// What a second call of a read does not find yet is an error like any other.
    Confused,
    /// Types name the code that means everything, but no piece of the message.
    Vague,
    /// Types do not say that the cloud works on things by itself.
    Idle,
    /// Types do not say that several change in one call.
    Single,
    /// Types do not say what the cloud moves by itself.
    Fixed,
    /// Types do not say how the cloud writes things.
    Literal,
}

/// Everything that happens to a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Of the dice that the weather throws.
    pub dice: u64,
    pub program: Program,
    pub steps: Vec<Step>,
    /// Destroy it at the end.
    pub destroy: bool,
    pub sabotage: Sabotage,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Named),
        3 => Just(Kind::Tagged),
        2 => Just(Kind::Tokened),
        2 => Just(Kind::Part),
        3 => Just(Kind::Link),
        2 => Just(Kind::Record),
    ]
}

/// Some of the resources before: a few, mostly near.
fn some(at: u8) -> impl Strategy<Value = BTreeSet<u8>> {
    let near = (1..=6u8, 0..=at).prop_map(move |(back, any)| match at.checked_sub(back) {
        Some(near) => near,
        None => any.saturating_sub(1),
    });
    prop_oneof![2 => Just(BTreeSet::new()), 2 => btree_set(near, 0..=2)]
}

fn seldom(percent: u32) -> impl Strategy<Value = bool> {
    prop::bool::weighted(f64::from(percent) / 100.0)
}

fn spec(at: u8) -> impl Strategy<Value = Spec> {
    let before = move || prop_oneof![3 => Just(None), 1 => (0..=at).prop_map(Some)];
    let links = (some(at), some(at), some(at), before(), before(), before());
    let flags = (seldom(8), seldom(8), seldom(12), seldom(10));
    let own =
        (kind(), 0..4i64, 0..2u8, option::weighted(0.3, 0..3u8), option::weighted(0.2, 0..2u8));
    let slots = (option::weighted(0.2, 0..4u8), option::weighted(0.15, 0..4u8), 0..4u8);
    (own, links, flags, slots, 0..=at).prop_map(|(own, links, flags, slots, owner)| {
        let (seat, shared_name, grant) = slots;
        let (kind, size, zone, secret, component) = own;
        let (refs, fixed_refs, depends_on, echo, parent, sign) = links;
        let (protect, retain, delete_first, fixed_name) = flags;
        Spec {
            kind,
            size,
            room: 0,
            zone,
            secret,
            refs,
            fixed_refs,
            echo,
            sign,
            depends_on,
            owner: matches!(kind, Kind::Part | Kind::Link).then_some(owner),
            parent,
            component,
            called: 0,
            former: BTreeSet::new(),
            protect,
            retain,
            delete_first,
            fixed_name,
            shared_name,
            seat,
            grant,
        }
    })
}

fn program() -> impl Strategy<Value = Program> {
    let size = prop_oneof![6 => 1..8u8, 3 => 8..25u8, 1 => 25..=60u8];
    let specs = size.prop_flat_map(|n| (0..n).map(spec).collect::<Vec<_>>());
    specs.prop_map(|specs| (0..).zip(specs).collect())
}

fn edit() -> impl Strategy<Value = Edit> {
    let any = || 0..60u8;
    let refs = || btree_set(0..30u8, 0..=2);
    prop_oneof![
        2 => spec(20).prop_map(Edit::Add),
        3 => any().prop_map(Edit::Remove),
        3 => (any(), 0..4i64).prop_map(|(n, v)| Edit::Size(n, v)),
        1 => any().prop_map(|n| Edit::Size(n, NO_SIZE)),
        1 => (any(), 0..9i64).prop_map(|(n, v)| Edit::Room(n, v)),
        3 => (any(), 0..3u8).prop_map(|(n, v)| Edit::Zone(n, v)),
        2 => (any(), 0..3u8).prop_map(|(n, v)| Edit::Secret(n, v)),
        1 => (any(), refs()).prop_map(|(n, v)| Edit::Refs(n, v)),
        1 => (any(), refs()).prop_map(|(n, v)| Edit::FixedRefs(n, v)),
        1 => (any(), refs()).prop_map(|(n, v)| Edit::DependsOn(n, v)),
        3 => (any(), 0..4u8).prop_map(|(n, v)| Edit::Rename(n, v)),
        2 => (any(), option::of(0..3u8)).prop_map(|(n, v)| Edit::Regroup(n, v)),
        1 => (0..2u8, 0..3u8).prop_map(|(n, v)| Edit::RenameGroup(n, v)),
        3 => any().prop_map(Edit::Rekey),
        2 => (any(), 0..4u8).prop_map(|(n, v)| Edit::Grant(n, v)),
        2 => (any(), option::of(0..4u8)).prop_map(|(n, v)| Edit::Seat(n, v)),
        1 => (any(), option::of(0..4u8)).prop_map(|(n, v)| Edit::SharedName(n, v)),
        3 => (any(), any()).prop_map(|(n, v)| Edit::Swap(n, v)),
    ]
}

fn weather() -> impl Strategy<Value = Weather> {
    let rate = |most: u8| prop_oneof![2 => Just(0), 1 => 0..=most];
    let storm = (rate(30), rate(15), rate(15), rate(3), 0..1_500u16, 0..2_500u16, rate(15));
    let cling = || prop_oneof![2 => Just(0), 1 => 0..1_200u16];
    let storm = (storm, cling(), rate(30));
    let storm =
        storm.prop_map(|((throttle, service, lost, hang, slow, late, backend), cling, busy)| {
            Weather { throttle, service, lost, hang, slow, late, backend, cling, busy }
        });
    let mild = (0..1_500u16, 0..2_500u16, cling(), rate(30));
    let mild = mild.prop_map(|(slow, late, cling, busy)| Weather {
        slow,
        late,
        cling,
        busy,
        ..Weather::default()
    });
    prop_oneof![1 => Just(Weather::default()), 1 => mild, 3 => storm]
}

fn end() -> impl Strategy<Value = End> {
    let at = || prop_oneof![3 => 0..40u64, 2 => 0..200u64, 1 => 0..1_000u64];
    prop_oneof![
        3 => Just(End::Runs),
        4 => at().prop_map(End::KilledAt),
        1 => (at(), 1..=2u8).prop_map(|(at, n)| End::InterruptedAt(at, n)),
        1 => (at(), 1..60u64).prop_map(|(at, s)| End::FrozenAt(at, s)),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => Just(Act::Up),
        2 => Just(Act::Destroy),
        1 => Just(Act::Refresh),
        1 => Just(Act::Plan),
        1 => (0..60u8).prop_map(Act::UpWithout),
        3 => (0..20_000u16).prop_map(Act::Race),
        1 => (0..60u8).prop_map(Act::Vanish),
        1 => (0..60u8).prop_map(Act::Meddle),
        1 => Just(Act::Elsewhere),
        1 => (0..60u8).prop_map(Act::Grow),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let edits = prop_oneof![2 => Just(vec![]), 3 => vec(edit(), 0..5)];
    (edits, act(), weather(), 0..8u8, end()).prop_map(|(edits, act, weather, parallel, end)| Step {
        edits,
        act,
        weather,
        parallel,
        end,
    })
}

/// Any history.
pub fn history() -> impl Strategy<Value = History> {
    (any::<u64>(), program(), vec(step(), 1..8), any::<bool>()).prop_map(
        |(dice, program, steps, destroy)| {
            let sabotage = Sabotage::None;
            History { dice, program, steps, destroy, sabotage }
        },
    )
}

impl History {
    /// This history as a test, to be kept in `regressions.rs`.
    pub fn source(&self, name: &str) -> String {
        let mut text = format!("#[test]\nfn {name}() {{\n    let history = History {{\n");
        let _ = writeln!(text, "        dice: {},", self.dice);
        let _ = writeln!(text, "        program: Program::of([");
        for (at, spec) in &self.program.0 {
            let _ = writeln!(text, "            ({at}, {}),", brief(spec, &Spec::default()));
        }
        let _ = writeln!(text, "        ]),\n        steps: vec![");
        for step in &self.steps {
            let _ = writeln!(text, "            {},", brief(step, &Step::default()));
        }
        let _ = writeln!(
            text,
            "        ],\n        destroy: {},\n        ..History::default()\n    }};",
            self.destroy
        );
        text + "    holds(&history);\n}\n"
    }
}

/// Debug output as source, without what is as in `default`.
fn brief<T: std::fmt::Debug>(value: &T, default: &T) -> String {
    let (value, default) = (format!("{value:#?}"), format!("{default:#?}"));
    let fields = |text: &str| -> Vec<String> {
        let mut fields: Vec<String> = Vec::new();
        for line in text.lines().skip(1) {
            match line.strip_prefix("    ") {
                Some(deep) if deep.starts_with([' ', '}', ']', ')']) => {
                    fields.last_mut().expect("a field").push_str(deep.trim_start());
                }
                Some(field) => fields.push(field.to_owned()),
                None => {}
            }
        }
        fields
    };
    let head = value.lines().next().unwrap_or_default().to_owned();
    let same = fields(&default);
    let mut fields = fields(&value);
    fields.retain(|f| !same.contains(f));
    for field in &mut fields {
        if let Some((name, set)) = field.split_once(": {") {
            *field =
                format!("{name}: [{}].into(),", set.trim_end_matches("},").trim_end_matches(','));
        }
        *field = field.replace(": [", ": vec![").replace("vec![].into()", "[].into()");
    }
    format!("{} ..Default::default() }}", [vec![head], fields].concat().join(" "))
}
