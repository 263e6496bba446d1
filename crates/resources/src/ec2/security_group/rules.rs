//! The rules of a group that nobody declared: AWS's own one, and those that somebody else made.

use std::collections::HashMap;

use aws_sdk_ec2::types::{IpPermission, IpRange, SecurityGroup as SdkGroup, SecurityGroupRule};

use crate::aws::tags::OWNER;
use crate::ec2::shared::{PAGE, filter};
use crate::prelude::*;

/// All rules of these groups, in either direction.
pub(super) async fn of_groups(
    aws: &Aws,
    ids: Vec<String>,
) -> Result<HashMap<String, Vec<SecurityGroupRule>>> {
    /// Values of a filter.
    const MOST: usize = 200;
    let mut all: HashMap<String, Vec<SecurityGroupRule>> = HashMap::new();
    for ids in ids.chunks(MOST) {
        let by = filter("group-id", ids.iter().cloned());
        let call = aws.ec2().describe_security_group_rules().filters(by);
        let mut pages = call.into_paginator().page_size(PAGE).send();
        while let Some(page) = pages.next().await {
            let page = page.op("ec2:DescribeSecurityGroupRules")?;
            for rule in page.security_group_rules.unwrap_or_default() {
                let group = rule.group_id.clone().unwrap_or_default();
                all.entry(group).or_default().push(rule);
            }
        }
    }
    Ok(all)
}

/// The rules that no program declares. Those that one does have its tag since they were made.
pub(super) fn undeclared(rules: &[SecurityGroupRule]) -> impl Iterator<Item = &SecurityGroupRule> {
    rules.iter().filter(|rule| !is_declared(rule))
}

fn is_declared(rule: &SecurityGroupRule) -> bool {
    rule.tags().iter().any(|tag| tag.key() == Some(OWNER))
}

/// Whether everything may go everywhere by this rule, of IPv4 or of IPv6.
pub(super) fn is_all_outbound(rule: &SecurityGroupRule) -> bool {
    let everywhere = rule.cidr_ipv4() == Some("0.0.0.0/0") || rule.cidr_ipv6() == Some("::/0");
    rule.is_egress() == Some(true) && rule.ip_protocol() == Some("-1") && everywhere
}

/// The rules by which everything may go everywhere: of IPv4, and in a VPC with IPv6 another one.
pub(super) fn all_outbound(group: &SdkGroup) -> Vec<IpPermission> {
    outbound(group, |_| true)
}

/// The same without those that a program declares as a resource. A rule that is not listed yet
/// counts as AWS's own: it came with the group.
pub(super) fn undeclared_outbound(
    group: &SdkGroup,
    rules: &[SecurityGroupRule],
) -> Vec<IpPermission> {
    let declared = || rules.iter().filter(|rule| is_declared(rule) && is_all_outbound(rule));
    outbound(group, |range| {
        !declared().any(|rule| [rule.cidr_ipv4(), rule.cidr_ipv6()].contains(&Some(range)))
    })
}

fn outbound(group: &SdkGroup, counts: impl Fn(&str) -> bool) -> Vec<IpPermission> {
    let all = group.ip_permissions_egress().iter().filter(|p| p.ip_protocol() == Some("-1"));
    let only = |permission: &IpPermission| {
        let is = |range: Option<&str>, all: &str| range == Some(all) && counts(all);
        let v4 = permission.ip_ranges().iter().filter(|r| is(r.cidr_ip(), "0.0.0.0/0"));
        let v6 = permission.ipv6_ranges().iter().filter(|r| is(r.cidr_ipv6(), "::/0"));
        IpPermission::builder()
            .ip_protocol("-1")
            .set_ip_ranges(Some(v4.cloned().collect()))
            .set_ipv6_ranges(Some(v6.cloned().collect()))
            .build()
    };
    let is_one = |p: &IpPermission| !(p.ip_ranges().is_empty() && p.ipv6_ranges().is_empty());
    all.map(only).filter(is_one).collect()
}

/// Gives the group AWS's own egress rule back, or takes it away.
pub(super) async fn switch(cx: &Cx, id: &str, on: bool) -> Result<()> {
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
    let Some(group) = answer.security_groups().first() else { return Ok(()) };
    let rules = of_groups(cx, vec![id.to_owned()]).await?.remove(id).unwrap_or_default();
    let there = undeclared_outbound(group, &rules);
    if there.is_empty() {
        return Ok(());
    }
    let call = cx.ec2().revoke_security_group_egress().group_id(id);
    let call = call.set_ip_permissions(Some(there));
    call.send().await.op("ec2:RevokeSecurityGroupEgress").map(drop)
}

