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
