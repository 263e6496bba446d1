//! [`FargateService`].
//!
//! ```text
//!   load balancer ──8000──> security group ──> task, task …  2 to 10, by CPU and memory
//!                                                │
//!      execution role: pull the image, write    ├── task role: these bucket prefixes and
//!      the log, read the injected secrets       │   secrets, nothing else
//!                                                └── log group
//! ```

mod roles;
mod scaling;
mod size;

use bon::Builder;
use ferrocrete_core::{Component, Handle, Input, Output, Stack};

use super::alarms::{ServiceAlarms, ServiceMetrics, service_alarms};
use super::load_balancer::TrafficSource;
use super::placement::Placement;
use super::support::{InputMap, Inputs, closed_group, let_in};
use crate::ecs::{
    AwsVpcConfiguration, CapacityProviderStrategyItem, Cluster, ClusterSetting,
    ContainerDefinition, DeploymentCircuitBreaker, DeploymentConfiguration, LoadBalancer,
    LogConfiguration, NetworkConfiguration, PortMapping, RuntimePlatform, Service, TaskDefinition,
};
use crate::logs::LogGroup;

pub use roles::BucketAccess;
pub use scaling::Scaling;

/// A program in a container on Fargate, as many times as needed.
///
/// ```no_run
/// # use ferrocrete_core::Stack;
/// use ferrocrete_resources::components::{
///     DatabaseOutputs, FargateService, LoadBalancerOutputs, NetworkOutputs, Scaling,
/// };
/// # fn program(stack: &Stack, network: &NetworkOutputs, web: &LoadBalancerOutputs, database: &DatabaseOutputs) {
/// let service = stack.component(
///     "api",
///     FargateService::builder()
///         .placement(network.with_egress())
///         .image("ghcr.io/example/api:1.4.2")
///         .traffic(web.traffic())
///         .scaling(Scaling::builder().min(2).max(10).build())
///         .environment("MODE", "production")
///         .secret("DATABASE_URL", &database.url_secret_arn)
///         .build(),
/// );
/// database.allow_from(stack, "api", &service.security_group_id);
/// # }
/// ```
#[derive(Debug, Clone, Builder)]
pub struct FargateService {
    /// Environment variables.
    #[builder(field)]
    pub environment: InputMap,
    /// Environment variables from Secrets Manager: by name, the secret's ARN, followed by
    /// `:KEY::` for a key of a JSON secret. The value is fetched when a task starts.
    #[builder(field)]
    pub secrets: InputMap,
    /// Buckets that the program uses, and which part of them. Default: none.
    #[builder(field)]
    pub buckets: Vec<BucketAccess>,
    /// Subnets that the tasks run in.
    pub placement: Placement,
    /// Image with tag or digest.
    #[builder(into)]
    pub image: Input<String>,
    /// ARN of the ECR repository that the image is in. Default: any repository may be pulled from.
    #[builder(into)]
    pub repository_arn: Option<Input<String>>,
    /// What to run. Default: the image's own command.
    pub command: Option<Vec<String>>,
    /// CPU in units of 1/1024: 256, 512, 1024, 2048, 4096, 8192 or 16384. Default: 256.
    #[builder(default = 256)]
    pub cpu: i32,
    /// Memory in MiB, of which each CPU size allows a range. Default: 512.
    #[builder(default = 512)]
    pub memory: i32,
    /// Processor: `X86_64` or `ARM64`, a fifth cheaper. Default: `X86_64`.
    #[builder(into, default = "X86_64")]
    pub cpu_architecture: String,
    /// Port that the program listens on. Default: the load balancer's targets', else 8000.
    pub container_port: Option<i32>,
    /// Where its traffic comes from. Default: nowhere; nobody reaches it.
    pub traffic: Option<TrafficSource>,
    /// Seconds that a new task may fail health checks. Default: 60.
    #[builder(default = 60)]
    pub health_check_grace_period_seconds: i32,
    /// How many tasks; with `scaling`, at the start. Default: 1.
    #[builder(default = 1)]
    pub desired_count: i32,
    /// More and fewer tasks by load. Default: none.
    pub scaling: Option<Scaling>,
    /// Run on Spot capacity, which is about 70 % cheaper and may be taken away with two minutes'
    /// notice. Default: false.
    #[builder(default)]
    pub spot: bool,
    /// A cluster that is there already; for `spot` it must have the capacity provider
    /// `FARGATE_SPOT`. Default: one of its own.
    pub cluster: Option<ClusterRef>,
    /// Container Insights of its own cluster. Default: true.
    #[builder(default = true)]
    pub container_insights: bool,
    /// Secrets that the program reads itself, by ARN. Default: none.
    #[builder(into, default)]
    pub readable_secrets: Inputs,
    /// Days that the log is kept. Default: 30.
    #[builder(default = 30)]
    pub log_retention_in_days: i32,
    /// Whether people with the permission may open a shell in a task. Default: false.
    #[builder(default)]
    pub enable_execute_command: bool,
    /// Alarms. Default: none; see also [`super::Monitoring`].
    pub alarms: Option<ServiceAlarms>,
    /// Who is told of alarms, usually an SNS topic.
    #[builder(into, default)]
    pub alarm_actions: Inputs,
}

