//! The RAG service: each property that the systems' description promises, asked through the SDK.

use std::collections::BTreeMap;

use ferrocrete::aws::Aws;
use serde_json::{Value, json};

use crate::team::Team;

/// What an environment is to be.
struct Expected {
    zones: usize,
    nats: usize,
    cpu: &'static str,
    memory: &'static str,
    tasks: i32,
    scaling: Option<(i32, i32)>,
    days: i32,
}

const STAGING: Expected =
    Expected { zones: 2, nats: 1, cpu: "512", memory: "1024", tasks: 1, scaling: None, days: 7 };

const PROD: Expected = Expected {
    zones: 3,
    nats: 3,
    cpu: "1024",
    memory: "2048",
    tasks: 2,
    scaling: Some((2, 4)),
    days: 30,
};

#[tokio::test(flavor = "multi_thread")]
async fn staging_and_prod_are_what_they_are_to_be() {
    let team = Team::new().await;
    for env in ["global", "staging", "prod"] {
        team.run(0, env, &["up", "--yes"]);
    }
    images_are_scanned_and_never_overwritten(&team).await;
    for (env, expected) in [("staging", &STAGING), ("prod", &PROD)] {
        let stack = Stack { team: &team, aws: team.aws().await, env, expected };
        stack.service_runs_as_declared().await;
        stack.network_has_its_zones_and_gateways().await;
        stack.only_the_load_balancer_is_public().await;
        stack.keys_are_referenced_never_written().await;
        stack.roles_may_do_just_what_they_must().await;
        stack.load_follows_demand().await;
        stack.documents_are_safe().await;
        stack.logs_are_kept().await;
    }
}

async fn images_are_scanned_and_never_overwritten(team: &Team) {
    let found = team.aws().await.ecr().describe_repositories().send().await.unwrap();
    let [repository] = found.repositories() else { panic!("{found:?}") };
    assert_eq!(repository.image_tag_mutability().map(|m| m.as_str()), Some("IMMUTABLE"));
    assert!(repository.image_scanning_configuration().unwrap().scan_on_push());
    let uri = team.output("global", "repository_url");
    assert_eq!(repository.repository_uri(), Some(&uri[..]));
}

struct Stack<'a> {
    team: &'a Team,
    aws: Aws,
    env: &'a str,
    expected: &'a Expected,
}

