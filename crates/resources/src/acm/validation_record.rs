//! The records that prove who owns a domain, ready to be declared.

use std::collections::BTreeSet;

use aws_sdk_acm::types::CertificateDetail;
use ferrocrete_core::{Input, Output};

use super::CertificateOutputsRef;
use super::shared::bare;
use crate::prelude::*;

/// A record that must be in a domain's zone before AWS issues the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationRecord {
    /// Domain that it is for, such as `*.example.org`.
    pub domain_name: String,
    /// Its name, such as `_x1.example.org.`.
    pub name: String,
    /// Its type: `CNAME`.
    pub record_type: String,
    /// Its value.
    pub value: String,
}

/// One validation record as outputs, for a `route53::RecordSet`.
#[derive(Clone, Debug)]
pub struct ValidationRecordRef {
    /// Its name.
    pub name: Output<String>,
    /// Its type.
    pub record_type: Output<String>,
    /// Its value.
    pub value: Output<String>,
}

impl CertificateOutputsRef {
    /// The validation record of one of the certificate's domains.
    ///
    /// A wildcard and the domain below it (`*.example.org`, `example.org`) share their record;
    /// [`validation_domains`] tells the domains that need one each.
    pub fn validation_record(&self, domain: impl Into<Input<String>>) -> ValidationRecordRef {
        let both = self.validation_records.zip(&domain.into().to_output());
        let part = |part: fn(ValidationRecord) -> String| {
            both.try_map(move |(records, domain)| record_of(records, &domain).map(part))
        };
        ValidationRecordRef {
            name: part(|record| record.name),
            record_type: part(|record| record.record_type),
            value: part(|record| record.value),
        }
    }
}

fn record_of(records: Vec<ValidationRecord>, domain: &str) -> Result<ValidationRecord, String> {
    let wanted = apex(domain);
    records.into_iter().find(|record| apex(&record.domain_name) == wanted).ok_or_else(|| {
        format!("the certificate has no validation record for `{domain}`: it is not for that domain, or is not validated by DNS")
    })
}

/// The domains of a certificate that need a validation record each: `domain_name` and
/// `subject_alternative_names` without those that share another's, in the order given.
///
/// ```
/// use ferrocrete_resources::acm::validation_domains;
/// let domains = validation_domains(["example.org", "*.example.org", "example.net"]);
/// assert_eq!(domains, ["example.org", "example.net"]);
/// ```
pub fn validation_domains<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let domains = names.into_iter().map(|name| apex(name.as_ref()));
    domains.filter(|domain| seen.insert(domain.clone())).collect()
}

/// The domain whose zone holds the record.
fn apex(domain: &str) -> String {
    let bare = bare(domain);
    bare.strip_prefix("*.").map(str::to_owned).unwrap_or(bare)
}

/// The validation records that AWS has told so far, by domain.
pub(super) fn records(detail: &CertificateDetail) -> Vec<ValidationRecord> {
    let options = detail.domain_validation_options().iter();
    let mut records: Vec<ValidationRecord> = options
        .filter_map(|option| {
            let record = option.resource_record()?;
            Some(ValidationRecord {
                domain_name: option.domain_name().to_owned(),
                name: record.name().to_owned(),
                record_type: record.r#type().as_str().to_owned(),
                value: record.value().to_owned(),
            })
        })
        .collect();
    records.sort_by(|a, b| a.domain_name.cmp(&b.domain_name));
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(domain: &str, name: &str) -> ValidationRecord {
        ValidationRecord {
            domain_name: domain.into(),
            name: name.into(),
            record_type: "CNAME".into(),
            value: "v".into(),
        }
    }

    #[test]
    fn a_wildcard_shares_the_record_of_its_domain() {
        let names = ["*.Example.org", "example.org.", "www.example.org", "*.www.example.org"];
        assert_eq!(validation_domains(names), ["example.org", "www.example.org"]);
        let records = vec![record("*.example.org", "a"), record("www.example.org", "b")];
        for (domain, name) in
            [("example.org", "a"), ("*.example.org.", "a"), ("WWW.example.org", "b")]
        {
            assert_eq!(record_of(records.clone(), domain).unwrap().name, name, "{domain}");
        }
    }

    #[test]
    fn another_domain_has_no_record() {
        let error = record_of(vec![record("example.org", "a")], "example.net").unwrap_err();
        assert!(error.contains("`example.net`"), "{error}");
    }
}
