//! `AWS::ECS::Service`: tasks that are kept running, and replaced when their definition changes.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateService |
//! | read | DescribeServices, 10 of a cluster a call; after a rollback ListServiceDeployments, DescribeServiceRevisions; of a failed one ListTasks, DescribeTasks |
//! | find | DescribeServices |
//! | update | UpdateService, TagResource, UntagResource |
//! | delete | DeleteService |
//!
//! Traps: create and update wait until the deployment is complete, so a circuit breaker is worth
//! having: without one a deployment whose tasks do not start is tried for ever. A deployment that
//! failed or was rolled back is no state of its own in DescribeServices: after a rollback the old
//! task definition runs as if nothing had been, and a moment after an update the deployment before
//! it may be shown as complete; so an update is followed by the id of its own deployment
//! (aws-actions/amazon-ecs-deploy-task-definition PR#860). What starts no deployment, such as another
//! number of tasks, may be shown a moment late in the same way, and is waited for until it is seen. ECS
//! takes an update while it deploys; the service is never replaced because of a failed deployment. A deleted service drains, and is described as
//! `INACTIVE` afterwards; here it is gone. The target group must have a listener before the service
//! is made: let the service depend on it. `InvalidParameterException` means everything; Terraform's
//! provider tells by the message what passes (`internal/service/ecs/service.go`). A cluster has one
//! service of a name.
//! Left out: Service Connect (`service_connect_configuration`), VPC Lattice
//! (`vpc_lattice_configurations`), volumes of EBS (`volume_configurations`), lifecycle hooks,
//! linear and canary deployments (`deployment_configuration.lifecycle_hooks`,
//! `deployment_configuration.linear_configuration`,
//! `deployment_configuration.canary_configuration`,
//! `deployment_configuration.early_success_criteria`,
//! `deployment_configuration.deployment_circuit_breaker.reset_on_healthy_task`,
//! `deployment_configuration.deployment_circuit_breaker.threshold_configuration`), gateway
//! connectors (`gateway_connectors`) and `monitoring`; `role` (the service-linked one is used);
//! `name`, the service's name once more.
//! Differences:
//! - replaces `launch_type`: in place, AWS only goes to capacity providers.
//! - required `task_definition`: there, a deployment controller of one's own may bring it.
//! - also needs `ecs:DescribeServiceRevisions`: tells why a deployment was rolled back.
//! - also needs `ecs:ListTasks`, `ecs:DescribeTasks`: tell why tasks stopped.
//! - also needs `iam:CreateServiceLinkedRole`: the first service of an account makes the role.

mod configuration;
mod convert;
mod live;
mod stopped;
mod update;

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{Service as SdkService, ServiceField};
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

pub use configuration::*;

use super::shared::{CapacityProviderStrategyItem, last};
use crate::aws::answer::advise;
use crate::aws::claim;
use crate::prelude::*;

