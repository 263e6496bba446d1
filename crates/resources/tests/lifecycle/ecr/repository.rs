//! `AWS::ECR::Repository`.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{Repository as SdkRepository, Tag};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::ecr::{
    EncryptionConfiguration, ImageScanningConfiguration, ImageTagMutabilityExclusionFilter,
    LifecyclePolicy, Repository,
};
use ferrocrete_resources::iam::{PolicyDocument, Statement};

use super::push;
use crate::world::{World, changed, replacing};

#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    mutability: Option<&'static str>,
    exception: Option<&'static str>,
    scan: Option<bool>,
    encryption: Option<(&'static str, Option<&'static str>)>,
    keep: Option<u32>,
    puller: Option<&'static str>,
    empty: Option<bool>,
    owner: &'static str,
}

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";

const FIRST: Wanted = Wanted {
    name: None,
    mutability: Some("IMMUTABLE"),
    exception: None,
    scan: Some(true),
    encryption: Some(("KMS", Some(KEY))),
    keep: Some(30),
    puller: Some("arn:aws:iam::111122223333:root"),
    empty: None,
    owner: "anna",
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let policy =
            |n| LifecyclePolicy::new().expire_untagged_after_days(7).keep_last(n).to_json();
        let access = |account| {
            let pulls = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
            let statement = Statement::new().sid("Pull").principal_aws(account).actions(pulls);
            PolicyDocument::new().allow(statement)
        };
        stack.add(
            "images",
            Repository::builder()
                .maybe_repository_name(wanted.name)
                .maybe_image_tag_mutability(wanted.mutability)
                .maybe_image_tag_mutability_exclusion_filters(wanted.exception.map(|filter| {
                    vec![ImageTagMutabilityExclusionFilter {
                        filter_type: "WILDCARD".into(),
                        filter: filter.into(),
                    }]
                }))
                .maybe_image_scanning_configuration(
                    wanted.scan.map(|scan_on_push| ImageScanningConfiguration { scan_on_push }),
                )
                .maybe_encryption_configuration(wanted.encryption.map(|(kind, key)| {
                    EncryptionConfiguration {
                        encryption_type: kind.into(),
                        kms_key: key.map(Into::into),
                    }
                }))
                .maybe_lifecycle_policy_text(wanted.keep.map(policy))
                .maybe_repository_policy_text(wanted.puller.map(access))
                .maybe_empty_on_delete(wanted.empty)
                .tags([("owner", wanted.owner)]),
        );
    }
}

async fn live(ecr: &Client, name: &str) -> Option<SdkRepository> {
    let answer = ecr.describe_repositories().repository_names(name).send().await;
    answer.ok()?.repositories?.into_iter().next()
}

async fn tag(ecr: &Client, repository: &SdkRepository, key: &str) -> Option<String> {
    let call = ecr.list_tags_for_resource().resource_arn(repository.repository_arn().unwrap());
    let tags = call.send().await.unwrap().tags.unwrap_or_default();
    tags.into_iter().find(|t| t.key() == key).map(|t| t.value)
}

async fn lifecycle(ecr: &Client, name: &str) -> Option<String> {
    let answer = ecr.get_lifecycle_policy().repository_name(name).send().await;
    answer.ok()?.lifecycle_policy_text
}

async fn policy(ecr: &Client, name: &str) -> Option<String> {
    ecr.get_repository_policy().repository_name(name).send().await.ok()?.policy_text
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    assert_eq!(world.up(program(FIRST)).await, ["create images"]);
    let name = world.id("images").await;
    let repository = live(&ecr, &name).await.unwrap();
    assert_eq!(repository.image_tag_mutability().unwrap().as_str(), "IMMUTABLE");
    assert!(repository.image_scanning_configuration().unwrap().scan_on_push());
    let encryption = repository.encryption_configuration().unwrap();
    assert_eq!((encryption.encryption_type().as_str(), encryption.kms_key()), ("KMS", Some(KEY)));
    let rules = lifecycle(&ecr, &name).await.unwrap();
    assert!(rules.contains("\"countNumber\":30") && rules.contains("untagged"), "{rules}");
    let access = policy(&ecr, &name).await.unwrap();
    assert!(access.contains("111122223333") && access.contains("ecr:BatchGetImage"), "{access}");
    assert_eq!(tag(&ecr, &repository, "owner").await.as_deref(), Some("anna"));
    let outputs = [
        ("repository_name", Some(name.as_str())),
        ("arn", repository.repository_arn()),
        ("repository_uri", repository.repository_uri()),
        ("registry_id", repository.registry_id()),
    ];
    for (output, expected) in outputs {
        assert_eq!(Some(world.output("images", output).await.as_str()), expected, "{output}");
    }
    world.destroy().await;
    assert!(live(&ecr, &name).await.is_none());
}

