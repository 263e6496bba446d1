//! What a repository is set to: reading and changing it.

use aws_sdk_ecr::types::{
    ImageScanningConfiguration as SdkScanning, ImageTagMutability,
    ImageTagMutabilityExclusionFilter as SdkFilter, ImageTagMutabilityExclusionFilterType,
    Repository as SdkRepository,
};

use super::{
    EncryptionConfiguration, ImageScanningConfiguration, ImageTagMutabilityExclusionFilter,
    Repository, RepositoryOutputs, from_sdk, to_sdk,
};
use crate::aws::answer::same_key;
use crate::prelude::*;

pub(super) fn scanning(wanted: &ImageScanningConfiguration) -> SdkScanning {
    SdkScanning::builder().scan_on_push(wanted.scan_on_push).build()
}

pub(super) fn filters(repository: &Repository) -> Option<Vec<SdkFilter>> {
    let one = |f: &ImageTagMutabilityExclusionFilter| {
        SdkFilter::builder()
            .filter_type(ImageTagMutabilityExclusionFilterType::from(f.filter_type.as_str()))
            .filter(&f.filter)
            .build()
            .expect("both are set")
    };
    let filters = repository.image_tag_mutability_exclusion_filters.as_ref()?;
    Some(filters.iter().map(one).collect())
}

/// Sets or removes one of the policies.
pub(super) async fn apply(wanted: &Repository, aws: &Aws, name: &str, aspect: &str) -> Result<()> {
    let ecr = aws.ecr();
    match (aspect, &wanted.lifecycle_policy_text, &wanted.repository_policy_text) {
        ("lifecycle_policy_text", Some(policy), _) => {
            let call = ecr.put_lifecycle_policy().repository_name(name);
            let answer = call.lifecycle_policy_text(policy).send().await;
            answer.op("ecr:PutLifecyclePolicy").map(drop)
        }
        ("lifecycle_policy_text", None, _) => {
            let call = ecr.delete_lifecycle_policy().repository_name(name);
            absent(call.send().await.op("ecr:DeleteLifecyclePolicy")).map(drop)
        }
        ("repository_policy_text", _, Some(policy)) => {
            let call = ecr.set_repository_policy().repository_name(name).policy_text(policy);
            call.send().await.op("ecr:SetRepositoryPolicy").map(drop)
        }
        ("repository_policy_text", _, None) => {
            let call = ecr.delete_repository_policy().repository_name(name);
            absent(call.send().await.op("ecr:DeleteRepositoryPolicy")).map(drop)
        }
        _ => Ok(()),
    }
}

/// `None` where there is no such policy; a repository that is gone is still an error.
fn absent<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(e) if e.has_code("LifecyclePolicyNotFoundException") => Ok(None),
        Err(e) if e.has_code("RepositoryPolicyNotFoundException") => Ok(None),
        other => other.map(Some),
    }
}

pub(super) async fn update(
    new: &Repository,
    cx: &Cx,
    name: &str,
    old: &Repository,
    changes: &Changes,
) -> Result<()> {
    if let (true, Some(wanted)) =
        (changes.has("image_scanning_configuration"), &new.image_scanning_configuration)
    {
        let call = cx.ecr().put_image_scanning_configuration().repository_name(name);
        let answer = call.image_scanning_configuration(scanning(wanted)).send().await;
        answer.op("ecr:PutImageScanningConfiguration")?;
    }
    const MUTABILITY: [&str; 2] =
        ["image_tag_mutability", "image_tag_mutability_exclusion_filters"];
    if MUTABILITY.iter().any(|property| changes.has(property)) {
        let wanted = new.image_tag_mutability.as_ref().or(old.image_tag_mutability.as_ref());
        let wanted = wanted.map_or(ImageTagMutability::Mutable, |m| m.as_str().into());
        cx.ecr()
            .put_image_tag_mutability()
            .repository_name(name)
            .image_tag_mutability(wanted)
            .set_image_tag_mutability_exclusion_filters(filters(new))
            .send()
            .await
            .op("ecr:PutImageTagMutability")?;
    }
    for aspect in super::ASPECTS {
        if changes.has(aspect) {
            apply(new, cx, name, aspect).await?;
        }
    }
    if changes.has("tags") {
        let arn = &cx.arn("ecr", &format!("repository/{name}")).await?;
        retagged!(
            cx.ecr(), resource_arn(arn), &old.tags => &new.tags, to_sdk,
            tag_resource: "ecr:TagResource",
            untag_resource: "ecr:UntagResource"
        )?;
    }
    Ok(())
}

/// Its tags; the outer `None` when it does not exist.
pub(super) async fn list_tags(aws: &Aws, arn: &str) -> Result<Option<Option<Tags>>> {
    let answer = aws.ecr().list_tags_for_resource().resource_arn(arn).send().await;
    let answer = found(answer.op("ecr:ListTagsForResource"))?;
    Ok(answer.map(|a| from_sdk(a.tags())))
}

