//! [`DnsAndTls`].
//!
//! ```text
//!   zone example.org ──┬── validation records ──> certificate, issued
//!                      ├── example.org       ─┐
//!                      ├── www.example.org   ─┼─> load balancer
//!                      └── api.example.org   ─┘   or 90 : 10 to blue and green
//! ```

use bon::Builder;
use ferrocrete_core::{Component, Output, Stack};
use serde::Deserialize;

use super::load_balancer::LoadBalancerOutputs;
use crate::acm::{Certificate, CertificateValidation, validation_domains};
use crate::route53::{AliasTarget, HostedZone, HostedZoneByName, RecordSet};

/// A domain: its zone, and a certificate for it and names below it.
///
/// ```no_run
/// # use ferrocrete_core::Stack;
/// use ferrocrete_resources::components::{DnsAndTls, LoadBalancer, NetworkOutputs};
/// # fn program(stack: &Stack, network: &NetworkOutputs) {
/// let dns = stack.component("dns", DnsAndTls::builder().domain("example.org").build());
/// let web = LoadBalancer::builder()
///     .placement(network.public())
///     .maybe_certificate_arn(dns.certificate_arn.as_ref())
///     .build();
/// let web = stack.component("web", web);
/// dns.point(stack, &["", "www", "api"], &web);
/// # }
/// ```
///
/// A certificate is issued only once the world sees the zone: delegate the domain to the name
/// servers of a new zone while `up` waits, or set `certificate` to false the first time.
#[derive(Debug, Clone, Builder)]
pub struct DnsAndTls {
    /// Domain, such as `example.org`.
    #[builder(into)]
    pub domain: String,
    /// A zone of its own, or the one that is there. Default: new.
    #[builder(default)]
    pub zone: Zone,
    /// Whether it gets a certificate. Default: true.
    #[builder(default = true)]
    pub certificate: bool,
    /// Names below the domain that the certificate is for. Default: `www` and `api`.
    #[builder(default = vec!["www".to_owned(), "api".to_owned()])]
    pub subdomains: Vec<String>,
}

/// Whose zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Made and deleted with the component.
    #[default]
    New,
    /// There already, found by its name.
    Existing,
}

/// The parts of a [`DnsAndTls`].
pub struct DnsAndTlsOutputs {
    /// Id of the zone.
    pub hosted_zone_id: Output<String>,
    /// Name servers to delegate the domain to.
    pub name_servers: Output<Vec<String>>,
    /// ARN of the certificate, known as issued.
    pub certificate_arn: Option<Output<String>>,
    domain: String,
}

impl Component for DnsAndTls {
    const TYPE: &'static str = "ferrocrete:DnsAndTls";
    type Outputs = DnsAndTlsOutputs;

    fn build(self, scope: &Stack) -> DnsAndTlsOutputs {
        let (hosted_zone_id, name_servers) = match self.zone {
            Zone::New => {
                let zone = scope.add("zone", HostedZone::builder().name(&self.domain));
                (zone.hosted_zone_id.clone(), zone.name_servers.clone())
            }
            Zone::Existing => {
                let by_name = HostedZoneByName::builder().name(&self.domain);
                let zone = scope.lookup("zone", by_name);
                (zone.hosted_zone_id.clone(), zone.name_servers.clone())
            }
        };
        let certificate_arn = self.certificate.then(|| self.issued(scope, &hosted_zone_id));
        DnsAndTlsOutputs { hosted_zone_id, name_servers, certificate_arn, domain: self.domain }
    }
}

impl DnsAndTls {
    fn issued(&self, scope: &Stack, zone: &Output<String>) -> Output<String> {
        let below: Vec<_> = self.subdomains.iter().map(|name| full(name, &self.domain)).collect();
        let certificate = Certificate::builder()
            .domain_name(&self.domain)
            .subject_alternative_names(below.as_slice());
        let certificate = scope.add("certificate", certificate);
        let all = std::iter::once(&self.domain).chain(&below);
        let record = |domain: String| {
            let record = certificate.validation_record(domain.as_str());
            let set = RecordSet::builder()
                .hosted_zone_id(zone)
                .name(&record.name)
                .record_type(&record.record_type)
                .ttl(300)
                .resource_records([&record.value]);
            scope.add(&format!("validate-{}", domain.replace('*', "any")), set).fqdn.clone()
        };
        let records: Vec<_> = validation_domains(all).into_iter().map(record).collect();
        let validation = CertificateValidation::builder()
            .certificate_arn(&certificate.certificate_arn)
            .validation_record_fqdns(records.as_slice());
        scope.add("certificate", validation).certificate_arn.clone()
    }
}

impl DnsAndTlsOutputs {
    /// Lets names stand for a load balancer; an empty one is the domain itself.
    pub fn point(&self, scope: &Stack, names: &[&str], to: &LoadBalancerOutputs) {
        for name in names {
            let set = RecordSet::builder()
                .hosted_zone_id(&self.hosted_zone_id)
                .name(full(name, &self.domain))
                .record_type("A")
                .alias_target(alias(to));
            scope.add(label(name), set);
        }
    }

    /// Lets a name stand for two load balancers, `percent_green` of a hundred answers for the
    /// second: for a careful change from one version to another.
    pub fn point_weighted(
        &self,
        scope: &Stack,
        name: &str,
        (blue, green): (&LoadBalancerOutputs, &LoadBalancerOutputs),
        percent_green: u8,
    ) {
        if percent_green > 100 {
            scope.refuse(format!("{percent_green} percent for green are more than all"));
        }
        let green_share = i64::from(percent_green.min(100));
        for (color, to, weight) in
            [("blue", blue, 100 - green_share), ("green", green, green_share)]
        {
            let set = RecordSet::builder()
                .hosted_zone_id(&self.hosted_zone_id)
                .name(full(name, &self.domain))
                .record_type("A")
                .alias_target(alias(to))
                .set_identifier(color)
                .weight(weight);
            scope.add(&format!("{}-{color}", label(name)), set);
        }
    }
}

fn alias(to: &LoadBalancerOutputs) -> ferrocrete_core::Input<AliasTarget> {
    AliasTarget::builder()
        .dns_name(&to.dns_name)
        .hosted_zone_id(&to.canonical_hosted_zone_id)
        .evaluate_target_health(true)
        .into()
}

fn full(name: &str, domain: &str) -> String {
    if name.is_empty() { domain.to_owned() } else { format!("{name}.{domain}") }
}

fn label(name: &str) -> &str {
    if name.is_empty() { "apex" } else { name }
}
