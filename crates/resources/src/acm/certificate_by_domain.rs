//! A certificate that is issued already. SDK calls: ListCertificates, DescribeCertificate.

use aws_sdk_acm::types::{CertificateStatus, CertificateSummary};

use super::shared::{certificates_of, describe};
use crate::prelude::*;

/// The certificate of this domain that was issued or imported last, of those that are valid.
///
/// A newer one may appear any day, and what uses the answer then changes to it.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::CertificateManager::CertificateByDomain")]
pub struct CertificateByDomain {
    /// Domain as it was asked for, such as `example.org` or `*.example.org`. A certificate that
    /// has it only among its further domains does not count.
    pub domain_name: String,
    /// Only those made this way: `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`. Default: any.
    pub certificate_type: Option<String>,
    /// Only those with this kind of key, such as `RSA_2048` or `EC_prime256v1`. Default: any.
    pub key_algorithm: Option<String>,
}

/// The certificate.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct CertificateByDomainOutputs {
    /// ARN.
    pub certificate_arn: String,
    /// All its domains, in order.
    pub subject_alternative_names: Vec<String>,
    /// When it ends, in RFC 3339.
    pub not_after: Option<String>,
}

impl Lookup for CertificateByDomain {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<CertificateByDomainOutputs> {
        let issued = Some(vec![CertificateStatus::Issued]);
        let mut all = certificates_of(cloud, &self.domain_name, issued).await?;
        all.retain(|certificate| self.fits(certificate));
        let Some(newest) = all.into_iter().max_by_key(age) else { return Err(self.none()) };
        let arn = need(newest.certificate_arn, "acm:ListCertificates", "certificate_arn")?;
        let Some(detail) = describe(cloud, &arn).await? else { return Err(self.none()) };
        let mut names = detail.subject_alternative_names().to_vec();
        names.sort();
        let end = detail
            .not_after()
            .and_then(|t| t.fmt(aws_smithy_types::date_time::Format::DateTime).ok());
        Ok(CertificateByDomainOutputs {
            certificate_arn: arn,
            subject_alternative_names: names,
            not_after: end,
        })
    }
}

impl CertificateByDomain {
    fn fits(&self, certificate: &CertificateSummary) -> bool {
        let is = |wanted: &Option<String>, live: Option<String>| match wanted {
            Some(wanted) => live.is_some_and(|live| live.replace('-', "_") == *wanted),
            None => true,
        };
        is(&self.certificate_type, text(certificate.r#type()))
            && is(&self.key_algorithm, text(certificate.key_algorithm()))
    }

    fn none(&self) -> OpError {
        let domain = &self.domain_name;
        OpError::new(
            ErrorKind::NotFound,
            format!(
                "there is no valid certificate for `{domain}` in this region\n  what to do: look in \
                 ACM whether it is issued, and in which region: CloudFront's are in us-east-1"
            ),
        )
    }
}

/// What is newest comes last; of the same age, the same one is taken every time.
fn age(certificate: &CertificateSummary) -> (i64, String) {
    let made = certificate.issued_at().or(certificate.imported_at());
    let made = made.or(certificate.created_at()).map_or(0, |t| t.secs());
    (made, certificate.certificate_arn().unwrap_or_default().to_owned())
}
