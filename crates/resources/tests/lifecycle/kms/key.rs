//! `AWS::KMS::Key`.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, Tag};
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::{PolicyDocument, Statement};
use ferrocrete_resources::kms::Key;
use serde_json::Value;

use super::{key, waits_to_be_deleted};
use crate::world::{World, changed, replacing};

#[derive(Clone, Copy, Default)]
struct Wanted {
    description: Option<&'static str>,
    sid: Option<&'static str>,
    enabled: Option<bool>,
    rotates: Option<bool>,
    days: Option<i32>,
    spec: Option<&'static str>,
    usage: Option<&'static str>,
    multi_region: Option<bool>,
    window: Option<i32>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    description: Some("Documents"),
    sid: Some("Owners"),
    enabled: None,
    rotates: Some(true),
    days: Some(180),
    spec: None,
    usage: None,
    multi_region: None,
    window: Some(7),
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let policy = wanted.sid.map(|sid| {
            let root = "arn:aws:iam::123456789012:root";
            let owners = Statement::new().sid(sid).actions(["kms:*"]).principal_aws(root);
            PolicyDocument::new().allow(owners.resource("*"))
        });
        stack.add(
            "docs",
            Key::builder()
                .maybe_description(wanted.description)
                .maybe_key_policy(policy)
                .maybe_enabled(wanted.enabled)
                .maybe_enable_key_rotation(wanted.rotates)
                .maybe_rotation_period_in_days(wanted.days)
                .maybe_key_spec(wanted.spec)
                .maybe_key_usage(wanted.usage)
                .maybe_multi_region(wanted.multi_region)
                .maybe_pending_window_in_days(wanted.window)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

async fn rotation(kms: &Client, id: &str) -> Option<i32> {
    let answer = kms.get_key_rotation_status().key_id(id).send().await.unwrap();
    answer.key_rotation_enabled().then(|| answer.rotation_period_in_days().unwrap())
}

async fn sid(kms: &Client, id: &str) -> Option<String> {
    let answer = kms.get_key_policy().key_id(id).policy_name("default").send().await.unwrap();
    let policy: Value = serde_json::from_str(answer.policy().unwrap()).unwrap();
    policy["Statement"][0]["Sid"].as_str().map(str::to_owned)
}

async fn tag(kms: &Client, id: &str, name: &str) -> Option<String> {
    let answer = kms.list_resource_tags().key_id(id).send().await.unwrap();
    let tags = answer.tags.unwrap_or_default();
    tags.into_iter().find(|t| t.tag_key() == name).map(|t| t.tag_value)
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    assert_eq!(world.up(program(FIRST)).await, ["create docs"]);
    let id = world.id("docs").await;
    let made = key(&kms, &id).await.unwrap();
    assert_eq!((made.description(), made.enabled()), (Some("Documents"), true));
    assert_eq!(made.key_spec(), Some(&KeySpec::SymmetricDefault));
    assert_eq!(made.key_usage(), Some(&KeyUsageType::EncryptDecrypt));
    assert_eq!(made.multi_region(), Some(false));
    assert_eq!(rotation(&kms, &id).await, Some(180));
    assert_eq!(sid(&kms, &id).await.as_deref(), Some("Owners"));
    assert_eq!(tag(&kms, &id, "owner").await.as_deref(), Some("anna"));
    assert_eq!(world.output("docs", "key_id").await, id);
    assert_eq!(world.output("docs", "arn").await, made.arn().unwrap());

    world.destroy().await;
    let gone = key(&kms, &id).await.unwrap();
    assert!(waits_to_be_deleted(&kms, &id).await, "{gone:?}");
    let end = gone.deletion_date().unwrap().secs() - gone.creation_date().unwrap().secs();
    assert_eq!(end / 86_400, 7);
}

#[tokio::test]
async fn changes_in_place() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    world.up(program(FIRST)).await;
    let id = world.id("docs").await;

    let wanted = Wanted { description: Some("Papers"), ..FIRST };
    world.updates(program(wanted), "docs", &["description"]).await;
    assert_eq!(key(&kms, &id).await.unwrap().description(), Some("Papers"));
    let wanted = Wanted { description: None, ..wanted };
    world.updates(program(wanted), "docs", &["description"]).await;
    assert_eq!(key(&kms, &id).await.unwrap().description().unwrap_or_default(), "");

    let wanted = Wanted { sid: Some("Others"), ..wanted };
    world.updates(program(wanted), "docs", &["key_policy"]).await;
    assert_eq!(sid(&kms, &id).await.as_deref(), Some("Others"));

    let wanted = Wanted { days: Some(90), ..wanted };
    world.updates(program(wanted), "docs", &["rotation_period_in_days"]).await;
    assert_eq!(rotation(&kms, &id).await, Some(90));
    let wanted = Wanted { rotates: Some(false), ..wanted };
    world.updates(program(wanted), "docs", &["enable_key_rotation"]).await;
    assert_eq!(rotation(&kms, &id).await, None);
    let wanted = Wanted { rotates: Some(true), ..wanted };
    world.updates(program(wanted), "docs", &["enable_key_rotation"]).await;
    assert_eq!(rotation(&kms, &id).await, Some(90));

    // A disabled key's rotation cannot be changed: AWS takes both only in the right order.
    let off = Wanted { enabled: Some(false), rotates: Some(false), ..wanted };
    world.updates(program(off), "docs", &["enabled", "enable_key_rotation"]).await;
    assert_eq!((key(&kms, &id).await.unwrap().enabled(), rotation(&kms, &id).await), (false, None));
    let on = Wanted { enabled: Some(true), ..wanted };
    world.updates(program(on), "docs", &["enabled", "enable_key_rotation"]).await;
    assert!(key(&kms, &id).await.unwrap().enabled());
    assert_eq!(rotation(&kms, &id).await, Some(90));
    // Taken out of the program, the policy stays, and rotation is off as by default.
    let wanted = Wanted { rotates: None, days: None, sid: None, ..wanted };
    world.updates(program(wanted), "docs", &["enable_key_rotation"]).await;
    assert_eq!(rotation(&kms, &id).await, None);

    let cost = Tag::builder().tag_key("cost").tag_value("7").build().unwrap();
    kms.tag_resource().key_id(&id).tags(cost).send().await.unwrap();
    let wanted = Wanted { owner: Some("ben"), ..wanted };
    world.updates(program(wanted), "docs", &["tags"]).await;
    assert_eq!(tag(&kms, &id, "owner").await.as_deref(), Some("ben"));
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "docs", &["tags"]).await;
    assert_eq!(tag(&kms, &id, "owner").await, None);
    assert_eq!(tag(&kms, &id, "cost").await.as_deref(), Some("7"));

