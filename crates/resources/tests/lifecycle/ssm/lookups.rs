//! `ParameterValue`, compared with the SDK's own answer.

use aws_sdk_ssm::types::ParameterType;
use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::ssm::{Parameter, ParameterValue};

use super::value;
use crate::world::World;

/// A parameter that somebody else made, and one that says it again.
fn program(name: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let theirs = stack.lookup("theirs", ParameterValue::builder().name(name));
        stack.export("value", &theirs.value);
        stack.export("version", &theirs.version);
        stack.export("arn", &theirs.arn);
        stack.export("type", &theirs.parameter_type);
        let again = Parameter::builder().parameter_type("String").value(&theirs.value);
        stack.add("again", again.name("/shop/again"));
    }
}

async fn world(kind: ParameterType) -> World {
    let world = World::new().await;
    for value in ["one", "hunter"] {
        let put = world.aws().await.ssm().put_parameter().name("/shop/theirs").value(value);
        put.r#type(kind.clone()).overwrite(true).send().await.unwrap();
    }
    world
}

#[tokio::test]
async fn a_plain_value_is_shown() {
    let world = world(ParameterType::String).await;
    world.up(program("/shop/theirs")).await;
    let exports = world.state().await.exports;
    assert_eq!(exports["value"], Value::String("hunter".into()));
    assert_eq!(exports["version"], Value::Int(2));
    assert_eq!(exports["type"], Value::String("String".into()));
    assert!(exports["arn"].as_str().unwrap().ends_with(":parameter/shop/theirs"));
    assert_eq!(value(&world.aws().await, "/shop/again").await, "hunter");
    // An older version is asked for by its number.
    world.updates(program("/shop/theirs:1"), "again", &["value"]).await;
    assert_eq!(value(&world.aws().await, "/shop/again").await, "one");
}

#[tokio::test]
async fn an_encrypted_value_is_decrypted_and_secret() {
    let world = world(ParameterType::SecureString).await;
    world.up(program("/shop/theirs")).await;
    assert_eq!(value(&world.aws().await, "/shop/again").await, "hunter");
    assert!(matches!(world.state().await.exports["value"], Value::Secret(_)));
    assert!(!world.stored().contains("hunter"));
}

#[tokio::test]
async fn an_unknown_name_is_an_error_by_its_code() {
    let world = World::new().await;
    let error = world.try_up(program("/shop/nobody")).await.unwrap_err();
    assert!(format!("{error:?}").contains("ParameterNotFound"), "{error:?}");
}
