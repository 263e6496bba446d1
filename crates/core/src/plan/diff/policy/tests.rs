//! Pairs of policies that mean the same, pairs that do not, and rules for all policies.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{compared, same_policy};

/// Both ways, and each is itself.
fn same(a: &str, b: &str) -> bool {
    for text in [a, b] {
        assert_eq!(compared(text, text), Some(true), "{text}");
    }
    let there = compared(a, b);
    assert_eq!(there, compared(b, a), "{a} {b}");
    there.expect("both are policies")
}

/// A policy with one statement, of which some elements are given.
fn policy(elements: Json) -> String {
    let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let object = statement.as_object_mut().unwrap();
    object.extend(elements.as_object().unwrap().clone());
    object.retain(|_, value| !value.is_null());
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// One way of writing, another one, where it is known from.
#[test]
fn policies_that_mean_the_same() {
    const LIBRARY: &str = "hashicorp/awspolicyequivalence, its tests";
    const GUIDE: &str = "IAM user guide, IAM JSON policy elements";
    let pairs: Vec<(&str, Json, Json)> = vec![
        (LIBRARY, json!({"Action": ["s3:GetObject"]}), json!({"Action": "s3:GetObject"})),
        (
            "TF#5978 of hashicorp/terraform",
            json!({"Resource": ["a", "b"]}),
            json!({"Resource": ["b", "a"]}),
        ),
        (
            LIBRARY,
            json!({"NotAction": ["s3:Get*"], "Action": null}),
            json!({"NotAction": "s3:Get*", "Action": null}),
        ),
        (GUIDE, json!({"Action": "SQS:SendMessage"}), json!({"Action": "sqs:sendmessage"})),
        (LIBRARY, json!({"Effect": "allow"}), json!({"Effect": "Allow"})),
        ("hashicorp/terraform#4278", json!({"Sid": ""}), json!({})),
        (
            "TF PR#1546",
            json!({"Principal": {"AWS": "123456789012"}}),
            json!({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}),
        ),
        (
            LIBRARY,
            json!({"Principal": {"AWS": ["123456789012", "arn:aws-cn:iam::210987654321:root"]}}),
            json!({"Principal": {"AWS": ["210987654321", "123456789012"]}}),
        ),
        (
            "TF#13144",
            json!({"NotPrincipal": {"AWS": ["a", "b"]}}),
            json!({"NotPrincipal": {"AWS": ["b", "a"]}}),
        ),
        (
            "TF#19365",
            json!({"Principal": {"AWS": ["a", "b"], "Service": "c"}}),
            json!({"Principal": {"Service": ["c"], "AWS": ["b", "a"]}}),
        ),
        (LIBRARY, json!({"Principal": {"AWS": []}}), json!({})),
        (LIBRARY, json!({"Principal": {"AWS": [], "Service": []}}), json!({"Principal": {}})),
        (
            LIBRARY,
            json!({"Condition": {"Bool": {"aws:SecureTransport": false}}}),
            json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        ),
        (
            LIBRARY,
            json!({"Condition": {"NumericEquals": {"s3:max-keys": [1, 20]}}}),
            json!({"Condition": {"NumericEquals": {"s3:max-keys": ["20", "1"]}}}),
        ),
        (
            LIBRARY,
            json!({"Condition": {"NumericEquals": {"s3:max-keys": 3600.0}}}),
            json!({"Condition": {"NumericEquals": {"s3:max-keys": 3600}}}),
        ),
        (
            LIBRARY,
            json!({"Condition": {"StringEquals": {"k": []}}}),
            json!({"Condition": {"StringEquals": {"k": []}}}),
        ),
        (
            GUIDE,
            json!({"Condition": {"StringEquals": {"AWS:SourceOwner": "1"}}}),
            json!({"Condition": {"stringequals": {"aws:sourceowner": ["1"]}}}),
        ),
        (GUIDE, json!({"Condition": {}}), json!({})),
        (
            GUIDE,
            json!({"Action": ["s3:GetObject", "s3:GetObject"]}),
            json!({"Action": "s3:GetObject"}),
        ),
    ];
    for (source, a, b) in pairs {
        assert!(same(&policy(a.clone()), &policy(b.clone())), "{source}: {a} {b}");
    }
}

#[test]
fn policies_that_do_not_mean_the_same() {
    let pairs: Vec<(Json, Json)> = vec![
        (json!({"Action": "s3:GetObject"}), json!({"Action": "s3:PutObject"})),
        (json!({"Action": ["s3:GetObject", "s3:PutObject"]}), json!({"Action": "s3:PutObject"})),
        (json!({"NotAction": "s3:GetObject", "Action": null}), json!({"Action": "s3:GetObject"})),
        (json!({"NotResource": "a", "Resource": null}), json!({"Resource": "a"})),
        (json!({"Resource": "arn:aws:s3:::A"}), json!({"Resource": "arn:aws:s3:::a"})),
        (json!({"Effect": "Deny"}), json!({"Effect": "Allow"})),
        (json!({"Sid": "A"}), json!({"Sid": "a"})),
        (json!({"Sid": "A"}), json!({})),
        (json!({"Principal": "*"}), json!({})),
        // Only the Terraform library takes two texts as principals for the same.
        (json!({"Principal": "*"}), json!({"Principal": "x"})),
        (json!({"Principal": "*"}), json!({"Principal": {"AWS": "*"}})),
        (json!({"Principal": {"AWS": "a"}}), json!({"Principal": {"Federated": "a"}})),
        (json!({"Principal": {"AWS": "a"}}), json!({"NotPrincipal": {"AWS": "a"}})),
        (json!({"Principal": {"AWS": "a"}}), json!({"Principal": {"AWS": "A"}})),
        (
            json!({"Principal": {"AWS": "123456789012"}}),
            json!({"Principal": {"AWS": "arn:aws:iam::123456789013:root"}}),
        ),
        (
            json!({"Principal": {"AWS": "123456789012"}}),
            json!({"Principal": {"AWS": "arn:aws:iam::123456789012:user/root"}}),
        ),
        // The account in the text of a condition is a text.
        (
            json!({"Condition": {"StringEquals": {"k": "123456789012"}}}),
            json!({"Condition": {"StringEquals": {"k": "arn:aws:iam::123456789012:root"}}}),
        ),
        (
            json!({"Condition": {"StringEquals": {"k": "A"}}}),
            json!({"Condition": {"StringEquals": {"k": "a"}}}),
        ),
        (
            json!({"Condition": {"StringEquals": {"k": "a"}}}),
            json!({"Condition": {"StringLike": {"k": "a"}}}),
        ),
        (
            json!({"Condition": {"StringEquals": {"k": "a"}}}),
            json!({"Condition": {"StringEquals": {"l": "a"}}}),
        ),
        (
            json!({"Condition": {"StringEquals": {"k": "a", "l": "a"}}}),
            json!({"Condition": {"StringEquals": {"k": "a"}}}),
        ),
        // A condition without values never holds; no condition always does.
        (json!({"Condition": {"StringEquals": {"k": []}}}), json!({})),
        (json!({"Condition": {"Bool": {"k": true}}}), json!({"Condition": {"Bool": {"k": 1}}})),
    ];
    for (a, b) in pairs {
        assert!(!same(&policy(a.clone()), &policy(b.clone())), "{a} {b}");
    }
}

/// What was trusted is gone, and a new one of its name is somebody else (IAM user guide, "IAM
/// roles as principals"; an id is recorded in opensearch__opensearch.json of AWS's answers).
#[test]
fn a_deleted_principal_is_another_one() {
    let declared = policy(json!({"Principal": {"AWS": "arn:aws:iam::123456789012:role/web"}}));
    for id in ["AROAWJDXAOVI2A5WATHZF", "AIDAWJDXAOVI2A5WATHZF", "AGPAWJDXAOVI2A5WATHZF"] {
        let live = policy(json!({"Principal": {"AWS": id}}));
        assert!(!same(&declared, &live), "{id}");
        assert!(same(&live, &live));
    }
    let two = |other: &str| {
        policy(json!({"Principal": {"AWS": ["arn:aws:iam::123456789012:role/web", other]}}))
    };
    let role = "arn:aws:iam::123456789012:role/job";
    assert!(!same(&two(role), &two("AROAWJDXAOVI2A5WATHZF")));
}

#[test]
fn documents_are_compared_as_a_whole() {
    let one = json!({"Effect": "Allow", "Action": "a:B", "Resource": "*"});
    let two = json!({"Effect": "Deny", "Action": "a:C", "Resource": "*"});
    let document = |json: Json| json.to_string();
    let all = document(json!({"Version": "2012-10-17", "Statement": [one, two]}));
    assert!(same(&all, &document(json!({"Version": "2012-10-17", "Statement": [two, one]}))));
    assert!(!same(&all, &document(json!({"Version": "2012-10-17", "Statement": [one]}))));
    assert!(!same(&all, &document(json!({"Version": "2012-10-17", "Statement": [one, one]}))));
    assert!(!same(&all, &document(json!({"Statement": [one, two]}))), "version 2008-10-17");

    let single = document(json!({"Version": "2008-10-17", "Statement": one}));
    assert!(same(&single, &document(json!({"Statement": [one]}))));
    assert!(same(&single, &document(json!({"Id": "", "Statement": [one, one]}))));
    assert!(same(
        &single,
        &document(json!({"statement": {"EFFECT": "Allow", "action": "a:B", "resource": "*"}}))
    ));
    assert!(same(&single, &document(json!([{"Statement": [one]}]))), "a list of one");
    assert!(!same(&single, &document(json!({"Id": "x", "Statement": [one]}))));

    for empty in ["", " ", "{}", "[{}]", r#"{"Statement": []}"#, r#"{"Statement": null}"#] {
        assert!(same(empty, "{}") && !same(empty, &single), "{empty}");
    }
    let other = document(json!({"Statement": [one], "Foo": [1]}));
    assert!(!same(&single, &other) && same(&other, &other));
}

#[test]
fn what_is_no_policy_is_compared_as_json_or_text() {
    assert!(same_policy(r#"{"Statement": ["x"]}"#, r#"{"Statement":["x"]}"#));
    assert!(!same_policy(r#"{"Statement": ["x"]}"#, r#"{"Statement":["y"]}"#));
    assert!(same_policy("no JSON", "no JSON") && !same_policy("no JSON", "{}"));

    for text in ["no JSON", "[]", "1", r#"{"Statement": ["x"]}"#, r#"{"Version": 1}"#] {
        assert_eq!(compared(text, "{}"), None, "{text}");
    }
    // One operator and key with two lists: both must hold, which no single list says.
    let twice = json!({"Condition": {"Bool": {"k": "a"}, "bool": {"K": "b"}}});
    assert_eq!(compared(&policy(twice), "{}"), None);
    let twice = r#"{"Statement": [], "statement": []}"#;
    assert_eq!(compared(twice, "{}"), None);
}

/// Any policy, with words so few that many are alike.
fn any_policy() -> impl Strategy<Value = Json> {
    let word = || {
        prop_oneof![
            Just(json!("a")),
            Just(json!("A")),
            Just(json!("true")),
            Just(json!(true)),
            Just(json!(5)),
            Just(json!("5")),
            Just(json!("123456789012")),
            Just(json!("arn:aws:iam::123456789012:root")),
            Just(json!("AROAEXAMPLE")),
        ]
    };
    let words =
        move || prop_oneof![word(), prop::collection::vec(word(), 0..3).prop_map(Json::from)];
    let principal = prop_oneof![
        Just(json!("*")),
        words().prop_map(|w| json!({"AWS": w})),
        words().prop_map(|w| json!({"Service": w, "AWS": "*"})),
    ];
    let condition = prop_oneof![
        Just(json!({})),
        words().prop_map(|w| json!({"StringEquals": {"aws:Key": w}})),
        words().prop_map(|w| json!({"stringequals": {"aws:key": w, "l": "x"}})),
    ];
    let statement = (words(), words(), principal, condition, any::<bool>()).prop_map(
        |(action, resource, principal, condition, named)| {
            let mut all = json!({
                "Effect": "Allow", "Action": action, "Resource": resource,
                "Principal": principal, "Condition": condition,
            });
            if named {
                all["Sid"] = json!("S");
            }
            all
        },
    );
    prop::collection::vec(statement, 0..3)
        .prop_map(|list| json!({"Version": "2012-10-17", "Statement": list}))
}

/// Another way of writing it: lists turned round, single values as lists and the other way.
fn rewritten(json: &Json) -> Json {
    match json {
        Json::Array(list) if list.len() == 1 && !list[0].is_object() => rewritten(&list[0]),
        Json::Array(list) => list.iter().rev().map(rewritten).collect(),
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("Action" | "Resource" | "aws:Key", Json::Array(_)) => rewritten(value),
                    ("Action" | "Resource" | "aws:Key", one) => json!([one]),
                    _ => rewritten(value),
                };
                (key.clone(), value)
            })
            .collect(),
        Json::Bool(value) => json!(value.to_string()),
        Json::Number(value) => json!(value.to_string()),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn meaning_the_same_is_an_equivalence(a in any_policy(), b in any_policy(), c in any_policy()) {
        let [a, b, c] = [a, b, c].map(|json| json.to_string());
        let same = |a: &str, b: &str| compared(a, b).unwrap();
        prop_assert!(same(&a, &a));
        prop_assert_eq!(same(&a, &b), same(&b, &a));
        prop_assert!(!(same(&a, &b) && same(&b, &c)) || same(&a, &c));
    }

    #[test]
    fn another_way_of_writing_means_the_same(policy in any_policy()) {
        let other = rewritten(&policy);
        prop_assert!(same(&policy.to_string(), &other.to_string()), "{other}");
    }

    #[test]
    fn another_statement_means_something_else(policy in any_policy()) {
        let mut more = policy.clone();
        let statement = json!({"Effect": "Deny", "Action": "x:Y", "Resource": "*"});
        more["Statement"].as_array_mut().unwrap().push(statement);
        prop_assert!(!same(&policy.to_string(), &more.to_string()));
    }

    #[test]
    fn nothing_panics(text in "\\PC*") {
        let _ = compared(&text, "{}");
    }
}
