//! [`AwsInventory`]: what carries a stack's tags, whatever its type.
//!
//! | what | SDK calls | IAM actions |
//! |---|---|---|
//! | what is regional | `resourcegroupstagging:GetResources`, 100 a page | `tag:GetResources` |
//! | what is global (IAM policies and profiles, hosted zones) | the same in the global region | `tag:GetResources` |
//! | IAM roles and users | `iam:GetAccountAuthorizationDetails` | `iam:GetAccountAuthorizationDetails` |
//!
//! Traps: IAM roles and users are not listed by the tagging API. Instances and NAT gateways
//! are listed for about an hour after their end, ECS's clusters and services for a while, and
//! deregistered task definitions for ever.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use aws_types::region::Region;
use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{Connector, Inventory, Owned, ProviderConfig};
use futures::future::try_join;

use super::tags::OWNER;
use super::{Aws, AwsConnector, SdkResultExt, fence, once, ours, pace, refusal};

const PROJECT: &str = "ferrocrete:project";
const STACK: &str = "ferrocrete:stack";

/// Lists by ownership tag.
pub(crate) struct AwsInventory {
    connector: AwsConnector,
}

impl AwsInventory {
    pub fn new(connector: AwsConnector) -> Self {
        Self { connector }
    }
}

#[async_trait]
impl Inventory for AwsInventory {
    fn covers(&self, type_name: &str) -> bool {
        type_name.starts_with("AWS::")
    }

    async fn owned(
        &self,
        provider: &ProviderConfig,
        project: &str,
        stack: &str,
    ) -> Result<Vec<Owned>, OpError> {
        let aws = self.connector.connect(provider).await?;
        let here = aws.region().to_owned();
        let global = global_region(&here);
        let regional = tagged(&aws, &here, project, stack);
        let elsewhere = async {
            if global == here {
                return Ok(Vec::new());
            }
            let mut all = tagged(&aws, global, project, stack).await?;
            // What is regional there is not what was asked for.
            all.retain(|one| is_global(&one.name));
            Ok(all)
        };
        let (mut all, elsewhere) = try_join(regional, elsewhere).await?;
        all.extend(elsewhere);
        #[cfg(feature = "iam")]
        all.extend(principals(&aws, project, stack).await?);
        Ok(all)
    }
}

/// Where the partition's global services are.
fn global_region(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-north-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// The region in an ARN is empty for what is global. Buckets have no region in their ARN
/// either, but are listed where they are.
fn is_global(arn: &str) -> bool {
    let mut parts = arn.split(':').skip(2);
    let (service, region) = (parts.next(), parts.next());
    region == Some("") && service != Some("s3")
}

async fn tagged(
    aws: &Aws,
    region: &str,
    project: &str,
    stack: &str,
) -> Result<Vec<Owned>, OpError> {
    let config = aws_sdk_resourcegroupstagging::config::Builder::from(aws.config())
        .region(Region::new(region.to_owned()));
    let config = ours!(config, aws, aws.pace_in("tagging", region)).build();
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let found: Vec<ResourceTagMapping> = aws_sdk_resourcegroupstagging::Client::from_conf(config)
        .get_resources()
        .tag_filters(filter(PROJECT, project))
        .tag_filters(filter(STACK, stack))
        .resources_per_page(100)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .op("tag:GetResources")?;
    let owned = found.into_iter().filter_map(|one| {
        let tags = one.tags.unwrap_or_default();
        let owner = tags.into_iter().find(|tag| tag.key == OWNER)?.value;
        let name = one.resource_arn?;
        Some(Owned { owner, lingering: lingering(&name), name })
    });
    let mut all = Vec::new();
    for one in owned {
        if !is_going(aws, &one.name).await? {
            all.push(one);
        }
    }
    Ok(all)
}

/// Whether it is a secret that was deleted: it is listed until its recovery window is over, and
/// without one for a moment, too; whoever declares it again gets it back.
#[cfg(feature = "secretsmanager")]
async fn is_going(aws: &Aws, arn: &str) -> Result<bool, OpError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if parts.get(2) != Some(&"secretsmanager") || parts.get(3) != Some(&aws.region()) {
        return Ok(false);
    }
    let answer = aws.secretsmanager().describe_secret().secret_id(arn).send().await;
    let secret = crate::aws::found(answer.op("secretsmanager:DescribeSecret"))?;
    Ok(secret.is_none_or(|secret| secret.deleted_date.is_some()))
}