#[tokio::test]
async fn each_property_changes_in_place() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    world.up(program(FIRST)).await;
    let name = world.id("images").await;
    let arn = world.output("images", "arn").await;
    let foreign = Tag::builder().key("cost").value("7").build().unwrap();
    ecr.tag_resource().resource_arn(&arn).tags(foreign).send().await.unwrap();
    let found = async || live(&ecr, &name).await.unwrap();

    let mutable = Wanted { mutability: Some("MUTABLE"), ..FIRST };
    world.updates(program(mutable), "images", &["image_tag_mutability"]).await;
    assert_eq!(found().await.image_tag_mutability().unwrap().as_str(), "MUTABLE");
    let except =
        Wanted { mutability: Some("IMMUTABLE_WITH_EXCLUSION"), exception: Some("dev-*"), ..FIRST };
    let both = ["image_tag_mutability", "image_tag_mutability_exclusion_filters"];
    world.updates(program(except), "images", &both).await;
    let filters = found().await.image_tag_mutability_exclusion_filters.unwrap();
    assert_eq!((filters[0].filter_type().as_str(), filters[0].filter()), ("WILDCARD", "dev-*"));
    let other = Wanted { exception: Some("pr-*"), ..except };
    world.updates(program(other), "images", &both[1..]).await;
    assert_eq!(found().await.image_tag_mutability_exclusion_filters()[0].filter(), "pr-*");
    world.updates(program(FIRST), "images", &both).await;
    assert!(found().await.image_tag_mutability_exclusion_filters().is_empty());

    let unscanned = Wanted { scan: Some(false), ..FIRST };
    world.updates(program(unscanned), "images", &["image_scanning_configuration"]).await;
    assert!(!found().await.image_scanning_configuration().unwrap().scan_on_push());

    let more = Wanted { keep: Some(50), ..unscanned };
    world.updates(program(more), "images", &["lifecycle_policy_text"]).await;
    assert!(lifecycle(&ecr, &name).await.unwrap().contains("\"countNumber\":50"));
    let all = Wanted { keep: None, ..more };
    world.updates(program(all), "images", &["lifecycle_policy_text"]).await;
    assert_eq!(lifecycle(&ecr, &name).await, None);

    let ours = Wanted { puller: Some("arn:aws:iam::444455556666:root"), ..all };
    world.updates(program(ours), "images", &["repository_policy_text"]).await;
    assert!(policy(&ecr, &name).await.unwrap().contains("444455556666"));
    let private = Wanted { puller: None, ..ours };
    world.updates(program(private), "images", &["repository_policy_text"]).await;
    assert_eq!(policy(&ecr, &name).await, None);

    let ben = Wanted { owner: "ben", ..private };
    world.updates(program(ben), "images", &["tags"]).await;
    assert_eq!(tag(&ecr, &found().await, "owner").await.as_deref(), Some("ben"));
    assert_eq!(tag(&ecr, &found().await, "cost").await.as_deref(), Some("7"));

    // What AWS fills in stays as it is.
    let silent = Wanted { mutability: None, scan: None, encryption: None, ..ben };
    assert!(world.up(program(silent)).await.is_empty());
    assert_eq!(found().await.image_tag_mutability().unwrap().as_str(), "IMMUTABLE");
    assert_eq!(world.count("ecr:CreateRepository").await, 1);
}