/// Tasks that are kept running, and replaced when their definition changes.
///
/// Where Application Auto Scaling decides how many tasks run, `desired_count` is the number to start
/// with: what scaling makes of it is no difference, as long as the scalable target takes its
/// `resource_id` from this service's outputs. Another number in the program is sent once.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ECS::Service",
    update_anytime,
    identity("cluster", "service_name"),
    claims = Service::claims,
    eventual(
        "ClusterNotFoundException",
        "InvalidParameterException" = "does not have an associated load balancer",
        "InvalidParameterException" = "verify that the ECS service role being passed has the proper permissions",
        "ServiceNotFoundException"
    ),
    passing("InvalidParameterException" = "Unable to assume the service linked role"),
    busy(
        "DependencyViolation" = "has a dependent object",
        "InvalidParameterException" = "The service cannot be stopped while deployments are active",
        "InvalidParameterException" = "still Draining"
    ),
    settles = 30,
    iam(
        create(
            "ecs:CreateService",
            "ecs:TagResource",
            "iam:PassRole",
            "iam:CreateServiceLinkedRole"
        ),
        read(
            "ecs:DescribeServices",
            "ecs:ListServiceDeployments",
            "ecs:DescribeServiceRevisions",
            "ecs:ListTasks",
            "ecs:DescribeTasks"
        ),
        update("ecs:UpdateService", "ecs:TagResource", "ecs:UntagResource", "iam:PassRole"),
        delete("ecs:DeleteService")
    )
)]
pub struct Service {
    /// Name, up to 255 letters, digits, hyphens and underscores. Default: derived from the urn.
    /// Replaces.
    #[field(replaces, name(max = 255, extra = "-_"))]
    pub service_name: Option<String>,
    /// The cluster, by name or ARN. Default: the cluster `default`. Replaces.
    #[field(replaces, server_default)]
    pub cluster: Option<String>,
    /// What runs: ARN of a task definition, `FAMILY:REVISION`, or `FAMILY` for its newest.
    pub task_definition: String,
    /// How many tasks run. Default: 1 at the create, then as AWS has it, so that Application Auto
    /// Scaling may change it.
    #[field(server_default, moves(steered))]
    pub desired_count: Option<i32>,
    /// `FARGATE`, `EC2` or `EXTERNAL`; not with `capacity_provider_strategy`. Default: the
    /// cluster's strategy, else `EC2`. Replaces.
    #[field(replaces, server_default)]
    pub launch_type: Option<String>,
    /// How tasks are spread over capacity providers of the cluster, such as `FARGATE_SPOT`; not
    /// with `launch_type`. Default: the cluster's.
    #[field(by("capacity_provider"), server_default)]
    pub capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
    /// Version of Fargate, such as `1.4.0`. Default: `LATEST`.
    #[field(server_default)]
    pub platform_version: Option<String>,
    /// `REPLICA`, or `DAEMON` for one task per container instance. Default: `REPLICA`. Replaces.
    #[field(replaces, server_default)]
    pub scheduling_strategy: Option<String>,
    /// Subnets and security groups, for task definitions with `awsvpc`.
    pub network_configuration: Option<NetworkConfiguration>,
    /// Target groups in which the tasks are entered.
    #[field(set)]
    pub load_balancers: Option<Vec<LoadBalancer>>,
    /// Cloud Map services in which the tasks are entered.
    #[field(set)]
    pub service_registries: Option<Vec<ServiceRegistry>>,
    /// Seconds after a task's start in which failed checks of load balancers do not count.
    /// Default: 0.
    #[field(server_default)]
    pub health_check_grace_period_seconds: Option<i32>,
    /// How a deployment goes, and when it has failed.
    pub deployment_configuration: Option<DeploymentConfiguration>,
    /// Who deploys. Default: ECS.
    #[field(server_default)]
    pub deployment_controller: Option<DeploymentController>,
    /// Whether tasks may be entered with `aws ecs execute-command`; tasks that run already are as
    /// they were. Default: false.
    #[field(default = false)]
    pub enable_execute_command: Option<bool>,
    /// Whether tasks get ECS's own tags. Default: false.
    #[field(default = false)]
    pub enable_ecs_managed_tags: Option<bool>,
    /// Whose tags tasks get: `SERVICE`, `TASK_DEFINITION` or `NONE`. Default: `NONE`.
    #[field(default = "NONE")]
    pub propagate_tags: Option<String>,
    /// Whether tasks are moved until zones have equally many: `ENABLED` or `DISABLED`.
    /// Default: AWS decides.
    #[field(server_default)]
    pub availability_zone_rebalancing: Option<String>,
    /// Which container instances tasks may run on; not on Fargate.
    #[field(set)]
    pub placement_constraints: Option<Vec<PlacementConstraint>>,
    /// How tasks are spread over container instances, in this order; not on Fargate.
    pub placement_strategies: Option<Vec<PlacementStrategy>>,
    /// Starts a new deployment when its nonce changes, for what only new tasks get.
    #[field(write_only)]
    pub force_new_deployment: Option<ForceNewDeployment>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Service`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ServiceOutputs {
    /// Name.
    #[output(from_input)]
    pub service_name: String,
    /// ARN.
    pub service_arn: String,
    /// Name of the cluster.
    pub cluster_name: String,
    /// `service/CLUSTER/NAME`, as Application Auto Scaling wants it.
    pub resource_id: String,
}

impl Resource for Service {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ecs:CreateService";
        let answer = update::create(self, cx).client_token(cx.token()).send().await.op(CALL);
        let answer = answer.map_err(|error| self.explain(error))?;
        let service = need(answer.service, CALL, "service")?;
        Ok(Made::Pending(need(service.service_arn, CALL, "service_arn")?))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let mut clusters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in items {
            clusters.entry(cluster_of(&item.id)).or_default().push(item.id.clone());
        }
        let all = batch::each(clusters, |(cluster, arns)| describe(cloud, cluster, arns)).await?;
        let all: Vec<SdkService> = all.into_iter().flatten().collect();
        batch::each(items, |item| {
            let service = all.iter().find(|s| s.service_arn() == Some(&item.id));
            async move {
                let Some(service) = service else { return Ok(None) };
                Ok(Some(live::live(cloud, service, item).await?))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.service_name else { return Ok(None) };
        let cluster = self.cluster.clone().unwrap_or_else(|| DEFAULT.to_owned());
        let found = describe(cx, cluster, vec![name.clone()]).await?;
        let ours = |s: &SdkService| {
            s.status() == Some("ACTIVE") && tags::is_ours(cx, &super::shared::from_sdk(s.tags()))
        };
        Ok(found.into_iter().find(ours).and_then(|s| s.service_arn))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        update::apply(self, cx, id, old, changes).await
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        // Forced: otherwise it has to be scaled to 0 by a call of its own.
        let call = cx.ecs().delete_service().cluster(cluster_of(id)).service(id).force(true);
        match found(call.send().await.op("ecs:DeleteService")) {
            Ok(Some(_)) => Ok(Progress::Pending),
            Ok(None) => Ok(Progress::Done),
            // It drains already, or has done so.
            Err(e) if e.has_code("ServiceNotActiveException") => Ok(Progress::Pending),
            Err(e) => Err(e),
        }
    }
}

/// The cluster of those who name none.
const DEFAULT: &str = "default";

impl Service {
    /// The cluster is said by name, by ARN or not at all; its services have different names.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let cluster = match properties.get("cluster").filter(|v| !v.is_null()) {
            Some(cluster) => claim::of_value(cluster),
            None => Some(DEFAULT.to_owned()),
        };
        let both = cluster.zip(claim::known(properties, "service_name"));
        let claim = |(cluster, name): (String, String)| {
            Claim::new(
                "ECS service",
                &["cluster", "service_name"],
                [last(&cluster).to_owned(), name],
            )
        };
        both.map(claim).into_iter().collect()
    }

    /// A create that was refused because of what is only made later.
    fn explain(&self, error: OpError) -> OpError {
        if error.has_code("InvalidParameterException") && self.load_balancers.is_some() {
            let advice = "if it is about a target group without load balancer: let the service \
                          depend on the listener that forwards to it";
            return advise(error, advice);
        }
        error
    }
}

/// The cluster's name in a service's ARN; short ARNs have none.
fn cluster_of(arn: &str) -> String {
    let mut parts = arn.rsplit('/').skip(1);
    let parent = parts.next().filter(|p| !p.contains(':'));
    parent.unwrap_or(DEFAULT).to_owned()
}

/// The services of a cluster that are there; deleted ones are not.
async fn describe(aws: &Aws, cluster: String, services: Vec<String>) -> Result<Vec<SdkService>> {
    /// Most services of one call.
    const CHUNK: usize = 10;
    let chunks: Vec<Vec<String>> = services.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let found = batch::each(chunks, |chunk| {
        let call = aws.ecs().describe_services().cluster(&cluster).set_services(Some(chunk));
        async move {
            let answer = call.include(ServiceField::Tags).send().await.op("ecs:DescribeServices");
            // Without its cluster a service is gone, too.
            Ok(found(answer)?.and_then(|a| a.services).unwrap_or_default())
        }
    });
    let found = found.await?.into_iter().flatten();
    Ok(found.filter(|s| s.status() != Some("INACTIVE")).collect())
}

fn outputs(service: &SdkService) -> ServiceOutputs {
    let service_arn = service.service_arn.clone().unwrap_or_default();
    let service_name = service.service_name.clone().unwrap_or_default();
    let cluster_name = last(service.cluster_arn().unwrap_or(DEFAULT)).to_owned();
    let resource_id = format!("service/{cluster_name}/{service_name}");
    ServiceOutputs { service_name, service_arn, cluster_name, resource_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cluster_stands_in_the_arn() {
        assert_eq!(cluster_of("arn:aws:ecs:eu-central-1:1:service/web/api"), "web");
        assert_eq!(cluster_of("arn:aws:ecs:eu-central-1:1:service/api"), "default");
    }

    #[test]
    fn a_cluster_is_said_in_three_ways() {
        let of = |cluster: Option<&str>| {
            let json = serde_json::json!({"cluster": cluster, "service_name": "api"});
            Service::claims(&claim::properties(&json))
        };
        assert_eq!(of(None), of(Some("default")));
        assert_eq!(of(Some("web")), of(Some("arn:aws:ecs:eu-central-1:1:cluster/web")));
        assert_ne!(of(Some("web")), of(None));
    }
}
