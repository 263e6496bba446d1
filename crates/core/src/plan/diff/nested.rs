//! Comparison property by property, down into nested structs.

use crate::schema::{Field, Given, Kind, Shape};
use crate::value::Value;

use super::keyed;
use super::leaf::{covers, drops, is_empty, open, present};
use super::moves::moved;

/// One value as declared, as last applied, as AWS has it.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    /// What the program wants.
    pub declared: Option<&'a Value>,
    /// What was last applied, if `certain`.
    pub last: Option<&'a Value>,
    /// Whether all of `last` was applied.
    pub certain: bool,
    /// What AWS has; the outer `None` when it was not read.
    pub live: Option<Option<&'a Value>>,
    /// Whether something in the program steers the resource.
    pub steered: bool,
}

/// What a comparison found.
#[derive(Clone, Copy, Default)]
pub(super) struct Verdict {
    pub differs: bool,
    /// A difference stands at a property whose change replaces.
    pub replaces: bool,
}

impl<'a> Sides<'a> {
    /// The sides as far as they count for this property.
    pub(super) fn of(self, field: &Field) -> Self {
        let live = self.live.filter(|_| !field.write_only);
        Self {
            // What only a create can set went with the create call, or there would be no
            // resource.
            certain: self.certain || (field.replaces && live.is_none()),
            live,
            ..self
        }
    }

    /// What stands where nothing does: a documented default. Where nobody ever said anything, there
    /// is nothing to compare.
    pub fn defaulting(self, given: Option<&'a Value>) -> Self {
        let silent = self.declared.is_none() && self.last.is_none();
        if given.is_none() || (silent && self.live.is_none_or(|live| live.is_none())) {
            return self;
        }
        Self {
            declared: self.declared.or(given),
            last: self.last.or(given),
            live: self.live.map(|live| live.or(given)),
            ..self
        }
    }

    /// What was certainly applied last.
    pub(super) fn last(&self) -> Option<&'a Value> {
        self.last.filter(|_| self.certain)
    }

    /// What stands there now, as far as is known.
    fn now(&self) -> Option<&'a Value> {
        self.live.unwrap_or_else(|| self.last())
    }

    /// The members that stand there now; without live state, those that were to stand there.
    pub(super) fn members(&self) -> &'a [Value] {
        items(self.live.unwrap_or(self.last))
    }

    /// The part that `get` takes out of each side.
    pub(super) fn part(&self, get: impl Fn(&'a Value) -> Option<&'a Value>) -> Self {
        let get = |v: Option<&'a Value>| present(v.and_then(&get));
        Self {
            declared: get(self.declared),
            last: get(self.last),
            certain: self.certain,
            live: self.live.map(get),
            steered: self.steered,
        }
    }

    pub(super) fn key(&self, key: &str) -> Self {
        self.part(|v| match open(v) {
            Value::Map(map) => map.get(key),
            _ => None,
        })
    }
}

impl Verdict {
    pub(super) fn add(&mut self, other: Self) {
        self.differs |= other.differs;
        self.replaces |= other.replaces;
    }
}

/// Whether a property differs, and whether that replaces the resource.
pub(super) fn compare(field: &Field, sides: &Sides<'_>) -> Verdict {
    if moved(field, sides) {
        return Verdict::default();
    }
    let mut verdict = value(field.kind, field.shape, sides);
    if sides.declared.is_none() {
        // What AWS fills in, or what was never ours, is left alone.
        // An operation that was cut off may have applied it, or not have removed it.
        let was_ours = sides.last.is_some();
        let still_there = sides.live.unwrap_or(sides.last).is_some_and(|v| !is_empty(v));
        verdict.differs = was_ours && still_there && !field.server_default;
        verdict.replaces &= verdict.differs;
    }
    verdict.replaces |= verdict.differs && field.replaces;
    verdict
}

/// Whether the program declares what was last applied.
pub(in crate::plan) fn same(field: &Field, declared: &Value, last: &Value) -> bool {
    let sides = Sides {
        declared: Some(declared),
        last: Some(last),
        certain: true,
        live: None,
        steered: false,
    };
    !value(field.kind, field.shape, &sides).differs
}

fn value(kind: Kind, shape: Shape, sides: &Sides<'_>) -> Verdict {
    let declared = sides.declared.map(open);
    if declared == Some(&Value::Unknown) {
        return Verdict { differs: true, replaces: shape.holds(|f| f.replaces) };
    }
    match (shape, declared) {
        (Shape::Struct(fields), None | Some(Value::Map(_))) => {
            let mut verdict = Verdict::default();
            for field in fields() {
                // Below what is not declared, nothing is.
                let given = field.default.filter(|_| declared.is_some()).map(Given::value);
                let sides = sides.key(field.name).of(field).defaulting(given.as_ref());
                verdict.add(compare(field, &sides));
            }
            verdict
        }
        (Shape::Map(of), None | Some(Value::Map(_))) => map(*of, sides),
        (Shape::List(of), None | Some(Value::List(_))) => match kind {
            Kind::Set => set(*of, sides),
            Kind::By(key) => keyed::compare(key, *of, sides),
            _ => list(*of, sides),
        },
        (_, None) => Verdict::default(),
        (_, Some(wanted)) => Verdict { differs: leaf(kind, wanted, sides), replaces: false },
    }
}

