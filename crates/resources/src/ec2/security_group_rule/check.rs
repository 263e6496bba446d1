//! Rules that EC2 refuses ("IpPermission" and "AuthorizeSecurityGroupIngress" in the EC2 API
//! reference).

use ferrocrete_core::schema::{Finding, Known};

/// Protocols that EC2 knows by a name; others are numbers.
const NAMES: [&str; 6] = ["tcp", "udp", "icmp", "icmpv6", "all", "-1"];

/// What is wrong with a rule; `other` are the names of the other sides that are no ranges.
pub(super) fn check(known: Known<'_>, other: [&str; 2]) -> Vec<Finding> {
    let protocol = known.text("ip_protocol").map(|p| p.to_ascii_lowercase());
    let mut found = Vec::new();
    if let Some(protocol) = &protocol {
        let number = protocol.parse::<u8>().is_ok();
        if !number && !NAMES.contains(&protocol.as_str()) {
            let why = "must be `tcp`, `udp`, `icmp`, `icmpv6`, a number from 0 to 255, or `-1`";
            found.push(Finding::new("ip_protocol", format!("`{protocol}` {why}")));
        }
        found.extend(ports(protocol, known));
    }
    let sides = ["cidr_ip", "cidr_ipv6", other[0], other[1]];
    let set: Vec<&str> = sides.into_iter().filter(|s| known.has(s)).collect();
    // What is not known yet may turn out to be nothing.
    let certain: Vec<&str> = sides.into_iter().filter(|s| known.get(s).is_some()).collect();
    match (set.len(), certain.len()) {
        (0, _) => {
            let why = format!(
                "needs another side: one of {}",
                sides.map(|s| format!("`{s}`")).join(", ")
            );
            found.push(Finding::new("ip_protocol", why));
        }
        (_, 2..) => {
            let why = format!("cannot stand beside `{}`: a rule has one other side", certain[0]);
            found.push(Finding::new(certain[1], why));
        }
        _ => {}
    }
    found
}

fn ports(protocol: &str, known: Known<'_>) -> Vec<Finding> {
    let what = match protocol {
        "tcp" | "6" | "udp" | "17" => (0, 65_535, "a port"),
        "icmp" | "1" | "icmpv6" | "58" => (-1, 255, "an ICMP type or code"),
        // The ports of others are ignored.
        _ => return Vec::new(),
    };
    let (least, most, name) = what;
    let mut found = Vec::new();
    for port in ["from_port", "to_port"] {
        match known.int(port) {
            Some(n) if !(least..=most).contains(&n) => {
                let why = format!("{n} is not {name}, which is from {least} to {most}");
                found.push(Finding::new(port, why));
            }
            None if least == 0 && !known.has(port) => {
                found.push(Finding::new(port, format!("is needed for protocol `{protocol}`")));
            }
            _ => {}
        }
    }
    if let (0, Some(from), Some(to)) = (least, known.int("from_port"), known.int("to_port"))
        && from > to
    {
        found.push(Finding::new("to_port", format!("{to} is below `from_port`, which is {from}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use ferrocrete_core::value::{PropertyMap, Value};

    use super::*;

    fn found(rule: &[(&str, Value)]) -> Vec<String> {
        let map: PropertyMap = rule.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        let all = check(Known::of(&map), ["source_prefix_list_id", "source_security_group_id"]);
        all.into_iter().map(|f| format!("{}: {}", f.property, f.why)).collect()
    }

    fn rule(protocol: &str, from: i64, to: i64) -> Vec<(&'static str, Value)> {
        vec![
            ("ip_protocol", protocol.into()),
            ("from_port", from.into()),
            ("to_port", to.into()),
            ("cidr_ip", "10.0.0.0/8".into()),
        ]
    }

    #[test]
    fn rules_that_ec2_takes_are_fine() {
        for good in [
            rule("tcp", 22, 22),
            rule("UDP", 0, 65_535),
            rule("icmp", 8, -1),
            rule("50", 0, 0),
            vec![("ip_protocol", "-1".into()), ("source_security_group_id", Value::Unknown)],
            vec![("ip_protocol", Value::Unknown), ("cidr_ip", Value::Unknown)],
        ] {
            assert_eq!(found(&good), [""; 0], "{good:?}");
        }
    }

    #[test]
    fn rules_that_ec2_refuses_are_told() {
        for (bad, why) in [
            (rule("tpc", 22, 22), "ip_protocol: `tpc` must be"),
            (rule("tcp", 99_999, 99_999), "from_port: 99999 is not a port"),
            (rule("tcp", 443, 80), "to_port: 80 is below `from_port`, which is 443"),
            (rule("icmp", 300, -1), "from_port: 300 is not an ICMP type"),
            (rule("tcp", 22, 22)[..3].to_vec(), "ip_protocol: needs another side"),
            (vec![("ip_protocol", "tcp".into()), ("cidr_ip", "::".into())], "from_port: is needed"),
            (
                [rule("tcp", 1, 1), vec![("cidr_ipv6", "::/0".into())]].concat(),
                "cidr_ipv6: cannot stand beside `cidr_ip`",
            ),
        ] {
            assert!(found(&bad).iter().any(|f| f.starts_with(why)), "{why}: {:?}", found(&bad));
        }
    }
}
