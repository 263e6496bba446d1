//! What a bucket is told by calls of their own: each set, changed, drifted and taken out.

use aws_sdk_s3::Client;
use ferrocrete_core::Stack;
use ferrocrete_resources::s3::{
    Bucket, BucketEncryption, CorsRule, LifecycleRule, LifecycleTransition, PublicAccessBlock,
};

use crate::world::World;

#[tokio::test]
async fn versioning() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |status: Option<&'static str>| {
        move |stack: &Stack| {
            drop(stack.add("docs", Bucket::builder().maybe_versioning_status(status)))
        }
    };
    let live = async |s3: &Client, name: &str| {
        let answer = s3.get_bucket_versioning().bucket(name).send().await.unwrap();
        answer.status.map(|s| s.as_str().to_owned())
    };
    world.up(program(None)).await;
    let name = world.id("docs").await;
    assert_eq!(live(&s3, &name).await, None);
    for status in ["Enabled", "Suspended", "Enabled"] {
        world.updates(program(Some(status)), "docs", &["versioning_status"]).await;
        assert_eq!(live(&s3, &name).await.as_deref(), Some(status));
    }
    // A bucket is never without versions again: taking it out changes nothing.
    assert_eq!(world.up(program(None)).await, [""; 0]);
}

#[tokio::test]
async fn encryption() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |algorithm: &'static str, keys: bool| {
        move |stack: &Stack| {
            let wanted =
                BucketEncryption::builder().sse_algorithm(algorithm).bucket_key_enabled(keys);
            drop(stack.add("docs", Bucket::builder().encryption(wanted)))
        }
    };
    let live = async |s3: &Client, name: &str| {
        let answer = s3.get_bucket_encryption().bucket(name).send().await.unwrap();
        let rules = answer.server_side_encryption_configuration.unwrap().rules;
        let by_default = rules[0].apply_server_side_encryption_by_default.clone().unwrap();
        (by_default.sse_algorithm.as_str().to_owned(), rules[0].bucket_key_enabled == Some(true))
    };
    world.up(program("AES256", false)).await;
    assert_eq!(world.count("s3:PutBucketEncryption").await, 0, "a new bucket is like that");
    let name = world.id("docs").await;
    assert_eq!(live(&s3, &name).await, ("AES256".into(), false));
    world.updates(program("aws:kms", true), "docs", &["encryption"]).await;
    assert_eq!(live(&s3, &name).await, ("aws:kms".into(), true));
    s3.delete_bucket_encryption().bucket(&name).send().await.unwrap();
    world.updates(program("aws:kms", true), "docs", &["encryption"]).await;
    assert_eq!(live(&s3, &name).await, ("aws:kms".into(), true));
}

#[tokio::test]
async fn public_access_block() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |policies: bool| {
        move |stack: &Stack| {
            let block = PublicAccessBlock::builder()
                .block_public_acls(true)
                .ignore_public_acls(true)
                .block_public_policy(policies)
                .restrict_public_buckets(policies);
            drop(stack.add("docs", Bucket::builder().public_access_block(block)))
        }
    };
    let live = async |s3: &Client, name: &str| {
        let answer = s3.get_public_access_block().bucket(name).send().await.unwrap();
        let block = answer.public_access_block_configuration.unwrap();
        (block.block_public_acls, block.block_public_policy, block.restrict_public_buckets)
    };
    world.up(program(true)).await;
    assert_eq!(world.count("s3:PutPublicAccessBlock").await, 0, "a new bucket is like that");
    let name = world.id("docs").await;
    world.updates(program(false), "docs", &["public_access_block"]).await;
    assert_eq!(live(&s3, &name).await, (Some(true), Some(false), Some(false)));
    // Drift: somebody opens it altogether.
    s3.delete_public_access_block().bucket(&name).send().await.unwrap();
    world.updates(program(false), "docs", &["public_access_block"]).await;
    assert_eq!(live(&s3, &name).await, (Some(true), Some(false), Some(false)));
}

