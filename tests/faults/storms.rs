//! Faults in the form that each protocol gives them.

use serde_json::{Value, json};

use crate::weather::survives;

/// Of every ten calls of a service the first `fail` go wrong in this way.
fn of_ten(service: &str, fail: u32, how: (&str, Value)) -> Value {
    let mut rule = json!({"service": service, "sequence": {"fail": fail, "pass": 10 - fail}});
    rule[how.0] = how.1;
    rule
}

fn error(service: &str, fail: u32, status: u16, code: &str) -> Value {
    of_ten(service, fail, ("error", json!({"code": code, "status": status})))
}

/// Every service that the stack and its state use.
const SERVICES: [&str; 8] =
    ["dynamodb", "ec2", "iam", "rds", "route53", "s3", "secretsmanager", "sts"];

#[tokio::test(flavor = "multi_thread")]
async fn three_calls_of_ten_are_throttled() {
    let fired = survives(
        json!([
            error("dynamodb", 3, 400, "ThrottlingException"),
            error("ec2", 3, 503, "RequestLimitExceeded"),
            error("iam", 3, 400, "Throttling"),
            error("rds", 3, 400, "Throttling"),
            error("route53", 3, 400, "Throttling"),
            error("s3", 3, 503, "SlowDown"),
            error("secretsmanager", 3, 400, "ThrottlingException"),
            error("sts", 3, 400, "Throttling"),
        ]),
        1.8,
    )
    .await;
    for service in SERVICES {
        let hit = fired.iter().filter(|f| f.service.as_deref() == Some(service)).count();
        assert!(hit >= 2, "{service} was hit {hit} times");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn services_fail_now_and_then() {
    survives(
        json!([
            error("dynamodb", 1, 500, "InternalServerError"),
            error("ec2", 1, 500, "InternalError"),
            error("iam", 1, 500, "ServiceFailure"),
            error("rds", 1, 500, "InternalFailure"),
            error("route53", 1, 500, "InternalFailure"),
            error("s3", 1, 500, "InternalError"),
            error("secretsmanager", 1, 500, "InternalServiceError"),
            error("sts", 1, 500, "InternalFailure"),
        ]),
        1.5,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_unavailable_now_and_then() {
    survives(
        json!([
            error("ec2", 2, 503, "Unavailable"),
            error("s3", 2, 503, "ServiceUnavailable"),
            error("*", 2, 503, "ServiceUnavailable"),
        ]),
        1.6,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_reset() {
    survives(json!([of_ten("*", 2, ("reset", json!(true)))]), 1.8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_time_out() {
    survives(json!([of_ten("*", 1, ("timeout_ms", json!(300)))]), 1.5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_slow() {
    survives(json!([of_ten("*", 5, ("latency", json!({"min": 100, "max": 600})))]), 1.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_cut_short() {
    // The first half comes, as if it were all; and: the connection breaks in the middle.
    survives(
        json!([
            of_ten("*", 1, ("response", json!({"truncate_frac": 0.5}))),
            of_ten("*", 1, ("response", json!({"abort_frac": 0.5}))),
        ]),
        1.8,
    )
    .await;
}
