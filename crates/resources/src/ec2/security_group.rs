//! `AWS::EC2::SecurityGroup`: a set of firewall rules.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateSecurityGroup; then as update when nothing may go out |
//! | read, find | DescribeSecurityGroups |
//! | update | CreateTags, DeleteTags; DescribeSecurityGroups, RevokeSecurityGroupEgress, AuthorizeSecurityGroupEgress |
//! | delete | DeleteSecurityGroup; DescribeNetworkInterfaces, DeleteNetworkInterface, DescribeSecurityGroups when it is refused |
//!
//! Traps: AWS gives every new group one egress rule that allows everything to everywhere, beside which
//! other egress rules restrict nothing; `allow_all_outbound` set to false takes it away, else it stays,
//! and declaring the same rule once more is refused (`InvalidPermission.Duplicate`). Deletes are refused while an interface uses the
//! group or another group's rule names it; interfaces of load balancers, Fargate and Lambda go up to
//! 45 minutes after them (TF#9495; see `interfaces.rs`). A name is unique in its VPC, and must not
//! start with `sg-`.
//! Left out: rules inside the group (`security_group_ingress`, `security_group_egress`); they
//! are resources of their own, so that groups that name each other need no circle.
//! Differences:
//! - own `allow_all_outbound`: there, declaring any egress rule inside the group takes that rule away.
//! - also needs `ec2:DescribeNetworkInterfaces`, `ec2:DeleteNetworkInterface`: says who holds it, and
//!   removes interfaces that AWS left behind.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{IpPermission, IpRange, ResourceType, SecurityGroup as SdkGroup};

