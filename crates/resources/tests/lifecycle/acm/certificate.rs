//! `AWS::CertificateManager::Certificate`.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_acm::types::CertificateStatus;
use ferrocrete_core::Stack;
use ferrocrete_resources::acm::Certificate;
use ferrocrete_resources::aws::Aws;
use ferrocrete_sandbox::{Config, Fault};

use super::{find, tag};
use crate::world::{World, changed, changes};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    domain: &'static str,
    others: &'static [&'static str],
    method: Option<&'static str>,
    key: Option<&'static str>,
    export: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    domain: "example.org",
    others: &["*.example.org", "www.example.net"],
    method: None,
    key: None,
    export: None,
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let certificate = Certificate::builder()
            .domain_name(wanted.domain)
            .subject_alternative_names(wanted.others)
            .maybe_validation_method(wanted.method)
            .maybe_key_algorithm(wanted.key)
            .maybe_certificate_export(wanted.export)
            .maybe_tags(wanted.owner.map(|o| [("owner", o)]));
        let certificate = stack.add("tls", certificate);
        if wanted.method != Some("EMAIL") {
            let record = certificate.validation_record(wanted.domain);
            stack.export("name", &record.name);
            stack.export("type", &record.record_type);
            stack.export("value", &record.value);
        }
    }
}

async fn tags(aws: &Aws, arn: &str) -> BTreeMap<String, String> {
    let answer = aws.acm().list_tags_for_certificate().certificate_arn(arn).send().await.unwrap();
    let pair = |t: &aws_sdk_acm::types::Tag| (t.key().into(), t.value().unwrap_or_default().into());
    answer.tags().iter().map(pair).collect()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create tls"]);
    let arn = world.id("tls").await;
    assert_eq!(world.output("tls", "certificate_arn").await, arn);
    let made = find(&aws, &arn).await.unwrap();
    assert_eq!(made.domain_name(), Some("example.org"));
    let mut names = made.subject_alternative_names().to_vec();
    names.sort();
    assert_eq!(names, ["*.example.org", "example.org", "www.example.net"]);
    assert_eq!(made.key_algorithm().unwrap().as_str(), "RSA-2048");
    let options = made.domain_validation_options();
    let options: Vec<_> = options.iter().filter(|o| o.domain_name() == "example.org").collect();
    assert_eq!(options[0].validation_method().unwrap().as_str(), "DNS");
    let record = options[0].resource_record().unwrap();
    let exports = world.state().await.exports;
    for (export, value) in [("name", record.name()), ("type", "CNAME"), ("value", record.value())] {
        assert_eq!(exports[export].as_str(), Some(value), "{export}");
    }
    assert_eq!(tags(&aws, &arn).await["owner"], "anna");

    let call = aws.acm().add_tags_to_certificate().certificate_arn(&arn);
    call.tags(tag("cost", "7")).tags(tag("owner", "eve")).send().await.unwrap();
    // Drift: somebody writes another owner.
    world.updates(program(FIRST), "tls", &["tags"]).await;
    let wanted = Wanted { owner: Some("ben"), ..FIRST };
    world.updates(program(wanted), "tls", &["tags"]).await;
    assert_eq!(tags(&aws, &arn).await["owner"], "ben");
    let wanted = Wanted { owner: None, ..FIRST };
    world.updates(program(wanted), "tls", &["tags"]).await;
    let live = tags(&aws, &arn).await;
    assert_eq!((live.get("owner"), live["cost"].as_str()), (None, "7"));
    assert!(live.contains_key("ferrocrete:urn"));

    // Drift: somebody deletes it.
    aws.acm().delete_certificate().certificate_arn(&arn).send().await.unwrap();
    assert_eq!(world.up(program(FIRST)).await, ["create tls"]);

    let last = world.id("tls").await;
    world.destroy().await;
    assert!(find(&aws, &last).await.is_none());
}

#[tokio::test]
async fn another_domain_key_or_export_is_another_certificate() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted {
        domain: "example.net",
        others: &[],
        key: Some("EC_prime256v1"),
        export: Some("ENABLED"),
        ..FIRST
    };
    let why = ["domain_name", "subject_alternative_names", "key_algorithm", "certificate_export"];
    let (old, new) = world.replaces(program(wanted), "tls", &why).await;
    assert!(find(&aws, &old).await.is_none());
    let made = find(&aws, &new).await.unwrap();
    assert_eq!(made.domain_name(), Some("example.net"));
    assert_eq!(made.subject_alternative_names(), ["example.net"]);
    assert_eq!(made.key_algorithm().unwrap().as_str(), "EC_prime256v1");
    assert_eq!(made.options().unwrap().export().unwrap().as_str(), "ENABLED");
    // Taken out of the program, both stay.
    let less = Wanted { key: None, export: None, ..wanted };
    assert_eq!(world.up(program(less)).await, [""; 0]);
    let plan = world.plan(program(Wanted { method: Some("EMAIL"), ..wanted })).await;
    assert_eq!(changed(&plan, "tls"), ["validation_method"].into());
}

