//! `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress`: one firewall rule each.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AuthorizeSecurityGroupIngress or AuthorizeSecurityGroupEgress |
//! | read, find | DescribeSecurityGroupRules |
//! | update | ModifySecurityGroupRules, CreateTags, DeleteTags |
//! | delete | none when only the group goes too, else RevokeSecurityGroupIngress or RevokeSecurityGroupEgress |
//!
//! Traps: an identical rule is refused (`InvalidPermission.Duplicate`), so an interrupted
//! create can never make a second one, and a rule that is declared under another name is the same
//! one. AWS calls protocol 6 `tcp`, forgets the ports of protocols other than TCP, UDP and ICMP, and
//! stores `10.0.0.1/16` as `10.0.0.0/16` and IPv6 in its shortest form: all compare as equal here,
//! but host bits are refused as a likely mistake.
//! Left out: groups of other accounts and of EC2-Classic (`source_security_group_owner_id`,
//! `source_security_group_name`, `group_name`).
//! Differences:
//! - own `tags`: a rule is found again by its ownership tag.
//! - also needs `ec2:CreateTags`, `ec2:DeleteTags`: for those tags.
//! - also needs `ec2:ModifySecurityGroupRules`: changes the description by the rule's id.
//! - required `group_id`: there, EC2-Classic had names.

mod check;
mod rule;

use aws_sdk_ec2::types::{ResourceType, SecurityGroupRule, SecurityGroupRuleUpdate};
use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::PropertyMap;

use self::rule::Rule;
use super::shared::described;
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

described!(
    paged,
    describe_security_group_rules,
    "ec2:DescribeSecurityGroupRules",
    "security-group-rule-id",
    security_group_rules,
    SecurityGroupRule,
    security_group_rule_id
);

macro_rules! rule {
    (
        $(#[$doc:meta])* $name:ident, $outputs:ident, $type:literal, group($($group:tt)*),
        $(#[$list_doc:meta])* $list:ident = $list_name:literal,
        $(#[$peer_doc:meta])* $peer:ident = $peer_name:literal,
        $authorize:ident, $authorize_op:literal, $revoke:ident, $revoke_op:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Serialize, Deserialize, Resource)]
        #[resource(
            type = $type,
            outputs = $outputs,
            identity(
                "group_id",
                "ip_protocol",
                "from_port",
                "to_port",
                "cidr_ip",
                "cidr_ipv6",
                $list_name,
                $peer_name
            ),
            claims = $name::claims,
            check = $name::check,
            deleted_with = "group_id",
            eventual(
                "InvalidGroup.NotFound",
                "InvalidPrefixListID.NotFound",
                "InvalidSecurityGroupID.NotFound",
                "InvalidSecurityGroupRuleId.NotFound"
            ),
            iam(
                create($authorize_op, "ec2:CreateTags"),
                read("ec2:DescribeSecurityGroupRules"),
                update("ec2:ModifySecurityGroupRules", "ec2:CreateTags", "ec2:DeleteTags"),
                delete($revoke_op)
            )
        )]
        pub struct $name {
            /// Id of the group that the rule belongs to. Replaces.
            #[field($($group)*)]
            pub group_id: String,
            /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. Replaces.
            #[field(
                replaces,
                aliases("1" = "icmp", "6" = "tcp", "17" = "udp", "58" = "icmpv6", "all" = "-1")
            )]
            pub ip_protocol: String,
            /// First port, 0 to 65535, or ICMP type, -1 for all; needed for `tcp` and `udp`.
            /// Replaces.
            #[field(replaces)]
            pub from_port: Option<i32>,
            /// Last port, 0 to 65535, or ICMP code, -1 for all; needed for `tcp` and `udp`.
            /// Replaces.
            #[field(replaces)]
            pub to_port: Option<i32>,
            /// IPv4 range of the other side, in CIDR notation. One of the four kinds of other
            /// side. Replaces.
            #[field(replaces, cidr)]
            pub cidr_ip: Option<String>,
            /// IPv6 range of the other side, in CIDR notation. Replaces.
            #[field(replaces, cidr)]
            pub cidr_ipv6: Option<String>,
            $(#[$list_doc])*
            #[field(replaces)]
            pub $list: Option<String>,
            $(#[$peer_doc])*
            #[field(replaces)]
            pub $peer: Option<String>,
            /// What it is for, up to 255 characters: letters, digits, spaces and
            /// `._-:/()#,@[]+=&;{}!$*`.
            pub description: Option<String>,
            /// Tags; the stack's default tags are added.
            #[field(tags)]
            pub tags: Option<Tags>,
        }

        #[doc = concat!("What AWS knows of a [`", stringify!($name), "`].")]
        #[derive(Clone, Serialize, Deserialize, Outputs)]
        pub struct $outputs {
            /// Id, such as `sgr-0abc`.
            pub security_group_rule_id: String,
        }

        impl $name {
            /// The rule as AWS compares it, which forgets the ports of most protocols.
            fn claims(properties: &PropertyMap) -> Vec<Claim> {
                rule::claim($type, properties, [$list_name, $peer_name]).into_iter().collect()
            }

            fn check(known: Known<'_>) -> Vec<Finding> {
                check::check(known, [$list_name, $peer_name])
            }

            fn rule(&self) -> Rule {
                Rule {
                    ip_protocol: self.ip_protocol.clone(),
                    from_port: self.from_port,
                    to_port: self.to_port,
                    cidr_ip: self.cidr_ip.clone(),
                    cidr_ipv6: self.cidr_ipv6.clone(),
                    prefix_list_id: self.$list.clone(),
                    group_id: self.$peer.clone(),
                    description: self.description.clone(),
                }
            }

            fn live(rule: &SecurityGroupRule, item: &ReadRequest<Self>) -> Live<Self> {
                let known = item.inputs.as_ref().map(Self::rule);
                let live = Rule::live(rule, known.as_ref());
                Live::ready(
                    Self {
                        group_id: rule.group_id.clone().unwrap_or_default(),
                        ip_protocol: live.ip_protocol,
                        from_port: live.from_port,
                        to_port: live.to_port,
                        cidr_ip: live.cidr_ip,
                        cidr_ipv6: live.cidr_ipv6,
                        $list: live.prefix_list_id,
                        $peer: live.group_id,
                        description: live.description,
                        tags: from_sdk(rule.tags()),
                    },
                    $outputs { security_group_rule_id: item.id.clone() },
                )
            }
        }

        impl Resource for $name {
            type Cloud = Aws;

            async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
                let rule = self.rule();
                let tags = specification(ResourceType::SecurityGroupRule, &self.tags);
                let call = cx.ec2().$authorize().group_id(&self.group_id);
                let call = call.ip_permissions(rule.permission()).set_tag_specifications(tags);
                let answer = call.send().await.op($authorize_op)?;
                let made = answer.security_group_rules.and_then(|r| r.into_iter().next());
                let id = need(
                    made.and_then(|r| r.security_group_rule_id),
                    $authorize_op,
                    "security_group_rule_id",
                )?;
                Ok(Made::Ready(id.clone(), $outputs { security_group_rule_id: id }))
            }

            async fn read(
                cloud: &Aws,
                items: &[ReadRequest<Self>],
            ) -> Result<Vec<Option<Live<Self>>>> {
                let found = describe(cloud, items).await?;
                Ok(items.iter().map(|i| Some(Self::live(found.get(&i.id)?, i))).collect())
            }

            async fn find(&self, cx: &Cx) -> Result<Option<String>> {
                find_owned(cx).await
            }

            async fn update(
                &self,
                cx: &Cx,
                id: &str,
                old: &Self,
                changes: &Changes,
            ) -> Result<Progress> {
                if changes.has("description") {
                    let update = SecurityGroupRuleUpdate::builder()
                        .security_group_rule_id(id)
                        .security_group_rule(self.rule().request())
                        .build();
                    let call = cx.ec2().modify_security_group_rules().group_id(&self.group_id);
                    let call = call.security_group_rules(update);
                    call.send().await.op("ec2:ModifySecurityGroupRules")?;
                }
                if changes.has("tags") {
                    retag(cx, id, &old.tags, &self.tags).await?;
                }
                Ok(Progress::Done)
            }

            async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
                let call = cx.ec2().$revoke().group_id(&self.group_id).security_group_rule_ids(id);
                gone(call.send().await.op($revoke_op))
            }
        }
    };
}

