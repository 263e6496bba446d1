//! Histories that are too seldom for dice, each of which broke a promise once.

use crate::history::{Act, History, Step};
use crate::process::End;
use crate::run::live;
use crate::search::dice;
use crate::spec::{Edit, Kind, Program, Spec};
use crate::weather::Weather;

fn holds<const N: usize>(program: [(u8, Spec); N], steps: Vec<Step>) {
    for dice in dice() {
        let program = Program::of(program.clone());
        let history =
            History { dice, program, steps: steps.clone(), destroy: true, ..History::default() };
        if let Err(why) = live(&history) {
            panic!("dice {dice}: {why}");
        }
    }
}

fn up<const N: usize>(edits: [Edit; N]) -> Step {
    Step { edits: edits.into(), ..Step::default() }
}

/// Its owner seemed to be replaced, which would have taken it along, but proves to stay.
#[test]
fn what_goes_with_its_owner_goes_also_when_that_one_stays() {
    let named = Spec { size: 1, ..Spec::default() };
    let owner = Spec { sign: Some(0), ..Spec::default() };
    let part = Spec { kind: Kind::Part, owner: Some(1), ..Spec::default() };
    let steps = vec![up([]), up([Edit::Size(0, 3), Edit::Remove(2)])];
    holds([(0, named), (1, owner), (2, part)], steps);
}

/// A name is changed, the old one of that name cannot go, and the name is changed back.
#[test]
fn a_name_is_changed_back_while_the_old_one_is_still_there() {
    let named = Spec { shared_name: Some(0), ..Spec::default() };
    let user = Spec { kind: Kind::Link, owner: Some(0), ..Spec::default() };
    let fails = Weather { service: 40, lost: 40, ..Weather::default() };
    let there = Step { weather: fails, ..up([Edit::SharedName(0, Some(1))]) };
    let killed = |at| Step { end: End::KilledAt(at), ..up([Edit::SharedName(0, Some(1))]) };
    let back = || up([Edit::SharedName(0, Some(0))]);
    holds([(0, named.clone()), (1, user.clone())], vec![up([]), there, back()]);
    for at in 4..24 {
        holds([(0, named.clone()), (1, user.clone())], vec![up([]), killed(at), back()]);
    }
}

/// An old generation that uses what uses the new one.
#[test]
fn an_old_generation_is_no_circle_for_destroy() {
    let one = Spec { size: 1, ..Spec::default() };
    let other = Spec { fixed_refs: [0].into(), ..Spec::default() };
    let destroy = Step { act: Act::Destroy, ..Step::default() };
    for at in 4..40 {
        let turned = vec![Edit::FixedRefs(1, [].into()), Edit::Zone(0, 1), Edit::Zone(1, 1)];
        let killed = Step { edits: turned, end: End::KilledAt(at), ..Step::default() };
        holds([(0, one.clone()), (1, other.clone())], vec![up([]), killed, destroy.clone()]);
    }
}

/// A delete got through, but its answer was lost; `refresh` is the one to see that it is gone.
#[test]
fn a_kept_name_is_remembered_by_who_sees_that_it_is_gone() {
    let tokened = Spec { kind: Kind::Tokened, ..Spec::default() };
    let lost = Weather { lost: 60, ..Weather::default() };
    let destroy = Step { act: Act::Destroy, weather: lost, ..Step::default() };
    let refresh = Step { act: Act::Refresh, ..Step::default() };
    holds([(0, tokened)], vec![up([]), destroy, refresh, up([])]);
}
