//! [`FlowLogs`].

use bon::Builder;
use ferrocrete_core::{Output, Stack, interpolate};
use serde::Deserialize;

use crate::components::support::service_role;
use crate::ec2::FlowLog;
use crate::iam::{PolicyDocument, RolePolicy, Statement};
use crate::logs::LogGroup;

/// Who talked to whom in the VPC, in a log group of its own.
#[derive(Debug, Clone, Builder, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowLogs {
    /// Days that records are kept. Default: 30.
    #[builder(default = 30)]
    pub retention_in_days: i32,
    /// `ALL`, `ACCEPT` or `REJECT`. Default: `ALL`.
    #[builder(into, default = "ALL")]
    pub traffic_type: String,
}

impl Default for FlowLogs {
    fn default() -> Self {
        Self::builder().build()
    }
}

pub(super) fn build(logs: &FlowLogs, scope: &Stack, vpc_id: &Output<String>) {
    let group = LogGroup::builder().retention_in_days(logs.retention_in_days);
    let group = scope.add("flow-logs", group);
    let role = service_role(scope, "flow-logs", "vpc-flow-logs.amazonaws.com");
    let write = Statement::new()
        .actions(["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"])
        .resource(interpolate!("{}:*", &group.arn));
    let find = Statement::new().action("logs:DescribeLogGroups").resource("*");
    let policy = scope.add(
        "flow-logs",
        RolePolicy::builder()
            .role_name(&role.role_name)
            .policy_document(PolicyDocument::new().allow(write).allow(find)),
    );
    scope.add_with(
        "flow-logs",
        FlowLog::builder()
            .resource_id(vpc_id)
            .resource_type("VPC")
            .traffic_type(&logs.traffic_type)
            .log_group_name(&group.log_group_name)
            .deliver_logs_permission_arn(&role.arn),
        ferrocrete_core::Options::new().depends_on(&policy),
    );
}