rule!(
    /// A rule that lets traffic into the members of a security group.
    SecurityGroupIngress,
    SecurityGroupIngressOutputs,
    "AWS::EC2::SecurityGroupIngress",
    group(replaces),
    /// Id of a prefix list that the other side is in. Replaces.
    source_prefix_list_id = "source_prefix_list_id",
    /// Id of the group that the other side is in. Replaces.
    source_security_group_id = "source_security_group_id",
    authorize_security_group_ingress,
    "ec2:AuthorizeSecurityGroupIngress",
    revoke_security_group_ingress,
    "ec2:RevokeSecurityGroupIngress"
);

rule!(
    /// A rule that lets traffic out of the members of a security group. Declaring one for a group of
    /// the same program takes away the rule that AWS gives every group, which lets everything out,
    /// unless the group declares `allow_all_outbound`; see [`super::SecurityGroup`].
    SecurityGroupEgress,
    SecurityGroupEgressOutputs,
    "AWS::EC2::SecurityGroupEgress",
    group(replaces, implies(allow_all_outbound = false)),
    /// Id of a prefix list that the other side is in. Replaces.
    destination_prefix_list_id = "destination_prefix_list_id",
    /// Id of the group that the other side is in. Replaces.
    destination_security_group_id = "destination_security_group_id",
    authorize_security_group_egress,
    "ec2:AuthorizeSecurityGroupEgress",
    revoke_security_group_egress,
    "ec2:RevokeSecurityGroupEgress"
);

#[cfg(test)]
mod tests {
    use ferrocrete_core::resource::Properties;

    use super::*;

    #[test]
    fn what_the_macro_writes_is_documented() {
        for field in SecurityGroupIngress::FIELDS.iter().chain(SecurityGroupEgress::FIELDS) {
            assert!(!field.doc.is_empty(), "{}", field.name);
            assert_eq!(field.replaces, field.doc.contains("Replaces."), "{}", field.name);
        }
    }
}
