//! `AWS::EC2::FlowLog`: which connections were allowed and refused.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateFlowLogs |
//! | read, find | DescribeFlowLogs |
//! | update | CreateTags, DeleteTags |
//! | delete | DeleteFlowLogs |
//!
//! Traps: nothing but tags can be changed. AWS accepts a log group or role that does not exist and
//! reports it minutes later as the delivery's status, never as an error. A role made moments ago is
//! refused as `InvalidParameter`, which means everything: `Unable to assume given IAM role`
//! (TF#29323). The same log twice (same resource, traffic and destination) is refused, so a
//! replacement that keeps them deletes first.
//! Left out: `deliver_cross_account_role` and `tag_field_specifications`: logs of other accounts,
//! and tags in each record.
//! Differences:
//! - does not need `autoscaling:DescribeTags`: for tags in each record.

use aws_sdk_ec2::types::{
    DestinationFileFormat, DestinationOptionsRequest, Filter, FlowLog as SdkLog,
    FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType,
};

use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::shared::{PAGE, described, owned};
use super::tags::{from_sdk, retag, specification};
use crate::aws::answer::{ours_or, refused};
use crate::aws::claim;
use crate::prelude::*;

/// Which connections of a VPC, subnet or interface were allowed and refused.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::FlowLog",
    claims = FlowLog::claims,
    eventual(
        "InvalidVpcId.NotFound",
        "InvalidVpcID.NotFound",
        "InvalidSubnetId.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidNetworkInterfaceId.NotFound",
        "InvalidFlowLogId.NotFound",
        "InvalidParameter" = "Unable to assume given IAM role"
    ),
    iam(
        create(
            "ec2:CreateFlowLogs",
            "ec2:CreateTags",
            "iam:PassRole",
            "iam:CreateServiceLinkedRole",
            "logs:CreateLogDelivery",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy"
        ),
        read("ec2:DescribeFlowLogs"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteFlowLogs", "logs:DeleteLogDelivery")
    )
)]
pub struct FlowLog {
    /// Id of what is watched, such as a VPC's. Replaces.
    #[field(replaces)]
    pub resource_id: String,
    /// `VPC`, `Subnet`, `NetworkInterface`, `TransitGateway`, `TransitGatewayAttachment` or
    /// `RegionalNatGateway`. Replaces.
    #[field(replaces)]
    pub resource_type: String,
    /// `ALL`, `ACCEPT` or `REJECT`; not for transit gateways. Replaces.
    #[field(replaces)]
    pub traffic_type: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`. Default: `cloud-watch-logs`. Replaces.
    #[field(replaces, server_default)]
    pub log_destination_type: Option<String>,
    /// ARN of the log group, bucket (or `BUCKET_ARN/folder/`) or delivery stream. Replaces.
    #[field(replaces, server_default)]
    pub log_destination: Option<String>,
    /// Name of the log group; instead of `log_destination`. Replaces.
    #[field(replaces, server_default)]
    pub log_group_name: Option<String>,
    /// ARN of the role that writes to the log group. Replaces.
    #[field(replaces)]
    pub deliver_logs_permission_arn: Option<String>,
    /// Seconds that are summed up in one record: 60 or 600. Default: 600. Replaces.
    #[field(replaces, server_default)]
    pub max_aggregation_interval: Option<i32>,
    /// Fields of a record, such as `${srcaddr} ${dstaddr} ${action}`. Default: AWS's. Replaces.
    #[field(replaces, server_default)]
    pub log_format: Option<String>,
    /// How files in a bucket are written. Replaces.
    #[field(replaces, server_default)]
    pub destination_options: Option<FlowLogDestinationOptions>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// How a flow log's files in a bucket are written.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct FlowLogDestinationOptions {
    /// `plain-text` or `parquet`.
    pub file_format: String,
    /// Folders by which Hive finds its partitions.
    pub hive_compatible_partitions: bool,
    /// A folder per hour instead of one per day.
    pub per_hour_partition: bool,
}

/// What AWS knows of a [`FlowLog`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct FlowLogOutputs {
    /// Id, such as `fl-0abc`.
    pub flow_log_id: String,
}

described!("flow-log-id", SdkLog, flow_log_id);

async fn list(aws: &Aws, by: Filter) -> Result<Vec<SdkLog>> {
    let call = aws.ec2().describe_flow_logs().filter(by);
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.op("ec2:DescribeFlowLogs")?.flow_logs.unwrap_or_default());
    }
    Ok(all)
}

impl FlowLog {
    /// What is watched and where it goes.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let known = |name| claim::known(properties, name);
        let group = |arn: &str| arn.split_once(":log-group:").map(|(_, name)| name.to_owned());
        // A log group has two names.
        let to = known("log_group_name")
            .or_else(|| known("log_destination").map(|arn| group(&arn).unwrap_or(arn)))
            .map(|to| to.trim_end_matches(":*").to_owned());
        let one = |resource: String, to: String| {
            let traffic = known("traffic_type").unwrap_or_default();
            let names = ["resource_id", "traffic_type", "log_destination"];
            Claim::new("flow log", &names, [resource, traffic, to])
        };
        known("resource_id").zip(to).map(|(resource, to)| one(resource, to)).into_iter().collect()
    }
}

impl Resource for FlowLog {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ec2:CreateFlowLogs";
        let call = cx
            .ec2()
            .create_flow_logs()
            .client_token(cx.token())
            .resource_ids(&self.resource_id)
            .resource_type(FlowLogsResourceType::from(self.resource_type.as_str()))
            .set_traffic_type(self.traffic_type.as_deref().map(TrafficType::from))
            .set_log_destination_type(
                self.log_destination_type.as_deref().map(LogDestinationType::from),
            )
            .set_log_destination(self.log_destination.clone())
            .set_log_group_name(self.log_group_name.clone())
            .set_deliver_logs_permission_arn(self.deliver_logs_permission_arn.clone())
            .set_max_aggregation_interval(self.max_aggregation_interval)
            .set_log_format(self.log_format.clone())
            .set_destination_options(self.destination_options.as_ref().map(to_sdk))
            .set_tag_specifications(specification(ResourceType::VpcFlowLog, &self.tags));
        let answer = match call.send().await.op(CALL) {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        // The call succeeds as a whole and tells refusals per resource.
        if let Some(item) = answer.unsuccessful().first() {
            let error = item.error();
            let (code, message) = (error.and_then(|e| e.code()), error.and_then(|e| e.message()));
            return ours_or(self, cx, refused(CALL, code, message)).await;
        }
        let id = answer.flow_log_ids.and_then(|ids| ids.into_iter().next());
        let id = need(id, CALL, "flow_log_id")?;
        Ok(Made::Ready(id.clone(), FlowLogOutputs { flow_log_id: id }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        Ok(items.iter().map(|i| found.get(&i.id).map(|log| live(log, &i.id))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        Ok(list(cx, owned(cx)).await?.into_iter().find_map(|log| log.flow_log_id))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        const CALL: &str = "ec2:DeleteFlowLogs";
        let answer = cx.ec2().delete_flow_logs().flow_log_ids(id).send().await.op(CALL);
        let Some(answer) = found(answer)? else { return Ok(Progress::Done) };
        let Some(item) = answer.unsuccessful().first() else { return Ok(Progress::Done) };
        let error = item.error();
        let error = refused(CALL, error.and_then(|e| e.code()), error.and_then(|e| e.message()));
        gone::<()>(Err(error))
    }
}

fn to_sdk(options: &FlowLogDestinationOptions) -> DestinationOptionsRequest {
    DestinationOptionsRequest::builder()
        .file_format(DestinationFileFormat::from(options.file_format.as_str()))
        .hive_compatible_partitions(options.hive_compatible_partitions)
        .per_hour_partition(options.per_hour_partition)
        .build()
}

/// AWS tells only the id of what is watched.
fn kind(id: &str) -> &'static str {
    const KINDS: [(&str, &str); 6] = [
        ("vpc-", "VPC"),
        ("subnet-", "Subnet"),
        ("eni-", "NetworkInterface"),
        ("tgw-attach-", "TransitGatewayAttachment"),
        ("tgw-", "TransitGateway"),
        ("nat-", "RegionalNatGateway"),
    ];
    KINDS.iter().find(|(prefix, _)| id.starts_with(prefix)).map_or("", |(_, kind)| kind)
}

fn live(log: &SdkLog, id: &str) -> Live<FlowLog> {
    let resource_id = log.resource_id.clone().unwrap_or_default();
    let options = log.destination_options.as_ref().map(|o| FlowLogDestinationOptions {
        file_format: text(o.file_format()).unwrap_or_default(),
        hive_compatible_partitions: o.hive_compatible_partitions.unwrap_or_default(),
        per_hour_partition: o.per_hour_partition.unwrap_or_default(),
    });
    Live::ready(
        FlowLog {
            resource_type: kind(&resource_id).to_owned(),
            resource_id,
            traffic_type: text(log.traffic_type()),
            log_destination_type: text(log.log_destination_type()),
            log_destination: text(log.log_destination()),
            log_group_name: text(log.log_group_name()),
            deliver_logs_permission_arn: text(log.deliver_logs_permission_arn()),
            max_aggregation_interval: log.max_aggregation_interval,
            log_format: text(log.log_format()),
            destination_options: options,
            tags: from_sdk(log.tags()),
        },
        FlowLogOutputs { flow_log_id: id.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_id() {
        assert_eq!(
            (kind("vpc-1"), kind("subnet-1"), kind("eni-1")),
            ("VPC", "Subnet", "NetworkInterface")
        );
        assert_eq!(
            (kind("tgw-1"), kind("tgw-attach-1")),
            ("TransitGateway", "TransitGatewayAttachment")
        );
    }
    #[test]
    fn a_log_group_is_the_same_by_name_and_by_arn() {
        let of = |destination: &str, to: &str| {
            let log =
                serde_json::json!({"resource_id": "vpc-1", "traffic_type": "ALL", destination: to});
            FlowLog::claims(&claim::properties(&log))
        };
        let arn = "arn:aws:logs:eu-central-1:1:log-group:flow:*";
        let by_name = of("log_group_name", "flow");
        assert_eq!((by_name.len(), &by_name), (1, &of("log_destination", arn)));
        assert_ne!(by_name, of("log_destination", "arn:aws:s3:::flow"));
    }
}