    // How long a deleted key waits, only a delete needs.
    let calls = world.account.calls().await.unwrap().calls.len();
    let wanted = Wanted { window: Some(10), ..wanted };
    world.updates(program(wanted), "docs", &["pending_window_in_days"]).await;
    let all = world.account.calls().await.unwrap().calls;
    assert!(all[calls..].iter().all(|call| !call.operation.starts_with("Update")));
    assert_eq!(world.id("docs").await, id);
}

#[tokio::test]
async fn is_replaced_for_what_aws_never_changes() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    let plain = Wanted { rotates: None, days: None, ..FIRST };
    world.up(program(plain)).await;
    let plan = world.plan(program(Wanted { multi_region: Some(true), ..plain })).await;
    assert_eq!(changed(&plan, "docs"), ["multi_region"].into());
    let plan = world.plan(program(Wanted { usage: Some("SIGN_VERIFY"), ..plain })).await;
    assert_eq!(replacing(&plan, "docs"), ["key_usage"].into());
    let signs = Wanted {
        spec: Some("ECC_NIST_P256"),
        usage: Some("SIGN_VERIFY"),
        multi_region: Some(true),
        ..plain
    };
    let all = ["key_spec", "key_usage", "multi_region"];
    let (old, new) = world.replaces(program(signs), "docs", &all).await;
    assert!(waits_to_be_deleted(&kms, &old).await);
    let made = key(&kms, &new).await.unwrap();
    assert_eq!(made.key_spec(), Some(&KeySpec::EccNistP256));
    assert_eq!(made.key_usage(), Some(&KeyUsageType::SignVerify));
    assert_eq!(made.multi_region(), Some(true));
}

#[tokio::test]
async fn drift_is_mended() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    let wanted = Wanted { enabled: Some(true), ..FIRST };
    world.up(program(wanted)).await;
    let id = world.id("docs").await;
    kms.disable_key_rotation().key_id(&id).send().await.unwrap();
    kms.disable_key().key_id(&id).send().await.unwrap();
    world.updates(program(wanted), "docs", &["enabled", "enable_key_rotation"]).await;
    assert_eq!(rotation(&kms, &id).await, Some(180));
    // Somebody deletes it: it waits, and counts as gone.
    kms.schedule_key_deletion().key_id(&id).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create docs"]);
    let new = world.id("docs").await;
    assert_ne!(new, id);
    kms.schedule_key_deletion().key_id(&new).send().await.unwrap();
    world.destroy().await;
}

#[tokio::test]
async fn a_bad_policy_is_one_clear_error() {
    let world = World::new().await;
    let bad = |stack: &Stack| drop(stack.add("docs", Key::builder().key_policy("{}")));
    let (_, report) = world.try_up(bad).await.unwrap();
    let code = report.failures[0].error.code.as_deref();
    assert_eq!(code, Some("MalformedPolicyDocumentException"));
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let plain = Wanted { rotates: None, days: None, ..FIRST };
    world.finds(program(plain), "docs", "kms:CreateKey").await;
    // What follows the create is made up for.
    let world = World::new().await;
    world.finds(program(FIRST), "docs", "kms:CreateKey").await;
    let kms = world.aws().await.kms().clone();
    assert_eq!(rotation(&kms, &world.id("docs").await).await, Some(180));
}

#[tokio::test]
async fn goes_on_after_a_kill() {
    for entries in 2..=4 {
        let world = World::new().await;
        world.killed(program(FIRST), "docs", entries).await;
        world.up(program(FIRST)).await;
        assert_eq!(world.count("kms:CreateKey").await, 1, "after {entries} entries");
    }
}
