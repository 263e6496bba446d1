//! Everything that is in an account, asked through the SDK.

use std::collections::BTreeSet;

use ferrocrete::aws::Aws;

/// What is there, a line each. A new account has some things, too, such as a default VPC.
pub async fn everything(aws: &Aws) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    network(aws, &mut found).await;
    services(aws, &mut found).await;
    data(aws, &mut found).await;
    watching(aws, &mut found).await;
    names(aws, &mut found).await;
    found
}

fn add<T: AsRef<str>>(found: &mut BTreeSet<String>, what: &str, ids: impl Iterator<Item = T>) {
    found.extend(ids.map(|id| format!("{what} {}", id.as_ref())));
}

async fn network(aws: &Aws, found: &mut BTreeSet<String>) {
    let ec2 = aws.ec2();
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    add(found, "vpc", vpcs.vpcs().iter().filter_map(|v| v.vpc_id()));
    let subnets = ec2.describe_subnets().send().await.unwrap();
    add(found, "subnet", subnets.subnets().iter().filter_map(|s| s.subnet_id()));
    let groups = ec2.describe_security_groups().send().await.unwrap();
    add(found, "group", groups.security_groups().iter().filter_map(|g| g.group_id()));
    let tables = ec2.describe_route_tables().send().await.unwrap();
    add(found, "route table", tables.route_tables().iter().filter_map(|t| t.route_table_id()));
    let doors = ec2.describe_internet_gateways().send().await.unwrap();
    let doors = doors.internet_gateways().iter();
    add(found, "internet gateway", doors.filter_map(|g| g.internet_gateway_id()));
    let nats = ec2.describe_nat_gateways().send().await.unwrap();
    // Deleted ones stay in sight for an hour.
    let nats = nats
        .nat_gateways()
        .iter()
        .filter(|n| !matches!(n.state().map(|s| s.as_str()), Some("deleted" | "deleting")));
    add(found, "nat", nats.filter_map(|n| n.nat_gateway_id()));
    let addresses = ec2.describe_addresses().send().await.unwrap();
    add(found, "address", addresses.addresses().iter().filter_map(|a| a.allocation_id()));
    let logs = ec2.describe_flow_logs().send().await.unwrap();
    add(found, "flow log", logs.flow_logs().iter().filter_map(|l| l.flow_log_id()));
    let interfaces = ec2.describe_network_interfaces().send().await.unwrap();
    let interfaces = interfaces.network_interfaces().iter();
    add(found, "interface", interfaces.filter_map(|i| i.network_interface_id()));
}

async fn services(aws: &Aws, found: &mut BTreeSet<String>) {
    let elb = aws.elasticloadbalancingv2();
    let balancers = elb.describe_load_balancers().send().await.unwrap();
    add(found, "", balancers.load_balancers().iter().filter_map(|b| b.load_balancer_arn()));
    let targets = elb.describe_target_groups().send().await.unwrap();
    add(found, "", targets.target_groups().iter().filter_map(|t| t.target_group_arn()));
    let ecs = aws.ecs();
    // Deleted clusters stay in sight as inactive ones; none has an active service.
    let listed = ecs.list_clusters().send().await.unwrap().cluster_arns;
    let clusters = ecs.describe_clusters().set_clusters(listed).send().await.unwrap();
    let active = clusters.clusters().iter().filter(|c| c.status() != Some("INACTIVE"));
    for cluster in active.filter_map(|c| c.cluster_arn()) {
        add(found, "", [cluster].iter());
        let services = ecs.list_services().cluster(cluster).send().await.unwrap();
        add(found, "", services.service_arns().iter());
    }
    let definitions = ecs.list_task_definitions().send().await.unwrap();
    add(found, "", definitions.task_definition_arns().iter());
    let scaling = aws.applicationautoscaling();
    let namespace = || "ecs".into();
    let targets = scaling.describe_scalable_targets().service_namespace(namespace());
    let targets = targets.send().await.unwrap();
    add(found, "scaling of", targets.scalable_targets().iter().map(|t| t.resource_id()));
    let policies = scaling.describe_scaling_policies().service_namespace(namespace());
    let policies = policies.send().await.unwrap();
    add(found, "scaling policy", policies.scaling_policies().iter().map(|p| p.policy_name()));
    let repositories = aws.ecr().describe_repositories().send().await.unwrap();
    add(found, "", repositories.repositories().iter().filter_map(|r| r.repository_arn()));
    let roles = aws.iam().list_roles().send().await.unwrap();
    // AWS makes and keeps those that are linked to its services.
    let own = roles.roles().iter().filter(|r| !r.path().starts_with("/aws-service-role/"));
    add(found, "role", own.map(|r| r.role_name()));
}

async fn data(aws: &Aws, found: &mut BTreeSet<String>) {
    let buckets = aws.s3().list_buckets().send().await.unwrap();
    add(found, "bucket", buckets.buckets().iter().filter_map(|b| b.name()));
    let tables = aws.dynamodb().list_tables().send().await.unwrap();
    add(found, "table", tables.table_names().iter());
    let databases = aws.rds().describe_db_instances().send().await.unwrap();
    add(found, "", databases.db_instances().iter().filter_map(|d| d.db_instance_arn()));
    let groups = aws.rds().describe_db_subnet_groups().send().await.unwrap();
    add(found, "", groups.db_subnet_groups().iter().filter_map(|g| g.db_subnet_group_arn()));
    let own = aws.rds().describe_db_snapshots().snapshot_type("manual").send().await.unwrap();
    add(found, "", own.db_snapshots().iter().filter_map(|s| s.db_snapshot_arn()));
    let secrets = aws.secretsmanager().list_secrets().send().await.unwrap();
    add(found, "", secrets.secret_list().iter().filter_map(|s| s.arn()));
}

async fn watching(aws: &Aws, found: &mut BTreeSet<String>) {
    let logs = aws.cloudwatchlogs().describe_log_groups().send().await.unwrap();
    add(found, "log group", logs.log_groups().iter().filter_map(|g| g.log_group_name()));
    let alarms = aws.cloudwatch().describe_alarms().send().await.unwrap();
    // Target tracking has alarms of its own, which AWS makes and deletes.
    add(found, "", alarms.metric_alarms().iter().filter_map(|a| a.alarm_arn()));
    let dashboards = aws.cloudwatch().list_dashboards().send().await.unwrap();
    let dashboards = dashboards.dashboard_entries().iter();
    add(found, "dashboard", dashboards.filter_map(|d| d.dashboard_name()));
    let topics = aws.sns().list_topics().send().await.unwrap();
    add(found, "", topics.topics().iter().filter_map(|t| t.topic_arn()));
    let subscriptions = aws.sns().list_subscriptions().send().await.unwrap();
    let subscriptions = subscriptions.subscriptions().iter();
    add(found, "subscription of", subscriptions.filter_map(|s| s.endpoint()));
}

async fn names(aws: &Aws, found: &mut BTreeSet<String>) {
    let zones = aws.route53().list_hosted_zones().send().await.unwrap();
    add(found, "zone", zones.hosted_zones().iter().map(|z| z.name()));
    let certificates = aws.acm().list_certificates().send().await.unwrap();
    let certificates = certificates.certificate_summary_list().iter();
    add(found, "", certificates.filter_map(|c| c.certificate_arn()));
}
