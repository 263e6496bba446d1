//! `AWS::EC2::SecurityGroup`: a set of firewall rules.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateSecurityGroup; then as update when not everything may go out |
//! | read | DescribeSecurityGroups; DescribeSecurityGroupRules where rules are exclusive, or where not everything may go out but does |
//! | find | DescribeSecurityGroups |
//! | update | CreateTags, DeleteTags; DescribeSecurityGroups, DescribeSecurityGroupRules, RevokeSecurityGroupEgress, RevokeSecurityGroupIngress, AuthorizeSecurityGroupEgress |
//! | delete | DeleteSecurityGroup; DescribeNetworkInterfaces, DeleteNetworkInterface, DescribeSecurityGroups when it is refused |
//!
//! Traps: AWS gives every new group one egress rule that allows everything to everywhere, beside which
//! other egress rules restrict nothing. A [`super::SecurityGroupEgress`] for the group takes it away,
//! as `allow_all_outbound` set to false does; true keeps it in spite of that. The rule that is taken away is
//! AWS's, not one that is declared as a resource and means the same: rules of ours have tags. Deletes are refused while an interface uses the
//! group or another group's rule names it; interfaces of load balancers, Fargate and Lambda go up to
//! 45 minutes after them (TF#9495; see `interfaces.rs`). A name is unique in its VPC, and must not
//! start with `sg-`.
//! Left out: rules inside the group (`security_group_ingress`, `security_group_egress`); they
//! are resources of their own, so that groups that name each other need no circle.
//! Differences:
//! - own `allow_all_outbound`: there, declaring any egress rule inside the group takes that rule away.
//! - own `exclusive_rules`, `undeclared_rules`: there, rules that nobody declared stay and are not seen.
//! - also needs `ec2:DescribeSecurityGroupRules`: tells declared rules from others.
//! - also needs `ec2:DescribeNetworkInterfaces`, `ec2:DeleteNetworkInterface`: says who holds it, and
//!   removes interfaces that AWS left behind.

mod rules;

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ResourceType, SecurityGroup as SdkGroup, SecurityGroupRule};
use ferrocrete_core::schema::{Finding, Known};

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
    check = check,
    eventual("InvalidVpcID.NotFound", "InvalidGroup.NotFound"),
    busy("DependencyViolation", "InvalidGroup.InUse"),
    busy_for = 2700,
    iam(
        create("ec2:CreateSecurityGroup", "ec2:CreateTags"),
        read("ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"),
        find("ec2:DescribeSecurityGroups"),
        update(
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSecurityGroupRules",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
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
    /// Whether the rule stays that AWS gives every new group: everything may go everywhere. Default:
    /// true, but false where the program declares a [`super::SecurityGroupEgress`] for this group,
    /// which would allow nothing that this rule does not.
    #[field(default = true)]
    pub allow_all_outbound: Option<bool>,
    /// Whether the group has no other rules than those that programs declare: rules that somebody
    /// else made are shown as `undeclared_rules` and removed. Do not set it where something else
    /// manages rules of the group, such as a controller of Kubernetes. Default: false.
    #[field(write_only, default = false)]
    pub exclusive_rules: Option<bool>,
    /// Not to be set: with `exclusive_rules`, plans show here the rules that nobody declared.
    #[field(default = "")]
    pub undeclared_rules: Option<String>,
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
        let asked = items.iter().filter_map(|item| {
            let (group, known) = (found.get(&item.id)?, item.inputs.as_ref()?);
            known.asks_for_rules(group).then(|| item.id.clone())
        });
        let rules = rules::of_groups(cloud, asked.collect()).await?;
        let one = |item: &ReadRequest<Self>| {
            let group = found.get(&item.id)?;
            let rules = rules.get(&item.id).map_or(&[][..], Vec::as_slice);
            Some(live(group, item, rules))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let all_outbound = self.allow_all_outbound.unwrap_or(true);
        if changes.has("allow_all_outbound") {
            rules::switch(cx, id, all_outbound).await?;
        }
        if self.is_exclusive() && changes.any(&["exclusive_rules", "undeclared_rules"]) {
            rules::remove_undeclared(cx, id, all_outbound).await?;
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

/// What plans show is not for programs to say.
fn check(known: Known<'_>) -> Vec<Finding> {
    let set = known.text("undeclared_rules").is_some_and(|text| !text.is_empty());
    let why =
        "is not to be set: say `exclusive_rules(true)`, and plans show here what nobody declared";
    set.then(|| Finding::new("undeclared_rules", why)).into_iter().collect()
}

impl SecurityGroup {
    fn is_exclusive(&self) -> bool {
        self.exclusive_rules == Some(true)
    }

    /// Whether it matters who made the rules of the group.
    fn asks_for_rules(&self, group: &SdkGroup) -> bool {
        let closed = self.allow_all_outbound == Some(false);
        self.is_exclusive() || (closed && !rules::all_outbound(group).is_empty())
    }
}

/// The rules are those that were asked for.
fn live(
    group: &SdkGroup,
    item: &ReadRequest<SecurityGroup>,
    rules: &[SecurityGroupRule],
) -> Live<SecurityGroup> {
    let group_name = group.group_name.clone();
    let all_outbound = rules::undeclared_outbound(group, rules);
    let known = item.inputs.as_ref();
    let exclusive = known.is_some_and(SecurityGroup::is_exclusive);
    // AWS's own rule is the matter of `allow_all_outbound`, whichever way that is set.
    let undeclared = rules::undeclared(rules).filter(|rule| !rules::is_all_outbound(rule));
    let mut undeclared: Vec<String> =
        undeclared.filter(|_| exclusive).map(rules::in_words).collect();
    undeclared.sort();
    Live::ready(
        SecurityGroup {
            group_description: group.description.clone().unwrap_or_default(),
            group_name: group_name.clone(),
            vpc_id: group.vpc_id.clone(),
            allow_all_outbound: Some(!all_outbound.is_empty()),
            exclusive_rules: None,
            undeclared_rules: Some(undeclared.join(", ")),
            tags: from_sdk(group.tags()),
        },
        SecurityGroupOutputs {
            group_id: item.id.clone(),
            group_name: group_name.unwrap_or_default(),
        },
    )
}
