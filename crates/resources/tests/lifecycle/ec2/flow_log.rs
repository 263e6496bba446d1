//! `AWS::EC2::FlowLog`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::FlowLog as SdkLog;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{FlowLog, FlowLogDestinationOptions, Subnet};
use ferrocrete_resources::s3::Bucket;

use super::network::{failure, tag, tag_by_hand, vpc};
use crate::world::{World, changed};

const ROLE: &str = "arn:aws:iam::123456789012:role/flow";
const FORMAT: &str = "${srcaddr} ${dstaddr} ${action}";

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    net: &'static str,
    traffic: &'static str,
    group: &'static str,
    role: &'static str,
    interval: Option<i32>,
    format: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    net: "a",
    traffic: "ALL",
    group: "flow",
    role: ROLE,
    interval: None,
    format: None,
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let (a, b) = (vpc(stack, "a", "10.0.0.0/16"), vpc(stack, "b", "10.0.0.0/16"));
        let net = if wanted.net == "a" { &a } else { &b };
        stack.add(
            "flow",
            FlowLog::builder()
                .resource_id(&net.vpc_id)
                .resource_type("VPC")
                .traffic_type(wanted.traffic)
                .log_group_name(wanted.group)
                .deliver_logs_permission_arn(wanted.role)
                .maybe_max_aggregation_interval(wanted.interval)
                .maybe_log_format(wanted.format)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

async fn find(ec2: &Client, id: &str) -> Option<SdkLog> {
    let all = ec2.describe_flow_logs().flow_log_ids(id).send().await.ok()?;
    all.flow_logs.unwrap_or_default().into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let id = world.id("flow").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.resource_id, Some(world.id("a").await));
    assert_eq!(made.traffic_type().unwrap().as_str(), "ALL");
    assert_eq!(made.log_destination_type().unwrap().as_str(), "cloud-watch-logs");
    assert_eq!(made.log_group_name(), Some("flow"));
    assert_eq!(made.deliver_logs_permission_arn(), Some(ROLE));
    assert_eq!(made.max_aggregation_interval(), Some(600));
    assert_eq!(world.output("flow", "flow_log_id").await, id);

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(program(Wanted { owner: Some("ben"), ..FIRST }), "flow", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    let wanted = Wanted { owner: None, ..FIRST };
    world.updates(program(wanted), "flow", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));

    // Drift: somebody deletes it.
    ec2.delete_flow_logs().flow_log_ids(&id).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create flow"]);
    let last = world.id("flow").await;
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn everything_but_tags_is_another_log() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let wanted = Wanted { group: "other", traffic: "REJECT", interval: Some(60), ..FIRST };
    let wanted = Wanted { format: Some(FORMAT), ..wanted };
    let why = ["log_group_name", "traffic_type", "max_aggregation_interval", "log_format"];
    let (old, new) = world.replaces(program(wanted), "flow", &why).await;
    assert!(find(&ec2, &old).await.is_none());
    let live = find(&ec2, &new).await.unwrap();
    assert_eq!(live.log_group_name(), Some("other"));
    assert_eq!(live.traffic_type().unwrap().as_str(), "REJECT");
    assert_eq!((live.max_aggregation_interval(), live.log_format()), (Some(60), Some(FORMAT)));

    let role = "arn:aws:iam::123456789012:role/other";
    for (next, property) in [
        (Wanted { net: "b", ..wanted }, "resource_id"),
        (Wanted { role, ..wanted }, "deliver_logs_permission_arn"),
    ] {
        assert_eq!(changed(&world.plan(program(next)).await, "flow"), [property].into());
    }
}

#[tokio::test]
async fn files_in_a_bucket() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |parquet: bool| {
        move |stack: &Stack| {
            let net = vpc(stack, "net", "10.0.0.0/16");
            let subnet = Subnet::builder().vpc_id(&net.vpc_id).cidr_block("10.0.0.0/24");
            let subnet = stack.add("subnet", subnet);
            let bucket = stack.add("logs", Bucket::builder());
            let options = FlowLogDestinationOptions::builder()
                .file_format(if parquet { "parquet" } else { "plain-text" })
                .hive_compatible_partitions(true)
                .per_hour_partition(false);
            stack.add(
                "flow",
                FlowLog::builder()
                    .resource_id(&subnet.subnet_id)
                    .resource_type("Subnet")
                    .traffic_type("ACCEPT")
                    .log_destination_type("s3")
                    .log_destination(&bucket.arn)
                    .destination_options(options),
            );
        }
    };
    world.up(program(true)).await;
    let live = find(&ec2, &world.id("flow").await).await.unwrap();
    assert_eq!(live.resource_id, Some(world.id("subnet").await));
    assert_eq!(live.log_destination_type().unwrap().as_str(), "s3");
    assert_eq!(live.log_destination, Some(world.output("logs", "arn").await));
    let options = live.destination_options().unwrap();
    assert_eq!(options.file_format().unwrap().as_str(), "parquet");
    let flags = (options.hive_compatible_partitions(), options.per_hour_partition());
    assert_eq!(flags, (Some(true), Some(false)));
    let plan = world.plan(program(false)).await;
    assert_eq!(changed(&plan, "flow"), ["destination_options"].into());
    world.destroy().await;
}

#[tokio::test]
async fn a_refusal_in_the_answer_is_an_error() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        stack.add(
            "flow",
            FlowLog::builder()
                .resource_id(&net.vpc_id)
                .resource_type("VPC")
                .traffic_type("ALL")
                .log_destination_type("s3")
                .log_destination("arn:aws:s3:::nobody-has-this-bucket"),
        );
    };
    let (_, report) = world.try_up(program).await.unwrap();
    assert_eq!(failure(&report), "400");
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "flow", "ec2:CreateFlowLogs").await;
}
