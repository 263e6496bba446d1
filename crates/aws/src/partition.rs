//! Partitions: the groups of regions that have accounts, names and addresses of their own.

/// Beginnings of regions, their partition, and the domain of its services: botocore's
/// `partitions.json`.
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
];

fn of(region: &str) -> (&'static str, &'static str) {
    let found = PARTITIONS.iter().find(|(begins, ..)| region.starts_with(begins));
    found.map_or(("aws", "amazonaws.com"), |(_, partition, domain)| (*partition, *domain))
}

/// The partition of a region, as it stands in ARNs, such as `aws` or `aws-cn`.
pub fn partition(region: &str) -> &'static str {
    of(region).0
}

/// The domain below which services of a region have their addresses, such as `amazonaws.com`.
pub fn domain(region: &str) -> &'static str {
    of(region).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_partitions_and_domains() {
        for (region, name, suffix) in [
            ("eu-central-1", "aws", "amazonaws.com"),
            ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ] {
            assert_eq!((partition(region), domain(region)), (name, suffix), "{region}");
        }
    }
}
