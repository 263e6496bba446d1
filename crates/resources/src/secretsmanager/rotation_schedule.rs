//! `AWS::SecretsManager::RotationSchedule`: when a secret gets a new value, and from whom.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeSecret, RotateSecret |
//! | read, find | DescribeSecret per secret, concurrently |
//! | update | RotateSecret |
//! | delete | CancelRotateSecret |
//!
//! Traps: RotateSecret rotates at once, too, unless told not to. A secret has one schedule, without
//! tags: one that says the same counts as ours. The function must let Secrets Manager call it,
//! which is refused as `AccessDeniedException` (`cannot invoke`, as AWS's own answer says) until
//! everybody knows. While a rotation is under way, another is refused (API_RotateSecret:
//! `InvalidRequestException`).
//! Left out: `hosted_rotation_lambda`, which CloudFormation makes by a transform, and rotation by
//! other companies (`external_secret_rotation_metadata`, `external_secret_rotation_role_arn`).
//! Differences:
//! - required `rotation_rules`: without them, nothing says when.
//! - does not need `iam:PassRole`: for rotation by other companies.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::RotationRulesType;
use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::{PropertyMap, Value};

use super::shared::{alive, only_of_secret};
use crate::prelude::*;

/// When a secret gets a new value, and from whom.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SecretsManager::RotationSchedule",
    claims = claims,
    check = check,
    deleted_with = "secret_id",
    eventual(
        "AccessDeniedException" = "cannot invoke the specified Lambda function",
        "ResourceNotFoundException"
    ),
    busy("InvalidRequestException" = "previous rotation isn"),
    iam(
        create(
            "secretsmanager:DescribeSecret",
            "secretsmanager:RotateSecret",
            "lambda:InvokeFunction"
        ),
        read("secretsmanager:DescribeSecret"),
        find("secretsmanager:DescribeSecret"),
        update("secretsmanager:RotateSecret", "lambda:InvokeFunction"),
        delete("secretsmanager:CancelRotateSecret", "secretsmanager:DescribeSecret")
    )
)]
pub struct RotationSchedule {
    /// ARN or name of the secret. Replaces.
    #[field(replaces, steers)]
    pub secret_id: String,
    /// ARN of the Lambda function that makes the new value. Default: the service that owns the
    /// secret makes it.
    pub rotation_lambda_arn: Option<String>,
    /// When.
    pub rotation_rules: RotationRules,
    /// Rotate, too, when the schedule is made or changed. Default: true.
    #[field(write_only)]
    pub rotate_immediately_on_update: Option<bool>,
}

/// When a secret gets a new value: by days or by an expression.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct RotationRules {
    /// Days between two values, 1 to 1,000.
    #[field(server_default)]
    pub automatically_after_days: Option<i64>,
    /// Expression, such as `rate(10 days)` or `cron(0 8 1 * ? *)`, in UTC.
    #[field(server_default)]
    pub schedule_expression: Option<String>,
    /// Length of the window in which it happens, such as `3h`. Default: to the end of the day or
    /// hour.
    #[field(server_default)]
    pub duration: Option<String>,
}

/// What AWS knows of a [`RotationSchedule`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RotationScheduleOutputs {
    /// ARN of the secret.
    pub secret_arn: String,
}

fn claims(schedule: &PropertyMap) -> Vec<Claim> {
    only_of_secret(schedule, "rotation schedule of a secret").into_iter().collect()
}

fn check(known: Known<'_>) -> Vec<Finding> {
    let Some(Value::Map(rules)) = known.get("rotation_rules") else { return Vec::new() };
    let found = Known::of(&rules).exactly_one(&["automatically_after_days", "schedule_expression"]);
    let within = |f: Finding| Finding::new(format!("rotation_rules.{}", f.property), f.why);
    found.map(within).into_iter().collect()
}

impl Resource for RotationSchedule {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let there = alive(cx, &self.secret_id).await?;
        if there.is_some_and(|s| s.rotation_enabled == Some(true) && !self.is(&s)) {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "secret `{}` has another rotation schedule, which is not ours\n  what to do: cancel that rotation first",
                    self.secret_id
                ),
            ));
        }
        let secret_arn = self.put(cx).await?;
        Ok(Made::Ready(secret_arn.clone(), RotationScheduleOutputs { secret_arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let secret = alive(cloud, &item.id).await?;
            let secret = secret.filter(|s| s.rotation_enabled == Some(true));
            Ok(secret.map(|secret| live(&item.id, secret, item.inputs.as_ref())))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let secret = alive(cx, &self.secret_id).await?;
        Ok(secret.filter(|s| s.rotation_enabled == Some(true) && self.is(s)).and_then(|s| s.arn))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, changes: &Changes) -> Result<Progress> {
        if changes.any(&["rotation_lambda_arn", "rotation_rules"]) {
            self.put(cx).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.secretsmanager().cancel_rotate_secret().secret_id(id);
        match call.send().await.op("secretsmanager:CancelRotateSecret") {
            // It waits to be deleted, or does not rotate.
            Err(error) if error.has_code("InvalidRequestException") => match alive(cx, id).await? {
                Some(secret) if secret.rotation_enabled == Some(true) => Err(error),
                _ => Ok(Progress::Done),
            },
            other => gone(other),
        }
    }
}

impl RotationSchedule {
    async fn put(&self, cx: &Cx) -> Result<String> {
        const CALL: &str = "secretsmanager:RotateSecret";
        let rules = &self.rotation_rules;
        let rules = RotationRulesType::builder()
            .set_automatically_after_days(rules.automatically_after_days)
            .set_schedule_expression(rules.schedule_expression.clone())
            .set_duration(rules.duration.clone())
            .build();
        let call = cx
            .secretsmanager()
            .rotate_secret()
            .secret_id(&self.secret_id)
            .client_request_token(cx.token())
            .set_rotation_lambda_arn(self.rotation_lambda_arn.clone())
            .rotation_rules(rules)
            .set_rotate_immediately(self.rotate_immediately_on_update);
        need(call.send().await.op(CALL)?.arn, CALL, "arn")
    }

    /// Whether a secret's schedule is what is declared.
    fn is(&self, secret: &DescribeSecretOutput) -> bool {
        fn fits<T: PartialEq>(wanted: &Option<T>, live: &Option<T>) -> bool {
            wanted.is_none() || wanted == live
        }
        let (wanted, live) = (&self.rotation_rules, rules(secret));
        self.rotation_lambda_arn == secret.rotation_lambda_arn
            && fits(&wanted.automatically_after_days, &live.automatically_after_days)
            && fits(&wanted.schedule_expression, &live.schedule_expression)
            && fits(&wanted.duration, &live.duration)
    }
}

fn rules(secret: &DescribeSecretOutput) -> RotationRules {
    let rules = secret.rotation_rules.as_ref();
    RotationRules {
        automatically_after_days: rules.and_then(|r| r.automatically_after_days),
        schedule_expression: rules.and_then(|r| r.schedule_expression.clone()),
        duration: rules.and_then(|r| r.duration.clone()),
    }
}

fn live(
    id: &str,
    secret: DescribeSecretOutput,
    known: Option<&RotationSchedule>,
) -> Live<RotationSchedule> {
    let declared = known.map(|known| known.secret_id.clone());
    Live::ready(
        RotationSchedule {
            secret_id: declared.unwrap_or_else(|| id.to_owned()),
            rotation_rules: rules(&secret),
            rotation_lambda_arn: secret.rotation_lambda_arn,
            rotate_immediately_on_update: None,
        },
        RotationScheduleOutputs { secret_arn: id.to_owned() },
    )
}
