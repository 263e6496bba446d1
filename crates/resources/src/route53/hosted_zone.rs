//! `AWS::Route53::HostedZone`: a DNS domain.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateHostedZone, ChangeTagsForResource, AssociateVPCWithHostedZone per further VPC | route53:CreateHostedZone, route53:ChangeTagsForResource, ec2:DescribeVpcs |
//! | read | GetHostedZone per zone, ListTagsForResources per ten zones | route53:GetHostedZone, route53:ListTagsForResources |
//! | update | UpdateHostedZoneComment, ChangeTagsForResource | the same |
//! | delete | with `delete_records_on_delete` ListResourceRecordSets, ChangeResourceRecordSets; DeleteHostedZone | the same |
//!
//! Traps: several zones may have one name; only the caller reference tells them apart. A zone
//! with records besides its own NS and SOA refuses to go.
//! Left out: delegation sets, query logging, DNSSEC.

use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, HostedZoneConfig, RrType, Tag, TagResourceType, Vpc,
    VpcRegion,
};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// A DNS domain.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::Route53::HostedZone",
    outputs = HostedZoneOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-hostedzone.html",
    busy("HostedZoneNotEmpty", "PriorRequestNotComplete"),
    iam(
        create("route53:CreateHostedZone", "route53:ChangeTagsForResource", "route53:AssociateVPCWithHostedZone", "ec2:DescribeVpcs"),
        read("route53:GetHostedZone", "route53:ListTagsForResources", "route53:ListHostedZonesByName"),
        update("route53:UpdateHostedZoneComment", "route53:ChangeTagsForResource"),
        delete("route53:DeleteHostedZone", "route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets")
    )
)]
pub struct HostedZone {
    /// Domain, such as `example.org`, with or without the final dot. Replaces.
    #[field(replaces, case_insensitive)]
    pub name: String,
    /// Comment, up to 256 characters.
    pub comment: Option<String>,
    /// VPCs that may ask a private zone. Default: the zone is public. Replaces.
    #[field(replaces, set)]
    pub vpcs: Option<Vec<HostedZoneVpc>>,
    /// Delete all records before deleting the zone. Default: false.
    #[field(write_only)]
    pub delete_records_on_delete: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// A VPC that may ask a private zone.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct HostedZoneVpc {
    /// Id of the VPC.
    pub vpc_id: String,
    /// Its region.
    pub vpc_region: String,
}

/// What AWS knows of a [`HostedZone`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct HostedZoneOutputs {
    /// Id, such as `Z0123ABC`.
    pub hosted_zone_id: String,
    /// Name servers to delegate the domain to; none for private zones.
    pub name_servers: Vec<String>,
}

/// Ids come as `/hostedzone/Z…`.
pub(super) fn bare_id(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}

