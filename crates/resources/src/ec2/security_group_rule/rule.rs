//! What a rule is in either direction: conversions to and from the SDK's types.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroupRule, SecurityGroupRuleRequest,
    UserIdGroupPair,
};
use ferrocrete_core::Value;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use crate::aws::claim;
use crate::ec2::shared::stored;
use crate::prelude::*;

/// The properties of a rule in either direction.
pub(super) struct Rule {
    pub(super) ip_protocol: String,
    pub(super) from_port: Option<i32>,
    pub(super) to_port: Option<i32>,
    pub(super) cidr_ip: Option<String>,
    pub(super) cidr_ipv6: Option<String>,
    pub(super) prefix_list_id: Option<String>,
    pub(super) group_id: Option<String>,
    pub(super) description: Option<String>,
}

impl Rule {
    /// For the call that makes the rule.
    pub(super) fn permission(&self) -> IpPermission {
        let text = &self.description;
        let range = self
            .cidr_ip
            .as_ref()
            .map(|c| vec![IpRange::builder().cidr_ip(c).set_description(text.clone()).build()]);
        let range6 = self
            .cidr_ipv6
            .as_ref()
            .map(|c| vec![Ipv6Range::builder().cidr_ipv6(c).set_description(text.clone()).build()]);
        let list = self.prefix_list_id.as_ref().map(|l| {
            vec![PrefixListId::builder().prefix_list_id(l).set_description(text.clone()).build()]
        });
        let group = self.group_id.as_ref().map(|g| {
            vec![UserIdGroupPair::builder().group_id(g).set_description(text.clone()).build()]
        });
        IpPermission::builder()
            .ip_protocol(&self.ip_protocol)
            .set_from_port(self.from_port)
            .set_to_port(self.to_port)
            .set_ip_ranges(range)
            .set_ipv6_ranges(range6)
            .set_prefix_list_ids(list)
            .set_user_id_group_pairs(group)
            .build()
    }

    /// For the call that changes the description, which takes the whole rule.
    pub(super) fn request(&self) -> SecurityGroupRuleRequest {
        SecurityGroupRuleRequest::builder()
            .ip_protocol(&self.ip_protocol)
            // Without ports, as in `-1` and `icmp`, -1 means all of them.
            .from_port(self.from_port.unwrap_or(-1))
            .to_port(self.to_port.unwrap_or(-1))
            .set_cidr_ipv4(self.cidr_ip.clone())
            .set_cidr_ipv6(self.cidr_ipv6.clone())
            .set_prefix_list_id(self.prefix_list_id.clone())
            .set_referenced_group_id(self.group_id.clone())
            .description(self.description.as_deref().unwrap_or_default())
            .build()
    }

    /// The live rule, in the words in which it was declared.
    pub(super) fn live(rule: &SecurityGroupRule, known: Option<&Rule>) -> Rule {
        let live = rule.ip_protocol().unwrap_or_default();
        let same = known.filter(|k| protocol(&k.ip_protocol) == protocol(live));
        // Of every other protocol AWS forgets the ports.
        let kept = has_ports(live);
        let port = |live: Option<i32>, known: Option<i32>| known.filter(|_| !kept).or(live);
        Rule {
            ip_protocol: same.map_or_else(|| live.to_owned(), |k| k.ip_protocol.clone()),
            from_port: port(rule.from_port, same.and_then(|k| k.from_port)),
            to_port: port(rule.to_port, same.and_then(|k| k.to_port)),
            cidr_ip: text(rule.cidr_ipv4()),
            cidr_ipv6: text(rule.cidr_ipv6()),
            prefix_list_id: text(rule.prefix_list_id()),
            group_id: text(rule.referenced_group_info().and_then(|g| g.group_id())),
            description: text(rule.description()),
        }
    }
}

/// Whether AWS keeps the ports of rules for this protocol.
fn has_ports(name: &str) -> bool {
    matches!(protocol(name).as_str(), "tcp" | "udp" | "icmp" | "icmpv6")
}