#[tokio::test]
async fn spelling_and_order_of_domains_do_not_count() {
    let world = World::new().await;
    world.up(program(FIRST)).await;
    let other = Wanted {
        domain: "Example.org.",
        others: &["www.example.net", "*.example.org", "example.org"],
        method: Some("DNS"),
        key: Some("RSA_2048"),
        export: Some("DISABLED"),
        ..FIRST
    };
    let plan = world.plan(program(other)).await;
    // The domain itself is one of AWS's list, but not of the one that was applied.
    assert_eq!(changed(&plan, "tls"), ["subject_alternative_names"].into());
    let other = Wanted { others: &["www.example.net", "*.example.org"], ..other };
    assert_eq!(world.up(program(other)).await, [""; 0]);
}

#[tokio::test]
async fn its_records_are_waited_for() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.account.configure(Config::slow(Duration::from_secs(1))).await.unwrap();
    world.up(program(FIRST)).await;
    // Ready before it is issued: somebody has to declare the records first.
    let name = world.state().await.exports["name"].clone();
    assert!(name.as_str().unwrap().ends_with(".example.org."), "{name}");
    assert!(world.count("acm:DescribeCertificate").await > 1);
    let arn = world.id("tls").await;
    let known = find(&aws, &arn).await.unwrap();
    assert!(known.domain_validation_options().iter().all(|o| o.resource_record().is_some()));
}

#[tokio::test]
async fn validation_by_mail_has_no_records() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(Wanted { method: Some("EMAIL"), others: &[], ..FIRST })).await;
    assert_eq!(world.output("tls", "validation_records").await, "[]");
    let made = find(&aws, &world.id("tls").await).await.unwrap();
    let method = made.domain_validation_options()[0].validation_method().unwrap();
    assert_eq!(method.as_str(), "EMAIL");
}

#[tokio::test]
async fn one_that_failed_is_replaced() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.account.configure(Config::slow(Duration::from_secs(2))).await.unwrap();
    let wanted = Wanted { domain: "shop.invalid", others: &[], ..FIRST };
    world.try_up(program(wanted)).await.unwrap();
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    let old = world.id("tls").await;
    let status = find(&aws, &old).await.unwrap().status.unwrap();
    assert_eq!(status, CertificateStatus::Failed);
    let plan = world.plan(program(wanted)).await;
    assert_eq!(changes(&plan), ["replace tls", "delete replaced tls"]);
    assert!(format!("{plan:?}").contains("INVALID_PUBLIC_DOMAIN"), "{plan:?}");
}

#[tokio::test]
async fn is_found_again() {
    // AWS lists small RSA keys only, unless asked for others.
    let wanted = Wanted { key: Some("EC_secp384r1"), ..FIRST };
    World::new().await.finds(program(wanted), "tls", "acm:RequestCertificate").await;
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_certificate() {
    let world = World::new().await;
    world.account.faults([Fault::drop_after("RequestCertificate")]).await.unwrap();
    world.up(program(FIRST)).await;
    assert_eq!(world.count("acm:RequestCertificate").await, 2);
    let all = world.aws().await.acm().list_certificates().send().await.unwrap();
    assert_eq!(all.certificate_summary_list().len(), 1);
}

#[tokio::test]
async fn waiting_goes_on_after_a_kill() {
    let world = World::new().await;
    world.killed(program(FIRST), "tls", 2).await;
    world.up(program(FIRST)).await;
    assert_eq!(world.count("acm:RequestCertificate").await, 1);
}

#[tokio::test]
async fn another_stack_s_certificate_of_the_same_domain_is_not_ours() {
    let world = World::new().await;
    let aws = world.aws().await;
    let theirs = aws.acm().request_certificate().domain_name("example.org");
    let theirs = theirs.send().await.unwrap().certificate_arn.unwrap();
    world.killed(program(FIRST), "tls", 1).await;
    world.up(program(FIRST)).await;
    assert_ne!(world.id("tls").await, theirs);
    assert_eq!(world.count("acm:RequestCertificate").await, 2);
}

#[tokio::test]
async fn a_domain_that_it_is_not_for_has_no_record() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let certificate = stack.add("tls", Certificate::builder().domain_name("example.org"));
        let record = certificate.validation_record("example.net");
        let other = Certificate::builder().domain_name(&record.name);
        stack.add("other", other);
    };
    let (_, report) = world.try_up(program).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains("no validation record for `example.net`"), "{message}");
}
