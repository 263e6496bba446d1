//! Loops whose keys change, names that are swapped and rotated, records that take each other's
//! place: IAM, S3, Route 53, KMS, Secrets Manager, SNS, SQS, SSM, Logs, DynamoDB, CloudWatch.

use std::collections::BTreeSet;

use aws_sdk_route53::types::{ResourceRecordSet, RrType};
use ferrocrete_core::plan::Plan;
use ferrocrete_core::{Handle, Secret as Hidden, Stack};
use ferrocrete_resources::aws::{AwsConnector, AwsSettings};
use ferrocrete_resources::cloudwatch::{Alarm, CompositeAlarm, Dashboard};
use ferrocrete_resources::dynamodb::{AttributeDefinition, KeySchemaElement, Table};
use ferrocrete_resources::iam::{
    InstanceProfile, ManagedPolicy, OpenIdConnectProvider, Role, RolePolicy, RolePolicyAttachment,
    ServiceLinkedRole,
};
use ferrocrete_resources::kms::{Alias, Key};
use ferrocrete_resources::logs::{LogGroup, MetricFilter, MetricTransformation};
use ferrocrete_resources::route53::{HostedZone, RecordSet};
use ferrocrete_resources::s3::{Bucket, BucketPolicy};
use ferrocrete_resources::secretsmanager::{
    ResourcePolicy, RotationRules, RotationSchedule, Secret, SecretVersion,
};
use ferrocrete_resources::sns::{Subscription, Topic, TopicPolicy};
use ferrocrete_resources::sqs::{Queue, QueuePolicy};
use ferrocrete_resources::ssm::Parameter;

use crate::world::{World, changes};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