fn leaf(kind: Kind, wanted: &Value, sides: &Sides<'_>) -> bool {
    if wanted.has_unknown() {
        return true;
    }
    match (sides.live, sides.last()) {
        (Some(live), last) => {
            let fits = match live {
                Some(live) => covers(kind, wanted, live),
                None => is_empty(wanted),
            };
            let dropped = match (last, live) {
                (Some(last), Some(live)) => drops(kind, wanted, last, live),
                _ => false,
            };
            !fits || dropped
        }
        (None, Some(last)) => !(covers(kind, wanted, last) && covers(kind, last, wanted)),
        (None, None) if sides.certain => !is_empty(wanted),
        // Nothing is certain: apply it again.
        (None, None) => true,
    }
}

/// A member of a list or map: there is no property that could say `server_default`.
pub(super) fn member(shape: Shape, sides: &Sides<'_>) -> Verdict {
    let mut verdict = value(Kind::Plain, shape, sides);
    if sides.declared.is_none() {
        verdict.differs = sides.last().is_some() && sides.now().is_some();
        verdict.replaces &= verdict.differs;
    }
    verdict
}

fn map(of: Shape, sides: &Sides<'_>) -> Verdict {
    let keys = |v: Option<&Value>| match v.map(open) {
        Some(Value::Map(map)) => map.keys().cloned().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let mut names = keys(sides.declared);
    names.extend(keys(sides.last()));
    let mut verdict = Verdict::default();
    for name in names {
        verdict.add(member(of, &sides.key(&name)));
    }
    verdict
}

pub(super) fn items(value: Option<&Value>) -> &[Value] {
    match value.map(open) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// A list in order: members belong together by their place.
fn list(of: Shape, sides: &Sides<'_>) -> Verdict {
    let (wanted, now) = (items(sides.declared), sides.members());
    // With another length, what was applied says nothing about what stands there now.
    let aligned = items(sides.last).len() == now.len();
    let uncertain = sides.live.is_none() && !sides.certain;
    let mut verdict = Verdict { differs: wanted.len() != now.len() || uncertain, replaces: false };
    for at in 0..wanted.len().max(now.len()) {
        let mut sides = sides.part(|v| items(Some(v)).get(at));
        sides.last = sides.last.filter(|_| aligned);
        verdict.add(member(of, &sides));
    }
    verdict
}

/// A list without order: members belong together when they fit.
fn set(of: Shape, sides: &Sides<'_>) -> Verdict {
    let wanted = items(sides.declared);
    // Each member that stands there, with what may have been applied to make it so.
    let now: Vec<(&Value, Vec<&Value>)> = sides
        .members()
        .iter()
        .map(|n| match sides.live {
            Some(_) => (n, applied_as(of, n, items(sides.last()), sides.steered).collect()),
            None => (n, vec![n]),
        })
        .collect();
    let pair = |w: &Value, (n, applied): &(&Value, Vec<&Value>)| -> Verdict {
        let one = |last| {
            let live = sides.live.map(|_| Some(*n));
            member(of, &Sides { declared: Some(w), last, live, ..*sides })
        };
        let verdicts = || applied.iter().map(|l| one(Some(l)));
        let fitting = verdicts().find(|v| !v.differs).or_else(|| verdicts().next());
        fitting.unwrap_or_else(|| one(None))
    };
    let new: Vec<_> = wanted.iter().filter(|w| now.iter().all(|n| pair(w, n).differs)).collect();
    let old: Vec<_> = now.iter().filter(|n| wanted.iter().all(|w| pair(w, n).differs)).collect();
    let uncertain = sides.live.is_none() && !sides.certain;
    let differs = !new.is_empty() || !old.is_empty() || uncertain;
    // A member may have become another one without a change that replaces.
    let replaces = if old.is_empty() {
        new.iter().any(|w| added(of, w).replaces)
    } else if new.is_empty() {
        old.iter().any(|(n, _)| removed(of, n).replaces)
    } else {
        new.iter().any(|w| old.iter().all(|n| pair(w, n).replaces))
            || old.iter().any(|n| new.iter().all(|w| pair(w, n).replaces))
    };
    Verdict { differs, replaces }
}

fn added(of: Shape, value: &Value) -> Verdict {
    let live = Some(None);
    let declared = Some(value);
    member(of, &Sides { declared, last: None, certain: true, live, steered: false })
}

pub(super) fn removed(of: Shape, value: &Value) -> Verdict {
    let (last, live) = (Some(value), Some(Some(value)));
    member(of, &Sides { declared: None, last, certain: true, live, steered: false })
}

/// Which of the members last applied may stand there now as `live`.
pub(super) fn applied_as<'a>(
    of: Shape,
    live: &'a Value,
    last: &'a [Value],
    steered: bool,
) -> impl Iterator<Item = &'a Value> {
    last.iter().filter(move |l| {
        let (declared, live) = (Some(*l), Some(Some(live)));
        let sides = Sides { declared, last: declared, certain: true, live, steered };
        !member(of, &sides).differs
    })
}