impl<S: fargate_service_builder::State> FargateServiceBuilder<S> {
    /// Sets an environment variable.
    pub fn environment(mut self, name: &str, value: impl Into<Input<String>>) -> Self {
        self.environment.set(name, value);
        self
    }

    /// Sets an environment variable from Secrets Manager: see [`FargateService::secrets`].
    pub fn secret(mut self, name: &str, arn: impl Into<Input<String>>) -> Self {
        self.secrets.set(name, arn);
        self
    }

    /// Lets the program use (a part of) a bucket.
    pub fn bucket(mut self, access: BucketAccess) -> Self {
        self.buckets.push(access);
        self
    }
}

/// A cluster that several services share.
#[derive(Debug, Clone)]
pub struct ClusterRef {
    /// Name.
    pub name: Output<String>,
}

impl From<&Handle<Cluster>> for ClusterRef {
    fn from(cluster: &Handle<Cluster>) -> Self {
        Self { name: cluster.cluster_name.clone() }
    }
}

/// The parts of a [`FargateService`].
pub struct FargateServiceOutputs {
    /// Name of the cluster.
    pub cluster_name: Output<String>,
    /// Name of the service.
    pub service_name: Output<String>,
    /// ARN of the service.
    pub service_arn: Output<String>,
    /// ARN of the task definition, with its revision.
    pub task_definition_arn: Output<String>,
    /// Group that the tasks are in.
    pub security_group_id: Output<String>,
    /// Name of the role that the program has.
    pub task_role_name: Output<String>,
    /// Name of the log group.
    pub log_group_name: Output<String>,
}

impl FargateServiceOutputs {
    /// What alarms and dashboards look at.
    pub fn metrics(&self) -> ServiceMetrics {
        ServiceMetrics { cluster: self.cluster_name.clone(), service: self.service_name.clone() }
    }
}

impl Component for FargateService {
    const TYPE: &'static str = "ferrocrete:FargateService";
    type Outputs = FargateServiceOutputs;

    fn build(self, scope: &Stack) -> FargateServiceOutputs {
        if let Err(why) = size::check(self.cpu, self.memory) {
            scope.refuse(why);
        }
        let cluster = self.cluster.clone().unwrap_or_else(|| self.own_cluster(scope));
        let log = LogGroup::builder().retention_in_days(self.log_retention_in_days);
        let log = scope.add("log", log);
        let execution = roles::execution(&self, scope, &log.arn);
        let task = roles::task(&self, scope);
        let definition =
            scope.add("task", self.task_definition(&log.log_group_name, &execution, &task));
        let group = closed_group(scope, "tasks", "the tasks", &self.placement.vpc_id);
        if let Some(traffic) = &self.traffic {
            let port = Output::of(self.port());
            let_in(scope, "traffic", &group.group_id, &traffic.security_group_id, &port);
        }
        // A task that starts without them fails, and the deployment is rolled back.
        let mut options = self.placement.options().depends_on(&execution.policy);
        if let Some(policy) = &task.policy {
            options = options.depends_on(policy);
        }
        if let Some(traffic) = &self.traffic {
            options = options.depends_on(&traffic.listener);
        }
        if self.scaling.is_some() {
            options = options.ignore_changes(["desired_count"]);
        }
        let service = self.service(&cluster, &definition, &group.group_id);
        let service = scope.add_with("service", service, options);
        if let Some(scaling) = &self.scaling {
            scaling::build(scaling, scope, &service.resource_id);
        }
        let outputs = FargateServiceOutputs {
            cluster_name: cluster.name,
            service_name: service.service_name.clone(),
            service_arn: service.service_arn.clone(),
            task_definition_arn: definition.task_definition_arn.clone(),
            security_group_id: group.group_id.clone(),
            task_role_name: task.role.role_name.clone(),
            log_group_name: log.log_group_name.clone(),
        };
        if let Some(alarms) = &self.alarms {
            service_alarms(scope, alarms, &outputs.metrics(), &self.alarm_actions);
        }
        outputs
    }
}

