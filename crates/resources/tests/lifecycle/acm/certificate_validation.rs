//! `AWS::CertificateManager::CertificateValidation`.

use std::time::Duration;

use aws_sdk_acm::types::{CertificateStatus, ValidationMethod};
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::value::Value;
use ferrocrete_resources::acm::{Certificate, CertificateValidation, validation_domains};
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::route53::{HostedZone, RecordSet};
use ferrocrete_sandbox::Config;

use super::find;
use crate::world::World;

const NAMES: [&str; 3] = ["example.org", "*.example.org", "www.example.org"];

/// A zone, a certificate with its records (but for `left_out`), and the wait for its issue.
fn program(key: &'static str, left_out: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let zone = stack.add("root", HostedZone::builder().name("example.org"));
        let certificate = Certificate::builder()
            .domain_name(NAMES[0])
            .subject_alternative_names(&NAMES[1..])
            .key_algorithm(key);
        let certificate = stack.add("tls", certificate);
        let mut fqdns = Vec::new();
        for domain in validation_domains(NAMES).iter().filter(|d| *d != left_out) {
            let record = certificate.validation_record(domain.as_str());
            let set = RecordSet::builder()
                .hosted_zone_id(&zone.hosted_zone_id)
                .name(&record.name)
                .record_type(&record.record_type)
                .ttl(300)
                .resource_records([&record.value]);
            fqdns.push(stack.add(domain, set).fqdn.clone());
        }
        let validation = CertificateValidation::builder()
            .certificate_arn(&certificate.certificate_arn)
            .validation_record_fqdns(&fqdns[..]);
        let validation = stack.add("tls-issued", validation);
        stack.export("arn", &validation.certificate_arn);
    }
}

/// AWS issues certificates only once their records are there.
async fn strict() -> World {
    let world = World::new().await;
    let strict = Config { acm_auto_issue: Some(false), ..Config::default() };
    world.account.configure(strict).await.unwrap();
    world
}

fn unrecorded(domain: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let certificate = stack.add("tls", Certificate::builder().domain_name(domain));
        let validation =
            CertificateValidation::builder().certificate_arn(&certificate.certificate_arn);
        stack.add("tls-issued", validation);
    }
}

#[tokio::test]
async fn lives() {
    let world = strict().await;
    let aws = world.aws().await;
    let made = world.up(program("RSA_2048", "")).await;
    // The wildcard shares its domain's record.
    let expected = ["root", "tls", "example.org", "www.example.org", "tls-issued"]
        .map(|n| format!("create {n}"));
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    assert_eq!(sorted(made), sorted(expected.into()));
    let arn = world.id("tls-issued").await;
    assert_eq!(arn, world.id("tls").await);
    assert_eq!(world.state().await.exports["arn"], Value::String(arn.clone()));
    assert_eq!(find(&aws, &arn).await.unwrap().status, Some(CertificateStatus::Issued));

    // Another certificate is another wait.
    let before = world.id("tls").await;
    world.up(program("EC_prime256v1", "")).await;
    let arn = world.id("tls-issued").await;
    assert_ne!(arn, before);
    assert_eq!(arn, world.id("tls").await);
    assert_eq!(find(&aws, &arn).await.unwrap().status, Some(CertificateStatus::Issued));
    assert!(find(&aws, &before).await.is_none());

    // Drift: somebody deletes the certificate.
    aws.acm().delete_certificate().certificate_arn(&arn).send().await.unwrap();
    let again = world.up(program("EC_prime256v1", "")).await;
    assert!(again.contains(&"create tls".into()), "{again:?}");
    assert!(again.contains(&"create tls-issued".into()), "{again:?}");
    let arn = world.id("tls-issued").await;
    assert_eq!(find(&aws, &arn).await.unwrap().status, Some(CertificateStatus::Issued));

    world.destroy().await;
    assert!(find(&aws, &arn).await.is_none());
}

#[tokio::test]
async fn a_record_that_nobody_declared_is_not_waited_for() {
    let world = strict().await;
    let (_, report) = world.try_up(program("RSA_2048", "www.example.org")).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains(".www.example.org."), "{message}");
    assert!(message.contains("validation_record_fqdns"), "{message}");
    // Declared, the wait goes on.
    world.up(program("RSA_2048", "")).await;
}

#[tokio::test]
async fn records_may_be_named_later() {
    let world = World::new().await;
    let named = |fqdns: Option<&'static [&'static str]>| {
        move |stack: &Stack| {
            let certificate = stack.add("tls", Certificate::builder().domain_name("example.org"));
            let validation = CertificateValidation::builder()
                .certificate_arn(&certificate.certificate_arn)
                .maybe_validation_record_fqdns(fqdns);
            stack.add("tls-issued", validation);
        }
    };
    world.up(named(None)).await;
    let arn = world.id("tls").await;
    let detail = find(&world.aws().await, &arn).await.unwrap();
    let name = detail.domain_validation_options()[0].resource_record().unwrap().name().to_owned();
    let name: &'static str = name.leak();
    let names: &'static [&'static str] = vec![name].leak();
    world.updates(named(Some(names)), "tls-issued", &["validation_record_fqdns"]).await;
    world.updates(named(None), "tls-issued", &["validation_record_fqdns"]).await;
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason() {
    let world = World::new().await;
    world.account.configure(Config::slow(Duration::from_secs(2))).await.unwrap();
    let (_, report) = world.try_up(unrecorded("shop.invalid")).await.unwrap();
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert_eq!(report.failures[0].urn.name(), "tls-issued");
    let message = &report.failures[0].error.message;
    assert!(message.contains("FAILED (INVALID_PUBLIC_DOMAIN)"), "{message}");
}

