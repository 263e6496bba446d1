//! What the parts of a bucket's configuration hold: each property of each struct.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, LifecycleRule as SdkLifecycleRule, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryptionByDefault,
};
use ferrocrete_core::Stack;
use ferrocrete_resources::s3::{
    Bucket, BucketEncryption, CorsRule, LifecycleRule, LifecycleTransition,
    NoncurrentVersionTransition, PublicAccessBlock,
};

use crate::world::World;

#[tokio::test]
async fn encryption_with_a_key() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |key: Option<&'static str>| {
        move |stack: &Stack| {
            let wanted = BucketEncryption::builder().sse_algorithm("aws:kms");
            let wanted = wanted.maybe_kms_master_key_id(key);
            drop(stack.add("docs", Bucket::builder().encryption(wanted)));
        }
    };
    let live = async |s3: &Client, name: &str| -> ServerSideEncryptionByDefault {
        let answer = s3.get_bucket_encryption().bucket(name).send().await.unwrap();
        let rules = answer.server_side_encryption_configuration.unwrap().rules;
        rules[0].apply_server_side_encryption_by_default.clone().unwrap()
    };
    const KEYS: [&str; 2] = [
        "arn:aws:kms:eu-central-1:111122223333:key/11111111-1111-1111-1111-111111111111",
        "arn:aws:kms:eu-central-1:111122223333:key/22222222-2222-2222-2222-222222222222",
    ];
    world.up(program(Some(KEYS[0]))).await;
    let name = world.id("docs").await;
    assert_eq!(live(&s3, &name).await.kms_master_key_id(), Some(KEYS[0]));
    world.updates(program(Some(KEYS[1])), "docs", &["encryption"]).await;
    assert_eq!(live(&s3, &name).await.kms_master_key_id(), Some(KEYS[1]));
    world.updates(program(None), "docs", &["encryption"]).await;
    let encryption = live(&s3, &name).await;
    assert_eq!(encryption.kms_master_key_id(), None);
    assert_eq!(encryption.sse_algorithm().as_str(), "aws:kms");
}

#[tokio::test]
async fn a_public_access_block_declared_in_part() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let live = async |s3: &Client, name: &str| -> [bool; 4] {
        let answer = s3.get_public_access_block().bucket(name).send().await.unwrap();
        let block: PublicAccessBlockConfiguration =
            answer.public_access_block_configuration.unwrap();
        [
            block.block_public_acls,
            block.block_public_policy,
            block.ignore_public_acls,
            block.restrict_public_buckets,
        ]
        .map(|b| b == Some(true))
    };
    let program = |nth: Option<usize>| {
        move |stack: &Stack| {
            let block = PublicAccessBlock::builder();
            let block = match nth {
                Some(0) => Some(block.block_public_acls(true).build()),
                Some(1) => Some(block.block_public_policy(true).build()),
                Some(2) => Some(block.ignore_public_acls(true).build()),
                Some(_) => Some(block.restrict_public_buckets(true).build()),
                None => None,
            };
            drop(stack.add("docs", Bucket::builder().maybe_public_access_block(block)));
        }
    };
    world.up(program(None)).await;
    let name = world.id("docs").await;
    assert_eq!(live(&s3, &name).await, [true; 4], "a new bucket is like that");
    world.up(|_: &Stack| {}).await;
    world.up(program(Some(0))).await;
    let name = world.id("docs").await;
    for nth in 0..4 {
        if nth > 0 {
            world.updates(program(Some(nth)), "docs", &["public_access_block"]).await;
        }
        let mut expected = [false; 4];
        expected[nth] = true;
        assert_eq!(live(&s3, &name).await, expected);
    }
}

#[tokio::test]
async fn ownership_changed_by_hand() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let program = |stack: &Stack| {
        drop(stack.add("docs", Bucket::builder().object_ownership("BucketOwnerPreferred")))
    };
    world.up(program).await;
    let name = world.id("docs").await;
    let rule = OwnershipControlsRule::builder().object_ownership("ObjectWriter".into());
    let controls = OwnershipControls::builder().rules(rule.build().unwrap()).build().unwrap();
    let call = s3.put_bucket_ownership_controls().bucket(&name);
    call.ownership_controls(controls).send().await.unwrap();
    world.updates(program, "docs", &["object_ownership"]).await;
    let answer = s3.get_bucket_ownership_controls().bucket(&name).send().await.unwrap();
    let rules = answer.ownership_controls.unwrap().rules;
    assert_eq!(rules[0].object_ownership.as_str(), "BucketOwnerPreferred");
}

