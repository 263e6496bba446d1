//! `AWS::IAM::OIDCProvider`.

use std::collections::BTreeSet;

use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput as Sdk;
use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::iam::OpenIdConnectProvider;

use super::tag;
use crate::world::World;

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    host: &'static str,
    clients: &'static [&'static str],
    thumbprint: Option<char>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    host: "token.example.com",
    clients: &["sts.amazonaws.com"],
    thumbprint: Some('a'),
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let clients: Vec<String> = wanted.clients.iter().map(|c| (*c).to_owned()).collect();
        let thumbprint = wanted.thumbprint.map(|c| [c.to_string().repeat(40)]);
        stack.add(
            "github",
            OpenIdConnectProvider::builder()
                .url(format!("https://{}", wanted.host))
                .maybe_client_id_list((!clients.is_empty()).then_some(clients))
                .maybe_thumbprint_list(thumbprint)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

async fn find(aws: &Aws, arn: &str) -> Option<Sdk> {
    let call = aws.iam().get_open_id_connect_provider().open_id_connect_provider_arn(arn);
    call.send().await.ok()
}

async fn clients(aws: &Aws, arn: &str) -> BTreeSet<String> {
    find(aws, arn).await.unwrap().client_id_list().iter().cloned().collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create github"]);
    let arn = world.id("github").await;
    assert!(arn.ends_with(":oidc-provider/token.example.com"), "{arn}");
    assert_eq!(world.output("github", "arn").await, arn);
    let made = find(&aws, &arn).await.unwrap();
    assert_eq!(made.url(), Some("token.example.com"));
    assert_eq!(made.thumbprint_list(), ["a".repeat(40)]);
    assert_eq!(clients(&aws, &arn).await, set(&["sts.amazonaws.com"]));

    let wanted = Wanted { clients: &["x", "y"], ..FIRST };
    world.updates(program(wanted), "github", &["client_id_list"]).await;
    assert_eq!(clients(&aws, &arn).await, set(&["x", "y"]));
    let wanted = Wanted { clients: &[], ..FIRST };
    world.updates(program(wanted), "github", &["client_id_list"]).await;
    assert_eq!(clients(&aws, &arn).await, set(&[]));
    let wanted = Wanted { thumbprint: Some('b'), ..wanted };
    world.updates(program(wanted), "github", &["thumbprint_list"]).await;
    assert_eq!(find(&aws, &arn).await.unwrap().thumbprint_list(), ["b".repeat(40)]);
    // Taken out of the program, it stays.
    let wanted = Wanted { thumbprint: None, ..wanted };
    assert_eq!(world.up(program(wanted)).await, [""; 0]);

    let foreign = aws_sdk_iam::types::Tag::builder().key("cost").value("7").build().unwrap();
    let call = aws.iam().tag_open_id_connect_provider().open_id_connect_provider_arn(&arn);
    call.tags(foreign).send().await.unwrap();
    let wanted = Wanted { owner: Some("ben"), ..wanted };
    world.updates(program(wanted), "github", &["tags"]).await;
    assert_eq!(tag(find(&aws, &arn).await.unwrap().tags(), "owner"), Some("ben"));
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "github", &["tags"]).await;
    let live = find(&aws, &arn).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));

    // Drift: somebody adds an audience; somebody deletes it.
    let wanted = Wanted { clients: &["x"], ..wanted };
    world.updates(program(wanted), "github", &["client_id_list"]).await;
    let call = aws.iam().add_client_id_to_open_id_connect_provider();
    call.open_id_connect_provider_arn(&arn).client_id("evil").send().await.unwrap();
    world.updates(program(wanted), "github", &["client_id_list"]).await;
    assert_eq!(clients(&aws, &arn).await, set(&["x"]));
    let call = aws.iam().delete_open_id_connect_provider().open_id_connect_provider_arn(&arn);
    call.send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create github"]);

    let other = Wanted { host: "other.example.com/path", ..wanted };
    let (old, new) = world.replaces(program(other), "github", &["url"]).await;
    assert!(find(&aws, &old).await.is_none() && find(&aws, &new).await.is_some());
    world.destroy().await;
    assert!(find(&aws, &new).await.is_none());
}

#[tokio::test]
async fn a_foreign_one_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    let call = aws.iam().create_open_id_connect_provider().url("https://token.example.com");
    call.send().await.unwrap();
    let (_, report) = world.try_up(program(FIRST)).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("EntityAlreadyExists"));
}

#[tokio::test]
async fn an_address_without_https_is_refused_before_any_call() {
    let world = World::new().await;
    let plain = |stack: &Stack| {
        stack.add("x", OpenIdConnectProvider::builder().url("http://example.com"));
    };
    let error = world.plan_error(plain).await;
    assert!(error.contains("must begin with `https://`"), "{error}");
    assert_eq!(world.count("iam:CreateOpenIDConnectProvider").await, 0);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(FIRST), "github", "iam:CreateOpenIDConnectProvider").await;
}