/// Removes what nobody declared; AWS's own egress rule stays where it may.
pub(super) async fn remove_undeclared(cx: &Cx, id: &str, all_outbound: bool) -> Result<()> {
    let rules = of_groups(cx, vec![id.to_owned()]).await?.remove(id).unwrap_or_default();
    let goes = |egress: bool| -> Option<Vec<String>> {
        let of_it = undeclared(&rules).filter(|rule| rule.is_egress() == Some(egress));
        let of_it = of_it.filter(|rule| !(all_outbound && is_all_outbound(rule)));
        let ids: Vec<String> =
            of_it.filter_map(|rule| rule.security_group_rule_id.clone()).collect();
        (!ids.is_empty()).then_some(ids)
    };
    if let Some(ids) = goes(false) {
        let call = cx.ec2().revoke_security_group_ingress().group_id(id);
        let call = call.set_security_group_rule_ids(Some(ids));
        call.send().await.op("ec2:RevokeSecurityGroupIngress")?;
    }
    if let Some(ids) = goes(true) {
        let call = cx.ec2().revoke_security_group_egress().group_id(id);
        let call = call.set_security_group_rule_ids(Some(ids));
        call.send().await.op("ec2:RevokeSecurityGroupEgress")?;
    }
    Ok(())
}

/// "ingress tcp 22 from 0.0.0.0/0 (sgr-0abc)".
pub(super) fn in_words(rule: &SecurityGroupRule) -> String {
    let (way, towards) = match rule.is_egress() {
        Some(true) => ("egress", "to"),
        _ => ("ingress", "from"),
    };
    let protocol = rule.ip_protocol().unwrap_or_default();
    let ports = match (rule.from_port(), rule.to_port()) {
        (Some(from), Some(to)) if from == to && from >= 0 => format!(" {from}"),
        (Some(from), Some(to)) if from >= 0 => format!(" {from}-{to}"),
        _ => String::new(),
    };
    let group = rule.referenced_group_info().and_then(|group| group.group_id());
    let peer = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or(group);
    let protocol = if protocol == "-1" { "all" } else { protocol };
    let id = rule.security_group_rule_id().unwrap_or_default();
    format!("{way} {protocol}{ports} {towards} {} ({id})", peer.unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::Tag;

    use super::*;

    fn rule(egress: bool, range: &str, ours: bool) -> SecurityGroupRule {
        let tag = ours.then(|| Tag::builder().key(OWNER).value("urn").build());
        let rule = SecurityGroupRule::builder().is_egress(egress).ip_protocol("-1");
        rule.cidr_ipv4(range).set_tags(Some(tag.into_iter().collect())).build()
    }

    #[test]
    fn a_declared_rule_is_not_the_one_that_came_with_the_group() {
        let range = IpRange::builder().cidr_ip("0.0.0.0/0").build();
        let all = IpPermission::builder().ip_protocol("-1").ip_ranges(range).build();
        let group = SdkGroup::builder().ip_permissions_egress(all).build();
        let left = |rules: &[SecurityGroupRule]| undeclared_outbound(&group, rules).len();
        assert_eq!(left(&[]), 1, "not listed yet");
        assert_eq!(left(&[rule(true, "0.0.0.0/0", false)]), 1);
        assert_eq!(left(&[rule(true, "0.0.0.0/0", true)]), 0);
        assert_eq!(left(&[rule(true, "10.0.0.0/8", true)]), 1);
        assert_eq!(left(&[rule(false, "0.0.0.0/0", true)]), 1);
    }

    #[test]
    fn rules_are_told_in_words() {
        let ssh = SecurityGroupRule::builder().is_egress(false).ip_protocol("tcp").from_port(22);
        let ssh = ssh.to_port(22).cidr_ipv4("0.0.0.0/0").security_group_rule_id("sgr-1").build();
        assert_eq!(in_words(&ssh), "ingress tcp 22 from 0.0.0.0/0 (sgr-1)");
        let all = SecurityGroupRule::builder().is_egress(true).ip_protocol("-1").from_port(-1);
        let all = all.to_port(-1).prefix_list_id("pl-1").security_group_rule_id("sgr-2").build();
        assert_eq!(in_words(&all), "egress all to pl-1 (sgr-2)");
    }
}
