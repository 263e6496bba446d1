//! What ECS may do to start a task, and what the program may do.

use bon::Builder;
use ferrocrete_core::{Handle, Input, Output, Stack, interpolate};

use super::FargateService;
use crate::components::support::service_role;
use crate::iam::{PolicyDocument, Role, RolePolicy, Statement};

const TASKS: &str = "ecs-tasks.amazonaws.com";

/// A part of a bucket that a program uses.
#[derive(Debug, Clone, Builder)]
pub struct BucketAccess {
    /// ARN of the bucket.
    #[builder(into)]
    pub bucket_arn: Input<String>,
    /// Only objects whose key begins so, such as `rag/`. Default: all.
    #[builder(into, default)]
    pub prefix: String,
    /// Whether it may only read. Default: false.
    #[builder(default)]
    pub read_only: bool,
}

/// The role that ECS starts tasks with.
pub(super) struct Execution {
    pub role: Handle<Role>,
    pub policy: Handle<RolePolicy>,
}

/// The role that the program has.
pub(super) struct Task {
    pub role: Handle<Role>,
    pub policy: Option<Handle<RolePolicy>>,
}

fn policy(
    scope: &Stack,
    name: &str,
    role: &Handle<Role>,
    document: PolicyDocument,
) -> Handle<RolePolicy> {
    scope.add(name, RolePolicy::builder().role_name(&role.role_name).policy_document(document))
}

/// Pull the image, write the log, read the injected secrets.
pub(super) fn execution(
    service: &FargateService,
    scope: &Stack,
    log: &Output<String>,
) -> Execution {
    let role = service_role(scope, "execution", TASKS);
    let repository = service.repository_arn.clone().unwrap_or_else(|| Input::from("*"));
    let mut document = PolicyDocument::new()
        .allow(Statement::new().action("ecr:GetAuthorizationToken").resource("*"))
        .allow(
            Statement::new()
                .actions([
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:GetDownloadUrlForLayer",
                    "ecr:BatchGetImage",
                ])
                .resource(repository),
        )
        .allow(
            Statement::new()
                .actions(["logs:CreateLogStream", "logs:PutLogEvents"])
                .resource(interpolate!("{log}:*")),
        );
    if !service.secrets.is_empty() {
        let secrets = service.secrets.values().map(|s| s.to_output().map(whole));
        let read = Statement::new().action("secretsmanager:GetSecretValue");
        document = document.allow(read.resources(secrets));
    }
    let policy = policy(scope, "execution", &role, document);
    Execution { role, policy }
}

/// A reference to a key of a JSON secret goes on after the ARN's seven parts.
fn whole(arn: String) -> String {
    arn.split(':').take(7).collect::<Vec<_>>().join(":")
}

/// Just the named bucket prefixes and secrets, and a shell when it is wanted.
pub(super) fn task(service: &FargateService, scope: &Stack) -> Task {
    let role = service_role(scope, "task", TASKS);
    let mut allowed = Vec::new();
    for access in &service.buckets {
        let (bucket, prefix) = (access.bucket_arn.to_output(), Output::of(access.prefix.clone()));
        let mut list = Statement::new().action("s3:ListBucket").resource(&bucket);
        if !access.prefix.is_empty() {
            list = list.condition("StringLike", "s3:prefix", [format!("{}*", access.prefix)]);
        }
        allowed.push(list);
        let write: &[&str] = match access.read_only {
            true => &[],
            false => &["s3:PutObject", "s3:DeleteObject"],
        };
        let actions = ["s3:GetObject"].iter().chain(write).copied();
        let objects = interpolate!("{bucket}/{prefix}*");
        allowed.push(Statement::new().actions(actions).resource(objects));
    }
    if !service.readable_secrets.is_empty() {
        let read = Statement::new().action("secretsmanager:GetSecretValue");
        allowed.push(read.resources(service.readable_secrets.iter()));
    }
    if service.enable_execute_command {
        let shell = [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ];
        allowed.push(Statement::new().actions(shell).resource("*"));
    }
    let policy = (!allowed.is_empty()).then(|| {
        let document = allowed.into_iter().fold(PolicyDocument::new(), PolicyDocument::allow);
        policy(scope, "task", &role, document)
    });
    Task { role, policy }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_key_is_no_part_of_the_arn() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api-AbCdEf";
        assert_eq!(whole(format!("{arn}:KEY::")), arn);
        assert_eq!(whole(arn.to_owned()), arn);
    }
}
