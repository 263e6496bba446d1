//! `AWS::Route53::HostedZone`: a DNS domain.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateHostedZone, ChangeTagsForResource, AssociateVPCWithHostedZone per further VPC |
//! | read | GetHostedZone per zone, ListTagsForResources per ten zones |
//! | find | ListHostedZonesByName, GetHostedZone |
//! | update | UpdateHostedZoneComment, ChangeTagsForResource, AssociateVPCWithHostedZone, DisassociateVPCFromHostedZone |
//! | delete | with `delete_records_on_delete` ListResourceRecordSets, ChangeResourceRecordSets; DeleteHostedZone |
//!
//! Traps: several zones may have one name; only the caller reference tells them apart. A VPC asks
//! one private zone of a name (`ConflictingDomainExists`: API_CreateHostedZone). A VPC or zone of
//! moments ago may be unknown (`InvalidVPCId`, `NoSuchHostedZone`). A zone with records besides its
//! own NS and SOA refuses to go.
//! Left out: delegation sets (`delegation_set_id`), query logging (`query_logging_config`),
//! `hosted_zone_features`.
//! Differences:
//! - renamed `comment` (`hosted_zone_config.comment`): its only property.
//! - renamed `tags` (`hosted_zone_tags`): as everywhere.
//! - own `delete_records_on_delete`: a zone with records refuses to go.
//! - required `name`: there is no zone without one.
//! - also needs `route53:ListHostedZonesByName`: finds what an interrupted create made.
//! - also needs `route53:ListTagsForResources`: tags of ten zones in a call.
//! - also needs `route53:ListResourceRecordSets`, `route53:ChangeResourceRecordSets`: for
//!   `delete_records_on_delete`.

mod empty;

use std::collections::HashMap;

use aws_sdk_route53::types::{
    DelegationSet, HostedZoneConfig, Tag, TagResourceType, Vpc, VpcRegion,
};
use ferrocrete_core::Value;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use self::empty::empty;
use super::names::{bare_id, bare_name, echo_name};
use crate::aws::answer::{advise, partition};
use crate::aws::spelling::known;
use crate::prelude::*;

crate::optional_tags!(Tag);

