//! `HostedZoneByName`: names in any case, private and public zones, several of one name.

use aws_sdk_route53::types::{HostedZoneConfig, Vpc, VpcRegion};
use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::ec2::SecurityGroup;
use ferrocrete_resources::route53::HostedZoneByName;

use crate::world::World;

fn program(name: &'static str, private: Option<bool>) -> impl Fn(&Stack) {
    move |stack| {
        let lookup = HostedZoneByName::builder().name(name).maybe_private_zone(private);
        let zone = stack.lookup("found", lookup);
        stack.export("id", &zone.hosted_zone_id);
        stack.export("servers", &zone.name_servers);
        // Exports are recorded by a run that does something.
        let description = format!("For {name} {private:?}");
        stack.add("group", SecurityGroup::builder().group_description(description));
    }
}

async fn export(world: &World, name: &str) -> Value {
    world.state().await.exports.get(name).unwrap_or_else(|| panic!("no `{name}`")).clone()
}

/// Makes a zone by hand; its id.
async fn make(world: &World, name: &str, private: bool) -> String {
    let route53 = world.aws().await.route53().clone();
    let vpc = Vpc::builder().vpc_id("vpc-0123456789abcdef0").vpc_region(VpcRegion::EuCentral1);
    let made = route53
        .create_hosted_zone()
        .name(name)
        .caller_reference(format!("{name} {private}"))
        .hosted_zone_config(HostedZoneConfig::builder().private_zone(private).build())
        .set_vpc(private.then(|| vpc.build()))
        .send()
        .await
        .unwrap();
    made.hosted_zone.unwrap().id.trim_start_matches("/hostedzone/").to_owned()
}

#[tokio::test]
async fn says_what_the_sdk_says() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    let id = make(&world, "example.org", false).await;
    // Neighbours in AWS's order of names, which the call returns, too.
    make(&world, "a.example.org", false).await;
    make(&world, "example.org.uk", false).await;
    world.up(program("Example.org", None)).await;
    assert_eq!(export(&world, "id").await, Value::String(id.clone()));
    let zone = route53.get_hosted_zone().id(id).send().await.unwrap();
    let servers = zone.delegation_set().unwrap().name_servers();
    assert!(!servers.is_empty());
    let servers = servers.iter().map(|s| Value::String(s.clone())).collect();
    assert_eq!(export(&world, "servers").await, Value::List(servers));
}

#[tokio::test]
async fn tells_private_from_public() {
    let world = World::new().await;
    let public = make(&world, "example.org.", false).await;
    let private = make(&world, "example.org.", true).await;
    world.up(program("example.org", Some(false))).await;
    assert_eq!(export(&world, "id").await, Value::String(public.clone()));
    world.up(program("example.org", Some(true))).await;
    assert_eq!(export(&world, "id").await, Value::String(private.clone()));
    assert_eq!(export(&world, "servers").await, Value::List(Vec::new()));
    let error = world.try_up(program("example.org", None)).await.unwrap_err().to_string();
    assert!(error.contains("more than one") && error.contains("private_zone"), "{error}");
    assert!(error.contains(&public) && error.contains(&private), "{error}");
}

#[tokio::test]
async fn nothing_found_is_an_error_that_names_it() {
    let world = World::new().await;
    make(&world, "example.org.uk", false).await;
    let error = world.try_up(program("example.org", None)).await.unwrap_err().to_string();
    assert!(error.contains("no hosted zone named `example.org`"), "{error}");
    make(&world, "example.org", false).await;
    let error = world.try_up(program("example.org", Some(true))).await.unwrap_err().to_string();
    assert!(error.contains("no private hosted zone named `example.org`"), "{error}");
}
