//! Histories that once broke a promise.

use crate::history::{History, Step};
use crate::process::End;
use crate::search::holds;
use crate::spec::{Edit, Kind, Program, Spec};
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
            Step { act: crate::history::Act::Plan, parallel: 1, ..Step::default() },
            Step {
                weather: Weather { service: 12, slow: 478, ..Weather::default() },
                ..Step::default()
            },
        ],
        destroy: false,
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
        destroy: false,
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
        destroy: false,
    };
    holds(&history);
}

/// What is retained keeps its name; a new one gets another.
#[test]
fn seed_116() {
    let history = History {
        dice: 16187002877339287877,
        program: Program::of([(15, Spec { retain: true, ..Spec::default() })]),
        steps: vec![Step::default(), Step { act: crate::history::Act::Destroy, ..Step::default() }],
        destroy: false,
    };
    holds(&history);
}