#[tokio::test]
async fn name_and_encryption_replace() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    world.up(program(FIRST)).await;
    for (wanted, property) in [
        (Wanted { name: Some("other"), ..FIRST }, "repository_name"),
        (Wanted { encryption: Some(("KMS_DSSE", Some(KEY))), ..FIRST }, "encryption_configuration"),
        (Wanted { encryption: Some(("KMS", Some("other"))), ..FIRST }, "encryption_configuration"),
    ] {
        let plan = world.plan(program(wanted)).await;
        assert_eq!(replacing(&plan, "images"), [property].into());
    }
    let plain = Wanted { encryption: Some(("AES256", None)), ..FIRST };
    let (before, after) =
        world.replaces(program(plain), "images", &["encryption_configuration"]).await;
    assert!(live(&ecr, &before).await.is_none());
    let encryption = live(&ecr, &after).await.unwrap().encryption_configuration.unwrap();
    assert_eq!(encryption.encryption_type().as_str(), "AES256");
}

#[tokio::test]
async fn images_are_lost_only_when_the_program_says_so() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    let named = Wanted { name: Some("shop/web"), ..FIRST };
    world.up(program(named)).await;
    push(&ecr, "shop/web", "v1", "one").await;
    let (_, report) = world.try_up(|_| {}).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.has_code("RepositoryNotEmptyException"), "{error}");
    assert!(error.message.contains("`empty_on_delete`"), "{error}");
    assert!(live(&ecr, "shop/web").await.is_some());

    let emptied = Wanted { empty: Some(true), ..named };
    world.updates(program(emptied), "images", &["empty_on_delete"]).await;
    world.destroy().await;
    assert!(live(&ecr, "shop/web").await.is_none());
}

#[tokio::test]
async fn drift_is_made_up_for() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    world.up(program(FIRST)).await;
    let name = world.id("images").await;
    ecr.delete_lifecycle_policy().repository_name(&name).send().await.unwrap();
    ecr.delete_repository_policy().repository_name(&name).send().await.unwrap();
    let off = aws_sdk_ecr::types::ImageScanningConfiguration::builder().scan_on_push(false);
    let call = ecr.put_image_scanning_configuration().repository_name(&name);
    call.image_scanning_configuration(off.build()).send().await.unwrap();
    let plan = world.plan(program(FIRST)).await;
    let expected =
        ["image_scanning_configuration", "lifecycle_policy_text", "repository_policy_text"];
    assert_eq!(changed(&plan, "images"), expected.into());
    world.up(program(FIRST)).await;
    assert!(lifecycle(&ecr, &name).await.is_some() && policy(&ecr, &name).await.is_some());

    ecr.delete_repository().repository_name(&name).send().await.unwrap();
    assert_eq!(world.up(program(FIRST)).await, ["create images"]);
    assert!(live(&ecr, &world.id("images").await).await.is_some());
}

#[tokio::test]
async fn one_missing_repository_does_not_hide_the_others() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    let program = |stack: &Stack| {
        for name in ["one", "two", "three"] {
            stack.add(name, Repository::builder().repository_name(name));
        }
    };
    world.up(program).await;
    ecr.delete_repository().repository_name("two").send().await.unwrap();
    assert_eq!(world.up(program).await, ["create two"]);
    let before = world.count("ecr:DescribeRepositories").await;
    world.plan(program).await;
    assert_eq!(world.count("ecr:DescribeRepositories").await - before, 1);
}

#[tokio::test]
async fn one_of_somebody_else_is_not_taken_over() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    ecr.create_repository().repository_name("theirs").send().await.unwrap();
    let named = Wanted { name: Some("theirs"), ..FIRST };
    let (_, report) = world.try_up(program(named)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    let repository = live(&ecr, "theirs").await.unwrap();
    assert_eq!(repository.image_tag_mutability().unwrap().as_str(), "MUTABLE");
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "images", "ecr:CreateRepository").await;
}

#[tokio::test]
async fn what_a_kill_left_out_is_made_up_for() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    world.killed(program(FIRST), "images", 1).await;
    let name = live_names(&ecr).await.remove(0);
    world.up(program(FIRST)).await;
    assert_eq!(live_names(&ecr).await, [name.as_str()]);
    assert!(lifecycle(&ecr, &name).await.is_some() && policy(&ecr, &name).await.is_some());
}

async fn live_names(ecr: &Client) -> Vec<String> {
    let all = ecr.describe_repositories().send().await.unwrap().repositories.unwrap();
    all.into_iter().filter_map(|r| r.repository_name).collect()
}
