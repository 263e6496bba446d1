//! Histories that once broke a promise.

use crate::history::{Act, History, Step};
use crate::process::End;
use crate::search::holds;
use crate::spec::{Edit, Kind, Note, Program, Spec};
use crate::weather::Weather;

/// A failure inside the service, after which the thing exists all the same.
#[test]
fn seed_206() {
    let history = History {
        dice: 6900516730668438060,
        program: Program::of([
            (11, Spec::default()),
            (12, Spec::default()),
            (14, Spec { fixed_name: true, ..Spec::default() }),
            (17, Spec { kind: Kind::Tagged, size: 2, ..Spec::default() }),
            (19, Spec { kind: Kind::Tagged, secret: Some(2), ..Spec::default() }),
        ]),
        steps: vec![
            Step { act: Act::Plan, parallel: 1, ..Step::default() },
            Step {
                weather: Weather { service: 12, slow: 478, ..Weather::default() },
                ..Step::default()
            },
        ],
        ..History::default()
    };
    holds(&history);
}

/// What the cloud is still deleting gives its seat up to somebody whom its successor needs.
#[test]
fn seed_103774() {
    let history = History {
        dice: 7642230039128319276,
        program: Program::of([
            (1, Spec { kind: Kind::Tagged, ..Spec::default() }),
            (
                2,
                Spec {
                    kind: Kind::Tagged,
                    depends_on: [1].into(),
                    seat: Some(3),
                    ..Spec::default()
                },
            ),
        ]),
        steps: vec![
            Step { parallel: 1, ..Step::default() },
            Step {
                edits: vec![Edit::Swap(14, 40)],
                weather: Weather { throttle: 28, ..Weather::default() },
                parallel: 1,
                end: End::KilledAt(37),
                ..Step::default()
            },
        ],
        ..History::default()
    };
    holds(&history);
}

/// Made a moment ago, not visible yet, and not to be made again.
#[test]
fn seed_91() {
    let history = History {
        dice: 3166869214965062161,
        program: Program::of([(1, Spec::default())]),
        steps: vec![
            Step { weather: Weather { late: 2274, ..Weather::default() }, ..Step::default() },
            Step::default(),
        ],
        ..History::default()
    };
    holds(&history);
}

/// What was to be removed when the update was cut off is removed by the next one.
#[test]
fn seed_249() {
    let history = History {
        dice: 15687095760962592816,
        program: Program::of([
            (0, Spec::default()),
            (1, Spec { kind: Kind::Tokened, parent: Some(0), ..Spec::default() }),
            (2, Spec { echo: Some(1), ..Spec::default() }),
        ]),
        steps: vec![
            Step { parallel: 1, ..Step::default() },
            Step {
                edits: vec![Edit::Remove(0)],
                parallel: 1,
                end: End::KilledAt(9),
                ..Step::default()
            },
        ],
        ..History::default()
    };
    holds(&history);
}

/// What is retained keeps its name; a new one gets another.
#[test]
fn seed_116() {
    let history = History {
        dice: 16187002877339287877,
        program: Program::of([(15, Spec { retain: true, ..Spec::default() })]),
        steps: vec![Step::default(), Step { act: Act::Destroy, ..Step::default() }],
        ..History::default()
    };
    holds(&history);
}

/// Something that goes first needs the old one of a replacement gone, three resources away.
#[test]
fn seed_16730() {
    let history = History {
        dice: 12043374095256851665,
        program: Program::of([
            (1, Spec::default()),
            (2, Spec { fixed_name: true, ..Spec::default() }),
            (6, Spec { fixed_refs: [1].into(), depends_on: [2].into(), ..Spec::default() }),
            (9, Spec { refs: [6].into(), parent: Some(1), ..Spec::default() }),
            (11, Spec { echo: Some(6), ..Spec::default() }),
            (12, Spec { refs: [9, 11].into(), ..Spec::default() }),
            (15, Spec { fixed_refs: [9, 12].into(), ..Spec::default() }),
        ]),
        steps: vec![
            Step::default(),
            Step { edits: vec![Edit::Zone(2, 2), Edit::Remove(1)], ..Step::default() },
        ],
        ..History::default()
    };
    holds(&history);
}

