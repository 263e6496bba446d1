use proptest::prelude::*;

use super::*;
use crate::resource::ProviderConfig;
use crate::state::codec::tests::{resource, state, urn};
use crate::state::{Intent, IntentAction, OpenIntent};

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

#[test]
fn what_is_only_intended_counts_as_known() {
    let intent = |name: &str, dependency: &str| {
        let intent = Intent {
            urn: urn(name),
            named_after: None,
            generation: 1,
            action: IntentAction::Create,
            inputs: Default::default(),
            token: "t".into(),
            dependencies: [urn(dependency)].into(),
            provider: ProviderConfig::default(),
            namespace: None,
            protect: false,
            retain_on_delete: false,
            started_at: String::new(),
        };
        ((urn(name), 1), OpenIntent { intent, id: None, all_sent: false })
    };
    let mut sound = state([resource("net", &[])]);
    sound.intents.extend([intent("web", "net")]);
    sound.resources.extend(state([resource("dns", &["web"])]).resources);
    assert_eq!(sound.verify(), Ok(()));
    let mut broken = state([]);
    broken.intents.extend([intent("web", "net")]);
    let dangling = Violation::Dangling { urn: urn("web"), generation: 1, dependency: urn("net") };
    assert_eq!(broken.verify().unwrap_err(), [dangling]);
}

#[test]
fn an_old_generation_may_depend_on_what_now_depends_on_its_successor() {
    let old = ResourceState { completeness: Completeness::PendingDelete, ..resource("a", &["b"]) };
    let new = ResourceState { generation: 2, ..resource("a", &[]) };
    let state = state([old, new, resource("b", &["a"])]);
    assert_eq!(state.verify(), Ok(()));
    let order: Vec<_> =
        dependency_order(&state).unwrap().iter().map(|r| (r.urn.name(), r.generation)).collect();
    assert_eq!(order, [("a", 2), ("b", 1), ("a", 1)]);
}

#[test]
fn every_broken_rule_is_told_at_once() {
    let mut broken = state([resource("a", &["a"]), resource("b", &["nowhere"])]);
    broken.stack = "prod".into();
    let found = broken.verify().unwrap_err();
    let count = |rule: fn(&Violation) -> bool| found.iter().filter(|v| rule(v)).count();
    assert_eq!(count(|v| matches!(v, Violation::Foreign(_))), 2);
    assert_eq!(count(|v| matches!(v, Violation::Dangling { .. })), 1);
    assert_eq!(count(|v| matches!(v, Violation::Cycle(c) if c.0 == [urn("a")])), 1);
    assert_eq!(found.len(), 4, "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Against the plainest definition: who reaches itself is in a cycle.
    #[test]
    fn a_state_verifies_unless_somebody_reaches_itself(
        edges in prop::collection::btree_set((0_usize..6, 0_usize..6), 0..10),
    ) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let all = (0..6).map(|n| {
            let to = edges.iter().filter(|(from, _)| *from == n).map(|(_, to)| names[*to]);
            resource(names[n], &to.collect::<Vec<_>>())
        });
        let state = state(all);
        let mut reaches = edges.clone();
        for via in 0..6 {
            for from in 0..6 {
                for to in 0..6 {
                    if reaches.contains(&(from, via)) && reaches.contains(&(via, to)) {
                        reaches.insert((from, to));
                    }
                }
            }
        }
        let in_cycle = |name: &str| {
            let n = names.iter().position(|other| *other == name).unwrap();
            reaches.contains(&(n, n))
        };
        match state.verify() {
            Ok(()) => {
                prop_assert!(!names.into_iter().any(in_cycle));
                let order = dependency_order(&state).unwrap();
                prop_assert_eq!(order.len(), 6);
                for (at, resource) in order.iter().enumerate() {
                    for dependency in &resource.dependencies {
                        prop_assert!(order[..at].iter().any(|r| r.urn == *dependency));
                    }
                }
            }
            Err(found) => {
                let [Violation::Cycle(cycle)] = &found[..] else { panic!("{found:?}") };
                prop_assert!(!cycle.0.is_empty());
                prop_assert!(cycle.0.iter().all(|urn| in_cycle(urn.name())));
                // Each depends on the next, the last on the first.
                for (at, urn) in cycle.0.iter().enumerate() {
                    let next = &cycle.0[(at + 1) % cycle.0.len()];
                    prop_assert!(state.current(urn).unwrap().dependencies.contains(next));
                }
            }
        }
    }
}
