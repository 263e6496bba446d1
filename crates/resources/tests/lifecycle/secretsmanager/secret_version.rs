//! `AWS::SecretsManager::SecretVersion`.

use aws_sdk_secretsmanager::Client;
use ferrocrete_core::{Secret as Hidden, Stack};
use ferrocrete_resources::secretsmanager::SecretVersion;

use super::{described, empty};
use crate::world::{World, changed, replacing};

#[derive(Clone, Copy)]
struct Wanted {
    on: &'static str,
    value: &'static str,
    stage: Option<&'static str>,
}

const FIRST: Wanted = Wanted { on: "a", value: "plain-one-7c1d", stage: None };

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| empty(stack, name));
        let secret = if wanted.on == "a" { &a } else { &b };
        let version = SecretVersion::builder()
            .secret_id(&secret.secret_arn)
            .secret_string(Hidden::new(wanted.value.to_owned()))
            .maybe_version_stage(wanted.stage);
        let version = stack.add("value", version);
        stack.export("version", &version.version_id);
    }
}

fn secrets_alone(stack: &Stack) {
    drop(["a", "b"].map(|name| empty(stack, name)));
}

/// The value under a label, with the version's id.
async fn value(client: &Client, id: &str, stage: &str) -> Option<(String, String)> {
    let call = client.get_secret_value().secret_id(id).version_stage(stage);
    let answer = call.send().await.ok()?;
    Some((answer.secret_string?, answer.version_id?))
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(program(FIRST)).await;
    let arn = world.id("a").await;
    let (text, version) = value(&client, &arn, "AWSCURRENT").await.unwrap();
    assert_eq!((text.as_str(), world.output("value", "version_id").await), (FIRST.value, version));
    assert_eq!(world.output("value", "secret_arn").await, arn);

    let wanted = Wanted { value: "plain-two-9b2e", ..FIRST };
    let before = world.output("value", "version_id").await;
    world.updates(program(wanted), "value", &["secret_string"]).await;
    let (text, version) = value(&client, &arn, "AWSCURRENT").await.unwrap();
    assert_eq!(text, wanted.value);
    assert_eq!(world.output("value", "version_id").await, version);
    assert_ne!(version, before);
    let (old, _) = value(&client, &arn, "AWSPREVIOUS").await.unwrap();
    assert_eq!(old, FIRST.value, "the value before is kept, as AWS does");

    // Drift: somebody puts another value.
    client.put_secret_value().secret_id(&arn).secret_string("eve").send().await.unwrap();
    world.updates(program(wanted), "value", &["secret_string"]).await;
    assert_eq!(value(&client, &arn, "AWSCURRENT").await.unwrap().0, wanted.value);

    // AWS keeps a value until its secret goes.
    assert_eq!(world.up(secrets_alone).await, ["delete value"]);
    assert_eq!(value(&client, &arn, "AWSCURRENT").await.unwrap().0, wanted.value);
    world.up(program(wanted)).await;
    world.destroy().await;
    assert!(described(&client, &arn).await.is_none());
}

#[tokio::test]
async fn another_secret_or_label_is_another_version() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    let blue = Wanted { stage: Some("BLUE"), ..FIRST };
    world.up(program(FIRST)).await;
    world.up(program(blue)).await;
    let arn = world.id("a").await;
    assert_eq!(value(&client, &arn, "BLUE").await.unwrap().0, FIRST.value);
    let plan = world.plan(program(Wanted { stage: Some("GREEN"), ..blue })).await;
    assert_eq!(replacing(&plan, "value"), ["version_stage"].into());
    world.updates(program(Wanted { value: "plain-2", ..blue }), "value", &["secret_string"]).await;
    assert_eq!(value(&client, &arn, "BLUE").await.unwrap().0, "plain-2");

    let elsewhere = Wanted { on: "b", value: "plain-2", ..blue };
    world.replaces(program(elsewhere), "value", &["secret_id"]).await;
    assert_eq!(value(&client, &arn, "BLUE").await, None, "a label of ours is taken away");
    let other = world.id("b").await;
    assert_eq!(value(&client, &other, "BLUE").await.unwrap().0, "plain-2");
    // Somebody takes the label away.
    let version = value(&client, &other, "BLUE").await.unwrap().1;
    let call = client.update_secret_version_stage().secret_id(&other).version_stage("BLUE");
    call.remove_from_version_id(version).send().await.unwrap();
    assert_eq!(world.up(program(elsewhere)).await, ["create value"]);
    assert_eq!(value(&client, &other, "BLUE").await.unwrap().0, "plain-2");
    assert_eq!(world.up(secrets_alone).await, ["delete value"]);
    assert_eq!(value(&client, &other, "BLUE").await, None);
}

#[tokio::test]
async fn the_value_is_shown_nowhere() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    // Secret although the program says nothing of it.
    let bare = |value: &'static str| {
        move |stack: &Stack| {
            let secret = empty(stack, "a");
            let version = SecretVersion::builder().secret_id(&secret.secret_arn);
            stack.add("value", version.secret_string(value));
        }
    };
    let (plan, report) = world.try_up(bare("plain-one-7c1d")).await.unwrap();
    assert!(report.is_success(), "{report:?}");
    let next = world.plan(bare("plain-two-9b2e")).await;
    assert_eq!(changed(&next, "value"), ["secret_string"].into());
    let (last, failed) = {
        client.delete_secret().secret_id(world.id("a").await).send().await.unwrap();
        world.try_up(bare("plain-two-9b2e")).await.unwrap()
    };
    let shown = format!(
        "{plan:?} {report:?} {next:?} {last:?} {failed:?} {:?} {}",
        world.state().await,
        world.stored(),
    );
    assert!(!shown.contains("plain-"), "{shown}");
}

#[tokio::test]
async fn it_goes_without_a_call_when_its_secret_goes() {
    let world = World::new().await;
    world.up(program(Wanted { stage: Some("BLUE"), ..FIRST })).await;
    world.destroy().await;
    assert_eq!(world.count("secretsmanager:UpdateSecretVersionStage").await, 0);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(FIRST), "value", "secretsmanager:PutSecretValue").await;
}