/// The rule that these properties mean to AWS, of which a group has one: whichever way protocol and
/// ports are written.
pub(super) fn claim(kind: &str, properties: &PropertyMap, peers: [&str; 2]) -> Option<Claim> {
    let group = claim::known(properties, "group_id")?;
    let name = claim::known(properties, "ip_protocol")?;
    let port = |property: &str| match properties.get(property).map(Value::reveal) {
        _ if !has_ports(&name) => Some(String::new()),
        None | Some(Value::Null) => Some("-1".to_owned()),
        Some(Value::Int(port)) => Some(port.to_string()),
        Some(_) => None,
    };
    let mut key = vec![group, protocol(&name), port("from_port")?, port("to_port")?];
    for peer in ["cidr_ip", "cidr_ipv6", peers[0], peers[1]] {
        key.push(match properties.get(peer).filter(|v| !v.is_null()) {
            Some(value) => stored(&claim::of_value(value)?),
            None => String::new(),
        });
    }
    Some(Claim::new(format!("{kind} as AWS has it"), &["group_id", "ip_protocol"], key))
}

/// A protocol as AWS writes it: small letters, and a name where it has one.
fn protocol(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(ip_protocol: &str, ports: Option<(i32, i32)>) -> Rule {
        Rule {
            ip_protocol: ip_protocol.to_owned(),
            from_port: ports.map(|p| p.0),
            to_port: ports.map(|p| p.1),
            cidr_ip: Some("10.0.0.0/8".to_owned()),
            cidr_ipv6: None,
            prefix_list_id: None,
            group_id: None,
            description: None,
        }
    }

    fn sdk(ip_protocol: &str, port: i32) -> SecurityGroupRule {
        let rule = SecurityGroupRule::builder().ip_protocol(ip_protocol).cidr_ipv4("10.0.0.0/8");
        rule.from_port(port).to_port(port).description("").build()
    }

    #[test]
    fn a_live_rule_speaks_as_declared() {
        let live = Rule::live(&sdk("tcp", 80), Some(&rule("6", Some((80, 80)))));
        assert_eq!((live.ip_protocol.as_str(), live.from_port), ("6", Some(80)));
        assert_eq!(live.description, None);
        let all = Rule::live(&sdk("-1", -1), Some(&rule("-1", Some((0, 0)))));
        assert_eq!((all.from_port, all.to_port), (Some(0), Some(0)));
        let esp = Rule::live(&sdk("50", -1), Some(&rule("50", Some((0, 0)))));
        assert_eq!((esp.from_port, esp.to_port), (Some(0), Some(0)));
        let drifted = Rule::live(&sdk("udp", 53), Some(&rule("tcp", Some((80, 80)))));
        assert_eq!((drifted.ip_protocol.as_str(), drifted.to_port), ("udp", Some(53)));
    }

    #[test]
    fn a_rule_is_the_same_however_it_is_written() {
        let rule = |protocol: &str, ports: Option<i64>| {
            let mut all = PropertyMap::new();
            all.insert("group_id".into(), "sg-1".into());
            all.insert("ip_protocol".into(), protocol.into());
            all.insert("cidr_ip".into(), "10.0.0.0/8".into());
            for (name, port) in ["from_port", "to_port"].into_iter().zip([ports, ports]) {
                all.insert(name.into(), port.map_or(Value::Null, Value::from));
            }
            claim("rule", &all, ["source_prefix_list_id", "source_security_group_id"])
        };
        assert_eq!(rule("6", Some(80)), rule("tcp", Some(80)));
        assert_ne!(rule("tcp", Some(80)), rule("tcp", Some(81)));
        assert_ne!(rule("tcp", Some(80)), rule("udp", Some(80)));
        assert_eq!(rule("-1", Some(0)), rule("all", None));
        assert_eq!(rule("icmp", Some(-1)), rule("1", None));
        let mut unknown = PropertyMap::from([("ip_protocol".to_owned(), Value::from("tcp"))]);
        unknown.insert("group_id".into(), Value::Unknown);
        assert_eq!(claim("rule", &unknown, ["a", "b"]), None);
    }

    #[test]
    fn a_change_of_description_sends_the_whole_rule() {
        let request = rule("-1", None).request();
        assert_eq!((request.from_port(), request.to_port()), (Some(-1), Some(-1)));
        assert_eq!((request.cidr_ipv4(), request.description()), (Some("10.0.0.0/8"), Some("")));
    }
}
