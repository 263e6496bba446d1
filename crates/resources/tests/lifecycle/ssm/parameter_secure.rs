//! `Parameter` that is encrypted: its value is nowhere in plain.

use aws_sdk_ssm::types::ParameterType;
use ferrocrete_core::{Stack, render};
use ferrocrete_resources::ssm::Parameter;

use super::{details, parameter, value};
use crate::world::World;

const FIRST: &str = "hunter-one";
const SECOND: &str = "hunter-two";

fn program(value: &'static str, kind: &'static str, key: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let parameter = Parameter::builder().parameter_type(kind).value(value).maybe_key_id(key);
        stack.add("password", parameter.name("/shop/password"));
    }
}

/// What plan and state show.
async fn shown(world: &World, program: impl Fn(&Stack)) -> String {
    let plan = world.plan(program).await;
    format!("{plan:?} {} {}", render::plan_json(&plan), world.stored())
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let before = shown(&world, program(FIRST, "SecureString", None)).await;
    world.up(program(FIRST, "SecureString", None)).await;
    let made = parameter(&aws, "/shop/password").await.unwrap();
    assert_eq!((made.value(), made.r#type()), (Some(FIRST), Some(&ParameterType::SecureString)));
    assert_eq!(details(&aws, "/shop/password").await.key_id(), Some("alias/aws/ssm"));

    let later = shown(&world, program(SECOND, "SecureString", None)).await;
    world.updates(program(SECOND, "SecureString", None), "password", &["value"]).await;
    assert_eq!(value(&aws, "/shop/password").await, SECOND);

    // Drift: somebody sets another value, which is as secret.
    let put = aws.ssm().put_parameter().name("/shop/password").value("hunter-three");
    put.overwrite(true).send().await.unwrap();
    let drifted = shown(&world, program(SECOND, "SecureString", None)).await;
    world.updates(program(SECOND, "SecureString", None), "password", &["value"]).await;

    let (one, two) = (Some("alias/one"), Some("alias/two"));
    world.updates(program(SECOND, "SecureString", one), "password", &["key_id"]).await;
    assert_eq!(details(&aws, "/shop/password").await.key_id(), Some("alias/one"));
    assert_eq!(value(&aws, "/shop/password").await, SECOND);
    // Only KMS knows whether two aliases mean one key: the program's word counts.
    world.updates(program(SECOND, "SecureString", two), "password", &["key_id"]).await;
    assert_eq!(details(&aws, "/shop/password").await.key_id(), Some("alias/two"));
    assert_eq!(world.up(program(SECOND, "SecureString", None)).await, [""; 0]);

    for text in [before, later, drifted, world.stored()] {
        assert!(!text.contains("hunter"), "{text}");
    }
    world.destroy().await;
    assert!(parameter(&aws, "/shop/password").await.is_none());
}

#[tokio::test]
async fn a_plain_one_becomes_secret() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program("public", "String", None)).await;
    assert!(world.stored().contains("public"));
    let both = ["parameter_type", "value"];
    world.updates(program(FIRST, "SecureString", None), "password", &both).await;
    let live = parameter(&aws, "/shop/password").await.unwrap();
    assert_eq!((live.value(), live.r#type()), (Some(FIRST), Some(&ParameterType::SecureString)));
    assert!(!world.stored().contains("hunter"));
    world.updates(program("public", "String", None), "password", &both).await;
    assert_eq!(value(&aws, "/shop/password").await, "public");
}

#[tokio::test]
async fn what_others_encrypted_is_not_decrypted() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program("public", "String", None)).await;
    let put = aws.ssm().put_parameter().name("/shop/password").value("hunter-theirs");
    put.r#type(ParameterType::SecureString).overwrite(true).send().await.unwrap();
    let text = shown(&world, program("public", "String", None)).await;
    assert!(!text.contains("hunter"), "{text}");
    let both = ["parameter_type", "value"];
    world.updates(program("public", "String", None), "password", &both).await;
    assert_eq!(value(&aws, "/shop/password").await, "public");
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(FIRST, "SecureString", None), "password", "ssm:PutParameter").await;
    assert!(!world.stored().contains("hunter"));
}
