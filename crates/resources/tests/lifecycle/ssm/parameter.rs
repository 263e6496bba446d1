//! `AWS::SSM::Parameter`.

use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use ferrocrete_core::Stack;
use ferrocrete_resources::ssm::Parameter;
use ferrocrete_sandbox::Fault;

use super::{details, parameter, tags, value};
use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    kind: &'static str,
    value: &'static str,
    description: Option<&'static str>,
    pattern: Option<&'static str>,
    data: Option<&'static str>,
    tier: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    name: None,
    kind: "String",
    value: "8000",
    description: Some("Where the shop listens"),
    pattern: None,
    data: None,
    tier: None,
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "port",
            Parameter::builder()
                .maybe_name(wanted.name)
                .parameter_type(wanted.kind)
                .value(wanted.value)
                .maybe_description(wanted.description)
                .maybe_allowed_pattern(wanted.pattern)
                .maybe_data_type(wanted.data)
                .maybe_tier(wanted.tier)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create port"]);
    let name = world.id("port").await;
    let made = parameter(&aws, &name).await.unwrap();
    assert_eq!((made.value(), made.r#type()), (Some("8000"), Some(&ParameterType::String)));
    assert_eq!(made.data_type(), Some("text"));
    assert_eq!(details(&aws, &name).await.description(), FIRST.description);
    assert_eq!(world.output("port", "name").await, name);
    assert_eq!(made.arn(), Some(world.output("port", "arn").await.as_str()));
    assert_eq!(world.output("port", "version").await, "1");
    assert_eq!(tags(&aws, &name).await["owner"], "anna");
    // It is no secret: the plan shows it.
    let plan = world.plan(program(Wanted { value: "9000", ..FIRST })).await;
    let shown = format!("{plan:?}");
    assert!(shown.contains("8000") && shown.contains("9000"), "{shown}");

    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    let by_hand = async |tag| {
        let call = aws.ssm().add_tags_to_resource().resource_id(&name).tags(tag);
        call.resource_type(ResourceTypeForTagging::Parameter).send().await.unwrap();
    };
    by_hand(tag("cost", "7")).await;
    let wanted = Wanted { owner: Some("ben"), ..FIRST };
    world.updates(program(wanted), "port", &["tags"]).await;
    assert_eq!(tags(&aws, &name).await["owner"], "ben");
    by_hand(tag("owner", "eve")).await;
    world.updates(program(wanted), "port", &["tags"]).await;
    let wanted = Wanted { owner: None, ..FIRST };
    world.updates(program(wanted), "port", &["tags"]).await;
    let live = tags(&aws, &name).await;
    assert_eq!((live.get("owner"), live["cost"].as_str()), (None, "7"));

    // Drift: somebody sets another value; somebody deletes it.
    let put = aws.ssm().put_parameter().name(&name).value("1").overwrite(true);
    put.send().await.unwrap();
    world.updates(program(wanted), "port", &["value"]).await;
    assert_eq!(value(&aws, &name).await, "8000");
    aws.ssm().delete_parameter().name(&name).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create port"]);

    world.destroy().await;
    assert!(parameter(&aws, &name).await.is_none());
}

#[tokio::test]
async fn each_property_is_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let name = world.id("port").await;
    let updates = async |wanted, property: &str| {
        world.updates(program(wanted), "port", &[property]).await;
        details(&aws, &name).await
    };
    let wanted = Wanted { value: "9000", ..FIRST };
    updates(wanted, "value").await;
    assert_eq!(value(&aws, &name).await, "9000");
    assert_eq!(world.output("port", "version").await, "2");
    let wanted = Wanted { description: Some("Its port"), ..wanted };
    assert_eq!(updates(wanted, "description").await.description(), Some("Its port"));
    let wanted = Wanted { description: None, ..wanted };
    assert_eq!(updates(wanted, "description").await.description(), None);
    let wanted = Wanted { pattern: Some("^[0-9]+$"), ..wanted };
    assert_eq!(updates(wanted, "allowed_pattern").await.allowed_pattern(), wanted.pattern);
    let wanted = Wanted { pattern: None, ..wanted };
    assert_eq!(updates(wanted, "allowed_pattern").await.allowed_pattern(), None);
    let wanted = Wanted { kind: "StringList", ..wanted };
    let live = updates(wanted, "parameter_type").await;
    assert_eq!(live.r#type(), Some(&ParameterType::StringList));
    let wanted = Wanted { kind: "String", ..wanted };
    updates(wanted, "parameter_type").await;
    let wanted = Wanted { data: Some("aws:ec2:image"), value: "ami-12345678", ..wanted };
    world.updates(program(wanted), "port", &["value", "data_type"]).await;
    assert_eq!(details(&aws, &name).await.data_type(), Some("aws:ec2:image"));
    // Taken out of the program, it stays.
    let wanted = Wanted { data: None, ..wanted };
    assert_eq!(world.up(program(wanted)).await, [""; 0]);
    let wanted = Wanted { tier: Some("Advanced"), ..wanted };
    assert_eq!(updates(wanted, "tier").await.tier().unwrap().as_str(), "Advanced");
    assert_eq!(world.up(program(Wanted { tier: None, ..wanted })).await, [""; 0]);
}

#[tokio::test]
async fn an_advanced_parameter_does_not_become_a_standard_one() {
    let world = World::new().await;
    let aws = world.aws().await;
    let wanted = Wanted { tier: Some("Advanced"), ..FIRST };
    world.up(program(wanted)).await;
    let (_, report) =
        world.try_up(program(Wanted { tier: Some("Standard"), ..wanted })).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains("give it another name"), "{message}");
    let wanted = Wanted { tier: Some("Standard"), name: Some("/shop/port"), ..FIRST };
    let (old, new) = world.replaces(program(wanted), "port", &["name"]).await;
    assert!(parameter(&aws, &old).await.is_none());
    assert_eq!(details(&aws, &new).await.tier().unwrap().as_str(), "Standard");
}

