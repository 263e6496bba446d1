//! Making bucket and table.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, ScalarAttributeType, TableStatus,
};
use aws_sdk_s3::types::{
    BucketVersioningStatus, ExpirationStatus, ServerSideEncryption, VersioningConfiguration,
};
use ferrocrete_backend_s3::{InitOutcome, InitReport, S3Backend, S3Location, init};
use ferrocrete_core::state::StateError;

use crate::world::{World, config, empty, lease};

fn outcomes(report: &InitReport) -> Vec<(&'static str, InitOutcome)> {
    report.items.iter().map(|item| (item.what, item.outcome)).collect()
}

async fn check_bucket(world: &World) {
    let (s3, bucket) = (world.s3(), &world.location.bucket);
    let versioning = s3.get_bucket_versioning().bucket(bucket).send().await.unwrap();
    assert_eq!(versioning.status(), Some(&BucketVersioningStatus::Enabled));

    let encryption = s3.get_bucket_encryption().bucket(bucket).send().await.unwrap();
    let rule = &encryption.server_side_encryption_configuration().unwrap().rules()[0];
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    assert_eq!(default.sse_algorithm(), &ServerSideEncryption::Aes256);

    let access = s3.get_public_access_block().bucket(bucket).send().await.unwrap();
    let block = access.public_access_block_configuration().unwrap();
    assert_eq!(block.block_public_acls(), Some(true));
    assert_eq!(block.ignore_public_acls(), Some(true));
    assert_eq!(block.block_public_policy(), Some(true));
    assert_eq!(block.restrict_public_buckets(), Some(true));

    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let [rule] = lifecycle.rules() else { panic!("{lifecycle:?}") };
    assert_eq!(rule.status(), &ExpirationStatus::Enabled);
    let old = rule.noncurrent_version_expiration().unwrap();
    assert_eq!(old.noncurrent_days(), Some(90));
}

async fn check_table(world: &World) {
    let (dynamo, name) = (world.dynamo(), &world.location.table);
    let table = dynamo.describe_table().table_name(name).send().await.unwrap().table.unwrap();
    assert_eq!(table.table_status(), Some(&TableStatus::Active));
    assert_eq!(table.deletion_protection_enabled(), Some(true));
    let billing = table.billing_mode_summary().unwrap().billing_mode();
    assert_eq!(billing, Some(&BillingMode::PayPerRequest));
    let keys: Vec<_> = table.key_schema().iter().map(|key| key.attribute_name()).collect();
    assert_eq!(keys, ["pk", "sk"]);
    let backups = dynamo.describe_continuous_backups().table_name(name).send().await.unwrap();
    let backups = backups.continuous_backups_description.unwrap();
    let recovery = backups.point_in_time_recovery_description().unwrap();
    let status = recovery.point_in_time_recovery_status();
    assert_eq!(status, Some(&PointInTimeRecoveryStatus::Enabled));
}

#[tokio::test]
async fn makes_both_and_can_run_twice() {
    let world = empty().await;
    let report = init(&world.location, &world.config).await.unwrap();
    use InitOutcome::{Changed, Created, Found, Skipped};
    let no_tls = Skipped("as this endpoint has no TLS");
    let all = outcomes(&report);
    assert_eq!(all[0], ("exists", Created));
    assert_eq!(all[1], ("versioning", Changed));
    // Every new bucket is encrypted and blocked from the start.
    assert_eq!(all[2], ("default encryption", Found));
    assert_eq!(all[3], ("public access block", Found));
    assert_eq!(all[4], ("TLS-only policy", no_tls));
    assert_eq!(all[5], ("removal of old versions", Changed));
    assert_eq!(all[6], ("exists", Created));
    assert_eq!(all[7], ("deletion protection", Found));
    assert_eq!(all[8], ("point-in-time recovery", Changed));
    assert!(report.changed());
    assert_eq!(
        (report.account.as_str(), report.region.as_str()),
        (world.account.id.as_str(), "us-east-1")
    );
    let text = report.to_string();
    assert!(text.contains(&format!("  created  bucket `state-{}`\n", world.account.id)), "{text}");
    assert!(text.contains("  created  table `ferrocrete-state`\n"), "{text}");
    check_bucket(&world).await;
    check_table(&world).await;

    let again = init(&world.location, &world.config).await.unwrap();
    assert!(!again.changed(), "{again}");
    assert!(outcomes(&again).iter().all(|(_, outcome)| [Found, no_tls].contains(outcome)));
    assert_eq!(lease(&world.backend()).await.epoch, 1);
}

#[tokio::test]
async fn repairs_settings() {
    let world = empty().await;
    init(&world.location, &world.config).await.unwrap();
    let (s3, bucket) = (world.s3(), &world.location.bucket);
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended);
    let put = s3.put_bucket_versioning().bucket(bucket);
    put.versioning_configuration(suspended.build()).send().await.unwrap();
    s3.delete_public_access_block().bucket(bucket).send().await.unwrap();
    s3.delete_bucket_lifecycle().bucket(bucket).send().await.unwrap();
    let (dynamo, table) = (world.dynamo(), &world.location.table);
    let update = dynamo.update_table().table_name(table);
    update.deletion_protection_enabled(false).send().await.unwrap();
    let off = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(false);
    let update = dynamo.update_continuous_backups().table_name(table);
    update.point_in_time_recovery_specification(off.build().unwrap()).send().await.unwrap();

    let report = init(&world.location, &world.config).await.unwrap();
    let changed = report.items.iter().filter(|item| item.outcome == InitOutcome::Changed);
    let changed: Vec<_> = changed.map(|item| item.what).collect();
    assert_eq!(
        changed,
        [
            "versioning",
            "public access block",
            "removal of old versions",
            "deletion protection",
            "point-in-time recovery"
        ]
    );
    check_bucket(&world).await;
    check_table(&world).await;
}

#[tokio::test]
async fn another_region() {
    let world = empty().await;
    let url = format!("s3://eu-{}?table=locks&region=eu-central-1", world.account.id);
    let location = S3Location::parse(&url).unwrap();
    let report = init(&location, &world.config).await.unwrap();
    assert_eq!(report.region, "eu-central-1");
    let located = world.s3().get_bucket_location().bucket(&location.bucket).send().await.unwrap();
    assert_eq!(located.location_constraint().map(|l| l.as_str()), Some("eu-central-1"));
    let backend = S3Backend::new(location, &world.config, "shop", "dev").unwrap();
    assert_eq!(lease(&backend).await.epoch, 1);
}

#[tokio::test]
async fn a_table_with_other_keys_is_left_alone() {
    let world = empty().await;
    let key = KeySchemaElement::builder().attribute_name("LockID").key_type(KeyType::Hash);
    let attribute = AttributeDefinition::builder()
        .attribute_name("LockID")
        .attribute_type(ScalarAttributeType::S);
    let create = world.dynamo().create_table().table_name(&world.location.table);
    create
        .key_schema(key.build().unwrap())
        .attribute_definitions(attribute.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    let error = init(&world.location, &world.config).await.unwrap_err();
    assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
    assert!(error.to_string().contains("has other keys than Ferrocrete's `pk` and `sk`"));
}

#[tokio::test]
async fn the_bucket_of_somebody_else_is_left_alone() {
    let (ours, theirs) = (empty().await, empty().await);
    init(&theirs.location, &theirs.config).await.unwrap();
    let error = init(&theirs.location, &config(&ours.account)).await.unwrap_err();
    assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
    assert!(error.to_string().contains("choose another bucket name"), "{error}");
}