pub(super) fn outputs(repository: &SdkRepository) -> RepositoryOutputs {
    RepositoryOutputs {
        repository_name: repository.repository_name.clone().unwrap_or_default(),
        arn: repository.repository_arn.clone().unwrap_or_default(),
        repository_uri: repository.repository_uri.clone().unwrap_or_default(),
        registry_id: repository.registry_id.clone().unwrap_or_default(),
    }
}

/// What is there, or nothing when it went in the meantime.
pub(super) async fn live(
    aws: &Aws,
    repository: &SdkRepository,
    known: Option<&Repository>,
) -> Result<Option<Live<Repository>>> {
    let name = repository.repository_name().unwrap_or_default();
    let asked = |declared: fn(&Repository) -> bool| known.is_none_or(declared);
    let mut inputs = inputs(repository, known);
    if asked(|k| k.lifecycle_policy_text.is_some()) {
        let call = aws.ecr().get_lifecycle_policy().repository_name(name).send();
        let Some(answer) = found(absent(call.await.op("ecr:GetLifecyclePolicy")))? else {
            return Ok(None);
        };
        let declared = known.and_then(|k| k.lifecycle_policy_text.as_deref());
        let text = answer.and_then(|a| a.lifecycle_policy_text);
        inputs.lifecycle_policy_text = echo_rules(declared, text);
    }
    if asked(|k| k.repository_policy_text.is_some()) {
        let call = aws.ecr().get_repository_policy().repository_name(name).send();
        let Some(answer) = found(absent(call.await.op("ecr:GetRepositoryPolicy")))? else {
            return Ok(None);
        };
        inputs.repository_policy_text = answer.and_then(|a| a.policy_text);
    }
    if asked(|k| k.tags.is_some()) {
        let arn = repository.repository_arn().unwrap_or_default();
        let Some(tags) = list_tags(aws, arn).await? else { return Ok(None) };
        inputs.tags = tags;
    }
    Ok(Some(Live::ready(inputs, outputs(repository))))
}

/// What DescribeRepositories tells.
fn inputs(repository: &SdkRepository, known: Option<&Repository>) -> Repository {
    let filters = repository.image_tag_mutability_exclusion_filters().iter();
    let filters: Vec<_> = filters
        .map(|f| ImageTagMutabilityExclusionFilter {
            filter_type: f.filter_type().as_str().to_owned(),
            filter: f.filter().to_owned(),
        })
        .collect();
    let scanning = repository.image_scanning_configuration();
    let encryption = repository.encryption_configuration();
    let key = known.and_then(|k| k.encryption_configuration.as_ref()?.kms_key.clone());
    Repository {
        repository_name: repository.repository_name.clone(),
        image_tag_mutability: text(repository.image_tag_mutability()),
        image_tag_mutability_exclusion_filters: (!filters.is_empty()).then_some(filters),
        image_scanning_configuration: scanning
            .map(|s| ImageScanningConfiguration { scan_on_push: s.scan_on_push() }),
        encryption_configuration: encryption.map(|e| EncryptionConfiguration {
            encryption_type: e.encryption_type().as_str().to_owned(),
            kms_key: key
                .filter(|declared| e.kms_key().is_some_and(|live| same_key(declared, live)))
                .or_else(|| e.kms_key.clone()),
        }),
        lifecycle_policy_text: None,
        repository_policy_text: None,
        empty_on_delete: None,
        tags: None,
    }
}

/// The declared rules where AWS only tells them in another order: their priorities say it.
fn echo_rules(declared: Option<&str>, live: Option<String>) -> Option<String> {
    let parse = |text: &str| {
        let mut policy: serde_json::Value = serde_json::from_str(text).ok()?;
        let priority = |rule: &serde_json::Value| rule.get("rulePriority").and_then(|p| p.as_i64());
        policy.get_mut("rules")?.as_array_mut()?.sort_by_key(priority);
        Some(policy)
    };
    let same = |declared: &&str| {
        let rules = parse(declared);
        rules.is_some() && live.as_deref().is_some_and(|live| parse(live) == rules)
    };
    declared.filter(same).map(str::to_owned).or(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_lifecycle_rules_is_their_priority() {
        let rules = |order: [i32; 2]| {
            let rule = |p| serde_json::json!({"rulePriority": p, "action": {"type": "expire"}});
            serde_json::json!({"rules": order.map(rule)}).to_string()
        };
        let declared = rules([2, 1]);
        assert_eq!(echo_rules(Some(&declared), Some(rules([1, 2]))), Some(declared.clone()));
        assert_eq!(echo_rules(Some(&declared), Some(rules([1, 3]))), Some(rules([1, 3])));
        assert_eq!(echo_rules(Some("no JSON"), Some("none".into())).as_deref(), Some("none"));
        assert_eq!((echo_rules(Some(&declared), None), echo_rules(None, None)), (None, None));
    }
}
