//! The web API platform: each property that the systems' description promises, asked through
//! the SDK.

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete::aws::Aws;

use crate::team::Team;

const DOMAIN: [&str; 3] = [
    "--set=pyshop.domain.name=pyshop.example.org",
    "--set=pyshop.domain.zone=new",
    "--set=pyshop.domain.tls=true",
];

#[tokio::test(flavor = "multi_thread")]
async fn pyshop_is_what_it_is_to_be() {
    let team = Team::new().await;
    team.run(0, "pyshop", &[&["up", "--yes"], &DOMAIN[..]].concat());
    let aws = team.aws().await;
    network(&aws).await;
    database(&aws).await;
    load_balancer(&aws).await;
    service(&team, &aws).await;
    scaling(&aws).await;
    watching(&team, &aws).await;
    domain(&aws).await;
}

async fn network(aws: &Aws) {
    let vpcs = aws.ec2().describe_vpcs().send().await.unwrap();
    let own = vpcs.vpcs().iter().find(|v| v.is_default() != Some(true)).unwrap();
    assert_eq!(own.cidr_block(), Some("10.0.0.0/16"));
    let by = aws_sdk_ec2::types::Filter::builder().name("vpc-id");
    let by = by.values(own.vpc_id().unwrap()).build();
    let subnets = aws.ec2().describe_subnets().filters(by.clone()).send().await.unwrap();
    let ranges: BTreeSet<_> = subnets.subnets().iter().filter_map(|s| s.cidr_block()).collect();
    let expected = ["10.0.1.0/24", "10.0.2.0/24", "10.0.10.0/24", "10.0.11.0/24"];
    assert_eq!(ranges, expected.into());
    let nats = aws.ec2().describe_nat_gateways().filter(by).send().await.unwrap();
    assert_eq!(nats.nat_gateways().len(), 2);
}

async fn database(aws: &Aws) {
    let found = aws.rds().describe_db_instances().send().await.unwrap();
    let [made] = found.db_instances() else { panic!("{found:?}") };
    assert_eq!(made.engine(), Some("postgres"));
    assert!(made.engine_version().unwrap().starts_with("15"));
    assert_eq!(made.db_instance_class(), Some("db.t4g.micro"));
    assert_eq!((made.allocated_storage(), made.storage_type()), (Some(20), Some("gp3")));
    assert_eq!(made.storage_encrypted(), Some(true));
    assert_eq!(made.backup_retention_period(), Some(7));
    assert_eq!(made.multi_az(), Some(false));
    assert_eq!(made.monitoring_interval(), Some(60));
    assert_eq!(made.publicly_accessible(), Some(false));
}