/// Every property of a lifecycle rule; each step changes one.
#[tokio::test]
async fn lifecycle_rules_in_full() {
    #[derive(Clone, Copy)]
    struct Rule {
        status: &'static str,
        prefix: Option<&'static str>,
        noncurrent: Option<i32>,
        uploads: Option<i32>,
        class: Option<&'static str>,
        tag: Option<&'static str>,
        markers: Option<bool>,
        old: Option<(i32, &'static str, Option<i32>)>,
    }
    fn program(rule: Rule) -> impl Fn(&Stack) {
        move |stack| {
            let move_to = |class| {
                [LifecycleTransition::builder().transition_in_days(40).storage_class(class)]
            };
            let wanted = LifecycleRule::builder()
                .id("old")
                .status(rule.status)
                .maybe_prefix(rule.prefix)
                .maybe_tag_filters(rule.tag.map(|value| [("keep", value)]))
                .maybe_expired_object_delete_marker(rule.markers)
                .maybe_expiration_in_days(rule.markers.is_none().then_some(400))
                .maybe_noncurrent_version_expiration_in_days(rule.noncurrent)
                .maybe_abort_incomplete_multipart_upload_days(rule.uploads)
                .maybe_transitions(rule.class.map(move_to))
                .maybe_noncurrent_version_transitions(rule.old.map(|(days, class, newer)| {
                    [NoncurrentVersionTransition::builder()
                        .transition_in_days(days)
                        .storage_class(class)
                        .maybe_newer_noncurrent_versions(newer)]
                }));
            stack.add("docs", Bucket::builder().lifecycle_rules([wanted]));
        }
    }
    fn check(live: &SdkLifecycleRule, rule: Rule) {
        assert_eq!((live.id(), live.status().as_str()), (Some("old"), rule.status));
        let filter = live.filter().unwrap();
        let all = filter.and();
        let prefix = filter.prefix().or_else(|| all?.prefix()).filter(|p| !p.is_empty());
        assert_eq!(prefix, rule.prefix);
        let tags = filter.tag().into_iter().chain(all.into_iter().flat_map(|a| a.tags()));
        assert_eq!(Vec::from_iter(tags.map(|tag| tag.value())), Vec::from_iter(rule.tag));
        let expiration = live.expiration().unwrap();
        assert_eq!(expiration.days(), rule.markers.is_none().then_some(400));
        assert_eq!(expiration.expired_object_delete_marker(), rule.markers);
        let old = live.noncurrent_version_transitions().iter();
        let old: Vec<_> = old
            .map(|t| {
                let class = t.storage_class().map(|class| class.as_str());
                (t.noncurrent_days(), class, t.newer_noncurrent_versions())
            })
            .collect();
        let wanted = rule.old.map(|(days, class, newer)| (Some(days), Some(class), newer));
        assert_eq!(old, Vec::from_iter(wanted));
        let noncurrent = live.noncurrent_version_expiration();
        assert_eq!(noncurrent.and_then(|n| n.noncurrent_days()), rule.noncurrent);
        let uploads = live.abort_incomplete_multipart_upload();
        assert_eq!(uploads.and_then(|u| u.days_after_initiation()), rule.uploads);
        let moves = live.transitions().iter();
        let moves: Vec<_> =
            moves.map(|t| (t.days(), t.storage_class().map(|c| c.as_str()))).collect();
        assert_eq!(moves, Vec::from_iter(rule.class.map(|c| (Some(40), Some(c)))));
    }
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    let live = async |name: &str| -> SdkLifecycleRule {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(name).send().await.unwrap();
        answer.rules.unwrap().remove(0)
    };
    let first = Rule {
        status: "Enabled",
        prefix: Some("logs/"),
        noncurrent: Some(7),
        uploads: Some(3),
        class: Some("STANDARD_IA"),
        tag: None,
        markers: None,
        old: None,
    };
    world.up(program(first)).await;
    let name = world.id("docs").await;
    check(&live(&name).await, first);
    let steps = [
        Rule { status: "Disabled", ..first },
        Rule { prefix: Some("old/"), ..first },
        Rule { prefix: None, ..first },
        Rule { noncurrent: Some(8), ..first },
        Rule { noncurrent: None, ..first },
        Rule { uploads: Some(4), ..first },
        Rule { uploads: None, ..first },
        Rule { class: Some("GLACIER"), ..first },
        Rule { class: None, ..first },
        Rule { tag: Some("short"), ..first },
        Rule { tag: Some("short"), prefix: None, ..first },
        Rule { markers: Some(true), ..first },
        Rule { old: Some((30, "GLACIER", None)), ..first },
        Rule { old: Some((30, "GLACIER", Some(2))), ..first },
    ];
    for rule in steps {
        world.updates(program(rule), "docs", &["lifecycle_rules"]).await;
        check(&live(&name).await, rule);
        world.updates(program(first), "docs", &["lifecycle_rules"]).await;
        check(&live(&name).await, first);
    }
    // Drift: somebody disables the rule.
    let mut rule = live(&name).await;
    rule.status = "Disabled".into();
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    let call = s3.put_bucket_lifecycle_configuration().bucket(&name);
    call.lifecycle_configuration(rules).send().await.unwrap();
    world.updates(program(first), "docs", &["lifecycle_rules"]).await;
    check(&live(&name).await, first);
}

/// Every property of a CORS rule: set, changed and, where it is optional, taken out.
#[tokio::test]
async fn cors_rules_in_full() {
    let world = World::new().await;
    let s3 = world.aws().await.s3().clone();
    type Rule = (
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
        Option<&'static str>,
        Option<i32>,
    );
    fn program((method, header, exposed, id, age): Rule) -> impl Fn(&Stack) {
        move |stack| {
            let rule = CorsRule::builder()
                .allowed_origins(["https://a.example", "https://b.example"])
                .allowed_methods([method])
                .maybe_allowed_headers(header.map(|h| [h]))
                .maybe_exposed_headers(exposed.map(|h| [h]))
                .maybe_id(id)
                .maybe_max_age(age);
            stack.add("docs", Bucket::builder().cors_rules([rule]));
        }
    }
    let check = async |name: &str, (method, header, exposed, id, age): Rule| {
        let answer = s3.get_bucket_cors().bucket(name).send().await.unwrap();
        let rule = &answer.cors_rules()[0];
        assert_eq!(rule.allowed_origins(), ["https://a.example", "https://b.example"]);
        assert_eq!(rule.allowed_methods(), [method]);
        assert_eq!(rule.allowed_headers(), Vec::from_iter(header));
        assert_eq!(rule.expose_headers(), Vec::from_iter(exposed));
        assert_eq!((rule.id(), rule.max_age_seconds()), (id, age));
    };
    let first: Rule = ("GET", Some("x-a"), Some("etag"), Some("web"), Some(600));
    world.up(program(first)).await;
    let name = world.id("docs").await;
    check(&name, first).await;
    let steps: [Rule; 9] = [
        ("PUT", first.1, first.2, first.3, first.4),
        (first.0, Some("x-b"), first.2, first.3, first.4),
        (first.0, None, first.2, first.3, first.4),
        (first.0, first.1, Some("date"), first.3, first.4),
        (first.0, first.1, None, first.3, first.4),
        (first.0, first.1, first.2, Some("api"), first.4),
        (first.0, first.1, first.2, None, first.4),
        (first.0, first.1, first.2, first.3, Some(60)),
        (first.0, first.1, first.2, first.3, None),
    ];
    for rule in steps {
        world.updates(program(rule), "docs", &["cors_rules"]).await;
        check(&name, rule).await;
        world.updates(program(first), "docs", &["cors_rules"]).await;
        check(&name, first).await;
    }
}
