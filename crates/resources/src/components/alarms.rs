//! Alarms that most systems want, and the numbers that they look at.

use bon::Builder;
use ferrocrete_core::{Handle, Output, Stack};
use serde::Deserialize;

use super::support::Inputs;
use crate::cloudwatch::{Alarm, Dimension};

/// Whose numbers: a database.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics {
    /// Identifier of the instance.
    pub identifier: Output<String>,
}

/// Whose numbers: a load balancer and its target group.
#[derive(Clone, Debug)]
pub struct LoadBalancerMetrics {
    /// `app/name/id`.
    pub load_balancer: Output<String>,
    /// `targetgroup/name/id`.
    pub target_group: Output<String>,
}

/// Whose numbers: an ECS service.
#[derive(Clone, Debug)]
pub struct ServiceMetrics {
    /// Name of the cluster.
    pub cluster: Output<String>,
    /// Name of the service.
    pub service: Output<String>,
}

/// When a database is in trouble.
#[derive(Clone, Debug, Builder, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseAlarms {
    /// CPU, in percent, for 10 minutes. Default: 80.
    #[builder(default = 80.0)]
    pub cpu_percent: f64,
    /// Less free disk than this, in GiB. Default: 2.
    #[builder(default = 2.0)]
    pub free_storage_gib: f64,
    /// More connections than this. Default: 80; `db.t4g.micro` takes about 110.
    #[builder(default = 80.0)]
    pub connections: f64,
}

/// When a load balancer, or what is behind it, is in trouble.
#[derive(Clone, Debug, Builder, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoadBalancerAlarms {
    /// Average response time of the targets, in seconds, for 10 minutes. Default: 1.
    #[builder(default = 1.0)]
    pub response_time_seconds: f64,
    /// This many unhealthy targets, for 2 minutes. Default: 1.
    #[builder(default = 1.0)]
    pub unhealthy_targets: f64,
    /// This many answers with status 5xx in 5 minutes, of the load balancer or of the targets.
    /// Default: 10.
    #[builder(default = 10.0)]
    pub http_5xx: f64,
}

/// When a service is in trouble.
#[derive(Clone, Debug, Builder, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceAlarms {
    /// CPU, in percent of what is reserved, for 10 minutes. Default: 85.
    #[builder(default = 85.0)]
    pub cpu_percent: f64,
    /// Memory, in percent of what is reserved, for 10 minutes. Default: 85.
    #[builder(default = 85.0)]
    pub memory_percent: f64,
}

macro_rules! defaults {
    ($($name:ident)*) => {$(
        impl Default for $name {
            fn default() -> Self {
                Self::builder().build()
            }
        }
    )*};
}
defaults!(DatabaseAlarms LoadBalancerAlarms ServiceAlarms);

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// One metric and its bound.
struct Bound<'a> {
    name: &'a str,
    says: &'a str,
    metric: &'a str,
    statistic: &'a str,
    over: bool,
    threshold: f64,
    /// Seconds, and how many of them in a row.
    period: (i32, i32),
}

/// A family of alarms about the same thing.
struct Family<'a> {
    scope: &'a Stack,
    namespace: &'a str,
    dimensions: Vec<(&'a str, &'a Output<String>)>,
    actions: &'a Inputs,
}

impl Family<'_> {
    fn add(&self, bound: Bound<'_>) -> Handle<Alarm> {
        let comparison = match bound.over {
            true => "GreaterThanOrEqualToThreshold",
            false => "LessThanOrEqualToThreshold",
        };
        let dimensions = self
            .dimensions
            .iter()
            .map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
        self.scope.add(
            bound.name,
            Alarm::builder()
                .alarm_description(bound.says)
                .namespace(self.namespace)
                .metric_name(bound.metric)
                .dimensions(dimensions.collect::<ferrocrete_core::Input<Vec<Dimension>>>())
                .statistic(bound.statistic)
                .comparison_operator(comparison)
                .threshold(bound.threshold)
                .period(bound.period.0)
                .evaluation_periods(bound.period.1)
                // No requests, or no service yet, is no trouble.
                .treat_missing_data("notBreaching")
                .alarm_actions(self.actions.to_input())
                .ok_actions(self.actions.to_input()),
        )
    }
}