fn guard(resource: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

/// What the things of the loop hang on; it keeps its keys.
pub struct Ground {
    role: Handle<Role>,
    bucket: Handle<Bucket>,
    zone: Handle<HostedZone>,
    key: Handle<Key>,
    secret: Handle<Secret>,
    topic: Handle<Topic>,
    group: Handle<LogGroup>,
    queue: Handle<Queue>,
}

fn ground(stack: &Stack) -> Ground {
    Ground {
        role: stack.add("ground", Role::builder().assume_role_policy_document(TRUST)),
        bucket: stack.add("ground", Bucket::builder()),
        zone: stack.add("ground", HostedZone::builder().name("example.org")),
        key: stack.add("ground", Key::builder()),
        secret: stack.add("ground", Secret::builder().recovery_window_in_days(0)),
        topic: stack.add("ground", Topic::builder()),
        group: stack.add("ground", LogGroup::builder()),
        queue: stack.add("ground", Queue::builder()),
    }
}

/// Declares one, from the ground, under a key and with a name.
pub type Declare = fn(&Stack, &Ground, &str, &str);

/// One member of a loop over each type, by its type's name.
pub fn members() -> Vec<(&'static str, Declare)> {
    vec![
        ("AWS::IAM::Role", |s, _, k, _| {
            s.add(k, Role::builder().role_name("app").assume_role_policy_document(TRUST));
        }),
        ("AWS::IAM::InstanceProfile", |s, g, k, _| {
            let profile = InstanceProfile::builder().instance_profile_name("app");
            s.add(k, profile.role(&g.role.role_name));
        }),
        ("AWS::IAM::ManagedPolicy", |s, _, k, _| {
            s.add(k, ManagedPolicy::builder().managed_policy_name("app").policy_document(ALLOW));
        }),
        ("AWS::IAM::RolePolicy", |s, g, k, _| {
            let policy = RolePolicy::builder().role_name(&g.role.role_name).policy_name("inline");
            s.add(k, policy.policy_document(ALLOW));
        }),
        ("AWS::IAM::RolePolicyAttachment", |s, g, k, _| {
            attach(s, k, &g.role, "ReadOnlyAccess");
        }),
        ("AWS::IAM::OIDCProvider", |s, _, k, _| {
            s.add(k, OpenIdConnectProvider::builder().url("https://token.example.org"));
        }),
        ("AWS::IAM::ServiceLinkedRole", |s, _, k, _| {
            s.add(k, ServiceLinkedRole::builder().aws_service_name("ecs.amazonaws.com"));
        }),
        ("AWS::S3::Bucket", |s, _, k, account| {
            s.add(k, Bucket::builder().bucket_name(format!("app-{account}")));
        }),
        ("AWS::S3::BucketPolicy", |s, g, k, _| {
            let policy = BucketPolicy::builder().bucket(&g.bucket.bucket_name);
            s.add(k, policy.policy_document(g.bucket.arn.map(|arn| guard(&arn, "s3:*"))));
        }),
        ("AWS::Route53::RecordSet", |s, g, k, _| {
            record(s, k, g, "api.example.org", "A", None, 60);
        }),
        ("AWS::KMS::Alias", |s, g, k, _| {
            s.add(k, Alias::builder().alias_name("app").target_key_id(&g.key.key_id));
        }),
        ("AWS::SecretsManager::Secret", |s, _, k, _| {
            s.add(k, Secret::builder().name("app").recovery_window_in_days(0));
        }),
        ("AWS::SecretsManager::SecretVersion", |s, g, k, _| {
            let value = Hidden::new("hidden".to_owned());
            let version = SecretVersion::builder().secret_id(&g.secret.secret_arn);
            s.add(k, version.secret_string(value));
        }),
        ("AWS::SecretsManager::RotationSchedule", |s, g, k, _| {
            let schedule = RotationSchedule::builder().secret_id(&g.secret.secret_arn);
            let rules = RotationRules::builder().automatically_after_days(30);
            s.add(k, schedule.rotation_rules(rules).rotate_immediately_on_update(false));
        }),
        ("AWS::SecretsManager::ResourcePolicy", |s, g, k, _| {
            let policy = ResourcePolicy::builder().secret_id(&g.secret.secret_arn);
            s.add(k, policy.resource_policy(guard("*", "secretsmanager:*")));
        }),
        ("AWS::SNS::Topic", |s, _, k, _| {
            s.add(k, Topic::builder().topic_name("app").fifo_topic(true));
        }),
        ("AWS::SNS::TopicPolicy", |s, g, k, _| {
            let policy = TopicPolicy::builder().topic_arn(&g.topic.topic_arn);
            s.add(k, policy.policy_document(g.topic.topic_arn.map(|arn| guard(&arn, "sns:*"))));
        }),
        ("AWS::SNS::Subscription", |s, g, k, _| {
            let subscription = Subscription::builder().topic_arn(&g.topic.topic_arn);
            s.add(k, subscription.protocol("email").endpoint("anna@example.org"));
        }),
        ("AWS::SQS::Queue", |s, _, k, _| {
            s.add(k, Queue::builder().queue_name("app").fifo_queue(true));
        }),
        ("AWS::SQS::QueuePolicy", |s, g, k, _| {
            let policy = QueuePolicy::builder().queue_url(&g.queue.queue_url);
            s.add(k, policy.policy_document(g.queue.arn.map(|arn| guard(&arn, "sqs:*"))));
        }),
        ("AWS::SSM::Parameter", |s, _, k, _| {
            s.add(k, Parameter::builder().name("/app").parameter_type("String").value("one"));
        }),
        ("AWS::Logs::LogGroup", |s, _, k, _| {
            s.add(k, LogGroup::builder().log_group_name("app"));
        }),
        ("AWS::Logs::MetricFilter", |s, g, k, _| {
            let told = MetricTransformation::builder().metric_name("Errors");
            let told = told.metric_namespace("Shop").metric_value("1");
            let filter = MetricFilter::builder().filter_name("errors").filter_pattern("ERROR");
            let filter = filter.log_group_name(&g.group.log_group_name);
            s.add(k, filter.metric_transformations([told]));
        }),
        ("AWS::DynamoDB::Table", |s, _, k, _| {
            let id = AttributeDefinition::builder().attribute_name("id").attribute_type("S");
            let key = KeySchemaElement::builder().attribute_name("id").key_type("HASH");
            let table = Table::builder().table_name("app").billing_mode("PAY_PER_REQUEST");
            s.add(k, table.attribute_definitions([id]).key_schema([key]));
        }),
        ("AWS::CloudWatch::Alarm", |s, _, k, _| alarm(s, k, "app")),
        ("AWS::CloudWatch::CompositeAlarm", |s, _, k, _| {
            s.add(k, CompositeAlarm::builder().alarm_name("all").alarm_rule("FALSE"));
        }),
        ("AWS::CloudWatch::Dashboard", |s, _, k, _| {
            s.add(
                k,
                Dashboard::builder().dashboard_name("app").dashboard_body(r#"{"widgets":[]}"#),
            );
        }),
    ]
}

fn attach(stack: &Stack, key: &str, role: &Handle<Role>, policy: &str) {
    let arn = format!("arn:aws:iam::aws:policy/{policy}");
    stack.add(key, RolePolicyAttachment::builder().role_name(&role.role_name).policy_arn(arn));
}

fn alarm(stack: &Stack, key: &str, name: &str) {
    let alarm = Alarm::builder().alarm_name(name).metric_name("Errors").namespace("Shop");
    let alarm = alarm.period(60).statistic("Sum").comparison_operator("GreaterThanThreshold");
    stack.add(key, alarm.threshold(5.0).evaluation_periods(1));
}

/// A record, weighted where it has a set identifier.
fn record(
    stack: &Stack,
    key: &str,
    ground: &Ground,
    name: &str,
    kind: &str,
    set: Option<&str>,
    ttl: i64,
) {
    let value = if kind == "CNAME" { "other.example.net" } else { "192.0.2.1" };
    let record = RecordSet::builder().hosted_zone_id(&ground.zone.hosted_zone_id);
    let record = record.name(name).record_type(kind).ttl(ttl).resource_records([value]);
    stack.add(key, record.maybe_set_identifier(set).maybe_weight(set.map(|_| 10)));
}

/// The types of these services that AWS knows by what a program says of them.
fn known_by_properties() -> BTreeSet<&'static str> {
    const SERVICES: [&str; 11] = [
        "IAM",
        "S3",
        "Route53",
        "KMS",
        "SecretsManager",
        "SNS",
        "SQS",
        "SSM",
        "Logs",
        "DynamoDB",
        "CloudWatch",
    ];
    let registry = ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()));
    let schemas = registry.types().map(|handler| handler.schema());
    let known = schemas.filter(|schema| {
        let service = schema.type_name.split("::").nth(1).unwrap_or_default();
        SERVICES.contains(&service) && (!schema.identity.is_empty() || schema.claims.is_some())
    });
    // AWS makes the id of a zone; only its name within a VPC is somebody's.
    known
        .map(|schema| schema.type_name)
        .filter(|name| *name != "AWS::Route53::HostedZone")
        .collect()
}

