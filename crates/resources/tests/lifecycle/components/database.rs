//! Database.

use std::collections::BTreeSet;

use aws_sdk_rds::types::DbInstance;
use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::components::{
    Database, DatabaseAlarms, LoadBalancer, NatGateways, Network,
};
use ferrocrete_resources::ec2::SecurityGroup;
use ferrocrete_resources::sns::Topic;
use ferrocrete_sandbox::Fault;

use crate::world::{World, changes};

#[derive(Clone, Copy)]
struct Switches {
    multi_az: bool,
    replicas: usize,
    cpu_percent: f64,
}

fn program(switches: Switches) -> impl Fn(&Stack) {
    move |stack| {
        let network = Network::builder().nat_gateways(NatGateways::None).build();
        let network = stack.component("network", network);
        let topic = stack.add("alarms", Topic::builder());
        let made = Database::builder()
            .placement(network.private())
            .engine_version("15")
            .multi_az(switches.multi_az)
            .apply_immediately(true)
            .replicas(switches.replicas)
            .monitoring_interval(60)
            .max_allocated_storage(100)
            .skip_final_snapshot(true)
            .secret_recovery_days(0)
            .alarms(DatabaseAlarms::builder().cpu_percent(switches.cpu_percent).build())
            .alarm_actions([&topic.topic_arn])
            .build();
        let made = stack.component("database", made);
        let group = SecurityGroup::builder().group_description("api").vpc_id(&network.vpc_id);
        let client = stack.add("client", group);
        made.allow_from(stack, "from-client", &client.group_id);
        stack.export("identifier", &made.identifier);
        stack.export("group", &made.security_group_id);
        stack.export("client", &client.group_id);
        stack.export("host", &made.host);
        stack.export("url_secret", &made.url_secret_arn);
        stack.export("password_secret", &made.password_secret_arn);
        stack.export("replicas", made.replica_hosts.as_slice());
        stack.export("topic", &topic.topic_arn);
    }
}

async fn instance(aws: &Aws, id: &str) -> Option<DbInstance> {
    let found = aws.rds().describe_db_instances().db_instance_identifier(id).send().await.ok()?;
    found.db_instances().first().cloned()
}

async fn secret(aws: &Aws, arn: &str) -> String {
    let value = aws.secretsmanager().get_secret_value().secret_id(arn).send().await.unwrap();
    value.secret_string.unwrap()
}

#[tokio::test]
async fn what_is_declared_is_there() {
    let world = World::new().await;
    let aws = world.aws().await;
    let first = Switches { multi_az: false, replicas: 0, cpu_percent: 80.0 };
    world.up(program(first)).await;

    let id = world.export("identifier").await;
    let made = instance(&aws, &id).await.unwrap();
    assert!(made.engine_version().unwrap().starts_with("15"));
    assert_eq!(made.db_instance_class(), Some("db.t4g.micro"));
    assert_eq!((made.allocated_storage(), made.max_allocated_storage()), (Some(20), Some(100)));
    assert_eq!(made.storage_type(), Some("gp3"));
    assert_eq!(made.storage_encrypted(), Some(true));
    assert_eq!(made.backup_retention_period(), Some(7));
    assert_eq!(made.monitoring_interval(), Some(60));
    assert!(made.monitoring_role_arn().unwrap().contains("monitoring"));
    assert_eq!(made.publicly_accessible(), Some(false));
    assert_eq!(made.multi_az(), Some(false));
    assert_eq!(made.copy_tags_to_snapshot(), Some(true));
    let subnets = made.db_subnet_group().unwrap().subnets();
    assert_eq!(subnets.len(), 2);

    // The connection string is what a program needs to connect.
    let password = secret(&aws, &world.export("password_secret").await).await;
    assert_eq!(password.len(), 32);
    let host = world.export("host").await;
    let url = secret(&aws, &world.export("url_secret").await).await;
    assert_eq!(url, format!("postgresql://app:{password}@{host}:5432/app?sslmode=require"));
    assert!(!world.stored().contains(&password), "state holds it encrypted only");

    // Only the client's group is let in.
    let by =
        aws_sdk_ec2::types::Filter::builder().name("group-id").values(world.export("group").await);
    let rules = aws.ec2().describe_security_group_rules().filters(by.build()).send().await.unwrap();
    let ingress: Vec<_> =
        rules.security_group_rules().iter().filter(|r| r.is_egress() == Some(false)).collect();
    assert_eq!(ingress.len(), 1);
    let from = ingress[0].referenced_group_info().and_then(|g| g.group_id());
    assert_eq!(from, Some(&world.export("client").await[..]));
    assert_eq!((ingress[0].from_port(), ingress[0].to_port()), (Some(5432), Some(5432)));

    let alarms = aws.cloudwatch().describe_alarms().send().await.unwrap();
    let watched: BTreeSet<_> =
        alarms.metric_alarms().iter().filter_map(|a| a.metric_name()).collect();
    let expected = ["CPUUtilization", "DatabaseConnections", "FreeStorageSpace"];
    assert_eq!(watched, expected.into());
    for alarm in alarms.metric_alarms() {
        assert_eq!(alarm.dimensions()[0].value(), Some(&id[..]));
        assert_eq!(alarm.alarm_actions(), [world.export("topic").await]);
    }

    // Switches change what they say, in place.
    let plan = world.plan(program(Switches { cpu_percent: 90.0, ..first })).await;
    assert_eq!(changes(&plan), ["update database-cpu"]);
    let standby = Switches { multi_az: true, ..first };
    assert_eq!(changes(&world.plan(program(standby)).await), ["update postgres"]);
    world.up(program(standby)).await;
    assert_eq!(instance(&aws, &id).await.unwrap().multi_az(), Some(true));
    let more = Switches { replicas: 1, ..standby };
    assert_eq!(changes(&world.plan(program(more)).await), ["create replica-1"]);
    world.up(program(more)).await;
    let made = instance(&aws, &id).await.unwrap();
    assert_eq!(made.read_replica_db_instance_identifiers().len(), 1);
    assert_eq!(world.exports("replicas").await.len(), 1);

    world.destroy().await;
    assert!(instance(&aws, &id).await.is_none());
}

/// The password of a first `up` that failed keeps its name for a week.
#[tokio::test]
async fn comes_back_after_a_first_up_that_failed() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let network = Network::builder().nat_gateways(NatGateways::None).build();
        let network = stack.component("network", network);
        let database = Database::builder().placement(network.private()).build();
        let database = stack.component("database", database);
        stack.export("identifier", &database.identifier);
    };
    let refused = Fault::status("CreateDBInstance", 400, "InvalidParameterCombination");
    world.account.faults([refused]).await.unwrap();
    let (_, report) = world.try_up(program).await.unwrap();
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    world.destroy().await;
    world.up(program).await;
    let aws = world.aws().await;
    assert!(instance(&aws, &world.export("identifier").await).await.is_some());
    world.destroy().await;
}

#[tokio::test]
async fn one_zone_is_too_few() {
    let world = World::new().await;
    let refused = world.refused(|stack| {
        let network = stack.component("network", Network::builder().zones(1).build());
        let database = Database::builder().placement(network.private()).build();
        stack.component("database", database);
        let web = LoadBalancer::builder().placement(network.public()).build();
        stack.component("web", web);
    });
    for part in ["`database`: a database needs", "`web`: a load balancer needs"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
}
