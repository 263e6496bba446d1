//! `AWS::SecretsManager::Secret`.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::Tag;
use ferrocrete_core::{Secret as Hidden, Stack};
use ferrocrete_resources::secretsmanager::{GenerateSecretString, Secret, SecretValue};

use crate::world::World;

fn program(
    name: Option<&'static str>,
    description: &'static str,
    value: &'static str,
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "keys",
            Secret::builder()
                .maybe_name(name)
                .description(description)
                .secret_string(Hidden::new(value.to_owned()))
                .recovery_window_in_days(0)
                .tags([("owner", owner)]),
        );
    }
}

async fn live(client: &Client, id: &str) -> Option<DescribeSecretOutput> {
    client.describe_secret().secret_id(id).send().await.ok()
}

async fn value(client: &Client, id: &str) -> String {
    let answer = client.get_secret_value().secret_id(id).send().await.unwrap();
    answer.secret_string.unwrap()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    assert_eq!(world.up(program(None, "Keys", "one-plain", "anna")).await, ["create keys"]);
    let arn = world.id("keys").await;
    let secret = live(&client, &arn).await.unwrap();
    assert_eq!((secret.description(), secret.arn()), (Some("Keys"), Some(arn.as_str())));
    assert_eq!(world.output("keys", "name").await, secret.name().unwrap());
    assert_eq!(value(&client, &arn).await, "one-plain");

    let foreign = Tag::builder().key("cost").value("7").build();
    client.tag_resource().secret_id(&arn).tags(foreign).send().await.unwrap();
    world.updates(program(None, "More", "one-plain", "anna"), "keys", &["description"]).await;
    assert_eq!(live(&client, &arn).await.unwrap().description(), Some("More"));
    world.updates(program(None, "More", "two-plain", "anna"), "keys", &["secret_string"]).await;
    assert_eq!(value(&client, &arn).await, "two-plain");
    world.updates(program(None, "More", "two-plain", "ben"), "keys", &["tags"]).await;
    let tags = live(&client, &arn).await.unwrap().tags.unwrap();
    let has = |k, v| tags.iter().any(|t| t.key() == Some(k) && t.value() == Some(v));
    assert!(has("owner", "ben") && has("cost", "7"));

    // Drift: somebody puts another value.
    client.put_secret_value().secret_id(&arn).secret_string("eve").send().await.unwrap();
    world.updates(program(None, "More", "two-plain", "ben"), "keys", &["secret_string"]).await;
    assert_eq!(value(&client, &arn).await, "two-plain");

    let own = program(Some("own/keys"), "More", "two-plain", "ben");
    let (old, new) = world.replaces(&own, "keys", &["name"]).await;
    assert!(live(&client, &old).await.is_none());
    assert_eq!(live(&client, &new).await.unwrap().name(), Some("own/keys"));
    let call = client.delete_secret().secret_id(&new).force_delete_without_recovery(true);
    call.send().await.unwrap();
    assert_eq!(world.up(&own).await, ["create keys"]);
    let last = world.id("keys").await;
    assert!(!world.stored().contains("plain"), "no plaintext in state or journal");
    world.destroy().await;
    assert!(live(&client, &last).await.is_none());
}

#[tokio::test]
async fn a_generated_value_stays_and_can_be_read() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    let program = |description: &'static str| {
        move |stack: &Stack| {
            let how = GenerateSecretString::builder().password_length(24).exclude_punctuation(true);
            let secret = Secret::builder().description(description).generate_secret_string(how);
            let secret = stack.add("password", secret.recovery_window_in_days(0));
            let read = SecretValue::builder().secret_id(&secret.secret_arn);
            stack.export("read", &stack.lookup("password", read).secret_string);
        }
    };
    world.up(program("One")).await;
    let arn = world.id("password").await;
    let first = value(&client, &arn).await;
    assert!(first.len() == 24 && first.chars().all(|c| c.is_ascii_alphanumeric()), "{first}");
    world.updates(program("Two"), "password", &["description"]).await;
    assert_eq!(value(&client, &arn).await, first);
    let read = world.state().await.exports["read"].clone();
    assert!(read.has_secret() && !format!("{read:?}").contains(&first));
    assert!(!world.stored().contains(&first), "no plaintext in state or journal");
    world.destroy().await;
}

