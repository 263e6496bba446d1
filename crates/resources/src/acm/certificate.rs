//! `AWS::CertificateManager::Certificate`: a TLS certificate.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | RequestCertificate |
//! | read | DescribeCertificate per certificate, concurrently; ListTagsForCertificate when tags are declared |
//! | find | ListCertificates, ListTagsForCertificate per certificate of that domain |
//! | update | AddTagsToCertificate, RemoveTagsFromCertificate |
//! | delete | DeleteCertificate |
//!
//! Traps: it is ready, and others go on, once AWS has told its validation records, which takes
//! some seconds; it can be used only when it is issued, which [`super::CertificateValidation`]
//! waits for. One that AWS refuses or that nobody validates in 72 hours is replaced. A delete is
//! refused while a load balancer uses it, and some time after: 20 minutes, as Terraform's provider
//! has found (`internal/service/acm/certificate.go`). AWS remembers a token for an hour,
//! takes no hyphens in it, and lists certificates with RSA keys up to 2048 bits only, unless asked
//! for more. All domains of an account share one validation record each: a second certificate of
//! the same domain needs no second record. CloudFront takes certificates of us-east-1 only.
//! Left out: `certificate_transparency_logging_preference` (since June 2026 AWS logs every public
//! certificate), `domain_validation_options` (see [`Certificate::validation_method`]), private
//! certificates (`certificate_authority_arn`).
//! Differences:
//! - replaces `validation_method`: no call changes it.
//! - read back `validation_method`: AWS tells it.
//! - does not need `acm-pca:IssueCertificate`, `acm-pca:GetCertificate`: for private certificates.
//! - does not need `route53:ChangeResourceRecordSets`: the records are resources of their own.

use aws_sdk_acm::types::{
    CertificateDetail, CertificateExport, CertificateOptions, KeyAlgorithm, ValidationMethod,
};

use super::shared::{
    bare, broken, certificates_of, describe, list_tags, retag, same_domain, to_sdk,
};
use super::validation_record::{ValidationRecord, records};
use crate::prelude::*;

