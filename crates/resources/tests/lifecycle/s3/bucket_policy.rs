//! `AWS::S3::BucketPolicy`.

use aws_sdk_s3::Client;
use ferrocrete_core::{Stack, interpolate};
use ferrocrete_resources::iam::{PolicyDocument, Statement};
use ferrocrete_resources::s3::{Bucket, BucketPolicy};

use crate::world::World;

fn program(bucket: &'static str, action: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let buckets = ["one", "two"].map(|name| (name, stack.add(name, Bucket::builder())));
        let (_, bucket) = buckets.iter().find(|(name, _)| *name == bucket).unwrap();
        let statement = Statement::new()
            .actions([action])
            .principal_service("cloudtrail.amazonaws.com")
            .resources([interpolate!("{}/*", &bucket.arn)]);
        stack.add(
            "access",
            BucketPolicy::builder()
                .bucket(&bucket.bucket_name)
                .policy_document(PolicyDocument::new().allow(statement)),
        );
    }
}

async fn live(s3: &Client, bucket: &str) -> Option<String> {
    s3.get_bucket_policy().bucket(bucket).send().await.ok()?.policy
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    world.up(program("one", "s3:GetObject")).await;
    let (one, two) = (world.id("one").await, world.id("two").await);
    let policy = live(&s3, &one).await.unwrap();
    assert!(policy.contains("s3:GetObject") && policy.contains(&format!("arn:aws:s3:::{one}/*")));
    world.updates(program("one", "s3:PutObject"), "access", &["policy_document"]).await;
    assert!(live(&s3, &one).await.unwrap().contains("s3:PutObject"));
    // Drift: somebody changes it, somebody deletes it.
    let more = live(&s3, &one).await.unwrap().replace("s3:PutObject", "s3:*");
    s3.put_bucket_policy().bucket(&one).policy(more).send().await.unwrap();
    world.updates(program("one", "s3:PutObject"), "access", &["policy_document"]).await;
    assert!(live(&s3, &one).await.unwrap().contains("s3:PutObject"));
    s3.delete_bucket_policy().bucket(&one).send().await.unwrap();
    assert_eq!(world.up(program("one", "s3:PutObject")).await, ["create access"]);

    world.up(program("two", "s3:PutObject")).await;
    assert_eq!(live(&s3, &one).await, None);
    assert!(live(&s3, &two).await.is_some());
    let only = |stack: &Stack| drop(["one", "two"].map(|name| stack.add(name, Bucket::builder())));
    assert_eq!(world.up(only).await, ["delete access"]);
    assert_eq!(live(&s3, &two).await, None);
    world.destroy().await;
}

#[tokio::test]
async fn a_foreign_policy_is_not_overwritten() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    world
        .up(|stack: &Stack| drop(["one", "two"].map(|name| stack.add(name, Bucket::builder()))))
        .await;
    let one = world.id("one").await;
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    s3.put_bucket_policy().bucket(&one).policy(theirs).send().await.unwrap();
    let (_, report) = world.try_up(program("one", "s3:GetObject")).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    assert!(live(&s3, &one).await.unwrap().contains("Deny"));
}

#[tokio::test]
async fn it_goes_without_a_call_when_its_bucket_goes() {
    let world = World::new().await;
    world.up(program("one", "s3:GetObject")).await;
    world.destroy().await;
    assert_eq!(world.count("s3:DeleteBucketPolicy").await, 0);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("one", "s3:GetObject"), "access", "s3:PutBucketPolicy").await;
}

#[tokio::test]
async fn moves_to_another_bucket() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    world.up(program("one", "s3:GetObject")).await;
    world.replaces(program("two", "s3:GetObject"), "access", &["bucket"]).await;
    assert_eq!(live(&s3, &world.id("one").await).await, None);
    assert!(live(&s3, &world.id("two").await).await.is_some());
}

#[tokio::test]
async fn goes_and_comes_with_its_bucket() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    world.up(program("one", "s3:GetObject")).await;
    let one = world.id("one").await;
    s3.delete_bucket().bucket(&one).send().await.unwrap();
    let mut made = world.up(program("one", "s3:GetObject")).await;
    made.sort();
    assert_eq!(made, ["create access", "create one"]);
    assert!(live(&s3, &world.id("one").await).await.unwrap().contains("s3:GetObject"));
    world.destroy().await;
    assert!(s3.list_buckets().send().await.unwrap().buckets().is_empty());
    assert_eq!(world.count("s3:DeleteBucketPolicy").await, 0, "it went with its bucket");
}

/// An account is its root user, a boolean is a text, order means nothing; and a role that is made
/// again is not the one that was trusted.
#[tokio::test]
async fn what_s3_writes_in_its_own_way_is_no_drift_and_a_deleted_role_is_trusted_anew() {
    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;
    let world = World::new().await;
    let aws = world.aws().await;
    let make = async || {
        let call = aws.iam().create_role().role_name("reader").assume_role_policy_document(TRUST);
        call.send().await.unwrap().role.unwrap().arn
    };
    let role = make().await;
    let account = role.split(':').nth(4).unwrap().to_owned();
    let program = |stack: &Stack| {
        let bucket = stack.add("one", Bucket::builder());
        let all = || interpolate!("{}/*", &bucket.arn);
        let read = Statement::new()
            .actions(["S3:GetObject", "s3:GetObjectVersion"])
            .principal_aws(&*account)
            .principal_aws(&*role)
            .resources([all()]);
        let tls = Statement::new()
            .action("s3:*")
            .principal_everyone()
            .resources([all()])
            .condition("Bool", "AWS:SecureTransport", ["false"]);
        let document = PolicyDocument::new().deny(tls).allow(read);
        let policy = BucketPolicy::builder().bucket(&bucket.bucket_name);
        stack.add("access", policy.policy_document(document));
    };
    // `up` asserts that a second one has nothing to do.
    world.up(program).await;
    let id = world.id("one").await;
    let written = live(aws.s3(), &id).await.unwrap();
    assert!(written.contains(&format!("arn:aws:iam::{account}:root")), "{written}");

    aws.iam().delete_role().role_name("reader").send().await.unwrap();
    assert_eq!(make().await, role);
    assert!(live(aws.s3(), &id).await.unwrap().contains("AROA"));
    world.updates(program, "access", &["policy_document"]).await;
    assert!(live(aws.s3(), &id).await.unwrap().contains(&role));
}
