//! Which range each subnet gets.

use ipnet::Ipv4Net;

/// Ranges of the public and the private subnets, one per zone each.
#[derive(Debug, PartialEq)]
pub(super) struct Ranges {
    pub public: Vec<String>,
    pub private: Vec<String>,
}

/// A VPC is divided into 16 parts: public subnets from the first on, private ones from the
/// ninth on, so that another zone moves no subnet.
const PARTS: u8 = 4;
const ZONES: usize = 8;

/// The ranges of `zones` zones; given ones are checked, others are computed.
pub(super) fn divide(
    vpc: &str,
    zones: usize,
    public: Option<&[String]>,
    private: Option<&[String]>,
) -> Result<Ranges, String> {
    let vpc: Ipv4Net = vpc.parse().map_err(|_| {
        format!("`{vpc}` is not an IPv4 range\n  what to do: write one as `10.0.0.0/16`")
    })?;
    if vpc != vpc.trunc() {
        return Err(format!("`{vpc}` is not the start of a range; that is `{}`", vpc.trunc()));
    }
    if zones == 0 || zones > ZONES {
        return Err(format!("{zones} zones are not possible\n  what to do: choose 1 to {ZONES}"));
    }
    let computed = |first: usize| -> Result<Vec<String>, String> {
        let parts = vpc.subnets(vpc.prefix_len() + PARTS).ok();
        let parts = parts.filter(|_| (16..=24).contains(&vpc.prefix_len())).ok_or_else(|| {
            format!("`{vpc}` cannot be divided\n  what to do: choose a range from /16 to /24")
        })?;
        Ok(parts.skip(first).take(zones).map(|part| part.to_string()).collect())
    };
    let ranges = Ranges {
        public: match public {
            Some(given) => check("public", given, zones)?,
            None => computed(0)?,
        },
        private: match private {
            Some(given) => check("private", given, zones)?,
            None => computed(ZONES)?,
        },
    };
    fit(vpc, &ranges)?;
    Ok(ranges)
}

fn check(kind: &str, given: &[String], zones: usize) -> Result<Vec<String>, String> {
    if given.len() != zones {
        return Err(format!(
            "there are {} {kind} ranges for {zones} zones\n  what to do: give one per zone",
            given.len()
        ));
    }
    Ok(given.to_vec())
}

/// Each in the VPC, and none in another.
fn fit(vpc: Ipv4Net, ranges: &Ranges) -> Result<(), String> {
    let mut seen: Vec<Ipv4Net> = Vec::new();
    for text in ranges.public.iter().chain(&ranges.private) {
        let subnet: Ipv4Net = text
            .parse()
            .map_err(|_| format!("`{text}` is not an IPv4 range such as `10.0.1.0/24`"))?;
        if !vpc.contains(&subnet) {
            return Err(format!("the subnet {subnet} is not in the VPC's range {vpc}"));
        }
        let overlaps = |other: &&Ipv4Net| other.contains(&subnet) || subnet.contains(*other);
        if let Some(other) = seen.iter().find(overlaps) {
            return Err(format!("the subnets {other} and {subnet} overlap"));
        }
        seen.push(subnet);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn ranges_do_not_move_when_a_zone_is_added() {
        let two = divide("10.0.0.0/16", 2, None, None).unwrap();
        assert_eq!(two.public, ["10.0.0.0/20", "10.0.16.0/20"]);
        assert_eq!(two.private, ["10.0.128.0/20", "10.0.144.0/20"]);
        let three = divide("10.0.0.0/16", 3, None, None).unwrap();
        assert!(three.public.starts_with(&two.public));
        assert!(three.private.starts_with(&two.private));
        assert_eq!(divide("10.0.0.0/24", 8, None, None).unwrap().private[7], "10.0.0.240/28");
    }

    #[test]
    fn given_ranges_are_taken_as_they_are() {
        let public = texts(&["10.0.1.0/24", "10.0.2.0/24"]);
        let private = texts(&["10.0.10.0/24", "10.0.11.0/24"]);
        let ranges = divide("10.0.0.0/16", 2, Some(&public), Some(&private)).unwrap();
        assert_eq!(ranges, Ranges { public, private });
    }

    #[test]
    fn what_is_impossible_is_said() {
        let refused = |vpc, zones, public: &[&str]| {
            let public = (!public.is_empty()).then(|| texts(public));
            divide(vpc, zones, public.as_deref(), None).unwrap_err()
        };
        assert!(refused("10.0.0.0", 2, &[]).contains("not an IPv4 range"));
        assert!(refused("10.0.0.1/16", 2, &[]).contains("`10.0.0.0/16`"));
        assert!(refused("10.0.0.0/26", 2, &[]).contains("/16 to /24"));
        assert!(refused("10.0.0.0/16", 9, &[]).contains("1 to 8"));
        assert!(refused("10.0.0.0/16", 2, &["10.0.1.0/24"]).contains("one per zone"));
        assert!(refused("10.0.0.0/16", 1, &["10.1.1.0/24"]).contains("not in the VPC"));
        assert!(refused("10.0.0.0/16", 1, &["10.0.128.0/24"]).contains("overlap"));
    }
}