/// A program that declares members of these types under a key.
fn looped(key: &'static str, account: String) -> impl Fn(&Stack) {
    move |stack| {
        let ground = ground(stack);
        members().iter().for_each(|(_, add)| add(stack, &ground, key, &account));
    }
}

fn moved(plan: &Plan) -> BTreeSet<&str> {
    plan.moves.iter().map(|one| one.to.type_name()).collect()
}

async fn writes(world: &World) -> Vec<String> {
    let calls = world.account.calls().await.unwrap().calls;
    let reads = ["Get", "List", "Describe"];
    let writes = calls.iter().filter(|c| !reads.iter().any(|verb| c.operation.starts_with(verb)));
    writes.map(|c| format!("{}:{}", c.service, c.operation)).collect()
}

#[test]
fn no_type_is_forgotten() {
    let members: BTreeSet<_> = members().into_iter().map(|(name, _)| name).collect();
    assert_eq!(members, known_by_properties());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_whose_key_changes_changes_nothing() {
    let world = World::new().await;
    let account = world.account.id.clone();
    world.up(looped("a", account.clone())).await;
    world.account.reset_calls().await.unwrap();
    let plan = world.plan(looped("b", account.clone())).await;
    assert_eq!((changes(&plan), moved(&plan)), (vec![], known_by_properties()));
    assert_eq!(world.up(looped("b", account.clone())).await, [""; 0]);
    assert_eq!(writes(&world).await, [""; 0], "nothing is made, changed or deleted");
    let names: BTreeSet<String> =
        world.state().await.resources.keys().map(|(urn, _)| urn.name().to_owned()).collect();
    assert_eq!(names, ["b".to_owned(), "ground".to_owned()].into());

    // The same thing declared twice: each type by itself.
    for (name, add) in members() {
        let error = world
            .plan_error(|stack| {
                let ground = ground(stack);
                ["b", "c"].iter().for_each(|key| add(stack, &ground, key, &account));
            })
            .await;
        assert!(error.contains(name) && error.contains("they are one thing"), "{name}: {error}");
    }
    world.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_whose_policies_rotate_stay_attached() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    const POLICIES: [&str; 3] = ["ReadOnlyAccess", "job-function/Billing", "AmazonS3FullAccess"];
    let program = |turn: usize| {
        move |stack: &Stack| {
            let role = Role::builder().role_name("app").assume_role_policy_document(TRUST);
            let role = stack.add("role", role);
            for (at, key) in ["a", "b", "c"].into_iter().enumerate() {
                attach(stack, key, &role, POLICIES[(at + turn) % 3]);
            }
        }
    };
    world.up(program(0)).await;
    for turn in [1, 2] {
        world.up(program(turn)).await;
        let answer = iam.list_attached_role_policies().role_name("app").send().await.unwrap();
        assert_eq!(answer.attached_policies().len(), 3, "turn {turn}");
    }
    world.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_two_exchange_converge() {
    let world = World::new().await;
    let aws = world.aws().await;
    let program = |one: &'static str, other: &'static str| {
        move |stack: &Stack| {
            for (key, name) in [("a", one), ("b", other)] {
                let value = Parameter::builder().name(name).parameter_type("String").value(key);
                stack.add(key, value);
                let role = Role::builder().role_name(name).description(key);
                stack.add(key, role.assume_role_policy_document(TRUST));
                stack.add(key, LogGroup::builder().log_group_name(name).tags([("key", key)]));
            }
        }
    };
    world.up(program("x", "y")).await;
    world.up(program("y", "x")).await;
    for (name, key) in [("x", "b"), ("y", "a")] {
        let parameter = aws.ssm().get_parameter().name(name).send().await.unwrap().parameter;
        assert_eq!(parameter.unwrap().value(), Some(key));
        let role = aws.iam().get_role().role_name(name).send().await.unwrap().role.unwrap();
        assert_eq!(role.description(), Some(key));
    }
    // IAM tells names apart without regard to case.
    world.up(program("Y", "x")).await;
    world.destroy().await;
}

#[tokio::test]
async fn an_alarm_of_the_other_kind_takes_a_name_over() {
    let world = World::new().await;
    let cloudwatch = world.aws().await.cloudwatch().clone();
    world.up(|stack: &Stack| alarm(stack, "a", "app")).await;
    let composite = |stack: &Stack| {
        stack.add("b", CompositeAlarm::builder().alarm_name("app").alarm_rule("FALSE"));
    };
    world.up(composite).await;
    let kinds = [
        aws_sdk_cloudwatch::types::AlarmType::MetricAlarm,
        aws_sdk_cloudwatch::types::AlarmType::CompositeAlarm,
    ];
    let call = cloudwatch.describe_alarms().set_alarm_types(Some(kinds.into()));
    let all = call.send().await.unwrap();
    assert_eq!((all.metric_alarms().len(), all.composite_alarms().len()), (0, 1));
}

#[tokio::test]
async fn a_fifo_name_is_another_than_the_plain_one() {
    let world = World::new().await;
    let both = |stack: &Stack| {
        for (key, fifo) in [("plain", false), ("fifo", true)] {
            stack.add(key, Queue::builder().queue_name("jobs").fifo_queue(fifo));
            stack.add(key, Topic::builder().topic_name("jobs").fifo_topic(fifo));
        }
    };
    world.up(both).await;
    let twice = world
        .plan_error(|stack| {
            stack.add("one", Queue::builder().queue_name("jobs").fifo_queue(true));
            stack.add("two", Queue::builder().queue_name("jobs.fifo").fifo_queue(true));
        })
        .await;
    assert!(twice.contains("they are one thing"), "{twice}");
}

/// The records of the zone, without those that every zone has.
async fn records(world: &World) -> Vec<ResourceRecordSet> {
    let (state, aws) = (world.state().await, world.aws().await);
    let zone = state.resources.values().find(|r| r.urn.type_name() == "AWS::Route53::HostedZone");
    let call = aws.route53().list_resource_record_sets().hosted_zone_id(&zone.unwrap().id);
    let own = |r: &ResourceRecordSet| !matches!(r.r#type(), RrType::Ns | RrType::Soa);
    call.send().await.unwrap().resource_record_sets.into_iter().filter(own).collect()
}

/// Key, type, set identifier, TTL of a record.
type Wanted = (&'static str, &'static str, Option<&'static str>, i64);

/// A zone whose name `www` stands for these.
fn www(all: &'static [Wanted]) -> impl Fn(&Stack) {
    move |stack| {
        let zone = stack.add("ground", HostedZone::builder().name("example.org"));
        for (key, kind, set, ttl) in all {
            let value = if *kind == "CNAME" { "other.example.net" } else { "192.0.2.1" };
            let record = RecordSet::builder().hosted_zone_id(&zone.hosted_zone_id);
            let record = record.name("www.example.org").record_type(*kind).ttl(*ttl);
            let record = record.resource_records([value]).maybe_set_identifier(*set);
            stack.add(key, record.maybe_weight(set.map(|_| 10)));
        }
    }
}

#[tokio::test]
async fn records_that_exclude_each_other_change_in_one_call() {
    const CHANGE: &str = "route53:ChangeResourceRecordSets";
    let world = World::new().await;
    let steps: [&'static [Wanted]; 6] = [
        &[("a", "A", None, 60)],
        // The same record becomes weighted, and gets company.
        &[("a", "A", Some("blue"), 60), ("b", "A", Some("green"), 60)],
        // All weighted records of a name have one TTL.
        &[("a", "A", Some("blue"), 30), ("b", "A", Some("green"), 30)],
        // Another resource is the plain one.
        &[("c", "A", None, 60)],
        &[("d", "CNAME", None, 60)],
        // A replacement in place.
        &[("d", "A", None, 60)],
    ];
    for (at, wanted) in steps.into_iter().enumerate() {
        world.account.reset_calls().await.unwrap();
        world.up(www(wanted)).await;
        assert_eq!(world.count(CHANGE).await, 1, "step {at}");
        let mut live: Vec<_> = records(&world).await;
        live.sort_by_key(|r| r.set_identifier.clone());
        let live: Vec<_> =
            live.iter().map(|r| (r.r#type().as_str(), r.set_identifier(), r.ttl())).collect();
        let wanted: Vec<_> = wanted.iter().map(|(_, k, s, ttl)| (*k, *s, Some(*ttl))).collect();
        assert_eq!(live, wanted, "step {at}");
    }
    for (mixed, word) in [
        (&[("d", "A", None, 60), ("e", "A", Some("blue"), 60)][..], "routing"),
        (&[("d", "A", None, 60), ("e", "CNAME", None, 60)][..], "record_type"),
        (&[("d", "A", Some("x"), 60), ("e", "A", Some("y"), 30)][..], "ttl"),
    ] {
        let error = world.plan_error(www(mixed)).await;
        assert!(error.contains(word) && error.contains("not the same"), "{error}");
    }
    world.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_are_few_calls_and_one_bad_one_fails_alone() {
    let world = World::new().await;
    let program = |extra: Option<&'static str>| {
        move |stack: &Stack| {
            let ground = ground(stack);
            for n in 0..20 {
                let name = format!("host-{n}.example.org");
                record(stack, &name, &ground, &name, "A", None, 60);
            }
            if let Some(name) = extra {
                record(stack, "bad", &ground, name, "CNAME", None, 60);
            }
        }
    };
    // The zone's own name cannot be another one.
    let (_, report) = world.try_up(program(Some("example.org"))).await.unwrap();
    let failed: Vec<&str> = report.failures.iter().map(|f| f.urn.name()).collect();
    assert_eq!(failed, ["bad"]);
    assert_eq!(records(&world).await.len(), 20);
    world.account.reset_calls().await.unwrap();
    assert!(world.up(program(None)).await.is_empty());
    world.destroy().await;
    let calls = world.count("route53:ChangeResourceRecordSets").await;
    assert!((1..=5).contains(&calls), "20 records were deleted in {calls} calls");
}