#[tokio::test]
async fn ownership() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |ownership: &'static str| {
        move |stack: &Stack| drop(stack.add("docs", Bucket::builder().object_ownership(ownership)))
    };
    world.up(program("BucketOwnerEnforced")).await;
    let name = world.id("docs").await;
    for ownership in ["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"] {
        world.updates(program(ownership), "docs", &["object_ownership"]).await;
        let answer = s3.get_bucket_ownership_controls().bucket(&name).send().await.unwrap();
        let rules = answer.ownership_controls.unwrap().rules;
        assert_eq!(rules[0].object_ownership.as_str(), ownership);
    }
}

#[tokio::test]
async fn lifecycle_rules() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |days: Option<i32>| {
        move |stack: &Stack| {
            let rules = days.map(|days| {
                [
                    LifecycleRule::builder()
                        .id("old")
                        .status("Enabled")
                        .prefix("logs/")
                        .expiration_in_days(days)
                        .noncurrent_version_expiration_in_days(7)
                        .transitions([LifecycleTransition::builder()
                            .transition_in_days(30)
                            .storage_class("STANDARD_IA")])
                        .build(),
                    LifecycleRule::builder()
                        .id("parts")
                        .status("Disabled")
                        .abort_incomplete_multipart_upload_days(3)
                        .build(),
                ]
            });
            drop(stack.add("docs", Bucket::builder().maybe_lifecycle_rules(rules)))
        }
    };
    let live = async |s3: &Client, name: &str| {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(name).send().await;
        answer.map(|a| a.rules.unwrap_or_default()).unwrap_or_default()
    };
    world.up(program(Some(90))).await;
    let name = world.id("docs").await;
    let rules = live(&s3, &name).await;
    assert_eq!(rules.len(), 2);
    let old = rules.iter().find(|r| r.id() == Some("old")).unwrap();
    assert_eq!(old.expiration.as_ref().and_then(|e| e.days), Some(90));
    assert_eq!(old.transitions()[0].storage_class.as_ref().unwrap().as_str(), "STANDARD_IA");
    world.updates(program(Some(60)), "docs", &["lifecycle_rules"]).await;
    let rules = live(&s3, &name).await;
    let old = rules.iter().find(|r| r.id() == Some("old")).unwrap();
    assert_eq!(old.expiration.as_ref().and_then(|e| e.days), Some(60));
    // Drift: somebody deletes them.
    s3.delete_bucket_lifecycle().bucket(&name).send().await.unwrap();
    world.updates(program(Some(60)), "docs", &["lifecycle_rules"]).await;
    assert_eq!(live(&s3, &name).await.len(), 2);
    world.updates(program(None), "docs", &["lifecycle_rules"]).await;
    assert!(live(&s3, &name).await.is_empty());
}

#[tokio::test]
async fn cors_rules() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |origin: Option<&'static str>| {
        move |stack: &Stack| {
            let rules = origin.map(|origin| {
                [CorsRule::builder()
                    .allowed_origins([origin])
                    .allowed_methods(["GET", "PUT"])
                    .allowed_headers(["*"])
                    .max_age(600)]
            });
            drop(stack.add("docs", Bucket::builder().maybe_cors_rules(rules)))
        }
    };
    let live = async |s3: &Client, name: &str| {
        let answer = s3.get_bucket_cors().bucket(name).send().await;
        answer.map(|a| a.cors_rules.unwrap_or_default()).unwrap_or_default()
    };
    world.up(program(Some("https://a.example"))).await;
    let name = world.id("docs").await;
    let rules = live(&s3, &name).await;
    assert_eq!(rules[0].allowed_origins(), ["https://a.example"]);
    assert_eq!(
        (rules[0].allowed_methods(), rules[0].max_age_seconds()),
        (&["GET".to_owned(), "PUT".to_owned()][..], Some(600))
    );
    world.updates(program(Some("https://b.example")), "docs", &["cors_rules"]).await;
    assert_eq!(live(&s3, &name).await[0].allowed_origins(), ["https://b.example"]);
    s3.delete_bucket_cors().bucket(&name).send().await.unwrap();
    world.updates(program(Some("https://b.example")), "docs", &["cors_rules"]).await;
    world.updates(program(None), "docs", &["cors_rules"]).await;
    assert!(live(&s3, &name).await.is_empty());
}