/// Names without the final dot, with `\052` and the like as characters.
pub(super) fn bare_name(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name.trim_end_matches('.');
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let octal = rest.get(at + 1..at + 4).and_then(|o| u8::from_str_radix(o, 8).ok());
        match octal {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &rest[at + 4..];
            }
            None => {
                out.push('\\');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out.to_ascii_lowercase()
}

fn sdk_vpc(vpc: &HostedZoneVpc) -> Vpc {
    let region = VpcRegion::from(vpc.vpc_region.as_str());
    Vpc::builder().vpc_id(&vpc.vpc_id).vpc_region(region).build()
}

async fn put_tags(aws: &Aws, id: &str, delta: tags::TagDelta) -> Result<(), OpError> {
    if delta.set.is_empty() && delta.remove.is_empty() {
        return Ok(());
    }
    let add = to_sdk(Some(&delta.set));
    aws.route53()
        .change_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(id)
        .set_add_tags((!add.is_empty()).then_some(add))
        .set_remove_tag_keys((!delta.remove.is_empty()).then_some(delta.remove))
        .send()
        .await
        .op("route53:ChangeTagsForResource")
        .map(drop)
}

async fn get(
    aws: &Aws,
    id: String,
    known: Option<HostedZone>,
) -> Result<Option<Live<HostedZone>>, OpError> {
    let answer = aws.route53().get_hosted_zone().id(&id).send().await;
    let Some(answer) = found(answer.op("route53:GetHostedZone"))? else { return Ok(None) };
    let Some(zone) = answer.hosted_zone.clone() else { return Ok(None) };
    let tags = aws
        .route53()
        .list_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(&id)
        .send()
        .await;
    let tags = found(tags.op("route53:ListTagsForResource"))?
        .and_then(|a| a.resource_tag_set)
        .and_then(|s| from_sdk(s.tags()));
    let vpcs: Vec<HostedZoneVpc> = answer
        .vpcs()
        .iter()
        .filter_map(|v| {
            Some(HostedZoneVpc {
                vpc_id: v.vpc_id.clone()?,
                vpc_region: v.vpc_region.as_ref()?.as_str().to_owned(),
            })
        })
        .collect();
    // A final dot is the program's choice.
    let dotted = known.is_some_and(|k| k.name.ends_with('.'));
    let bare = bare_name(&zone.name);
    Ok(Some(Live::ready(
        HostedZone {
            name: if dotted { format!("{bare}.") } else { bare },
            comment: zone.config.and_then(|c| c.comment).filter(|c| !c.is_empty()),
            vpcs: (!vpcs.is_empty()).then_some(vpcs),
            delete_records_on_delete: None,
            tags,
        },
        HostedZoneOutputs {
            hosted_zone_id: id,
            name_servers: answer.delegation_set.map(|d| d.name_servers).unwrap_or_default(),
        },
    )))
}

impl Resource for HostedZone {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let vpcs = self.vpcs.as_deref().unwrap_or_default();
        let config = HostedZoneConfig::builder()
            .set_comment(self.comment.clone())
            .private_zone(!vpcs.is_empty())
            .build();
        let answer = cx
            .route53()
            .create_hosted_zone()
            .name(&self.name)
            .caller_reference(cx.token())
            .hosted_zone_config(config)
            .set_vpc(vpcs.first().map(sdk_vpc))
            .send()
            .await
            .op("route53:CreateHostedZone")?;
        let zone = need(answer.hosted_zone, "route53:CreateHostedZone", "hosted_zone")?;
        let id = bare_id(&zone.id);
        cx.accepted(&id).await?;
        put_tags(cx, &id, tags::delta(None, self.tags.as_ref())).await?;
        for vpc in vpcs.iter().skip(1) {
            let call = cx.route53().associate_vpc_with_hosted_zone().hosted_zone_id(&id);
            call.vpc(sdk_vpc(vpc)).send().await.op("route53:AssociateVPCWithHostedZone")?;
        }
        let name_servers = answer.delegation_set.map(|d| d.name_servers).unwrap_or_default();
        Ok(Made::Ready(id.clone(), HostedZoneOutputs { hosted_zone_id: id, name_servers }))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        batch::each(items, |item| get(cloud, item.id.clone(), item.inputs.clone())).await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let wanted = bare_name(&self.name);
        let answer = cx.route53().list_hosted_zones_by_name().dns_name(&self.name).send().await;
        let answer = answer.op("route53:ListHostedZonesByName")?;
        let ours = answer
            .hosted_zones()
            .iter()
            .find(|z| bare_name(&z.name) == wanted && z.caller_reference == cx.token());
        Ok(ours.map(|z| bare_id(&z.id)))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        if changes.has("comment") {
            let call = cx.route53().update_hosted_zone_comment().id(id);
            let call = call.comment(self.comment.clone().unwrap_or_default());
            call.send().await.op("route53:UpdateHostedZoneComment")?;
        }
        if changes.has("tags") {
            put_tags(cx, id, tags::delta(old.tags.as_ref(), self.tags.as_ref())).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        if self.delete_records_on_delete == Some(true)
            && found(empty(cx, id, &self.name).await)?.is_none()
        {
            return Ok(Progress::Done);
        }
        found(
            cx.route53().delete_hosted_zone().id(id).send().await.op("route53:DeleteHostedZone"),
        )?;
        Ok(Progress::Done)
    }
}

/// Deletes every record but the zone's own NS and SOA.
async fn empty(aws: &Aws, id: &str, name: &str) -> Result<(), OpError> {
    let bad = |e: aws_smithy_types::error::operation::BuildError| OpError::invalid(e.to_string());
    loop {
        let answer = aws.route53().list_resource_record_sets().hosted_zone_id(id).send().await;
        let answer = answer.op("route53:ListResourceRecordSets")?;
        let own = |r: &&aws_sdk_route53::types::ResourceRecordSet| {
            matches!(r.r#type, RrType::Ns | RrType::Soa) && bare_name(&r.name) == bare_name(name)
        };
        let changes: Vec<Change> = answer
            .resource_record_sets()
            .iter()
            .filter(|r| !own(r))
            .map(|r| {
                Change::builder()
                    .action(ChangeAction::Delete)
                    .resource_record_set(r.clone())
                    .build()
                    .map_err(bad)
            })
            .collect::<Result<_, _>>()?;
        if changes.is_empty() {
            return Ok(());
        }
        let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(bad)?;
        let call = aws.route53().change_resource_record_sets().hosted_zone_id(id);
        call.change_batch(batch).send().await.op("route53:ChangeResourceRecordSets")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        assert_eq!(bare_name("Example.ORG."), "example.org");
        assert_eq!(bare_name("\\052.example.org."), "*.example.org");
        assert_eq!(bare_id("/hostedzone/Z1"), "Z1");
    }
}
