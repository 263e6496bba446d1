//! `CertificateByDomain`, compared with the SDK's own answer.

use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::acm::CertificateByDomain;
use ferrocrete_resources::aws::Aws;
use ferrocrete_sandbox::Config;
use std::time::Duration;

use super::find;
use crate::world::World;

async fn request(aws: &Aws, domain: &str, key: &str) -> String {
    let call = aws.acm().request_certificate().domain_name(domain).key_algorithm(key.into());
    let call = call.subject_alternative_names(format!("www.{domain}"));
    call.validation_method("DNS".into()).send().await.unwrap().certificate_arn.unwrap()
}

fn program(domain: &'static str, key: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let lookup = CertificateByDomain::builder().domain_name(domain).maybe_key_algorithm(key);
        let found = stack.lookup("theirs", lookup.certificate_type("AMAZON_ISSUED"));
        stack.export("arn", &found.certificate_arn);
        stack.export("names", &found.subject_alternative_names);
        stack.export("end", &found.not_after);
    }
}

#[tokio::test]
async fn the_issued_certificate_of_the_domain_is_found() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    let rsa = request(&aws, "example.org", "RSA_2048").await;
    request(&aws, "example.net", "RSA_2048").await;
    world.up(program("Example.org", Some("RSA_2048"))).await;
    let exports = world.state().await.exports;
    assert_eq!(exports["arn"], Value::String(rsa.clone()));
    let names = ["example.org", "www.example.org"].map(|n| Value::String(n.into()));
    assert_eq!(exports["names"], Value::List(names.into()));
    let end = find(&aws, &rsa).await.unwrap().not_after.unwrap();
    let format = aws_smithy_types::date_time::Format::DateTime;
    assert_eq!(exports["end"], Value::String(end.fmt(format).unwrap()));
    // Keys of all kinds count.
    let curve = request(&aws, "example.org", "EC_prime256v1").await;
    world.up(program("example.org", Some("EC_prime256v1"))).await;
    assert_eq!(world.state().await.exports["arn"], Value::String(curve));
}

#[tokio::test]
async fn one_that_is_not_issued_does_not_count() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.account.configure(Config::slow(Duration::from_secs(600))).await.unwrap();
    request(&aws, "example.org", "RSA_2048").await;
    let error = world.try_up(program("example.org", None)).await.unwrap_err().to_string();
    assert!(error.contains("no valid certificate for `example.org`"), "{error}");
}