#[tokio::test]
async fn a_path_is_a_name() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(Wanted { name: Some("/shop/port"), ..FIRST })).await;
    let live = parameter(&aws, "/shop/port").await.unwrap();
    let arn = world.output("port", "arn").await;
    assert!(arn.ends_with(":parameter/shop/port"), "{arn}");
    assert_eq!(live.arn(), Some(arn.as_str()));
    let plan = world.plan(program(Wanted { name: Some("/shop/door"), ..FIRST })).await;
    assert_eq!(changed(&plan, "port"), ["name"].into());
}

#[tokio::test]
async fn a_foreign_parameter_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    let put = aws.ssm().put_parameter().name("port").value("1").r#type(ParameterType::String);
    put.send().await.unwrap();
    let wanted = Wanted { name: Some("port"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("ParameterAlreadyExists"));
    assert_eq!(value(&aws, "port").await, "1");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_by_its_code() {
    let world = World::new().await;
    let wanted = Wanted { pattern: Some("^[a-z]+$"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let code = report.failures[0].error.code.as_deref();
    assert_eq!(code, Some("ParameterPatternMismatchException"));
}

#[tokio::test]
async fn many_are_read_in_few_calls() {
    let world = World::new().await;
    let many = |stack: &Stack| {
        for n in 0..25 {
            let parameter = Parameter::builder().parameter_type("String").value("x");
            stack.add(&format!("p{n}"), parameter);
        }
    };
    world.up(many).await;
    world.account.reset_calls().await.unwrap();
    world.plan(many).await;
    assert_eq!(world.count("ssm:GetParameters").await, 3);
    assert_eq!(world.count("ssm:DescribeParameters").await, 0);
}

#[tokio::test]
async fn a_lost_answer_is_no_foreign_parameter() {
    let world = World::new().await;
    world.account.faults([Fault::drop_after("PutParameter")]).await.unwrap();
    world.up(program(Wanted { name: Some("/shop/port"), ..FIRST })).await;
    assert_eq!(world.tried("ssm:PutParameter").await, 2);
    let live = parameter(&world.aws().await, "/shop/port").await.unwrap();
    assert_eq!((live.value(), live.version()), (Some("8000"), 1));
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "port", "ssm:PutParameter").await;
    let chosen = Wanted { name: Some("/shop/port"), ..FIRST };
    World::new().await.finds(program(chosen), "port", "ssm:PutParameter").await;
}
