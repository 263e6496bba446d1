//! The dashboard: alarms above, then a row for each that is watched.

use ferrocrete_core::{Handle, Output};

use super::Monitoring;
use crate::cloudwatch::{Alarm, AlarmWidget, DashboardBody, GraphMetric, MetricWidget};

type Dimensions<'a> = [(&'a str, &'a Output<String>)];

fn metric(namespace: &str, name: &str, of: &Dimensions, label: &str) -> GraphMetric {
    let metric = GraphMetric::new(namespace, name).label(label);
    of.iter().fold(metric, |metric, (name, value)| metric.dimension(*name, *value))
}

pub(super) fn body(
    watched: &Monitoring,
    alarms: &[Handle<Alarm>],
    region: &Output<String>,
) -> DashboardBody {
    let mut body = DashboardBody::new();
    if !alarms.is_empty() {
        let arns = alarms.iter().map(|alarm| &alarm.arn);
        body = body.widget(AlarmWidget::new("Alarms").alarms(arns).size(24, 3)).row();
    }
    // Widgets of the same height, as many as fit into a row of 24 columns.
    let mut graph = |title: &str, width: u32, statistic: &str, metrics: Vec<GraphMetric>| {
        let widget = MetricWidget::new(title).region(region).statistic(statistic).size(width, 6);
        let widget = metrics.into_iter().fold(widget, MetricWidget::metric);
        body = std::mem::take(&mut body).widget(widget);
    };
    if let Some((of, _)) = &watched.service {
        let of = [("ClusterName", &of.cluster), ("ServiceName", &of.service)];
        let metric = |name, label| metric("AWS/ECS", name, &of, label);
        graph("Service: CPU (%)", 12, "Average", vec![metric("CPUUtilization", "CPU")]);
        graph("Service: memory (%)", 12, "Average", vec![metric("MemoryUtilization", "memory")]);
    }
    if let Some((of, _)) = &watched.load_balancer {
        let both = [("LoadBalancer", &of.load_balancer), ("TargetGroup", &of.target_group)];
        let alone = &both[..1];
        let space = "AWS/ApplicationELB";
        graph("Requests", 6, "Sum", vec![metric(space, "RequestCount", alone, "requests")]);
        graph(
            "Response time (s)",
            6,
            "p95",
            vec![metric(space, "TargetResponseTime", &both, "95 %")],
        );
        graph(
            "Errors",
            6,
            "Sum",
            vec![
                metric(space, "HTTPCode_Target_5XX_Count", &both, "service"),
                metric(space, "HTTPCode_ELB_5XX_Count", alone, "load balancer"),
            ],
        );
        graph(
            "Targets",
            6,
            "Maximum",
            vec![
                metric(space, "HealthyHostCount", &both, "healthy"),
                metric(space, "UnHealthyHostCount", &both, "unhealthy"),
            ],
        );
    }
    if let Some((of, _)) = &watched.database {
        let of = [("DBInstanceIdentifier", &of.identifier)];
        let metric = |name, label| metric("AWS/RDS", name, &of, label);
        graph("Database: CPU (%)", 8, "Average", vec![metric("CPUUtilization", "CPU")]);
        let connections = metric("DatabaseConnections", "connections");
        graph("Database: connections", 8, "Average", vec![connections]);
        let free = metric("FreeStorageSpace", "free");
        graph("Database: free storage (bytes)", 8, "Minimum", vec![free]);
    }
    body
}
