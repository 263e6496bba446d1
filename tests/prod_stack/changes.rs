//! Each change in place plans exactly what it should.

use crate::team::{Team, briefs};

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_the_rag_service_is_exactly_that() {
    let team = Team::new().await;
    for env in ["global", "staging", "prod"] {
        team.run(0, env, &["up", "--yes"]);
    }
    let plan = |env: &str, set: &str| briefs(&team.plan(env, &["--set", set]));

    // Task size: a new revision, which the service takes.
    let new_revision = [
        "delete_replaced service/task",
        "replace service/task",
        "update service/service: task_definition",
    ];
    assert_eq!(plan("staging", "rag.memory=2048"), new_revision);
    assert_eq!(plan("staging", "rag.image_tag=1.0.1"), new_revision);
    assert_eq!(
        plan("staging", "rag.log_retention_in_days=14"),
        ["update service/log: retention_in_days"]
    );
    assert_eq!(plan("staging", "rag.tasks=2"), ["update service/service: desired_count"]);
    assert_eq!(plan("prod", "rag.scaling.max=6"), ["update service/scaling: max_capacity"]);
    // Who scales decides how many there are.
    assert_eq!(plan("prod", "rag.tasks=3"), [""; 0]);
    let tls =
        plan("staging", "rag.certificate_arn=arn:aws:acm:us-east-1:123456789012:certificate/x");
    let expected = ["create web/https", "create web/https-1", "update web/http: default_actions"];
    assert_eq!(tls, expected);

    for set in ["rag.memory=2048", "rag.log_retention_in_days=14", "rag.tasks=2"] {
        team.up("staging", &["--set", set]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_pyshop_is_exactly_that() {
    let team = Team::new().await;
    team.run(0, "pyshop", &["up", "--yes"]);
    let plan = |set: &[&str]| briefs(&team.plan("pyshop", set));

    assert_eq!(
        plan(&["--set", "pyshop.alarms.service.cpu_percent=60"]),
        ["update monitoring/service-cpu: threshold"]
    );
    assert_eq!(
        plan(&["--set", "pyshop.database.multi_az=true"]),
        ["update database/postgres: multi_az"]
    );
    assert_eq!(
        plan(&["--set", "pyshop.spot=true"]),
        ["update service/service: capacity_provider_strategy"]
    );
    assert_eq!(
        plan(&["--set", "pyshop.access_token_expire_minutes=15"]),
        [
            "delete_replaced service/task",
            "replace service/task",
            "update service/service: task_definition"
        ]
    );
    assert_eq!(
        plan(&["--set", "pyshop.nat_gateways=one"]),
        [
            "delete network/nat-2",
            "delete network/nat-2",
            "update network/private-2: nat_gateway_id"
        ]
    );

    // TLS: zone, certificate and records are new, HTTP sends people to HTTPS.
    let tls = [
        "--set=pyshop.domain.name=pyshop.example.org",
        "--set=pyshop.domain.zone=new",
        "--set=pyshop.domain.tls=true",
    ];
    let expected = [
        "create apex",
        "create dns/certificate",
        "create dns/certificate",
        "create dns/validate-pyshop.example.org",
        "create dns/validate-www.pyshop.example.org",
        "create dns/zone",
        "create web/https",
        "create web/https-1",
        "create www",
        "update web/http: default_actions",
    ];
    assert_eq!(plan(&tls), expected);
    team.up("pyshop", &tls);
}
