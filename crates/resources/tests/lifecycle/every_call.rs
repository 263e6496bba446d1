//! Types that the dev stack does not have, killed at every call of their creates: before AWS has
//! it, and after AWS carried it out. The next `up` finishes, and `destroy` leaves nothing, so
//! nothing was made that nobody knows of. The dev stack's types: `tests/killpoints`.
//!
//! A test run tries a sample; FERROCRETE_SWEEP=all tries every point.

use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{
    InternetGateway, Route, RouteTable, SecurityGroup, SecurityGroupEgress, Subnet,
    SubnetRouteTableAssociation, Vpc, VpcGatewayAttachment,
};
use ferrocrete_resources::ecr::{LifecyclePolicy, Repository};
use ferrocrete_resources::ecs::{Cluster, ContainerDefinition, Service, TaskDefinition};
use ferrocrete_resources::iam::{
    ManagedPolicy, PolicyDocument, Role, RolePolicyAttachment, Statement,
};
use ferrocrete_resources::rds::DbParameterGroup;
use ferrocrete_resources::s3::{Bucket, BucketPolicy};
use futures::{StreamExt, stream};

use crate::proxy::{At, Proxy, Side, Trap};
use crate::world::World;

/// Every so many of the points are tried by a test run; odd, so that both sides come up.
const SAMPLE: usize = 7;
const PARALLEL: usize = 6;

pub fn program(stack: &Stack) {
    let vpc = Vpc::builder().cidr_block("10.0.0.0/16").enable_dns_hostnames(true);
    let vpc = stack.add("net", vpc);
    let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block("10.0.1.0/24");
    let subnet = stack.add("a", subnet.map_public_ip_on_launch(true));
    let gateway = stack.add("gateway", InternetGateway::builder());
    let attached = VpcGatewayAttachment::builder()
        .vpc_id(&vpc.vpc_id)
        .internet_gateway_id(&gateway.internet_gateway_id);
    let attached = stack.add("gateway", attached);
    let table = stack.add("routes", RouteTable::builder().vpc_id(&vpc.vpc_id));
    let route = Route::builder()
        .route_table_id(&table.route_table_id)
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(&gateway.internet_gateway_id);
    let route = stack.add("out", route);
    stack.add_dependency(&route, &attached);
    stack.add(
        "a",
        SubnetRouteTableAssociation::builder()
            .route_table_id(&table.route_table_id)
            .subnet_id(&subnet.subnet_id),
    );
    let group = SecurityGroup::builder().group_description("Web").vpc_id(&vpc.vpc_id);
    let group = stack.add("web", group);
    stack.add(
        "https",
        SecurityGroupEgress::builder()
            .group_id(&group.group_id)
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .cidr_ip("192.0.2.0/24"),
    );
    let trust = Statement::new().actions(["sts:AssumeRole"]).principal_service("ec2.amazonaws.com");
    let role = Role::builder().assume_role_policy_document(PolicyDocument::new().allow(trust));
    let role = stack.add("machine", role);
    let reading = Statement::new().actions(["s3:GetObject"]).resources(["*"]);
    let policy = ManagedPolicy::builder().policy_document(PolicyDocument::new().allow(reading));
    let policy = stack.add("reading", policy);
    stack.add(
        "reading",
        RolePolicyAttachment::builder().role_name(&role.role_name).policy_arn(&policy.arn),
    );
    stack.add(
        "tuned",
        DbParameterGroup::builder()
            .family("postgres16")
            .description("Tuned")
            .parameters([("work_mem", "8192")]),
    );
    let bucket = stack.add("docs", Bucket::builder());
    let listing = Statement::new()
        .actions(["s3:ListBucket"])
        .principal_service("ec2.amazonaws.com")
        .resources([ferrocrete_core::interpolate!("arn:aws:s3:::{}", &bucket.bucket_name)]);
    stack.add(
        "docs",
        BucketPolicy::builder()
            .bucket(&bucket.bucket_name)
            .policy_document(PolicyDocument::new().allow(listing)),
    );
    containers(stack);
}

/// What runs containers; Fargate's capacity providers have to be waited for.
fn containers(stack: &Stack) {
    let keep = LifecyclePolicy::new().keep_last(9).to_json();
    let images = Repository::builder().lifecycle_policy_text(keep);
    stack.add("images", images.repository_policy_text(reading_images()));
    let cluster = Cluster::builder().capacity_providers(["FARGATE"]);
    let cluster = stack.add("apps", cluster);
    let app = ContainerDefinition::builder().name("app").image("nginx:1").memory(64);
    let task = TaskDefinition::builder().container_definitions([app]);
    let task = stack.add("app", task);
    stack.add(
        "app",
        Service::builder()
            .cluster(&cluster.cluster_name)
            .task_definition(&task.task_definition_arn),
    );
}