/// CPU, free disk and connections.
pub(super) fn database_alarms(
    scope: &Stack,
    alarms: &DatabaseAlarms,
    of: &DatabaseMetrics,
    actions: &Inputs,
) -> Vec<Handle<Alarm>> {
    let dimensions = vec![("DBInstanceIdentifier", &of.identifier)];
    let family = Family { scope, namespace: "AWS/RDS", dimensions, actions };
    vec![
        family.add(Bound {
            name: "database-cpu",
            says: "The database's CPU is busy",
            metric: "CPUUtilization",
            statistic: "Average",
            over: true,
            threshold: alarms.cpu_percent,
            period: (300, 2),
        }),
        family.add(Bound {
            name: "database-storage",
            says: "The database's disk is nearly full",
            metric: "FreeStorageSpace",
            statistic: "Minimum",
            over: false,
            threshold: alarms.free_storage_gib * GIB,
            period: (300, 1),
        }),
        family.add(Bound {
            name: "database-connections",
            says: "The database has many connections",
            metric: "DatabaseConnections",
            statistic: "Average",
            over: true,
            threshold: alarms.connections,
            period: (300, 2),
        }),
    ]
}

/// Response time, unhealthy targets and 5xx answers.
pub(super) fn load_balancer_alarms(
    scope: &Stack,
    alarms: &LoadBalancerAlarms,
    of: &LoadBalancerMetrics,
    actions: &Inputs,
) -> Vec<Handle<Alarm>> {
    let both = vec![("LoadBalancer", &of.load_balancer), ("TargetGroup", &of.target_group)];
    let targets = Family { scope, namespace: "AWS/ApplicationELB", dimensions: both, actions };
    let alone = vec![("LoadBalancer", &of.load_balancer)];
    let balancer = Family { scope, namespace: "AWS/ApplicationELB", dimensions: alone, actions };
    let errors = |name, says, metric| Bound {
        name,
        says,
        metric,
        statistic: "Sum",
        over: true,
        threshold: alarms.http_5xx,
        period: (300, 1),
    };
    vec![
        targets.add(Bound {
            name: "response-time",
            says: "Answers take long",
            metric: "TargetResponseTime",
            statistic: "Average",
            over: true,
            threshold: alarms.response_time_seconds,
            period: (300, 2),
        }),
        targets.add(Bound {
            name: "unhealthy-targets",
            says: "Targets fail their health check",
            metric: "UnHealthyHostCount",
            statistic: "Maximum",
            over: true,
            threshold: alarms.unhealthy_targets,
            period: (60, 2),
        }),
        targets.add(errors(
            "target-5xx",
            "The service answers with errors",
            "HTTPCode_Target_5XX_Count",
        )),
        balancer.add(errors(
            "load-balancer-5xx",
            "The load balancer answers with errors, as when no target is healthy",
            "HTTPCode_ELB_5XX_Count",
        )),
    ]
}

/// CPU and memory.
pub(super) fn service_alarms(
    scope: &Stack,
    alarms: &ServiceAlarms,
    of: &ServiceMetrics,
    actions: &Inputs,
) -> Vec<Handle<Alarm>> {
    let dimensions = vec![("ClusterName", &of.cluster), ("ServiceName", &of.service)];
    let family = Family { scope, namespace: "AWS/ECS", dimensions, actions };
    let busy = |name, says, metric, threshold| Bound {
        name,
        says,
        metric,
        statistic: "Average",
        over: true,
        threshold,
        period: (300, 2),
    };
    vec![
        family.add(busy(
            "service-cpu",
            "The service's CPU is busy",
            "CPUUtilization",
            alarms.cpu_percent,
        )),
        family.add(busy(
            "service-memory",
            "The service's memory is nearly full",
            "MemoryUtilization",
            alarms.memory_percent,
        )),
    ]
}