#[cfg(not(feature = "secretsmanager"))]
async fn is_going(_: &Aws, _: &str) -> Result<bool, OpError> {
    Ok(false)
}

/// The id in the ARN of something that is listed for a while after its end.
fn lingering(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let (kind, id) = resource.split_once('/')?;
    match (service, kind) {
        ("ec2", "instance" | "natgateway") | ("ecs", "cluster") | ("kms", "key") => {
            Some(id.to_owned())
        }
        ("ecs", "service" | "task-definition") => Some(arn.to_owned()),
        _ => None,
    }
}

/// IAM roles and users.
#[cfg(feature = "iam")]
async fn principals(aws: &Aws, project: &str, stack: &str) -> Result<Vec<Owned>, OpError> {
    use std::collections::BTreeMap;

    use aws_sdk_iam::types::{EntityType, Tag};
    let owned = |arn: Option<String>, tags: Option<Vec<Tag>>| {
        let tags: BTreeMap<String, String> =
            tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
        let has = |key: &str, value: &str| tags.get(key).is_some_and(|v| v == value);
        let ours = has(PROJECT, project) && has(STACK, stack);
        let owner = tags.get(OWNER).filter(|_| ours)?.clone();
        Some(Owned { owner, name: arn?, lingering: None })
    };
    let mut pages = aws
        .iam()
        .get_account_authorization_details()
        .filter(EntityType::Role)
        .filter(EntityType::User)
        .into_paginator()
        .send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.op("iam:GetAccountAuthorizationDetails")?;
        let roles = page.role_detail_list.unwrap_or_default().into_iter();
        all.extend(roles.filter_map(|role| owned(role.arn, role.tags)));
        let users = page.user_detail_list.unwrap_or_default().into_iter();
        all.extend(users.filter_map(|user| owned(user.arn, user.tags)));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_things_are_told_by_their_arn() {
        assert!(is_global("arn:aws:iam::111122223333:policy/x"));
        assert!(is_global("arn:aws:route53:::hostedzone/Z1"));
        assert!(!is_global("arn:aws:s3:::bucket"));
        assert!(!is_global("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"));
        assert_eq!(global_region("eu-central-1"), "us-east-1");
        assert_eq!(global_region("cn-northwest-1"), "cn-north-1");
        assert_eq!(global_region("us-gov-east-1"), "us-gov-west-1");
    }

    #[test]
    fn what_lingers_is_looked_up() {
        let id = |arn: &str| lingering(arn);
        let instance = "arn:aws:ec2:eu-central-1:111122223333:instance/i-1";
        assert_eq!(id(instance).as_deref(), Some("i-1"));
        assert_eq!(id("arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-1"), None);
        assert_eq!(id("arn:aws:ecs:eu-central-1:1:cluster/web").as_deref(), Some("web"));
        for whole in ["service/web/api", "task-definition/api:3"] {
            let arn = format!("arn:aws:ecs:eu-central-1:1:{whole}");
            assert_eq!(id(&arn).as_deref(), Some(arn.as_str()));
        }
        assert_eq!(id("arn:aws:rds:eu-central-1:111122223333:db:instance/x"), None);
        let key = "arn:aws:kms:eu-central-1:111122223333:key/1234-abcd";
        assert_eq!(id(key).as_deref(), Some("1234-abcd"));
        assert_eq!(id("nonsense"), None);
    }
}
