//! Blocks of IP addresses, compared as the networks that they are.

use std::net::IpAddr;

use ipnet::IpNet;

/// The network that a text in CIDR notation means, without host bits: AWS stores `10.0.0.7/16` as
/// `10.0.0.0/16`, and IPv6 in small letters and its shortest form (CreateVpc, CreateSubnet,
/// CreateRoute, AuthorizeSecurityGroupIngress in the EC2 API reference). An address alone is the
/// network of that address. `None` for what is no network.
pub fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let net = text.parse::<IpNet>().ok();
    net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)).map(|net| net.trunc())
}

/// Whether two texts mean one network; what is no network is compared as text.
pub(super) fn same_network(a: &str, b: &str) -> bool {
    match (network(a), network(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::diff::leaf::covers;
    use crate::schema::Kind;
    use crate::value::Value;

    #[test]
    fn networks_are_compared_by_what_they_mean() {
        for (a, b) in [
            ("10.0.0.7/16", "10.0.0.0/16"),
            ("1.2.3.4/0", "0.0.0.0/0"),
            ("10.0.0.7", "10.0.0.7/32"),
            ("2001:DB8::/32", "2001:db8:0:0::/32"),
            ("2001:db8::1/32", "2001:db8::/32"),
            ("::1", "::1/128"),
            (" 10.0.0.0/8", "10.0.0.0/8"),
            ("pl-1", "pl-1"),
        ] {
            assert!(same_network(a, b) && same_network(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("10.0.0.0/16", "10.0.0.0/17"),
            ("10.0.0.0/16", "10.1.0.0/16"),
            ("0.0.0.0/0", "::/0"),
            ("10.0.0.0", "10.0.0.0/16"),
            ("PL-1", "pl-1"),
            ("10.0.0.0/33", "10.0.0.0/34"),
        ] {
            assert!(!same_network(a, b) && !same_network(b, a), "{a} {b}");
        }
    }

    #[test]
    fn the_order_of_a_list_of_networks_means_nothing() {
        let list = |all: &[&str]| Value::List(all.iter().map(|t| Value::from(*t)).collect());
        let covers = |a: &[&str], b: &[&str]| covers(Kind::Cidr, &list(a), &list(b));
        assert!(covers(&["10.0.0.0/8", "::/0"], &["0::0/0", "10.0.0.0/8"]));
        assert!(!covers(&["10.0.0.0/8"], &["10.0.0.0/8", "::/0"]));
        assert!(!covers(&["10.0.0.0/8", "::/0"], &["10.0.0.0/8"]));
        assert!(covers(&["/a", "/b"], &["/b", "/a"]) && !covers(&["/a"], &["/A"]));
    }

    proptest! {
        #[test]
        fn host_bits_and_spelling_mean_nothing(v4: u32, v6: u128, short in 0u8..=32, long in 0u8..=128) {
            let v4 = IpAddr::V4(v4.into());
            let v6 = std::net::Ipv6Addr::from(v6);
            let a = IpNet::new(v4, short).unwrap();
            prop_assert!(same_network(&a.to_string(), &a.trunc().to_string()));
            let spelled = v6.segments().map(|s| format!("{s:04X}")).join(":");
            let (a, b) = (format!("{v6}/{long}"), format!("{spelled}/{long}"));
            prop_assert!(same_network(&a, &b) && same_network(&b, &a));
        }
    }
}