/// Two generations of a part, each with another generation of its owner.
#[test]
fn seed_1566() {
    let history = History {
        dice: 17233947679739917220,
        program: Program::of([
            (1, Spec::default()),
            (4, Spec::default()),
            (6, Spec { fixed_refs: [1].into(), parent: Some(4), ..Spec::default() }),
            (7, Spec { refs: [1].into(), ..Spec::default() }),
            (8, Spec { echo: Some(6), ..Spec::default() }),
            (9, Spec { kind: Kind::Tagged, fixed_refs: [6, 7].into(), ..Spec::default() }),
            (10, Spec { kind: Kind::Part, owner: Some(9), ..Spec::default() }),
            (12, Spec { kind: Kind::Tokened, ..Spec::default() }),
            (14, Spec { refs: [9].into(), ..Spec::default() }),
        ]),
        steps: vec![
            Step { parallel: 1, ..Step::default() },
            Step {
                edits: vec![Edit::Remove(1), Edit::Secret(4, 0)],
                parallel: 3,
                end: End::FrozenAt(99, 24),
                ..Step::default()
            },
            Step { edits: vec![Edit::Remove(4)], parallel: 1, ..Step::default() },
        ],
        ..History::default()
    };
    holds(&history);
}

/// What depends on something that was deleted first still goes before it.
#[test]
fn seed_1008128() {
    let history = History {
        dice: 10364940461764576175,
        program: Program::of([
            (1, Spec { fixed_name: true, ..Spec::default() }),
            (2, Spec { fixed_refs: [1].into(), ..Spec::default() }),
            (7, Spec { depends_on: [2].into(), ..Spec::default() }),
        ]),
        steps: vec![
            Step::default(),
            Step { edits: vec![Edit::Zone(1, 2)], ..Step::default() },
            Step { act: Act::Destroy, ..Step::default() },
        ],
        ..History::default()
    };
    holds(&history);
}

/// An output that repeats a property goes with it.
#[test]
fn seed_289() {
    let note = Some(Note { word: 1, secret: true });
    let history = History {
        dice: 1463289463416664421,
        program: Program::of([
            (1, Spec { note, ..Spec::default() }),
            (5, Spec { quote: Some(1), ..Spec::default() }),
        ]),
        steps: vec![Step::default(), Step { edits: vec![Edit::Note(1, None)], ..Step::default() }],
        ..History::default()
    };
    holds(&history);
}

/// A secret that is taken out goes on being told by a cloud that is late.
#[test]
fn seed_240() {
    let note = Some(Note { word: 1, secret: true });
    let late = Weather { late: 1223, ..Weather::default() };
    let history = History {
        dice: 14647777055898750512,
        program: Program::of([(12, Spec { note, ..Spec::default() })]),
        steps: vec![
            Step::default(),
            Step { edits: vec![Edit::Note(12, None)], weather: late, ..Step::default() },
        ],
        ..History::default()
    };
    holds(&history);
}

/// Two records exchange their hosts, and one of them depends on what is deleted first: there the
/// host is without a record for a moment, as the program asks for.
#[test]
fn seed_20454() {
    let record = |on: u8, grant: u8| Spec {
        kind: Kind::Record,
        depends_on: [on].into(),
        grant,
        ..Spec::default()
    };
    let history = History {
        dice: 6361870691514717972,
        program: Program::of([
            (1, Spec { zone: 1, fixed_name: true, ..Spec::default() }),
            (6, record(1, 1)),
            (10, Spec { echo: Some(1), ..Spec::default() }),
            (13, record(10, 3)),
        ]),
        steps: vec![
            Step { parallel: 1, ..Step::default() },
            Step {
                edits: vec![Edit::Swap(4, 43), Edit::Zone(21, 0)],
                parallel: 1,
                ..Step::default()
            },
        ],
        ..History::default()
    };
    holds(&history);
}

/// A half-made replacement is deleted while what it was to replace goes on being used.
#[test]
fn seed_52335() {
    let history = History {
        dice: 6799271441542046357,
        program: Program::of([
            (0, Spec { ..Default::default() }),
            (
                2,
                Spec { kind: Kind::Tagged, fixed_refs: [0].into(), grant: 3, ..Default::default() },
            ),
            (3, Spec { fixed_refs: [2].into(), seat: Some(1), ..Default::default() }),
        ]),
        steps: vec![
            Step { parallel: 1, ..Default::default() },
            Step {
                act: Act::UpWithout(19),
                parallel: 1,
                end: End::FrozenAt(20, 17),
                ..Default::default()
            },
        ],
        destroy: false,
        ..History::default()
    };
    holds(&history);
}
