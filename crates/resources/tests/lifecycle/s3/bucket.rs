//! `AWS::S3::Bucket`.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CreateBucketConfiguration, Tag, Tagging, VersioningConfiguration,
};
use ferrocrete_core::Stack;
use ferrocrete_resources::s3::{Bucket, CorsRule};
use ferrocrete_sandbox::{Config, Unkind};

use crate::world::World;

fn program(name: Option<String>, owner: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "docs",
            Bucket::builder().maybe_bucket_name(name.clone()).tags([("owner", owner)]),
        );
    }
}

async fn names(s3: &Client) -> Vec<String> {
    let all = s3.list_buckets().send().await.unwrap();
    all.buckets().iter().map(|b| b.name().unwrap().to_owned()).collect()
}

async fn tag(s3: &Client, bucket: &str, key: &str) -> Option<String> {
    let tags = s3.get_bucket_tagging().bucket(bucket).send().await.unwrap();
    tags.tag_set().iter().find(|t| t.key() == key).map(|t| t.value().to_owned())
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    assert_eq!(world.up(program(None, "anna")).await, ["create docs"]);
    let name = world.id("docs").await;
    assert_eq!(names(&s3).await, [name.as_str()]);
    let place = s3.get_bucket_location().bucket(&name).send().await.unwrap();
    assert_eq!(place.location_constraint().map(|c| c.as_str()), Some("eu-central-1"));
    assert_eq!(world.output("docs", "arn").await, format!("arn:aws:s3:::{name}"));
    assert_eq!(tag(&s3, &name, "owner").await.as_deref(), Some("anna"));

    // Somebody else's tag survives; a tag of ours that is changed by hand does not.
    let mut tags = s3.get_bucket_tagging().bucket(&name).send().await.unwrap().tag_set;
    tags.retain(|t| t.key() != "owner");
    tags.push(Tag::builder().key("cost").value("7").build().unwrap());
    tags.push(Tag::builder().key("owner").value("eve").build().unwrap());
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
    s3.put_bucket_tagging().bucket(&name).tagging(tagging).send().await.unwrap();
    world.updates(program(None, "anna"), "docs", &["tags"]).await;
    world.updates(program(None, "ben"), "docs", &["tags"]).await;
    assert_eq!(tag(&s3, &name, "owner").await.as_deref(), Some("ben"));
    assert_eq!(tag(&s3, &name, "cost").await.as_deref(), Some("7"));

    let other = format!("other-{}", world.account.id);
    let (old, new) =
        world.replaces(program(Some(other.clone()), "ben"), "docs", &["bucket_name"]).await;
    assert_eq!((old, new), (name, other.clone()));
    assert_eq!(names(&s3).await, [other.as_str()]);

    // Drift: somebody deletes it.
    s3.delete_bucket().bucket(&other).send().await.unwrap();
    assert_eq!(world.up(program(Some(other.clone()), "ben")).await, ["create docs"]);
    world.destroy().await;
    assert!(names(&s3).await.is_empty());
}

/// A bucket with versions, a delete marker and an unfinished upload.
async fn fill(s3: &Client, bucket: &str) {
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let call = s3.put_bucket_versioning().bucket(bucket);
    call.versioning_configuration(enabled.build()).send().await.unwrap();
    for text in ["one", "two"] {
        let body = ByteStream::from_static(text.as_bytes());
        s3.put_object().bucket(bucket).key("a").body(body).send().await.unwrap();
    }
    s3.delete_object().bucket(bucket).key("a").send().await.unwrap();
    s3.create_multipart_upload().bucket(bucket).key("b").send().await.unwrap();
}

#[tokio::test]
async fn a_full_bucket_goes_only_when_that_was_declared() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |empty: Option<bool>| {
        move |stack: &Stack| drop(stack.add("docs", Bucket::builder().maybe_empty_on_delete(empty)))
    };
    world.up(program(None)).await;
    fill(&s3, &world.id("docs").await).await;
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("BucketNotEmpty"));
    world.updates(program(Some(true)), "docs", &["empty_on_delete"]).await;
    world.destroy().await;
    assert!(names(&s3).await.is_empty());
}

#[tokio::test]
async fn a_bucket_of_ones_own_is_not_adopted() {
    // Only us-east-1 answers a second CreateBucket of the same account with success.
    for region in ["us-east-1", "eu-central-1"] {
        let world = World::in_region(region).await;
        let s3 = world.aws().await.s3().clone();
        let name = format!("taken-{}", world.account.id);
        let place = (region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder().location_constraint(region.into()).build()
        });
        let call = s3.create_bucket().bucket(&name).set_create_bucket_configuration(place);
        call.send().await.unwrap();
        let (_, report) = world.try_up(program(Some(name.clone()), "anna")).await.unwrap();
        assert_eq!(report.failures.len(), 1, "{region}");
        assert!(world.state().await.resources.is_empty());
        let tags = s3.get_bucket_tagging().bucket(&name).send().await;
        assert!(tags.is_err(), "{region}: not touched, so still without tags");
    }
}

#[tokio::test]
async fn is_found_again() {
    for region in ["us-east-1", "eu-central-1"] {
        let world = World::in_region(region).await;
        world.finds(program(None, "anna"), "docs", "s3:CreateBucket").await;
    }
}

#[tokio::test]
async fn tags_that_are_taken_out_go() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    world.up(program(None, "anna")).await;
    let name = world.id("docs").await;
    world.updates(|s: &Stack| drop(s.add("docs", Bucket::builder())), "docs", &["tags"]).await;
    assert_eq!(tag(&s3, &name, "owner").await, None);
    assert!(tag(&s3, &name, "ferrocrete:urn").await.is_some());
}

/// Killed between the bucket's creation and what it is told by calls of their own.
#[tokio::test]
async fn is_found_again_before_it_was_configured() {
    for region in ["us-east-1", "eu-central-1"] {
        for entries in [1, 2] {
            let world = World::in_region(region).await;
            let s3 = world.aws().await.s3().clone();
            // Not cut off by what S3 does not know yet, but by the kill.
            let unkind = Unkind { young: Duration::ZERO, ..Unkind::tests() };
            world.account.configure(Config::unkind(unkind)).await.unwrap();
            let program = |stack: &Stack| {
                let rule = CorsRule::builder().allowed_origins(["*"]).allowed_methods(["GET"]);
                let bucket = Bucket::builder().versioning_status("Enabled").cors_rules([rule]);
                drop(stack.add("docs", bucket.object_ownership("ObjectWriter")));
            };
            world.killed(program, "docs", entries).await;
            let name = names(&s3).await.remove(0);
            let versioning = s3.get_bucket_versioning().bucket(&name).send().await.unwrap();
            assert_eq!(versioning.status.is_some(), entries == 2);
            world.up(program).await;
            assert_eq!(world.count("s3:CreateBucket").await, 1);
            assert_eq!(names(&s3).await, [name.as_str()]);
            let versioning = s3.get_bucket_versioning().bucket(&name).send().await.unwrap();
            assert_eq!(versioning.status, Some(BucketVersioningStatus::Enabled));
            let cors = s3.get_bucket_cors().bucket(&name).send().await.unwrap();
            assert_eq!(cors.cors_rules().len(), 1);
            let owner = s3.get_bucket_ownership_controls().bucket(&name).send().await.unwrap();
            let rules = owner.ownership_controls.unwrap().rules;
            assert_eq!(rules[0].object_ownership.as_str(), "ObjectWriter");
        }
    }
}