use super::interfaces;
use super::shared::{described, filter};
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A set of firewall rules, which are resources of their own: [`super::SecurityGroupIngress`]
/// and [`super::SecurityGroupEgress`]. A new group lets nothing in and everything out.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::SecurityGroup",
    identity("vpc_id", "group_name"),
    held_by_users,
    eventual("InvalidVpcID.NotFound", "InvalidGroup.NotFound"),
    busy("DependencyViolation", "InvalidGroup.InUse"),
    busy_for = 2700,
    iam(
        create("ec2:CreateSecurityGroup", "ec2:CreateTags"),
        read("ec2:DescribeSecurityGroups"),
        update(
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:DescribeSecurityGroups",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupEgress"
        ),
        delete(
            "ec2:DeleteSecurityGroup",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeSecurityGroups"
        )
    )
)]
pub struct SecurityGroup {
    /// What it is for, up to 255 characters: letters, digits, spaces and
    /// `._-:/()#,@[]+=&;{}!$*`. Replaces.
    #[field(replaces)]
    pub group_description: String,
    /// Name, up to 255 characters, unique in the VPC. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, extra = "-_."))]
    pub group_name: Option<String>,
    /// Id of the VPC. Default: the default VPC. Replaces.
    #[field(replaces, server_default)]
    pub vpc_id: Option<String>,
    /// Whether the rule stays that AWS gives every new group: everything may go everywhere. Set it to
    /// false together with [`super::SecurityGroupEgress`], which allows nothing that this rule does
    /// not. Default: true.
    #[field(server_default)]
    pub allow_all_outbound: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`SecurityGroup`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SecurityGroupOutputs {
    /// Id, such as `sg-0abc`.
    pub group_id: String,
    /// Name.
    #[output(from_input)]
    pub group_name: String,
}

described!(
    paged,
    describe_security_groups,
    "ec2:DescribeSecurityGroups",
    "group-id",
    security_groups,
    SdkGroup,
    group_id
);

impl Resource for SecurityGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = cx
            .ec2()
            .create_security_group()
            .description(&self.group_description)
            .set_group_name(self.group_name.clone())
            .set_vpc_id(self.vpc_id.clone())
            .set_tag_specifications(specification(ResourceType::SecurityGroup, &self.tags))
            .send()
            .await
            .op("ec2:CreateSecurityGroup")?;
        let id = need(answer.group_id, "ec2:CreateSecurityGroup", "group_id")?;
        if self.allow_all_outbound == Some(false) {
            return Ok(Made::Partial(id));
        }
        let group_name = self.group_name.clone().unwrap_or_default();
        Ok(Made::Ready(id.clone(), SecurityGroupOutputs { group_id: id, group_name }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        Ok(items.iter().map(|i| found.get(&i.id).map(|g| live(g, &i.id))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if let (true, Some(on)) = (changes.has("allow_all_outbound"), self.allow_all_outbound) {
            switch(cx, id, on).await?;
        }
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().delete_security_group().group_id(id);
        gone(call.send().await.op("ec2:DeleteSecurityGroup"))
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        if let Some(who) = interfaces::holders(cx, "group-id", id).await? {
            return Ok(Some(who));
        }
        let mut named = list(cx, filter("ip-permission.group-id", [id])).await?;
        named.extend(list(cx, filter("egress.ip-permission.group-id", [id])).await?);
        let others = named.into_iter().filter_map(|group| group.group_id).filter(|g| g != id);
        let others: BTreeSet<String> = others.map(|g| format!("a rule of `{g}`")).collect();
        let others: Vec<String> = others.into_iter().collect();
        Ok((!others.is_empty()).then(|| others.join(", ")))
    }
}

/// The rules by which everything may go everywhere: of IPv4, and in a VPC with IPv6 another one.
fn all_outbound(group: &SdkGroup) -> Vec<IpPermission> {
    let all = group.ip_permissions_egress().iter().filter(|p| p.ip_protocol() == Some("-1"));
    let only = |permission: &IpPermission| {
        let v4 = permission.ip_ranges().iter().filter(|r| r.cidr_ip() == Some("0.0.0.0/0"));
        let v6 = permission.ipv6_ranges().iter().filter(|r| r.cidr_ipv6() == Some("::/0"));
        IpPermission::builder()
            .ip_protocol("-1")
            .set_ip_ranges(Some(v4.cloned().collect()))
            .set_ipv6_ranges(Some(v6.cloned().collect()))
            .build()
    };
    let is_one = |p: &IpPermission| !(p.ip_ranges().is_empty() && p.ipv6_ranges().is_empty());
    all.map(only).filter(is_one).collect()
}

async fn switch(cx: &Cx, id: &str, on: bool) -> Result<()> {
    if on {
        let range = IpRange::builder().cidr_ip("0.0.0.0/0").build();
        let all = IpPermission::builder().ip_protocol("-1").ip_ranges(range).build();
        let call = cx.ec2().authorize_security_group_egress().group_id(id).ip_permissions(all);
        return match call.send().await.op("ec2:AuthorizeSecurityGroupEgress") {
            Err(error) if error.has_code("InvalidPermission.Duplicate") => Ok(()),
            other => other.map(drop),
        };
    }
    let call = cx.ec2().describe_security_groups().group_ids(id);
    let answer = call.send().await.op("ec2:DescribeSecurityGroups")?;
    let there: Vec<_> = answer.security_groups().iter().flat_map(all_outbound).collect();
    if there.is_empty() {
        return Ok(());
    }
    let call = cx.ec2().revoke_security_group_egress().group_id(id);
    let call = call.set_ip_permissions(Some(there));
    call.send().await.op("ec2:RevokeSecurityGroupEgress").map(drop)
}

fn live(group: &SdkGroup, id: &str) -> Live<SecurityGroup> {
    let group_name = group.group_name.clone();
    Live::ready(
        SecurityGroup {
            group_description: group.description.clone().unwrap_or_default(),
            group_name: group_name.clone(),
            vpc_id: group.vpc_id.clone(),
            allow_all_outbound: Some(!all_outbound(group).is_empty()),
            tags: from_sdk(group.tags()),
        },
        SecurityGroupOutputs {
            group_id: id.to_owned(),
            group_name: group_name.unwrap_or_default(),
        },
    )
}