#[tokio::test]
async fn is_found_again() {
    // It makes nothing: what must not be repeated is the request.
    let world = World::new().await;
    world.finds(unrecorded("example.org"), "tls-issued", "acm:RequestCertificate").await;
}

#[tokio::test]
async fn waiting_goes_on_after_a_kill() {
    let world = World::new().await;
    world.killed(unrecorded("example.org"), "tls-issued", 2).await;
    world.up(unrecorded("example.org")).await;
    assert_eq!(world.count("acm:RequestCertificate").await, 1);
    let arn = world.id("tls-issued").await;
    let live = find(&world.aws().await, &arn).await.unwrap();
    assert_eq!(live.status, Some(CertificateStatus::Issued));
}

/// Somebody's certificate of these names, and its ARN.
async fn theirs(aws: &Aws, names: &[&str]) -> String {
    let call = aws.acm().request_certificate().domain_name(names[0]);
    let others = names.iter().map(|name| (*name).to_owned()).collect();
    let call = call.set_subject_alternative_names(Some(others));
    let call = call.validation_method(ValidationMethod::Dns);
    call.send().await.unwrap().certificate_arn.unwrap()
}

/// A certificate in a zone that is there, with its only record.
fn in_zone(zone: &str) -> impl Fn(&Stack) {
    let zone = zone.to_owned();
    move |stack| {
        let certificate = stack.add("tls", Certificate::builder().domain_name("www.example.org"));
        let record = certificate.validation_record("www.example.org");
        let set = RecordSet::builder()
            .hosted_zone_id(&zone)
            .name(&record.name)
            .record_type(&record.record_type)
            .ttl(300)
            .resource_records([&record.value]);
        stack.add("record", set);
    }
}

/// The id of a zone that somebody made.
async fn zone_by_hand(aws: &Aws) -> String {
    let zone = aws.route53().create_hosted_zone().name("example.org").caller_reference("1");
    let zone = zone.send().await.unwrap().hosted_zone.unwrap().id;
    zone.trim_start_matches("/hostedzone/").to_owned()
}

/// ACM has one record for all certificates of a domain.
#[tokio::test]
async fn a_record_that_others_need_is_shared() {
    let world = World::new().await;
    // ACM tells its records at once.
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    let aws = world.aws().await;
    let zone = &zone_by_hand(&aws).await;
    let cnames = async || {
        let all = aws.route53().list_resource_record_sets().hosted_zone_id(zone);
        let mut all = all.send().await.unwrap().resource_record_sets;
        all.retain(|r| r.r#type == RrType::Cname);
        all
    };
    // Their record is there first, with a time of their own.
    let other = theirs(&aws, &["example.org", "*.www.example.org"]).await;
    let detail = find(&aws, &other).await.unwrap();
    let options = detail.domain_validation_options();
    let wanted = options.iter().find(|o| o.domain_name() == "*.www.example.org").unwrap();
    let wanted = wanted.resource_record().unwrap();
    let value = ResourceRecord::builder().value(wanted.value()).build().unwrap();
    let record = ResourceRecordSet::builder().name(wanted.name()).r#type(RrType::Cname).ttl(60);
    let record = record.resource_records(value).build().unwrap();
    let change = Change::builder().action(ChangeAction::Create).resource_record_set(record);
    let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
    let call = aws.route53().change_resource_record_sets().hosted_zone_id(zone);
    call.change_batch(batch).send().await.unwrap();

    // `up` sees that a second one has nothing to do.
    world.up(in_zone(zone)).await;
    assert_eq!((cnames().await.len(), cnames().await[0].ttl), (1, Some(60)));
    world.destroy().await;
    assert_eq!(cnames().await.len(), 1, "their certificate needs it");
    // Nobody else does any more.
    world.up(in_zone(zone)).await;
    aws.acm().delete_certificate().certificate_arn(&other).send().await.unwrap();
    world.destroy().await;
    assert!(cnames().await.is_empty());
}

/// A CNAME of the same name with another value is not ACM's.
#[tokio::test]
async fn another_record_of_that_name_is_not_taken_over() {
    let world = World::new().await;
    // ACM tells its records at once.
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    let aws = world.aws().await;
    let zone = &zone_by_hand(&aws).await;
    let other = theirs(&aws, &["www.example.org"]).await;
    let detail = find(&aws, &other).await.unwrap();
    let wanted = detail.domain_validation_options()[0].resource_record().unwrap();
    let value = ResourceRecord::builder().value("web.example.net").build().unwrap();
    let record = ResourceRecordSet::builder().name(wanted.name()).r#type(RrType::Cname).ttl(60);
    let record = record.resource_records(value).build().unwrap();
    let change = Change::builder().action(ChangeAction::Create).resource_record_set(record);
    let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
    let call = aws.route53().change_resource_record_sets().hosted_zone_id(zone);
    call.change_batch(batch).send().await.unwrap();
    let (_, report) = world.try_up(in_zone(zone)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
}