async fn load_balancer(aws: &Aws) {
    let elb = aws.elasticloadbalancingv2();
    let found = elb.describe_load_balancers().send().await.unwrap();
    let arn = found.load_balancers()[0].load_balancer_arn().unwrap();
    let targets = elb.describe_target_groups().send().await.unwrap();
    assert_eq!(targets.target_groups()[0].health_check_path(), Some("/healthz"));
    let listeners = elb.describe_listeners().load_balancer_arn(arn).send().await.unwrap();
    let by_port: BTreeMap<_, _> = listeners.listeners().iter().map(|l| (l.port(), l)).collect();
    let redirect = by_port[&Some(80)].default_actions()[0].redirect_config().unwrap();
    assert_eq!(redirect.protocol(), Some("HTTPS"));
    assert_eq!(redirect.status_code().map(|s| s.as_str()), Some("HTTP_301"));
    let https = by_port[&Some(443)];
    assert_eq!(https.default_actions()[0].r#type().map(|t| t.as_str()), Some("forward"));
    let certificate = https.certificates()[0].certificate_arn().unwrap();
    let issued = aws.acm().describe_certificate().certificate_arn(certificate).send().await;
    let issued = issued.unwrap().certificate.unwrap();
    assert_eq!(issued.status().map(|s| s.as_str()), Some("ISSUED"));
    assert_eq!(issued.domain_name(), Some("pyshop.example.org"));
}

async fn service(team: &Team, aws: &Aws) {
    let cluster = team.output("pyshop", "cluster");
    let settings = aws_sdk_ecs::types::ClusterField::Settings;
    let found = aws.ecs().describe_clusters().clusters(&cluster).include(settings);
    let found = found.send().await.unwrap();
    let insights = found.clusters()[0].settings()[0].value();
    assert_eq!(insights, Some("enabled"));
    let call = aws.ecs().describe_services().cluster(&cluster);
    let found = call.services(team.output("pyshop", "service")).send().await.unwrap();
    let made = &found.services()[0];
    assert_eq!((made.desired_count(), made.running_count()), (2, 2));
    assert!(made.enable_execute_command());
    let deployment = made.deployment_configuration().unwrap();
    let breaker = deployment.deployment_circuit_breaker().unwrap();
    assert!(breaker.enable() && breaker.rollback());
    let call = aws.ecs().describe_task_definition();
    let task = call.task_definition(made.task_definition().unwrap()).send().await.unwrap();
    let task = task.task_definition.unwrap();
    assert_eq!((task.cpu(), task.memory()), (Some("512"), Some("1024")));
    let container = &task.container_definitions()[0];
    let pairs = container.environment().iter().map(|p| (p.name().unwrap(), p.value().unwrap()));
    let expected = [("ENVIRONMENT", "production"), ("ACCESS_TOKEN_EXPIRE_MINUTES", "30")];
    assert_eq!(BTreeMap::from_iter(pairs), expected.into());
    let secrets = container.secrets().iter().map(|s| (s.name(), s.value_from()));
    let secrets = BTreeMap::from_iter(secrets);
    assert_eq!(secrets.keys().collect::<Vec<_>>(), [&"DATABASE_URL", &"SECRET_KEY"]);
    let call = aws.secretsmanager().get_secret_value().secret_id(secrets["DATABASE_URL"]);
    let url = call.send().await.unwrap().secret_string.unwrap();
    let host = team.output("pyshop", "database_host");
    assert!(url.starts_with("postgresql://pyshop:"), "{url}");
    assert!(url.ends_with(&format!("@{host}:5432/pyshop?sslmode=require")), "{url}");
}

async fn scaling(aws: &Aws) {
    let scaling = aws.applicationautoscaling();
    let found = scaling.describe_scalable_targets().service_namespace("ecs".into());
    let found = found.send().await.unwrap();
    let [target] = found.scalable_targets() else { panic!("{found:?}") };
    assert_eq!((target.min_capacity(), target.max_capacity()), (2, 10));
    let found = scaling.describe_scaling_policies().service_namespace("ecs".into());
    let found = found.send().await.unwrap();
    let aims: BTreeMap<_, _> = found
        .scaling_policies()
        .iter()
        .map(|p| {
            let aim = p.target_tracking_scaling_policy_configuration().unwrap();
            let metric = aim.predefined_metric_specification().unwrap();
            (metric.predefined_metric_type().as_str().to_owned(), aim.target_value())
        })
        .collect();
    let expected = [
        ("ECSServiceAverageCPUUtilization".to_owned(), 70.0),
        ("ECSServiceAverageMemoryUtilization".to_owned(), 80.0),
    ];
    assert_eq!(aims, expected.into());
}

async fn watching(team: &Team, aws: &Aws) {
    let topic = team.output("pyshop", "alarm_topic");
    let found = aws.cloudwatch().describe_alarms().send().await.unwrap();
    let own = found.metric_alarms().iter().filter(|a| a.alarm_actions().contains(&topic));
    let watched: BTreeSet<_> =
        own.filter_map(|a| Some(format!("{} {}", a.namespace()?, a.metric_name()?))).collect();
    let expected = [
        "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
        "AWS/ApplicationELB HTTPCode_Target_5XX_Count",
        "AWS/ApplicationELB TargetResponseTime",
        "AWS/ApplicationELB UnHealthyHostCount",
        "AWS/ECS CPUUtilization",
        "AWS/ECS MemoryUtilization",
        "AWS/RDS CPUUtilization",
        "AWS/RDS DatabaseConnections",
        "AWS/RDS FreeStorageSpace",
    ];
    assert_eq!(watched, expected.map(str::to_owned).into());
    let mails = aws.sns().list_subscriptions_by_topic().topic_arn(&topic).send().await.unwrap();
    assert_eq!(mails.subscriptions()[0].endpoint(), Some("ops@example.org"));
    let name = team.output("pyshop", "dashboard");
    let board = aws.cloudwatch().get_dashboard().dashboard_name(name).send().await.unwrap();
    let body = board.dashboard_body.unwrap();
    for metric in ["AWS/ECS", "AWS/ApplicationELB", "AWS/RDS"] {
        assert!(body.contains(metric), "{metric}: {body}");
    }
    let group = team.output("pyshop", "log_group");
    let call = aws.cloudwatchlogs().describe_log_groups().log_group_name_prefix(group);
    assert_eq!(call.send().await.unwrap().log_groups()[0].retention_in_days(), Some(30));
}

async fn domain(aws: &Aws) {
    let zones = aws.route53().list_hosted_zones().send().await.unwrap();
    let zone = zones.hosted_zones().iter().find(|z| z.name() == "pyshop.example.org.").unwrap();
    let call = aws.route53().list_resource_record_sets().hosted_zone_id(zone.id());
    let sets = call.send().await.unwrap();
    let balancers = aws.elasticloadbalancingv2().describe_load_balancers().send().await.unwrap();
    let dns = balancers.load_balancers()[0].dns_name().unwrap();
    for name in ["pyshop.example.org.", "www.pyshop.example.org."] {
        let a = |s: &&aws_sdk_route53::types::ResourceRecordSet| {
            s.name() == name && s.r#type().as_str() == "A"
        };
        let set = sets.resource_record_sets().iter().find(a).expect(name);
        let target = set.alias_target().unwrap().dns_name();
        assert_eq!(target.trim_end_matches('.').trim_start_matches("dualstack."), dns);
    }
}
