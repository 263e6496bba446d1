//! `AWS::Route53::HostedZone`.

use aws_sdk_route53::Client;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType, TagResourceType,
};
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::ec2::Vpc;
use ferrocrete_resources::route53::{HostedZone, HostedZoneVpc};

use crate::world::World;

fn public(
    name: &'static str,
    comment: Option<&'static str>,
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        let zone = HostedZone::builder().name(name).maybe_comment(comment);
        stack.add("root", zone.tags([("owner", owner)]));
    }
}

fn private(vpcs: &'static [&'static str]) -> impl Fn(&Stack) {
    move |stack| {
        let all = ["one", "two"].map(|name| {
            (
                name,
                stack.add(name, Vpc::builder().cidr_block("10.0.0.0/16").enable_dns_support(true)),
            )
        });
        let wanted = all.iter().filter(|(name, _)| vpcs.contains(name)).map(|(_, vpc)| {
            HostedZoneVpc::builder().vpc_id(&vpc.vpc_id).vpc_region("eu-central-1")
        });
        let wanted: Input<Vec<HostedZoneVpc>> = wanted.collect();
        let zone = HostedZone::builder().name("inside.example");
        if vpcs.is_empty() {
            stack.add("root", zone);
        } else {
            stack.add("root", zone.vpcs(wanted));
        }
    }
}

async fn live(client: &Client, id: &str) -> Option<GetHostedZoneOutput> {
    client.get_hosted_zone().id(id).send().await.ok()
}

async fn tag(client: &Client, id: &str, key: &str) -> Option<String> {
    let call = client.list_tags_for_resource().resource_type(TagResourceType::Hostedzone);
    let answer = call.resource_id(id).send().await.unwrap().resource_tag_set.unwrap();
    answer.tags().iter().find(|t| t.key() == Some(key)).and_then(|t| t.value.clone())
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    assert_eq!(world.up(public("example.org", Some("Ours"), "anna")).await, ["create root"]);
    let id = world.id("root").await;
    let zone = live(&client, &id).await.unwrap();
    let hosted = zone.hosted_zone().unwrap();
    assert_eq!(hosted.name(), "example.org.");
    assert_eq!(hosted.config().unwrap().comment(), Some("Ours"));
    assert_eq!(tag(&client, &id, "owner").await.as_deref(), Some("anna"));

    world.updates(public("example.org", Some("Theirs"), "anna"), "root", &["comment"]).await;
    let zone = live(&client, &id).await.unwrap();
    assert_eq!(zone.hosted_zone().unwrap().config().unwrap().comment(), Some("Theirs"));
    world.updates(public("example.org", None, "anna"), "root", &["comment"]).await;
    world.updates(public("example.org", None, "ben"), "root", &["tags"]).await;
    assert_eq!(tag(&client, &id, "owner").await.as_deref(), Some("ben"));
    // Drift: somebody comments by hand.
    world.updates(public("example.org", Some("Ours"), "ben"), "root", &["comment"]).await;
    client.update_hosted_zone_comment().id(&id).comment("Eve").send().await.unwrap();
    world.updates(public("example.org", Some("Ours"), "ben"), "root", &["comment"]).await;
    // Names are compared without regard to case.
    assert_eq!(world.up(public("Example.ORG", Some("Ours"), "ben")).await, [""; 0]);

    let (old, new) =
        world.replaces(public("example.net", Some("Ours"), "ben"), "root", &["name"]).await;
    assert!(live(&client, &old).await.is_none() && live(&client, &new).await.is_some());
    client.delete_hosted_zone().id(&new).send().await.unwrap();
    assert_eq!(world.up(public("example.net", Some("Ours"), "ben")).await, ["create root"]);
    let last = world.id("root").await;
    world.destroy().await;
    assert!(live(&client, &last).await.is_none());
}

#[tokio::test]
async fn a_private_zone_changes_its_vpcs_in_place() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    world.up(private(&["one"])).await;
    let id = world.id("root").await;
    let vpcs = async || {
        let zone = live(&client, &id).await.unwrap();
        let mut ids: Vec<_> = zone.vpcs().iter().map(|v| v.vpc_id().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let (one, two) = (world.id("one").await, world.id("two").await);
    assert_eq!(vpcs().await, [one.as_str()]);
    world.updates(private(&["one", "two"]), "root", &["vpcs"]).await;
    assert_eq!(vpcs().await.len(), 2);
    world.updates(private(&["two"]), "root", &["vpcs"]).await;
    assert_eq!(vpcs().await, [two]);
    let (_, report) = world.try_up(private(&[])).await.unwrap();
    assert!(report.failures[0].error.message.contains("from public to private"));
    world.up(private(&["two"])).await;
    world.destroy().await;
}

#[tokio::test]
async fn records_of_others_keep_it_unless_they_may_go() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    let program = |empty: Option<bool>| {
        move |stack: &Stack| {
            let zone = HostedZone::builder().name("example.org");
            drop(stack.add("root", zone.maybe_delete_records_on_delete(empty)));
        }
    };
    world.up(program(None)).await;
    let id = world.id("root").await;
    let value = ResourceRecord::builder().value("192.0.2.1").build().unwrap();
    let record = ResourceRecordSet::builder().name("x.example.org").r#type(RrType::A).ttl(60);
    let record = record.resource_records(value).build().unwrap();
    let change = Change::builder().action(ChangeAction::Create).resource_record_set(record);
    let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
    let call = client.change_resource_record_sets().hosted_zone_id(&id).change_batch(batch);
    call.send().await.unwrap();
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("HostedZoneNotEmpty"));
    world.updates(program(Some(true)), "root", &["delete_records_on_delete"]).await;
    world.destroy().await;
    assert!(live(&client, &id).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = public("example.org", Some("Ours"), "anna");
    world.finds(program, "root", "route53:CreateHostedZone").await;
}
