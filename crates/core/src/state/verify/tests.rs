use super::*;
use crate::state::codec::tests::{resource, state, urn};

#[test]
fn a_sound_state_passes_in_order_of_its_dependencies() {
    let state = state([resource("a", &["c"]), resource("b", &["a"]), resource("c", &[])]);
    assert_eq!(state.verify(), Ok(()));
    let order = dependency_order(&state).unwrap();
    let names: Vec<_> = order.iter().map(|r| r.urn.name()).collect();
    assert_eq!(names, ["c", "a", "b"]);
}

#[test]
fn a_dangling_dependency_is_named() {
    let broken = state([resource("web", &["net"])]).verify().unwrap_err();
    let dangling = Violation::Dangling { urn: urn("web"), generation: 1, dependency: urn("net") };
    assert_eq!(broken, [dangling]);
}

#[test]
fn a_cycle_is_shown_as_one() {
    let state = state([resource("a", &["b"]), resource("b", &["a"])]);
    let broken = state.verify().unwrap_err();
    assert!(matches!(&broken[..], [Violation::Cycle(cycle)] if cycle.0.len() == 2));
    let text = broken[0].to_string();
    assert!(text.contains("a -> b -> a") || text.contains("b -> a -> b"), "{text}");
}

#[test]
fn only_one_generation_is_current() {
    let newer = |completeness| ResourceState { generation: 2, completeness, ..resource("a", &[]) };
    let two = state([resource("a", &[]), newer(Completeness::Complete)]);
    let broken = two.verify().unwrap_err();
    assert_eq!(broken, [Violation::SeveralCurrent { urn: urn("a"), generations: vec![1, 2] }]);
    // A replacement that failed half way leaves both.
    let half = state([resource("a", &[]), newer(Completeness::Incomplete)]);
    assert_eq!(half.verify(), Ok(()));
    let old = ResourceState { completeness: Completeness::PendingDelete, ..resource("a", &[]) };
    assert_eq!(state([old, newer(Completeness::Complete)]).verify(), Ok(()));
}

#[test]
fn a_wrong_key_and_a_foreign_resource_are_noticed() {
    let mut misfiled = state([]);
    misfiled.resources.insert((urn("a"), 7), resource("a", &[]));
    let broken = misfiled.verify().unwrap_err();
    assert_eq!(broken, [Violation::WrongKey { filed: urn("a"), generation: 7 }]);
    let mut foreign = state([resource("a", &[])]);
    foreign.stack = "prod".into();
    assert_eq!(foreign.verify().unwrap_err(), [Violation::Foreign(urn("a"))]);
}
