//! For any state and any entry.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::resource::Namespace;
use crate::state::{Intent, IntentAction, OpenIntent, Reads, StackName};

fn numbers() -> impl Strategy<Value = Value> {
    let floats = prop_oneof![
        any::<f64>(),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0),
        Just(3.0),
        Just(1e300),
        (any::<i32>(), 1_u8..20).prop_map(|(n, d)| f64::from(n) / 10_f64.powi(d.into())),
    ];
    // Nothing equals NaN; it has a test of its own.
    let floats = floats.prop_map(|f| Value::Float(if f.is_nan() { 0.1 } else { f }));
    prop_oneof![floats, any::<i64>().prop_map(Value::Int)]
}

/// Values, with text that may stand in the open.
fn open_values() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        ".{0,12}".prop_map(Value::String),
        numbers(),
    ];
    nested(leaf.boxed())
}

fn nested(leaf: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let all = leaf.prop_recursive(3, 24, 4, |inner| {
        // Keys that look like the codec's own markers are nothing special.
        let keys = prop_oneof!["[a-z$]{0,6}", Just("$secret".to_owned()), Just("$float".into())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(keys, inner, 0..4).prop_map(Value::Map),
        ]
    });
    all.boxed()
}

/// Values, in which the plain text stands only inside of secrets, however nested.
fn values() -> BoxedStrategy<Value> {
    let hidden = nested(prop_oneof![open_values(), Just(Value::from(PLAIN))].boxed());
    let secret = hidden.prop_map(|value| {
        // What is most probably wanted: a text.
        let value = if matches!(value, Value::Null) { PLAIN.into() } else { value };
        Value::secret(value)
    });
    nested(prop_oneof![3 => open_values(), 1 => secret].boxed())
}

fn maps() -> impl Strategy<Value = PropertyMap> {
    prop::collection::btree_map("[a-z_$]{1,8}", values(), 0..4)
}

fn reads() -> impl Strategy<Value = Reads> {
    let name = ("[a-z.]{0,4}[a-z]", "[a-z0-9_-]{1,5}");
    let name = name.prop_map(|(project, stack)| StackName::new(&project, &stack).unwrap());
    prop::collection::btree_map(name, prop::collection::btree_set("[a-z_]{1,8}", 0..3), 0..3)
}

prop_compose! {
    fn providers()(region in prop::option::of("[a-z-]{1,9}"), role in prop::option::of(".{1,9}")) -> ProviderConfig {
        let session_tags = role.iter().map(|r| (r.clone(), "v".to_owned())).collect();
        let external_id = role.clone();
        ProviderConfig { region, assume_role: role, external_id, session_tags, ..Default::default() }
    }
}

prop_compose! {
    /// A resource, not in its place yet.
    fn resources()(
        (inputs, outputs) in (maps(), maps()),
        id in ".{0,20}",
        generation in 1_u64..=u64::MAX,
        completeness in prop::sample::select(vec![
            Completeness::Complete, Completeness::Incomplete, Completeness::PendingDelete,
        ]),
        provider in providers(),
        namespace in namespaces(),
        (protect, retain_on_delete) in any::<(bool, bool)>(),
        named_after in former(),
        unsure in prop::option::of(prop::collection::btree_set("[a-z]{1,8}", 0..3)),
        delete_timeout in prop::option::of(any::<u32>().prop_map(|s| Duration::new(s.into(), s / 5))),
    ) -> ResourceState {
        ResourceState {
            id, generation, inputs, outputs, completeness, provider, namespace, protect,
            retain_on_delete, delete_timeout, named_after, unsure, ..resource("one", &[])
        }
    }
}

fn former() -> impl Strategy<Value = Option<Urn>> {
    prop::option::of("[a-z]{1,9}".prop_map(|name| urn(&name)))
}

fn namespaces() -> impl Strategy<Value = Option<Namespace>> {
    let namespace = ("[0-9]{12}", "[a-z]{2}-[a-z]{4}-1");
    prop::option::of(namespace.prop_map(|(account, region)| Namespace { account, region }))
}

