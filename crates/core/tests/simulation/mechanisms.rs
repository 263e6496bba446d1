//! Each mechanism by itself: a history that holds, and that is noticed to break a promise when
//! the types do not use the mechanism.

use crate::cloud::NO_SIZE;
use crate::history::{Act, History, Sabotage, Step};
use crate::process::End;
use crate::run::live;
use crate::search::dice;
use crate::spec::{Edit, Kind, Program, Spec};
use crate::weather::Weather;

/// Holds whatever the dice say, and not for all dice without the mechanism.
fn is_needed(history: &History, sabotage: Sabotage) {
    let with = |dice, sabotage| live(&History { dice, sabotage, ..history.clone() });
    for dice in dice() {
        if let Err(why) = with(dice, Sabotage::None) {
            panic!("dice {dice}: {why}");
        }
    }
    assert!((0..20).any(|dice| with(dice, sabotage).is_err()), "nobody notices {sabotage:?}");
}

fn slow() -> Weather {
    Weather { slow: 1_500, ..Weather::default() }
}

fn late() -> Weather {
    Weather { late: 2_500, ..Weather::default() }
}

fn named() -> Spec {
    Spec::default()
}

fn link(owner: u8, grant: u8) -> Spec {
    Spec { kind: Kind::Link, owner: Some(owner), grant, ..Spec::default() }
}

fn history<const N: usize>(program: [(u8, Spec); N], steps: Vec<Step>) -> History {
    History { program: Program::of(program), steps, destroy: true, ..History::default() }
}

fn edited(edits: Vec<Edit>, weather: Weather) -> Step {
    Step { edits, weather, ..Step::default() }
}

/// A loop whose key changes: with the detach last, the grant would be gone.
#[test]
fn what_is_the_same_in_the_cloud_is_the_same() {
    let rekeyed = edited(vec![Edit::Rekey(1), Edit::Rekey(2)], slow());
    let program = [(0, named()), (1, link(0, 1)), (2, link(0, 2))];
    is_needed(&history(program, vec![Step::default(), rekeyed]), Sabotage::Unsaid);
}

/// Grants that are exchanged, with another one that goes.
#[test]
fn grants_rotate() {
    let program = [(0, named()), (1, link(0, 1)), (2, link(0, 2)), (3, link(0, 3))];
    let turn = vec![Edit::Swap(1, 2), Edit::Swap(2, 3), Edit::Remove(3)];
    is_needed(&history(program, vec![Step::default(), edited(turn, slow())]), Sabotage::Unsaid);
}

/// Seats that change in place are exchanged, and one is handed over by who goes slowly.
#[test]
fn seats_are_exchanged() {
    let seat = |seat| Spec { kind: Kind::Tagged, seat: Some(seat), ..Spec::default() };
    let program = [(0, seat(0)), (1, seat(1)), (2, seat(2))];
    let swap = edited(vec![Edit::Swap(0, 1)], Weather::default());
    let shift = edited(
        vec![Edit::Remove(2), Edit::Seat(1, Some(2)), Edit::Seat(0, Some(1))],
        Weather::default(),
    );
    is_needed(&history(program, vec![Step::default(), swap, shift]), Sabotage::Unsaid);
}

/// Names that replace are exchanged while others use what has them.
#[test]
fn names_are_exchanged() {
    let name = |name| Spec { shared_name: Some(name), ..Spec::default() };
    let user = Spec { fixed_refs: [0, 1].into(), ..Spec::default() };
    let program = [(0, name(0)), (1, name(1)), (2, user), (3, link(0, 0))];
    let swap = edited(vec![Edit::Swap(0, 1)], Weather::default());
    // The engine knows of names without being told, so there is nothing to switch off.
    live(&history(program, vec![Step::default(), swap])).expect("both have their new names");
}

/// What is made from something new, directly or not, is refused until everybody sees that.
#[test]
fn young_things_are_waited_for() {
    let user = |of: u8| Spec { refs: [of].into(), ..Spec::default() };
    let program = [(0, named()), (1, user(0)), (2, user(1)), (3, link(2, 0))];
    let first = edited(vec![], late());
    // What a role trusts changes, and in the same run something is made for it.
    let change = edited(vec![Edit::Size(0, 3), Edit::Add(user(1))], late());
    let more = edited(vec![Edit::Add(user(2))], late());
    is_needed(&history(program, vec![first, change, more]), Sabotage::Impatient);
}

/// What used it is gone, but the cloud goes on counting for a quarter of an hour.
#[test]
fn what_clings_is_waited_for() {
    let program = [(0, named()), (1, link(0, 0)), (2, link(0, 1))];
    let clinging = Weather { cling: 1_200, ..Weather::default() };
    let gone = edited(vec![Edit::Remove(0), Edit::Remove(1), Edit::Remove(2)], clinging);
    is_needed(&history(program, vec![Step::default(), gone]), Sabotage::Hasty);
}