impl Stack<'_> {
    async fn service(&self) -> aws_sdk_ecs::types::Service {
        let cluster = self.team.output(self.env, "cluster");
        let service = self.team.output(self.env, "service");
        let call = self.aws.ecs().describe_services().cluster(cluster).services(service);
        call.send().await.unwrap().services()[0].clone()
    }

    async fn task(&self) -> aws_sdk_ecs::types::TaskDefinition {
        let service = self.service().await;
        let call = self.aws.ecs().describe_task_definition();
        let call = call.task_definition(service.task_definition().unwrap());
        call.send().await.unwrap().task_definition.unwrap()
    }

    async fn subnets(&self) -> (String, Vec<aws_sdk_ec2::types::Subnet>) {
        let service = self.service().await;
        let network = service.network_configuration().unwrap().awsvpc_configuration().unwrap();
        let own = self.aws.ec2().describe_subnets().subnet_ids(&network.subnets()[0]);
        let vpc = own.send().await.unwrap().subnets()[0].vpc_id().unwrap().to_owned();
        let by = aws_sdk_ec2::types::Filter::builder().name("vpc-id").values(&vpc).build();
        let all = self.aws.ec2().describe_subnets().filters(by).send().await.unwrap();
        (vpc, all.subnets.unwrap_or_default())
    }

    async fn service_runs_as_declared(&self) {
        let service = self.service().await;
        assert_eq!(service.desired_count(), self.expected.tasks);
        assert_eq!(service.running_count(), self.expected.tasks);
        let network = service.network_configuration().unwrap().awsvpc_configuration().unwrap();
        assert_eq!(network.assign_public_ip().map(|p| p.as_str()), Some("DISABLED"));
        assert_eq!(network.subnets().len(), self.expected.zones);
        let task = self.task().await;
        assert_eq!(
            (task.cpu(), task.memory()),
            (Some(self.expected.cpu), Some(self.expected.memory))
        );
        let [container] = task.container_definitions() else { panic!("{task:?}") };
        let image = format!("{}:1.0.0", self.team.output("global", "repository_url"));
        assert_eq!(container.image(), Some(&image[..]));
        assert_eq!(container.port_mappings()[0].container_port(), Some(8000));
        let pairs = container.environment().iter().map(|p| (p.name().unwrap(), p.value().unwrap()));
        let environment: BTreeMap<_, _> = pairs.collect();
        assert_eq!(environment["ENVIRONMENT"], self.env);
        assert_eq!(environment["DOCUMENTS_PREFIX"], "rag/");
        let bucket = self.team.output(self.env, "documents_bucket");
        assert_eq!(environment["DOCUMENTS_BUCKET"], bucket);
    }

    async fn network_has_its_zones_and_gateways(&self) {
        let (vpc, subnets) = self.subnets().await;
        assert_eq!(subnets.len(), 2 * self.expected.zones, "a public and a private one per zone");
        let zones: std::collections::BTreeSet<_> =
            subnets.iter().filter_map(|s| s.availability_zone()).collect();
        assert_eq!(zones.len(), self.expected.zones);
        let by = aws_sdk_ec2::types::Filter::builder().name("vpc-id").values(vpc).build();
        let nats = self.aws.ec2().describe_nat_gateways().filter(by).send().await.unwrap();
        assert_eq!(nats.nat_gateways().len(), self.expected.nats);
    }

    async fn only_the_load_balancer_is_public(&self) {
        let elb = self.aws.elasticloadbalancingv2();
        let url = self.team.output(self.env, "url");
        let all = elb.describe_load_balancers().send().await.unwrap();
        let name = |b: &&aws_sdk_elasticloadbalancingv2::types::LoadBalancer| {
            b.dns_name().is_some_and(|name| url.ends_with(name))
        };
        let balancer = all.load_balancers().iter().find(name).expect("the URL's load balancer");
        assert_eq!(balancer.scheme().map(|s| s.as_str()), Some("internet-facing"));
        let service = self.service().await;
        let network = service.network_configuration().unwrap().awsvpc_configuration().unwrap();
        let zones = balancer.availability_zones();
        let public: Vec<_> = zones.iter().filter_map(|z| z.subnet_id()).collect();
        assert_eq!(public.len(), self.expected.zones);
        assert!(
            network.subnets().iter().all(|s| !public.contains(&s.as_str())),
            "tasks are private"
        );

        // Tasks let in the load balancer's group on port 8000, and nobody else.
        let [group] = network.security_groups() else { panic!("{network:?}") };
        let by = aws_sdk_ec2::types::Filter::builder().name("group-id").values(group).build();
        let rules = self.aws.ec2().describe_security_group_rules().filters(by);
        let rules = rules.send().await.unwrap();
        let ingress: Vec<_> =
            rules.security_group_rules().iter().filter(|r| r.is_egress() == Some(false)).collect();
        let [rule] = &ingress[..] else { panic!("{ingress:?}") };
        assert_eq!((rule.from_port(), rule.to_port()), (Some(8000), Some(8000)));
        let from = rule.referenced_group_info().and_then(|g| g.group_id());
        assert_eq!(from, balancer.security_groups().first().map(String::as_str));
        let arn = service.load_balancers()[0].target_group_arn().unwrap();
        let targets = elb.describe_target_groups().target_group_arns(arn).send().await.unwrap();
        assert_eq!(targets.target_groups()[0].health_check_path(), Some("/health"));
        assert_eq!(targets.target_groups()[0].load_balancer_arns().len(), 1);
    }

    async fn keys_are_referenced_never_written(&self) {
        let task = self.task().await;
        let container = &task.container_definitions()[0];
        let secrets = container.secrets().iter().map(|s| (s.name(), s.value_from()));
        let secrets: BTreeMap<_, _> = secrets.collect();
        for (name, plain) in [("OPENAI_API_KEY", 0), ("ANTHROPIC_API_KEY", 1)] {
            let call = self.aws.secretsmanager().get_secret_value().secret_id(secrets[name]);
            let value = call.send().await.unwrap().secret_string.unwrap();
            assert_eq!(value, crate::team::SECRETS[plain]);
        }
    }

    /// The inline policies of a role.
    async fn policies(&self, role_arn: &str) -> Vec<Value> {
        let role = role_arn.rsplit('/').next().unwrap();
        let iam = self.aws.iam();
        let attached = iam.list_attached_role_policies().role_name(role).send().await.unwrap();
        assert!(attached.attached_policies().is_empty(), "nothing but what is declared");
        let names = iam.list_role_policies().role_name(role).send().await.unwrap();
        let mut statements = Vec::new();
        for name in names.policy_names() {
            let call = iam.get_role_policy().role_name(role).policy_name(name);
            let text = call.send().await.unwrap().policy_document;
            let document: Value = serde_json::from_str(&decoded(&text)).unwrap();
            statements.extend(document["Statement"].as_array().unwrap().clone());
        }
        statements
    }

    async fn roles_may_do_just_what_they_must(&self) {
        let task = self.task().await;
        let execution = self.policies(task.execution_role_arn().unwrap()).await;
        let mut actions: Vec<&str> = execution.iter().flat_map(|s| texts(&s["Action"])).collect();
        actions.sort_unstable();
        let expected = [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetAuthorizationToken",
            "ecr:GetDownloadUrlForLayer",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
        ];
        assert_eq!(actions, expected);
        let of = |action: &str| {
            let statement = execution.iter().find(|s| texts(&s["Action"]).any(|a| a == action));
            texts(&statement.unwrap()["Resource"]).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(of("ecr:BatchGetImage"), [self.team.output("global", "repository_arn")]);
        let log = self.team.output(self.env, "log_group");
        assert!(of("logs:PutLogEvents")[0].ends_with(&format!(":log-group:{log}:*")));
        let secrets = of("secretsmanager:GetSecretValue");
        let mut named: Vec<_> =
            task.container_definitions()[0].secrets().iter().map(|s| s.value_from()).collect();
        named.sort_unstable();
        let mut allowed = secrets.iter().map(String::as_str).collect::<Vec<_>>();
        allowed.sort_unstable();
        assert_eq!(allowed, named);

        let bucket = self.team.output(self.env, "documents_bucket");
        let own = self.policies(task.task_role_arn().unwrap()).await;
        let list = own.iter().find(|s| texts(&s["Action"]).any(|a| a == "s3:ListBucket")).unwrap();
        assert_eq!(list["Condition"], json!({"StringLike": {"s3:prefix": ["rag/*"]}}), "{list}");
        let objects =
            own.iter().find(|s| texts(&s["Action"]).any(|a| a == "s3:GetObject")).unwrap();
        let resources: Vec<_> = texts(&objects["Resource"]).collect();
        assert_eq!(resources, [format!("arn:aws:s3:::{bucket}/rag/*")]);
        assert_eq!(own.len(), 2, "{own:?}");
    }

    async fn load_follows_demand(&self) {
        let scaling = self.aws.applicationautoscaling();
        let cluster = self.team.output(self.env, "cluster");
        let service = self.team.output(self.env, "service");
        let id = format!("service/{cluster}/{service}");
        let call = scaling.describe_scalable_targets().service_namespace("ecs".into());
        let found = call.resource_ids(&id).send().await.unwrap();
        let target = found.scalable_targets().first();
        assert_eq!(target.map(|t| (t.min_capacity(), t.max_capacity())), self.expected.scaling);
        let call = scaling.describe_scaling_policies().service_namespace("ecs".into());
        let policies = call.resource_id(&id).send().await.unwrap();
        let policies = policies.scaling_policies().len();
        assert_eq!(policies, if self.expected.scaling.is_some() { 2 } else { 0 });
    }

    async fn documents_are_safe(&self) {
        let bucket = self.team.output(self.env, "documents_bucket");
        let s3 = self.aws.s3();
        let call = s3.get_public_access_block().bucket(&bucket).send().await.unwrap();
        let block = call.public_access_block_configuration.unwrap();
        assert_eq!(block.block_public_policy(), Some(true));
        let versions = s3.get_bucket_versioning().bucket(&bucket).send().await.unwrap();
        assert_eq!(versions.status().map(|s| s.as_str()), Some("Enabled"));
    }

    async fn logs_are_kept(&self) {
        let group = self.team.output(self.env, "log_group");
        let call = self.aws.cloudwatchlogs().describe_log_groups().log_group_name_prefix(&group);
        let found = call.send().await.unwrap();
        assert_eq!(found.log_groups()[0].retention_in_days(), Some(self.expected.days));
        let task = self.task().await;
        let log = task.container_definitions()[0].log_configuration().unwrap();
        assert_eq!(log.options().unwrap()["awslogs-group"], group);
    }
}

/// A text, or a list of texts.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value.as_str().into_iter().chain(list.iter().filter_map(Value::as_str))
}

/// IAM sends documents percent-encoded.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            out.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}