/// A TLS certificate from AWS, renewed by AWS as long as its validation records stay.
///
/// Validated by DNS, its record for each domain is declared from its outputs:
///
/// ```
/// use ferrocrete_core::Stack;
/// use ferrocrete_resources::acm::{Certificate, CertificateValidation, validation_domains};
/// use ferrocrete_resources::route53::RecordSet;
///
/// fn tls(stack: &Stack, zone: &str) {
///     let names = ["example.org", "*.example.org"];
///     let certificate = Certificate::builder().domain_name(names[0]);
///     let certificate = stack.add("tls", certificate.subject_alternative_names([names[1]]));
///     let records = validation_domains(names).into_iter().map(|domain| {
///         let record = certificate.validation_record(domain.as_str());
///         let set = RecordSet::builder()
///             .hosted_zone_id(zone)
///             .name(&record.name)
///             .record_type(&record.record_type)
///             .ttl(300)
///             .resource_records([&record.value]);
///         stack.add(&domain, set).fqdn.clone()
///     });
///     let records: Vec<_> = records.collect();
///     let validation = CertificateValidation::builder()
///         .certificate_arn(&certificate.certificate_arn)
///         .validation_record_fqdns(&records[..]);
///     // What uses the certificate takes `certificate_arn` of this one.
///     stack.add("tls", validation);
/// }
/// ```
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::CertificateManager::Certificate",
    held_by_users,
    eventual("ResourceNotFoundException"),
    busy("ResourceInUseException"),
    busy_for = 1200,
    iam(
        create("acm:RequestCertificate", "acm:AddTagsToCertificate", "acm:DescribeCertificate"),
        read("acm:DescribeCertificate", "acm:ListTagsForCertificate"),
        find("acm:ListCertificates", "acm:ListTagsForCertificate"),
        update("acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate"),
        delete("acm:DeleteCertificate")
    )
)]
pub struct Certificate {
    /// Domain, such as `example.org` or `*.example.org`, up to 64 characters. Replaces.
    #[field(replaces, dns_name)]
    pub domain_name: String,
    /// Further domains. Replaces.
    #[field(replaces, dns_name)]
    pub subject_alternative_names: Option<Vec<String>>,
    /// How AWS learns that the domains are yours: `DNS` by records, or `EMAIL` by mail to the
    /// owners in the register. Default: `DNS` (AWS's own is `EMAIL`). Replaces.
    #[field(replaces)]
    pub validation_method: Option<String>,
    /// `RSA_2048`, `EC_prime256v1` or `EC_secp384r1`. Default: `RSA_2048`. Replaces.
    #[field(replaces, server_default)]
    pub key_algorithm: Option<String>,
    /// Whether it can be taken out of AWS with its key, which costs extra: `ENABLED` or
    /// `DISABLED`. Default: `DISABLED`. Replaces.
    #[field(replaces, server_default)]
    pub certificate_export: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Certificate`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct CertificateOutputs {
    /// ARN. It is issued only when [`super::CertificateValidation`] says so.
    pub certificate_arn: String,
    /// The records that prove who owns the domains, in the order of their domains; none when
    /// validated by mail. See [`CertificateOutputsRef::validation_record`].
    pub validation_records: Vec<ValidationRecord>,
}

impl Resource for Certificate {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "acm:RequestCertificate";
        let export = self.certificate_export.as_deref().map(CertificateExport::from);
        let options = export.map(|e| CertificateOptions::builder().export(e).build());
        let answer = cx
            .acm()
            .request_certificate()
            .domain_name(&self.domain_name)
            .set_subject_alternative_names(self.alternatives())
            .validation_method(ValidationMethod::from(self.method()))
            .set_key_algorithm(self.key_algorithm.as_deref().map(KeyAlgorithm::from))
            .set_options(options)
            .idempotency_token(token(cx.token()))
            .set_tags(self.tags.is_some().then(|| to_sdk(&self.tags)))
            .send()
            .await
            .op(CALL)?;
        Ok(Made::Pending(need(answer.certificate_arn, CALL, "certificate_arn")?))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let Some(detail) = describe(cloud, &item.id).await? else { return Ok(None) };
            let known = item.inputs.as_ref();
            let tags = match known {
                Some(Self { tags: None, .. }) => Some(None),
                _ => list_tags(cloud, &item.id).await?,
            };
            Ok(tags.map(|tags| live(&detail, &item.id, tags, known)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        for certificate in certificates_of(cx, &self.domain_name, None).await? {
            let Some(arn) = certificate.certificate_arn else { continue };
            if tags::is_ours(cx, &list_tags(cx, &arn).await?.flatten()) {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.acm().delete_certificate().certificate_arn(id);
        gone(call.send().await.op("acm:DeleteCertificate"))
    }
}

impl Certificate {
    fn method(&self) -> &str {
        self.validation_method.as_deref().unwrap_or("DNS")
    }

    /// The further domains; an empty list is none.
    fn alternatives(&self) -> Option<Vec<String>> {
        self.subject_alternative_names.clone().filter(|names| !names.is_empty())
    }

    /// The declared domains, as AWS keeps them.
    fn alternatives_bare(&self) -> Vec<String> {
        let names = self.subject_alternative_names.iter().flatten();
        sorted(names.filter(|n| !same_domain(n, &self.domain_name)).map(|n| bare(n)))
    }
}

/// AWS takes at most 32 letters, digits and `_`.
fn token(token: &str) -> String {
    token.chars().filter(|c| *c != '-').take(32).collect()
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

fn live(
    detail: &CertificateDetail,
    arn: &str,
    tags: Option<Tags>,
    known: Option<&Certificate>,
) -> Live<Certificate> {
    let domain = detail.domain_name().unwrap_or_default();
    let names = detail.subject_alternative_names().iter();
    // AWS counts the domain itself among them.
    let others = sorted(names.filter(|n| !same_domain(n, domain)).map(|n| bare(n)));
    let as_declared = known.filter(|k| k.alternatives_bare() == others);
    let alternatives = match as_declared {
        Some(known) => known.subject_alternative_names.clone(),
        None => (!others.is_empty()).then(|| others.clone()),
    };
    let records = records(detail);
    let options = detail.domain_validation_options();
    let method = options.iter().find_map(|o| text(o.validation_method()));
    let export = detail.options().and_then(|o| text(o.export()));
    let status = match broken(detail) {
        Some(why) => Status::Failed(why),
        None if method.is_none() => Status::Pending("validation to begin".into()),
        None if method.as_deref() == Some("DNS") && records.len() <= others.len() => {
            Status::Pending("validation records".into())
        }
        None => Status::Ready,
    };
    Live {
        inputs: Certificate {
            domain_name: domain.to_owned(),
            subject_alternative_names: alternatives,
            validation_method: method,
            // Described with a hyphen, asked for with an underscore.
            key_algorithm: text(detail.key_algorithm()).map(|k| k.replace('-', "_")),
            certificate_export: export.or_else(|| Some("DISABLED".into())),
            tags,
        },
        outputs: CertificateOutputs {
            certificate_arn: arn.to_owned(),
            validation_records: records,
        },
        status,
    }
}
