//! Where a container's output goes.

use std::collections::BTreeMap;

use ferrocrete_core::Input;

use crate::prelude::*;

/// Where a container's output goes.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LogConfiguration {
    /// `awslogs`, `awsfirelens`, `splunk` (these on Fargate), `fluentd`, `gelf`, `journald`,
    /// `json-file`, `syslog`.
    pub log_driver: String,
    /// Options of the driver. Without `awslogs-region`, `awslogs` writes to the task's own region.
    pub options: Option<BTreeMap<String, String>>,
    /// Options whose values ECS fetches when a task starts: by name, the ARN of a secret or
    /// parameter.
    pub secret_options: Option<BTreeMap<String, String>>,
}

impl LogConfiguration {
    /// To a log group of CloudWatch in the task's own region, as streams
    /// `PREFIX/CONTAINER/TASK`.
    ///
    /// ```
    /// use ferrocrete_core::Output;
    /// use ferrocrete_resources::ecs::{ContainerDefinition, LogConfiguration};
    /// # fn example(group: &Output<String>) {
    /// ContainerDefinition::builder()
    ///     .name("web")
    ///     .image("nginx:1.27")
    ///     .log_configuration(LogConfiguration::awslogs(group, "web"));
    /// # }
    /// ```
    pub fn awslogs(
        log_group_name: impl Into<Input<String>>,
        stream_prefix: impl Into<Input<String>>,
    ) -> Input<LogConfiguration> {
        let options: [(&str, Input<String>); 2] = [
            ("awslogs-group", log_group_name.into()),
            ("awslogs-stream-prefix", stream_prefix.into()),
        ];
        let options: Input<BTreeMap<String, String>> = options.into_iter().collect();
        LogConfiguration::builder().log_driver("awslogs").options(options).into()
    }
}
