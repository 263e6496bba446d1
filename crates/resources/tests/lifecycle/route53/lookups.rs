//! `HostedZoneByName`, compared with the SDK's own answer.

use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::route53::{HostedZone, HostedZoneByName};

use crate::world::World;

#[tokio::test]
async fn a_zone_is_found_by_name() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    for (name, reference) in [("example.org", "1"), ("sub.example.org", "2")] {
        client.create_hosted_zone().name(name).caller_reference(reference).send().await.unwrap();
    }
    let program = |stack: &Stack| {
        let zone = stack.lookup("theirs", HostedZoneByName::builder().name("example.org"));
        stack.export("zone", &zone.hosted_zone_id);
        stack.add("other", HostedZone::builder().name("example.net"));
    };
    world.up(program).await;
    let zones = client.list_hosted_zones().send().await.unwrap();
    let theirs = zones.hosted_zones().iter().find(|z| z.name() == "example.org.").unwrap();
    let id = theirs.id().trim_start_matches("/hostedzone/");
    assert_eq!(world.state().await.exports["zone"], Value::String(id.into()));
}

#[tokio::test]
async fn an_unknown_name_is_an_error_that_says_it() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let zone = stack.lookup("theirs", HostedZoneByName::builder().name("nowhere.org"));
        stack.export("zone", &zone.hosted_zone_id);
    };
    let error = world.try_up(program).await.unwrap_err().to_string();
    assert!(error.contains("nowhere.org"), "{error}");
}