fn reading_images() -> PolicyDocument {
    let pull = Statement::new().sid("Pull").action("ecr:BatchGetImage");
    PolicyDocument::new().allow(pull.principal_aws("arn:aws:iam::111122223333:root"))
}

/// How many things of these kinds are in the account, AWS's own left out.
pub async fn things(world: &World) -> Vec<(&'static str, usize)> {
    let aws = world.aws().await;
    let (ec2, iam) = (aws.ec2(), aws.iam());
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    let subnets = ec2.describe_subnets().send().await.unwrap();
    let gateways = ec2.describe_internet_gateways().send().await.unwrap();
    let tables = ec2.describe_route_tables().send().await.unwrap();
    let routes = tables.route_tables().iter().map(|t| t.routes().len() + t.associations().len());
    let groups = ec2.describe_security_groups().send().await.unwrap();
    let rules = ec2.describe_security_group_rules().send().await.unwrap();
    let roles = iam.list_roles().send().await.unwrap();
    // AWS makes and keeps those that are linked to its services.
    let roles = roles.roles().iter().filter(|r| !r.path().starts_with("/aws-service-role/"));
    let policies = iam.list_policies().scope("Local".into()).send().await.unwrap();
    let tuned = aws.rds().describe_db_parameter_groups().send().await.unwrap();
    let buckets = aws.s3().list_buckets().send().await.unwrap();
    let (ecr, ecs) = (aws.ecr(), aws.ecs());
    let images = ecr.describe_repositories().send().await.unwrap();
    let all = ecs.list_clusters().send().await.unwrap().cluster_arns;
    let clusters = ecs.describe_clusters().set_clusters(all).send().await.unwrap();
    let tasks = ecs.list_task_definitions().send().await.unwrap();
    let services = clusters.clusters().iter().map(|c| c.active_services_count());
    let services = usize::try_from(services.sum::<i32>()).unwrap();
    vec![
        ("vpc", vpcs.vpcs().len()),
        ("subnet", subnets.subnets().len()),
        ("gateway", gateways.internet_gateways().len()),
        ("table", tables.route_tables().len()),
        ("route or use of a table", routes.sum()),
        ("group", groups.security_groups().len()),
        ("rule", rules.security_group_rules().len()),
        ("role", roles.count()),
        ("policy", policies.policies().len()),
        ("parameter group", tuned.db_parameter_groups().len()),
        ("bucket", buckets.buckets().len()),
        ("repository", images.repositories().len()),
        ("cluster", clusters.clusters().iter().filter(|c| c.status() == Some("ACTIVE")).count()),
        ("task definition", tasks.task_definition_arns().len()),
        ("service", services),
    ]
}

type Things = Vec<(&'static str, usize)>;

async fn survives(trap: Trap, empty: Things, full: Things) {
    let world = World::new().await;
    let proxy = Proxy::start(world.account.endpoint(), Some(trap.clone())).await;
    world.up_until(program, &proxy.url, proxy.sprung()).await;
    proxy.quiet().await;
    let at = format!("killed {} {:?}, {trap:?}", trap.side, proxy.hit());
    println!("{at}");
    world.up(program).await;
    assert_eq!(things(&world).await, full, "{at}");
    world.destroy().await;
    assert_eq!(things(&world).await, empty, "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_made_twice() {
    let world = World::new().await;
    let empty = things(&world).await;
    let proxy = Proxy::start(world.account.endpoint(), None).await;
    assert!(!world.up_until(program, &proxy.url, std::future::pending()).await);
    let full = things(&world).await;
    let calls = proxy.made().len();
    let step = match std::env::var("FERROCRETE_SWEEP") {
        Ok(all) if all == "all" => 1,
        _ => SAMPLE,
    };
    let points = (1..=calls).flat_map(|k| [Side::Before, Side::After].map(|side| (k, side)));
    let traps = points.step_by(step).map(|(k, side)| Trap { at: At::Number(k), side });
    let lives = traps.map(|trap| survives(trap, empty.clone(), full.clone()));
    let tried = stream::iter(lives).buffer_unordered(PARALLEL).count().await;
    println!("{tried} points of {calls} calls survived");
}
