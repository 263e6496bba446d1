//! `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress`: one firewall rule each.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | AuthorizeSecurityGroupIngress / Egress | ec2:AuthorizeSecurityGroup*, ec2:CreateTags |
//! | read | DescribeSecurityGroupRules | ec2:DescribeSecurityGroupRules |
//! | update | UpdateSecurityGroupRuleDescriptions*, CreateTags, DeleteTags | ec2:UpdateSecurityGroupRuleDescriptions*, ec2:CreateTags, ec2:DeleteTags |
//! | delete | none when the group goes too, else RevokeSecurityGroupIngress / Egress | ec2:RevokeSecurityGroup* |
//!
//! Traps: an identical rule is refused (`InvalidPermission.Duplicate`), so an interrupted
//! create can never make a second one. Protocol `-1` has no ports.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroupRule,
    SecurityGroupRuleDescription, UserIdGroupPair,
};

use super::shared::{describe, find_owned, from_sdk, gone, need, retag, specification};
use crate::prelude::*;

macro_rules! rule {
    (
        $(#[$doc:meta])* $name:ident, $outputs:ident, $type:literal, $link:literal,
        $peer:ident, $peer_doc:literal, $list:ident, $list_doc:literal,
        $authorize:ident, $authorize_op:literal, $revoke:ident, $revoke_op:literal,
        $describe:ident, $describe_op:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Serialize, Deserialize, Resource)]
        #[resource(
            type = $type,
            outputs = $outputs,
            link = $link,
            deleted_with = "group_id",
            eventual("InvalidGroup.NotFound"),
            iam(
                create($authorize_op, "ec2:CreateTags"),
                read("ec2:DescribeSecurityGroupRules", "ec2:DescribeTags"),
                update($describe_op, "ec2:CreateTags", "ec2:DeleteTags"),
                delete($revoke_op)
            )
        )]
        pub struct $name {
            /// Id of the group that the rule belongs to. Replaces.
            #[field(replaces)]
            pub group_id: String,
            /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. Replaces.
            #[field(replaces)]
            pub ip_protocol: String,
            /// First port, 0 to 65535, or ICMP type. Replaces.
            #[field(replaces)]
            pub from_port: Option<i32>,
            /// Last port, 0 to 65535, or ICMP code. Replaces.
            #[field(replaces)]
            pub to_port: Option<i32>,
            /// IPv4 range of the other side. One of the four kinds of peers. Replaces.
            #[field(replaces)]
            pub cidr_ip: Option<String>,
            /// IPv6 range of the other side. Replaces.
            #[field(replaces)]
            pub cidr_ipv6: Option<String>,
            #[doc = $list_doc]
            #[field(replaces)]
            pub $list: Option<String>,
            #[doc = $peer_doc]
            #[field(replaces)]
            pub $peer: Option<String>,
            /// What it is for, up to 255 characters.
            pub description: Option<String>,
            /// Tags; the stack's default tags are added.
            #[field(tags)]
            pub tags: Option<Tags>,
        }

        #[doc = concat!("What AWS knows of a [`", stringify!($name), "`].")]
        #[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
        pub struct $outputs {
            /// Id, such as `sgr-0abc`.
            pub security_group_rule_id: String,
        }

        impl $name {
            fn permission(&self) -> Result<IpPermission, OpError> {
                let peers = [&self.cidr_ip, &self.cidr_ipv6, &self.$list, &self.$peer];
                if peers.iter().filter(|p| p.is_some()).count() != 1 {
                    return Err(OpError::invalid(concat!(
                        "give exactly one of `cidr_ip`, `cidr_ipv6`, `", stringify!($list),
                        "`, `", stringify!($peer), "`"
                    )));
                }
                let text = self.description.clone();
                let range = self.cidr_ip.as_ref().map(|c| {
                    vec![IpRange::builder().cidr_ip(c).set_description(text.clone()).build()]
                });
                let range6 = self.cidr_ipv6.as_ref().map(|c| {
                    vec![Ipv6Range::builder().cidr_ipv6(c).set_description(text.clone()).build()]
                });
                let list = self.$list.as_ref().map(|l| {
                    let list = PrefixListId::builder().prefix_list_id(l);
                    vec![list.set_description(text.clone()).build()]
                });
                let group = self.$peer.as_ref().map(|g| {
                    let pair = UserIdGroupPair::builder().group_id(g);
                    vec![pair.set_description(text.clone()).build()]
                });
                Ok(IpPermission::builder()
                    .ip_protocol(&self.ip_protocol)
                    .set_from_port(self.from_port)
                    .set_to_port(self.to_port)
                    .set_ip_ranges(range)
                    .set_ipv6_ranges(range6)
                    .set_prefix_list_ids(list)
                    .set_user_id_group_pairs(group)
                    .build())
            }

            fn live(rule: &SecurityGroupRule, id: &str) -> Live<Self> {
                let all = rule.ip_protocol() == Some("-1");
                let port = |p: Option<i32>| p.filter(|_| !all);
                Live::ready(
                    Self {
                        group_id: rule.group_id.clone().unwrap_or_default(),
                        ip_protocol: rule.ip_protocol.clone().unwrap_or_default(),
                        from_port: port(rule.from_port),
                        to_port: port(rule.to_port),
                        cidr_ip: rule.cidr_ipv4.clone(),
                        cidr_ipv6: rule.cidr_ipv6.clone(),
                        $list: rule.prefix_list_id.clone(),
                        $peer: rule.referenced_group_info.as_ref().and_then(|g| g.group_id.clone()),
                        description: rule.description.clone().filter(|d| !d.is_empty()),
                        tags: from_sdk(rule.tags()),
                    },
                    $outputs { security_group_rule_id: id.to_owned() },
                )
            }
        }

        impl Resource for $name {
            type Cloud = Aws;

            async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
                let answer = cx
                    .ec2()
                    .$authorize()
                    .group_id(&self.group_id)
                    .ip_permissions(self.permission()?)
                    .set_tag_specifications(
                        specification(ResourceType::SecurityGroupRule, self.tags.as_ref())
                            .map(|s| vec![s]),
                    )
                    .send()
                    .await
                    .op($authorize_op)?;
                let rule = answer.security_group_rules.and_then(|r| r.into_iter().next());
                let id = need(
                    rule.and_then(|r| r.security_group_rule_id),
                    $authorize_op,
                    "security_group_rule_id",
                )?;
                Ok(Made::Ready(id.clone(), $outputs { security_group_rule_id: id }))
            }

            async fn read(
                cloud: &Aws,
                items: &[ReadRequest<Self>],
            ) -> Result<Vec<Option<Live<Self>>>, OpError> {
                let found = describe!(
                    cloud,
                    items,
                    describe_security_group_rules,
                    "ec2:DescribeSecurityGroupRules",
                    "security-group-rule-id",
                    security_group_rules,
                    security_group_rule_id
                );
                Ok(items.iter().map(|i| found.get(&i.id).map(|r| Self::live(r, &i.id))).collect())
            }

            async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
                find_owned(cx, ResourceType::SecurityGroupRule).await
            }

            async fn update(
                &self,
                cx: &Cx<Aws>,
                id: &str,
                old: &Self,
                changes: &Changes,
            ) -> Result<Progress, OpError> {
                if changes.has("description") {
                    let new = SecurityGroupRuleDescription::builder()
                        .security_group_rule_id(id)
                        .description(self.description.clone().unwrap_or_default())
                        .build();
                    cx.ec2()
                        .$describe()
                        .group_id(&self.group_id)
                        .security_group_rule_descriptions(new)
                        .send()
                        .await
                        .op($describe_op)?;
                }
                if changes.has("tags") {
                    retag(cx, id, old.tags.as_ref(), self.tags.as_ref()).await?;
                }
                Ok(Progress::Done)
            }

            async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
                let call = cx.ec2().$revoke().group_id(&self.group_id).security_group_rule_ids(id);
                gone(call.send().await.op($revoke_op).map(drop))
            }
        }
    };
}

rule!(
    /// A rule that lets traffic in.
    SecurityGroupIngress,
    SecurityGroupIngressOutputs,
    "AWS::EC2::SecurityGroupIngress",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html",
    source_security_group_id,
    "Id of the group that the other side is in. Replaces.",
    source_prefix_list_id,
    "Id of a prefix list that the other side is in. Replaces.",
    authorize_security_group_ingress,
    "ec2:AuthorizeSecurityGroupIngress",
    revoke_security_group_ingress,
    "ec2:RevokeSecurityGroupIngress",
    update_security_group_rule_descriptions_ingress,
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress"
);

rule!(
    /// A rule that lets traffic out.
    SecurityGroupEgress,
    SecurityGroupEgressOutputs,
    "AWS::EC2::SecurityGroupEgress",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html",
    destination_security_group_id,
    "Id of the group that the other side is in. Replaces.",
    destination_prefix_list_id,
    "Id of a prefix list that the other side is in. Replaces.",
    authorize_security_group_egress,
    "ec2:AuthorizeSecurityGroupEgress",
    revoke_security_group_egress,
    "ec2:RevokeSecurityGroupEgress",
    update_security_group_rule_descriptions_egress,
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress"
);