/// A DNS domain.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::Route53::HostedZone",
    claims = claims,
    global,
    eventual("NoSuchHostedZone", "InvalidVPCId"),
    busy("PriorRequestNotComplete"),
    iam(
        create(
            "route53:CreateHostedZone",
            "route53:ChangeTagsForResource",
            "route53:AssociateVPCWithHostedZone",
            "ec2:DescribeVpcs"
        ),
        read(
            "route53:GetHostedZone",
            "route53:ListTagsForResources",
            "route53:ListHostedZonesByName"
        ),
        update(
            "route53:UpdateHostedZoneComment",
            "route53:ChangeTagsForResource",
            "route53:AssociateVPCWithHostedZone",
            "route53:DisassociateVPCFromHostedZone",
            "ec2:DescribeVpcs"
        ),
        delete(
            "route53:DeleteHostedZone",
            "route53:ListResourceRecordSets",
            "route53:ChangeResourceRecordSets"
        )
    )
)]
pub struct HostedZone {
    /// Domain, such as `example.org`, with or without the final dot. Replaces.
    #[field(replaces, dns_name)]
    pub name: String,
    /// Comment, up to 256 characters.
    pub comment: Option<String>,
    /// VPCs that may ask a private zone. Default: the zone is public. A zone stays public or
    /// private for ever: to turn one into the other, give it another resource name.
    #[field(by("vpc_id"))]
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
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct HostedZoneOutputs {
    /// Id, such as `Z0123ABC`.
    pub hosted_zone_id: String,
    /// Name servers to delegate the domain to; none for private zones.
    pub name_servers: Vec<String>,
    /// ARN.
    pub arn: String,
}

/// A VPC's zone of a name.
fn claims(zone: &PropertyMap) -> Vec<Claim> {
    let Some(name) = known(zone, "name") else { return Vec::new() };
    let Some(Value::List(vpcs)) = zone.get("vpcs") else { return Vec::new() };
    let ids = vpcs.iter().filter_map(|vpc| match vpc {
        Value::Map(vpc) => known(vpc, "vpc_id"),
        _ => None,
    });
    let claim = |id| Claim::new("private zone of a VPC", &["name", "vpcs"], [bare_name(&name), id]);
    ids.map(claim).collect()
}

/// Most ids of one ListTagsForResources.
const CHUNK: usize = 10;

fn outputs(aws: &Aws, id: &str, servers: Option<DelegationSet>) -> HostedZoneOutputs {
    HostedZoneOutputs {
        hosted_zone_id: id.to_owned(),
        name_servers: servers.map(|d| d.name_servers).unwrap_or_default(),
        arn: format!("arn:{}:route53:::hostedzone/{id}", partition(aws.region())),
    }
}

fn sdk_vpc(vpc: &HostedZoneVpc) -> Vpc {
    let region = VpcRegion::from(vpc.vpc_region.as_str());
    Vpc::builder().vpc_id(&vpc.vpc_id).vpc_region(region).build()
}

async fn put_tags(aws: &Aws, id: &str, delta: tags::TagDelta) -> Result<()> {
    if delta.set.is_empty() && delta.remove.is_empty() {
        return Ok(());
    }
    let add = to_sdk(&Some(delta.set));
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

/// Tags of zones, ten zones a call. A zone that is not found, which would fail the call, is left
/// out.
async fn list_tags(aws: &Aws, ids: Vec<String>) -> Result<HashMap<String, Option<Tags>>> {
    let chunks: Vec<Vec<String>> = ids.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let found = batch::each(&chunks, |chunk| tags_of(aws, chunk.clone()));
    let mut all: HashMap<String, Option<Tags>> = HashMap::new();
    for (chunk, found) in chunks.iter().zip(found.await?) {
        let found = match found {
            Some(found) => found,
            None if chunk.len() == 1 => continue,
            // Which one it is, is not told.
            None => {
                let each = batch::each(chunk, |id| tags_of(aws, vec![id.clone()])).await?;
                each.into_iter().flatten().flatten().collect()
            }
        };
        all.extend(found);
    }
    Ok(all)
}

/// Tags of at most ten zones; `None` when one of them is not found.
async fn tags_of(aws: &Aws, ids: Vec<String>) -> Result<Option<Vec<(String, Option<Tags>)>>> {
    let call = aws.route53().list_tags_for_resources();
    let call = call.resource_type(TagResourceType::Hostedzone).set_resource_ids(Some(ids));
    let answer = found(call.send().await.op("route53:ListTagsForResources"))?;
    let one = |set: &aws_sdk_route53::types::ResourceTagSet| {
        Some((set.resource_id.clone()?, from_sdk(set.tags())))
    };
    Ok(answer.map(|answer| answer.resource_tag_sets().iter().filter_map(one).collect()))
}

/// The zone but for its tags.
async fn get(aws: &Aws, id: String, declared: Option<String>) -> Result<Option<Live<HostedZone>>> {
    let answer = aws.route53().get_hosted_zone().id(&id).send().await;
    let Some(answer) = found(answer.op("route53:GetHostedZone"))? else { return Ok(None) };
    let zone = need(answer.hosted_zone, "route53:GetHostedZone", "hosted_zone")?;
    let vpcs: Vec<HostedZoneVpc> = answer
        .vpcs
        .unwrap_or_default()
        .into_iter()
        .filter_map(|v| {
            Some(HostedZoneVpc { vpc_id: v.vpc_id?, vpc_region: v.vpc_region?.as_str().to_owned() })
        })
        .collect();
    let inputs = HostedZone {
        name: echo_name(declared.as_deref(), &zone.name),
        comment: zone.config.and_then(|c| c.comment).filter(|c| !c.is_empty()),
        vpcs: (!vpcs.is_empty()).then_some(vpcs),
        delete_records_on_delete: None,
        tags: None,
    };
    Ok(Some(Live::ready(inputs, outputs(aws, &id, answer.delegation_set))))
}

impl HostedZone {
    /// What the create call leaves to others: tags and all VPCs but the first.
    async fn complete(&self, aws: &Aws, id: &str) -> Result<()> {
        put_tags(aws, id, tags::delta(&None, &self.tags)).await?;
        for vpc in self.vpcs.iter().flatten().skip(1) {
            self.associate(aws, id, vpc).await?;
        }
        Ok(())
    }

    async fn associate(&self, aws: &Aws, id: &str, vpc: &HostedZoneVpc) -> Result<()> {
        let call = aws.route53().associate_vpc_with_hosted_zone().hosted_zone_id(id);
        let answer = call.vpc(sdk_vpc(vpc)).send().await;
        match answer.op("route53:AssociateVPCWithHostedZone") {
            // An earlier attempt got as far as this.
            Err(e) if e.has_code("ConflictingDomainExists") && self.has(aws, id, vpc).await? => {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// New VPCs first: a private zone has to keep one at any time.
    async fn move_vpcs(&self, aws: &Aws, id: &str, old: &Self) -> Result<()> {
        let (old, new) = (old.vpcs.as_deref(), self.vpcs.as_deref());
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        if old.is_empty() || new.is_empty() {
            return Err(OpError::invalid(
                "a zone cannot turn from public to private or back\n  what to do: give the other \
                 zone a resource name of its own",
            ));
        }
        let among =
            |all: &[HostedZoneVpc], vpc: &HostedZoneVpc| all.iter().any(|v| v.vpc_id == vpc.vpc_id);
        for vpc in new.iter().filter(|v| !among(old, v)) {
            self.associate(aws, id, vpc).await?;
        }
        for vpc in old.iter().filter(|v| !among(new, v)) {
            let call = aws.route53().disassociate_vpc_from_hosted_zone().hosted_zone_id(id);
            let answer = call.vpc(sdk_vpc(vpc)).send().await;
            found(answer.op("route53:DisassociateVPCFromHostedZone"))?;
        }
        Ok(())
    }

    async fn has(&self, aws: &Aws, id: &str, vpc: &HostedZoneVpc) -> Result<bool> {
        let zone = get(aws, id.to_owned(), None).await?;
        let vpcs = zone.and_then(|z| z.inputs.vpcs).unwrap_or_default();
        Ok(vpcs.iter().any(|v| v.vpc_id == vpc.vpc_id))
    }
}

impl Resource for HostedZone {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
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
            .op("route53:CreateHostedZone");
        let answer = match answer {
            Ok(answer) => answer,
            // The caller reference is taken: by an earlier attempt of this very create.
            Err(e) if e.kind == ErrorKind::AlreadyExists => {
                let Some(id) = self.find(cx).await? else { return Err(e) };
                cx.accepted(&id).await?;
                self.complete(cx, &id).await?;
                return Ok(Made::Pending(id));
            }
            Err(e) => return Err(e),
        };
        let zone = need(answer.hosted_zone, "route53:CreateHostedZone", "hosted_zone")?;
        let id = bare_id(&zone.id);
        cx.accepted(&id).await?;
        self.complete(cx, &id).await?;
        let outputs = outputs(cx, &id, answer.delegation_set);
        Ok(Made::Ready(id, outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let mut zones = batch::each(items, |item| {
            get(cloud, item.id.clone(), item.inputs.as_ref().map(|i| i.name.clone()))
        })
        .await?;
        let tagged =
            |item: &ReadRequest<Self>| item.inputs.as_ref().is_none_or(|i| i.tags.is_some());
        let asked =
            |(item, zone): &(&ReadRequest<Self>, &Option<_>)| zone.is_some() && tagged(item);
        let ids: Vec<String> =
            items.iter().zip(&zones).filter(asked).map(|(item, _)| item.id.clone()).collect();
        let mut all = list_tags(cloud, ids.clone()).await?;
        for zone in &mut zones {
            let Some(live) = zone else { continue };
            let id = live.outputs.hosted_zone_id.clone();
            match all.remove(&id) {
                Some(tags) => live.inputs.tags = tags,
                // Not to be seen everywhere yet, or not any more.
                None if ids.contains(&id) => *zone = None,
                None => {}
            }
        }
        Ok(zones)
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let wanted = bare_name(&self.name);
        let call = cx.route53().list_hosted_zones_by_name();
        let answer = call.dns_name(self.name.to_ascii_lowercase()).send().await;
        let answer = answer.op("route53:ListHostedZonesByName")?;
        let ours = answer
            .hosted_zones()
            .iter()
            .find(|z| bare_name(&z.name) == wanted && z.caller_reference == cx.token());
        Ok(ours.map(|z| bare_id(&z.id)))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("comment") {
            let call = cx.route53().update_hosted_zone_comment().id(id);
            // None at all deletes it.
            let call = call.set_comment(self.comment.clone());
            call.send().await.op("route53:UpdateHostedZoneComment")?;
        }
        if changes.has("vpcs") {
            self.move_vpcs(cx, id, old).await?;
        }
        if changes.has("tags") {
            put_tags(cx, id, tags::delta(&old.tags, &self.tags)).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        if self.delete_records_on_delete == Some(true)
            && found(empty(cx, id, &self.name).await)?.is_none()
        {
            return Ok(Progress::Done);
        }
        let answer = cx.route53().delete_hosted_zone().id(id).send().await;
        gone(answer.op("route53:DeleteHostedZone")).map_err(|e| {
            if !e.has_code("HostedZoneNotEmpty") {
                return e;
            }
            advise(
                e,
                "delete the records that others made, or set `delete_records_on_delete` to true \
                 and run `up` first",
            )
        })
    }
}
