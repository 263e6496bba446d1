//! [`Monitoring`].
//!
//! ```text
//!   service ──────┐            ┌──> topic ──> e-mail
//!   load balancer ┼─> alarms ──┤
//!   database ─────┘            └──> dashboard <── graphs of all three
//! ```

mod dashboard;

use bon::Builder;
use ferrocrete_core::{Component, Handle, Output, Stack};

use super::alarms::{
    DatabaseAlarms, DatabaseMetrics, LoadBalancerAlarms, LoadBalancerMetrics, ServiceAlarms,
    ServiceMetrics, database_alarms, load_balancer_alarms, service_alarms,
};
use super::support::Inputs;
use crate::cloudwatch::{Alarm, Dashboard};
use crate::sns::{Subscription, Topic};
use crate::sts::CallerIdentity;

/// Alarms over a service, a load balancer and a database; a topic that tells of them; and one
/// dashboard.
///
/// ```no_run
/// # use ferrocrete_core::Stack;
/// use ferrocrete_resources::components::{
///     FargateServiceOutputs, LoadBalancerAlarms, LoadBalancerOutputs, Monitoring, ServiceAlarms,
/// };
/// # fn program(stack: &Stack, api: &FargateServiceOutputs, web: &LoadBalancerOutputs) {
/// stack.component(
///     "monitoring",
///     Monitoring::builder()
///         .emails(["ops@example.org"])
///         .service(api.metrics(), ServiceAlarms::default())
///         .load_balancer(
///             web.metrics(),
///             LoadBalancerAlarms::builder().response_time_seconds(0.5).build(),
///         )
///         .build(),
/// );
/// # }
/// ```
#[derive(Debug, Clone, Builder)]
pub struct Monitoring {
    /// Who is told; each must confirm once, by a link in a mail. Default: nobody.
    #[builder(default, with = |emails: impl IntoIterator<Item: Into<String>>| {
        emails.into_iter().map(Into::into).collect()
    })]
    pub emails: Vec<String>,
    /// A service, and its bounds.
    #[builder(with = |of: ServiceMetrics, alarms: ServiceAlarms| (of, alarms))]
    pub service: Option<(ServiceMetrics, ServiceAlarms)>,
    /// A load balancer, and its bounds.
    #[builder(with = |of: LoadBalancerMetrics, alarms: LoadBalancerAlarms| (of, alarms))]
    pub load_balancer: Option<(LoadBalancerMetrics, LoadBalancerAlarms)>,
    /// A database, and its bounds.
    #[builder(with = |of: DatabaseMetrics, alarms: DatabaseAlarms| (of, alarms))]
    pub database: Option<(DatabaseMetrics, DatabaseAlarms)>,
}

/// The parts of a [`Monitoring`].
pub struct MonitoringOutputs {
    /// ARN of the topic, for alarms of your own.
    pub topic_arn: Output<String>,
    /// Name of the dashboard.
    pub dashboard_name: Output<String>,
    /// ARNs of the alarms.
    pub alarm_arns: Vec<Output<String>>,
}

impl Component for Monitoring {
    const TYPE: &'static str = "ferrocrete:Monitoring";
    type Outputs = MonitoringOutputs;

    fn build(self, scope: &Stack) -> MonitoringOutputs {
        let topic = scope.add("alarms", Topic::builder());
        for email in &self.emails {
            let subscription = Subscription::builder()
                .topic_arn(&topic.topic_arn)
                .protocol("email")
                .endpoint(email);
            // Urns know letters, digits and a few signs.
            scope.add(&email.replace(|c: char| !c.is_ascii_alphanumeric(), "-"), subscription);
        }
        let tell = Inputs::from([&topic.topic_arn]);
        let mut alarms: Vec<Handle<Alarm>> = Vec::new();
        if let Some((of, bounds)) = &self.service {
            alarms.extend(service_alarms(scope, bounds, of, &tell));
        }
        if let Some((of, bounds)) = &self.load_balancer {
            alarms.extend(load_balancer_alarms(scope, bounds, of, &tell));
        }
        if let Some((of, bounds)) = &self.database {
            alarms.extend(database_alarms(scope, bounds, of, &tell));
        }
        let region = &scope.lookup("caller", CallerIdentity::builder()).region;
        let body = dashboard::body(&self, &alarms, region);
        let dashboard = scope.add("dashboard", Dashboard::builder().dashboard_body(body));
        MonitoringOutputs {
            topic_arn: topic.topic_arn.clone(),
            dashboard_name: dashboard.dashboard_name.clone(),
            alarm_arns: alarms.iter().map(|alarm| alarm.arn.clone()).collect(),
        }
    }
}
