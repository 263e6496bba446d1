//! A provider that assumes a role.

use std::collections::BTreeMap;

use ferrocrete_core::resource::ProviderConfig;
use ferrocrete_core::{Options, Stack};
use ferrocrete_resources::ec2::InternetGateway;
use ferrocrete_resources::sts::CallerIdentity;

use crate::world::World;

/// Whom the role lets in: whoever knows the word, with or without tags.
fn trust(account: &str) -> String {
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {"sts:ExternalId": "word"}},
    }]})
    .to_string()
}

fn program(provider: ProviderConfig) -> impl Fn(&Stack) {
    move |stack| {
        let options = || Options::new().provider(provider.clone());
        stack.add_with("door", InternetGateway::builder(), options());
        let who = stack.lookup_with("who", CallerIdentity::builder(), options());
        stack.export("who", &who.arn);
    }
}

#[tokio::test]
async fn a_role_is_assumed_as_the_provider_says() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let role = iam.create_role().role_name("deploy").max_session_duration(7200);
    let role = role.assume_role_policy_document(trust(&world.account.id)).send().await.unwrap();
    let arn = role.role.unwrap().arn;
    let known = ProviderConfig {
        assume_role: Some(arn),
        external_id: Some("word".into()),
        session_name: Some("pipeline-7".into()),
        session_seconds: Some(7200),
        session_tags: BTreeMap::from([("team".into(), "blue".into())]),
        ..ProviderConfig::default()
    };
    world.up(program(known.clone())).await;
    let who = world.export("who").await;
    assert!(who.ends_with(":assumed-role/deploy/pipeline-7"), "{who}");
    assert_eq!(world.count("sts:AssumeRole").await, world.tried("sts:AssumeRole").await);

    for wrong in [
        ProviderConfig { external_id: None, ..known.clone() },
        ProviderConfig { external_id: Some("other".into()), ..known.clone() },
        ProviderConfig { session_seconds: Some(7201), ..known.clone() },
    ] {
        let error = world.plan_error(program(wrong)).await;
        assert!(error.contains("could not be assumed"), "{error}");
    }
    // What was made is found again by who made it, without the program.
    world.destroy().await;
}
