//! Renames; what else entries do is tested where it is used.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::state::Violation;
use crate::state::codec::tests::{resource, state, urn};

fn moved(from: &str, to: &str) -> Entry {
    Entry::Moved { from: urn(from), to: urn(to) }
}

fn begin(name: &str, generation: u64, dependencies: &[&str]) -> Entry {
    Entry::Begin(Box::new(Intent {
        urn: urn(name),
        named_after: None,
        generation,
        action: IntentAction::Create,
        inputs: PropertyMap::new(),
        token: "t".into(),
        dependencies: dependencies.iter().map(|d| urn(d)).collect(),
        provider: ProviderConfig::default(),
        namespace: None,
        protect: false,
        retain_on_delete: false,
        started_at: String::new(),
    }))
}

/// Who is what in the cloud: never changed by a rename.
fn identities(state: &State) -> BTreeMap<(Urn, u64), String> {
    let resources = state.resources.values();
    let resources = resources.map(|r| ((r.identity().clone(), r.generation), r.id.clone()));
    let intents = state.intents.values().map(|open| &open.intent);
    let intents = intents.map(|i| ((i.identity().clone(), i.generation), i.token.clone()));
    resources.chain(intents).collect()
}

#[test]
fn all_of_it_moves() {
    let old = ResourceState { completeness: Completeness::PendingDelete, ..resource("a", &[]) };
    let new = ResourceState { generation: 2, ..resource("a", &[]) };
    let mut moving = state([old, new, resource("b", &["a"])]);
    moving.apply(begin("a", 3, &[]));
    moving.apply(begin("c", 1, &["a", "b"]));
    moving.forgotten.insert(urn("a"), 1);
    moving.apply(moved("a", "z"));
    assert_eq!(moving.verify(), Ok(()));
    let generations: Vec<_> = moving.generations(&urn("z")).map(|r| r.generation).collect();
    assert_eq!(generations, [1, 2]);
    assert!(moving.intents.contains_key(&(urn("z"), 3)) && !moving.knows(&urn("a")));
    assert_eq!(moving.current(&urn("b")).unwrap().dependencies, [urn("z")].into());
    assert_eq!(moving.intents[&(urn("c"), 1)].intent.dependencies, [urn("b"), urn("z")].into());
    // What comes there next is not taken for what was there.
    assert_eq!(moving.next_generation(&urn("a")), 4);
    assert_eq!(moving.next_generation(&urn("z")), 4);
    // The create gets through: it is named after what it was when it began.
    moving.apply(Entry::Accepted {
        urn: urn("z"),
        generation: 3,
        id: "id-3".into(),
        all_sent: false,
    });
    moving.apply(Entry::Failed { urn: urn("z"), generation: 3, error: String::new() });
    let made = moving.current(&urn("z")).unwrap();
    assert_eq!((made.generation, made.identity()), (3, &urn("a")));
    moving.apply(Entry::Forgotten { urn: urn("z"), generation: 3 });
    assert_eq!(moving.forgotten, [(urn("a"), 3)].into());
}

#[test]
fn nothing_moves_onto_something_else() {
    let before = state([resource("a", &[]), resource("b", &["a"])]);
    for entry in [moved("a", "b"), moved("a", "a"), moved("gone", "c"), moved("gone", "a")] {
        let mut after = before.clone();
        after.apply(entry);
        assert_eq!(after, before);
    }
}

#[test]
fn two_of_one_name_are_noticed() {
    let impostor = ResourceState { named_after: Some(urn("a")), ..resource("b", &[]) };
    let found = state([resource("a", &[]), impostor]).verify().unwrap_err();
    let urns = [urn("a"), urn("b")];
    assert_eq!(found, [Violation::SameIdentity { identity: urn("a"), generation: 1, urns }]);
    let other = "urn:fc:shop:prod::AWS::EC2::VPC:a".parse::<Urn>().unwrap();
    let foreign = ResourceState { named_after: Some(other.clone()), ..resource("b", &[]) };
    assert_eq!(state([foreign]).verify().unwrap_err(), [Violation::Foreign(other)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Creates, deletes and renames in any order: no two ever have the same name in the
    /// cloud, state stays sound, and the way back leads back.
    #[test]
    fn renames_keep_names_apart(
        steps in prop::collection::vec((0..3_u8, 0..5_usize, 0..5_usize), 0..24),
    ) {
        let names = ["a", "b", "c", "d", "e"];
        let mut state = state([]);
        for (kind, one, other) in steps {
            let (one, other) = (names[one], names[other]);
            let (before, last) = (identities(&state), state.clone());
            match kind {
                0 => {
                    let generation = state.next_generation(&urn(one));
                    let new = ResourceState { generation, ..resource(one, &[]) };
                    prop_assert!(!before.contains_key(&(urn(one), generation)));
                    state.apply(Entry::Done(Box::new(new)));
                }
                1 => {
                    let oldest = state.generations(&urn(one)).next().map(|r| r.generation);
                    let generation = oldest.unwrap_or(1);
                    state.apply(Entry::Deleted { urn: urn(one), generation });
                }
                _ => {
                    state.apply(moved(one, other));
                    prop_assert_eq!(identities(&state), before);
                    let mut back = state.clone();
                    back.apply(moved(other, one));
                    prop_assert!(back == last || state == last);
                }
            }
            prop_assert_eq!(state.verify(), Ok(()));
        }
    }
}