prop_compose! {
    fn intents()(
        inputs in maps(),
        generation in any::<u64>(),
        action in prop::sample::select(vec![
            IntentAction::Create, IntentAction::Update, IntentAction::Delete,
        ]),
        provider in providers(),
        namespace in namespaces(),
        (protect, retain_on_delete) in any::<(bool, bool)>(),
        token in ".{0,9}",
        named_after in former(),
    ) -> Intent {
        Intent {
            urn: urn("intended"),
            named_after,
            generation,
            action,
            inputs,
            token,
            dependencies: [urn("net")].into(),
            provider,
            namespace,
            protect,
            retain_on_delete,
            started_at: "2026-11-21T04:30:00Z".into(),
        }
    }
}

prop_compose! {
    fn states()(
        all in prop::collection::vec(resources(), 0..4),
        intents in prop::collection::vec(
            (intents(), prop::option::of(".{0,9}"), any::<bool>()), 0..2
        ),
        exports in maps(),
        reads in reads(),
        left_behind in prop::option::of(any::<u64>()),
        (serial, sequence) in any::<(u64, u64)>(),
    ) -> State {
        let names: Vec<String> = (0..all.len()).map(|n| format!("r{n}")).collect();
        let resources = all.into_iter().enumerate().map(|(n, one)| {
            let before: Vec<&str> = names[..n].iter().map(String::as_str).collect();
            let placed = resource(&names[n], &before);
            ResourceState { urn: placed.urn, dependencies: placed.dependencies, ..one }
        });
        let forgotten = left_behind.map(|generation| (urn("left-behind"), generation));
        let forgotten = forgotten.into_iter().collect();
        let mut state = State { exports, reads, serial, sequence, forgotten, ..state(resources) };
        for (intent, id, all_sent) in intents {
            let key = (intent.urn.clone(), intent.generation);
            state.intents.insert(key, OpenIntent { intent, id, all_sent });
        }
        state
    }
}

fn entries() -> impl Strategy<Value = Entry> {
    prop_oneof![
        intents().prop_map(|intent| Entry::Begin(Box::new(intent))),
        any::<u64>().prop_map(|generation| Entry::Forgotten { urn: urn("web"), generation }),
        "[a-z]{1,9}".prop_map(|name| Entry::Moved { from: urn(&name), to: urn("web") }),
        resources().prop_map(|r| Entry::Done(Box::new(r))),
        maps().prop_map(Entry::Exports),
        reads().prop_map(Entry::Reads),
        (any::<u64>(), maps(), maps()).prop_map(|(generation, inputs, outputs)| Entry::Concealed {
            urn: urn("web"),
            generation,
            inputs,
            outputs
        }),
        (any::<u64>(), ".{0,20}", any::<bool>()).prop_map(|(generation, id, all_sent)| {
            Entry::Accepted { urn: urn("web"), generation, id, all_sent }
        }),
        (any::<u64>(), ".{0,20}").prop_map(|(generation, error)| Entry::Failed {
            urn: urn("web"),
            generation,
            error
        }),
        any::<u64>().prop_map(|generation| Entry::Deleted { urn: urn("web"), generation }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn states_are_read_back(state in states()) {
        let bytes = codec(1).encode_snapshot(&state, &meta(), None).unwrap();
        prop_assert!(!String::from_utf8_lossy(&bytes).contains(PLAIN));
        prop_assert_eq!(read(&bytes, 1).unwrap(), state);
    }

    #[test]
    fn entries_are_read_back(entry in entries()) {
        let line = codec(1).encode_entry(&entry).unwrap();
        prop_assert!(!line.contains(PLAIN) && !line.contains('\n'));
        prop_assert_eq!(codec(1).decode_entry(&line, "here").unwrap(), entry);
    }

    #[test]
    fn damage_is_noticed_or_means_nothing(
        state in states(),
        entry in entries(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = codec(1).encode_snapshot(&state, &meta(), None).unwrap();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = read(&bytes, 1) {
            prop_assert_eq!(read, state);
        }
        let mut line = codec(1).encode_entry(&entry).unwrap().into_bytes();
        let place = at.index(line.len());
        line[place] = byte;
        if let Ok(Ok(read)) = String::from_utf8(line).map(|l| codec(1).decode_entry(&l, "here")) {
            prop_assert_eq!(read, entry);
        }
    }

    #[test]
    fn noise_is_damaged(bytes in prop::collection::vec(any::<u8>(), 0..64), text in ".{0,64}") {
        prop_assert!(read(&bytes, 1).is_err());
        prop_assert!(codec(1).decode_entry(&text, "here").is_err());
    }
}