impl FargateService {
    fn port(&self) -> i32 {
        let of_targets = self.traffic.as_ref().map(|traffic| traffic.port);
        self.container_port.or(of_targets).unwrap_or(8000)
    }

    fn own_cluster(&self, scope: &Stack) -> ClusterRef {
        let insights = if self.container_insights { "enabled" } else { "disabled" };
        let cluster = scope.add(
            "cluster",
            Cluster::builder()
                .cluster_settings([ClusterSetting::container_insights(insights)])
                .capacity_providers(["FARGATE", "FARGATE_SPOT"]),
        );
        ClusterRef::from(&cluster)
    }

    fn task_definition(
        &self,
        log: &Output<String>,
        execution: &roles::Execution,
        task: &roles::Task,
    ) -> Input<TaskDefinition> {
        let container = ContainerDefinition::builder()
            .name("app")
            .image(&self.image)
            .essential(true)
            .port_mappings([PortMapping::tcp(self.port())])
            .maybe_command(self.command.clone())
            .environment(self.environment.to_input())
            .secrets(self.secrets.to_input())
            .log_configuration(LogConfiguration::awslogs(log, "app"));
        TaskDefinition::builder()
            .requires_compatibilities(["FARGATE"])
            .network_mode("awsvpc")
            .cpu(self.cpu.to_string())
            .memory(self.memory.to_string())
            .runtime_platform(
                RuntimePlatform::builder()
                    .cpu_architecture(&self.cpu_architecture)
                    .operating_system_family("LINUX"),
            )
            .execution_role_arn(&execution.role.arn)
            .task_role_arn(&task.role.arn)
            .container_definitions([container])
            .into()
    }

    fn service(
        &self,
        cluster: &ClusterRef,
        definition: &Handle<TaskDefinition>,
        group: &Output<String>,
    ) -> Input<Service> {
        // Any cluster takes the launch type; a strategy needs its capacity provider.
        let launch_type = (self.cluster.is_some() && !self.spot).then_some("FARGATE");
        let strategy = launch_type.is_none().then(|| -> Input<Vec<_>> {
            let provider = if self.spot { "FARGATE_SPOT" } else { "FARGATE" };
            [CapacityProviderStrategyItem::builder().capacity_provider(provider).weight(1)].into()
        });
        let public = if self.placement.assign_public_ip { "ENABLED" } else { "DISABLED" };
        let target = self.traffic.as_ref().map(|traffic| -> Input<Vec<LoadBalancer>> {
            let target = LoadBalancer::builder()
                .target_group_arn(&traffic.target_group_arn)
                .container_name("app")
                .container_port(self.port());
            [target].into()
        });
        let grace = self.traffic.is_some().then_some(self.health_check_grace_period_seconds);
        Service::builder()
            .cluster(&cluster.name)
            .task_definition(&definition.task_definition_arn)
            .desired_count(self.desired_count)
            .maybe_launch_type(launch_type)
            .maybe_capacity_provider_strategy(strategy)
            .network_configuration(
                NetworkConfiguration::builder().awsvpc_configuration(
                    AwsVpcConfiguration::builder()
                        .subnets(self.placement.subnet_ids.to_input())
                        .security_groups([group])
                        .assign_public_ip(public),
                ),
            )
            .maybe_load_balancers(target)
            .maybe_health_check_grace_period_seconds(grace)
            .deployment_configuration(
                DeploymentConfiguration::builder()
                    .minimum_healthy_percent(100)
                    .maximum_percent(200)
                    .deployment_circuit_breaker(DeploymentCircuitBreaker::with_rollback()),
            )
            .enable_execute_command(self.enable_execute_command)
            .enable_ecs_managed_tags(true)
            .propagate_tags("SERVICE")
            .into()
    }
}