#[tokio::test]
async fn a_foreign_secret_is_not_adopted() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    client.create_secret().name("own/keys").secret_string("theirs").send().await.unwrap();
    let ours = program(Some("own/keys"), "Keys", "one-plain", "anna");
    let (_, report) = world.try_up(ours).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("ResourceExistsException"));
    assert_eq!(value(&client, "own/keys").await, "theirs");
}

#[tokio::test]
async fn an_unknown_secret_is_an_error_that_names_it() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let read = SecretValue::builder().secret_id("nowhere");
        stack.export("read", &stack.lookup("theirs", read).secret_string);
    };
    let error = world.try_up(program).await.unwrap_err().to_string();
    assert!(error.contains("theirs") || error.contains("nowhere"), "{error}");
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = program(None, "Keys", "one-plain", "anna");
    world.finds(program, "keys", "secretsmanager:CreateSecret").await;
}

/// A secret that can be brought back for a week.
fn kept(name: Option<&'static str>, value: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let secret = Secret::builder().maybe_name(name).recovery_window_in_days(7);
        stack.add("keys", secret.secret_string(Hidden::new(value.to_owned())));
    }
}

async fn waits(client: &Client, id: &str) -> bool {
    live(client, id).await.unwrap().deleted_date().is_some()
}

#[tokio::test]
async fn a_chosen_name_that_comes_back_is_the_same_secret() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(kept(Some("own/keys"), "one-plain")).await;
    let arn = world.id("keys").await;
    world.destroy().await;
    assert!(waits(&client, &arn).await);

    assert_eq!(world.up(kept(Some("own/keys"), "two-plain")).await, ["create keys"]);
    assert_eq!(world.id("keys").await, arn);
    assert!(!waits(&client, &arn).await);
    assert_eq!(value(&client, &arn).await, "two-plain");
    assert_eq!(world.count("secretsmanager:RestoreSecret").await, 1);
    let tags = live(&client, &arn).await.unwrap().tags.unwrap();
    let owner = tags.iter().find(|t| t.key() == Some("ferrocrete:urn")).unwrap().value();
    assert!(owner.unwrap().ends_with("@2"), "{owner:?}");
    world.destroy().await;
}

#[tokio::test]
async fn a_derived_name_that_comes_back_is_another_one() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(kept(None, "one-plain")).await;
    let old = world.id("keys").await;
    world.destroy().await;
    assert_eq!(world.up(kept(None, "one-plain")).await, ["create keys"]);
    assert_ne!(world.id("keys").await, old);
    assert!(waits(&client, &old).await, "the old one waits for its end");
    world.destroy().await;
}

#[tokio::test]
async fn what_somebody_deleted_is_restored() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    for name in [None, Some("own/keys")] {
        world.up(kept(name, "one-plain")).await;
        let arn = world.id("keys").await;
        client.delete_secret().secret_id(&arn).recovery_window_in_days(7).send().await.unwrap();
        world.updates(kept(name, "one-plain"), "keys", &["tags"]).await;
        assert_eq!((world.id("keys").await, waits(&client, &arn).await), (arn.clone(), false));
        assert_eq!(value(&client, &arn).await, "one-plain");
    }
    // Whoever destroys it then has nothing to restore.
    let arn = world.id("keys").await;
    client.delete_secret().secret_id(&arn).recovery_window_in_days(7).send().await.unwrap();
    world.destroy().await;
    assert!(waits(&client, &arn).await);
}

#[tokio::test]
async fn what_others_deleted_is_not_taken() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    client.create_secret().name("own/keys").secret_string("theirs").send().await.unwrap();
    let call = client.delete_secret().secret_id("own/keys").recovery_window_in_days(7);
    call.send().await.unwrap();
    let (_, report) = world.try_up(kept(Some("own/keys"), "one-plain")).await.unwrap();
    let error = report.failures[0].error.to_string();
    let at = |word: &str| error.find(word).unwrap_or_else(|| panic!("{word}: {error}"));
    assert!(at("restore-secret --secret-id own/keys") < at("--force-delete-without-recovery"));
    assert_eq!(world.tried("secretsmanager:CreateSecret").await, 2, "told at once");
    assert!(waits(&client, "own/keys").await);
}