/// What was removed and comes back gets another name.
#[test]
fn names_outlive_what_had_them() {
    let tokened = Spec { kind: Kind::Tokened, ..Spec::default() };
    let without = Step { act: Act::UpWithout(0), ..Step::default() };
    let destroyed = Step { act: Act::Destroy, ..Step::default() };
    let steps = vec![Step::default(), without, Step::default(), destroyed, Step::default()];
    is_needed(&history([(0, tokened), (1, named())], steps), Sabotage::Nameless);
}

/// An update is accepted, and for a while the cloud shows what was.
#[test]
fn the_first_good_status_is_not_believed() {
    let echo = Spec { echo: Some(0), ..Spec::default() };
    let grows = edited(vec![Edit::Size(0, 3)], late());
    let again = edited(vec![Edit::Size(0, 2)], late());
    let steps = vec![Step::default(), grows, again];
    is_needed(&history([(0, named()), (1, echo)], steps), Sabotage::Credulous);
}

/// Killed in the middle of slow deletes, of which some are declared again.
#[test]
fn what_the_cloud_is_deleting_is_not_there() {
    let tagged = || Spec { kind: Kind::Tagged, ..Spec::default() };
    let killed = |at| Step { act: Act::Destroy, end: End::KilledAt(at), ..Step::default() };
    let program = [(0, tagged()), (1, tagged()), (2, tagged())];
    let again = Step { edits: vec![Edit::Remove(1)], ..Step::default() };
    is_needed(&history(program, vec![Step::default(), killed(30), again]), Sabotage::Silent);
}

/// Of ten calls of every kind seven are refused for their number, and all the same no run fails.
#[test]
fn throttling_ends_nothing() {
    let refused = Weather { throttle: 70, ..Weather::default() };
    let user = Spec { refs: [0].into(), ..Spec::default() };
    let first = edited(vec![], refused);
    let change = edited(vec![Edit::Size(0, 3), Edit::Add(user.clone()), Edit::Remove(2)], refused);
    let destroyed = Step { act: Act::Destroy, weather: refused, ..Step::default() };
    let program = [(0, named()), (1, user), (2, link(0, 1))];
    is_needed(&history(program, vec![first, change, destroyed]), Sabotage::Misread);
}

fn record(host: u8, form: u8) -> Spec {
    Spec { kind: Kind::Record, grant: host, zone: form, ..Spec::default() }
}

/// A record takes another form, two exchange their hosts, one is handed over: whoever looks a
/// host up finds a record at any moment.
#[test]
fn what_changes_in_one_call_is_never_half_done() {
    let program = [(0, record(0, 0)), (1, record(1, 0)), (2, record(2, 1))];
    let form = edited(vec![Edit::Zone(0, 1)], slow());
    let swap = edited(vec![Edit::Swap(0, 1)], slow());
    let turn = edited(vec![Edit::Remove(2), Edit::Grant(1, 2), Edit::Add(record(1, 1))], slow());
    is_needed(&history(program, vec![Step::default(), form, swap, turn]), Sabotage::Single);
}

/// The code that means everything is waited out where its message says so; a plain mistake is
/// told at once.
#[test]
fn a_mistake_is_not_made_again() {
    let user = Spec { refs: [0].into(), size: NO_SIZE, ..Spec::default() };
    let first = edited(vec![], late());
    let fixed = edited(vec![Edit::Size(1, 2)], late());
    is_needed(&history([(0, named()), (1, user)], vec![first, fixed]), Sabotage::Vague);
}

/// The cloud works on something by itself when it is to be changed, and when it is to go.
#[test]
fn the_cloud_is_waited_for() {
    let busy = Weather { busy: 60, ..Weather::default() };
    let change = edited(vec![Edit::Size(0, 3), Edit::Size(1, 2)], busy);
    let gone = edited(vec![Edit::Remove(1)], busy);
    let program = [(0, named()), (1, named())];
    is_needed(&history(program, vec![Step::default(), change, gone]), Sabotage::Idle);
}

/// The second call of a merged read does not find one of its members yet.
#[test]
fn a_read_is_as_good_as_its_parts() {
    let slow = |size| Spec { kind: Kind::Tagged, size, ..Spec::default() };
    let made = edited(vec![Edit::Add(slow(1)), Edit::Add(slow(2))], late());
    let program = [(0, slow(0)), (1, named())];
    is_needed(&history(program, vec![edited(vec![], late()), made]), Sabotage::Confused);
}

/// What the cloud has extended is no drift, and not taken back when something else changes.
#[test]
fn what_the_cloud_moves_is_left() {
    let room = Spec { room: 3, ..Spec::default() };
    let grown = Step { act: Act::Grow(0), ..Step::default() };
    let more = edited(vec![Edit::Room(0, 4)], Weather::default());
    let steps = vec![Step::default(), grown, Step::default(), more];
    is_needed(&history([(0, room)], steps), Sabotage::Fixed);
}

/// What the cloud writes differently is not different.
#[test]
fn spelling_is_no_change() {
    is_needed(&history([(0, named())], vec![Step::default()]), Sabotage::Literal);
}
