//! `AWS::ECS::Cluster`.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    Cluster as SdkCluster, ClusterField, ClusterSetting as SdkSetting, ClusterSettingName,
    ExecuteCommandLogging, Tag,
};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::ecs::{
    CapacityProviderStrategyItem, Cluster, ClusterConfiguration, ClusterSetting,
    ExecuteCommandConfiguration, ExecuteCommandLogConfiguration, ManagedStorageConfiguration,
    ServiceConnectDefaults,
};

use super::tag;
use crate::world::{World, changed};

#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    insights: Option<&'static str>,
    /// Log group of execute command.
    log: Option<&'static str>,
    storage_key: Option<&'static str>,
    providers: Option<&'static [&'static str]>,
    /// Provider, weight, base.
    strategy: Option<&'static [(&'static str, i32, i32)]>,
    namespace: Option<&'static str>,
    owner: &'static str,
}

const FIRST: Wanted = Wanted {
    name: None,
    insights: Some("enhanced"),
    log: Some("/ecs/exec"),
    storage_key: Some("11111111-2222-3333-4444-555555555555"),
    providers: Some(&["FARGATE", "FARGATE_SPOT"]),
    strategy: Some(&[("FARGATE", 1, 1), ("FARGATE_SPOT", 3, 0)]),
    namespace: Some("inner"),
    owner: "anna",
};

fn configuration(wanted: Wanted) -> Option<ClusterConfiguration> {
    let execute = |group: &str| ExecuteCommandConfiguration {
        kms_key_id: Some("alias/exec".into()),
        logging: Some("OVERRIDE".into()),
        log_configuration: Some(ExecuteCommandLogConfiguration {
            cloud_watch_log_group_name: Some(group.to_owned()),
            cloud_watch_encryption_enabled: Some(true),
            s3_bucket_name: Some("sessions".into()),
            s3_encryption_enabled: Some(true),
            s3_key_prefix: Some("exec/".into()),
        }),
    };
    let storage = |key: &str| ManagedStorageConfiguration {
        kms_key_id: Some(key.to_owned()),
        fargate_ephemeral_storage_kms_key_id: Some(key.to_owned()),
    };
    (wanted.log.is_some() || wanted.storage_key.is_some()).then(|| ClusterConfiguration {
        execute_command_configuration: wanted.log.map(execute),
        managed_storage_configuration: wanted.storage_key.map(storage),
    })
}

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let item = |(name, weight, base): &(&str, i32, i32)| CapacityProviderStrategyItem {
            capacity_provider: (*name).to_owned(),
            weight: Some(*weight),
            base: Some(*base),
        };
        let strategy = wanted.strategy.map(|all| all.iter().map(item).collect::<Vec<_>>());
        stack.add(
            "main",
            Cluster::builder()
                .maybe_cluster_name(wanted.name)
                .maybe_cluster_settings(
                    wanted.insights.map(|value| [ClusterSetting::container_insights(value)]),
                )
                .maybe_configuration(configuration(wanted))
                .maybe_capacity_providers(wanted.providers)
                .maybe_default_capacity_provider_strategy(strategy)
                .maybe_service_connect_defaults(
                    wanted.namespace.map(|n| ServiceConnectDefaults { namespace: n.into() }),
                )
                .tags([("owner", wanted.owner)]),
        );
    }
}

async fn live(ecs: &Client, name: &str) -> SdkCluster {
    let fields = [
        ClusterField::Attachments,
        ClusterField::Configurations,
        ClusterField::Settings,
        ClusterField::Tags,
    ];
    let call = ecs.describe_clusters().clusters(name).set_include(Some(fields.to_vec()));
    call.send().await.unwrap().clusters.unwrap().remove(0)
}

fn insights(cluster: &SdkCluster) -> Option<&str> {
    cluster.settings().first().and_then(|s| s.value())
}

fn strategy(cluster: &SdkCluster) -> Vec<(&str, i32, i32)> {
    let all = cluster.default_capacity_provider_strategy().iter();
    all.map(|item| (item.capacity_provider(), item.weight, item.base)).collect()
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    assert_eq!(world.up(program(FIRST)).await, ["create main"]);
    assert_eq!(world.count("ecs:CreateCluster").await, 1);
    let name = world.id("main").await;
    let cluster = live(&ecs, &name).await;
    assert_eq!(cluster.status(), Some("ACTIVE"), "it is waited for");
    assert_eq!(insights(&cluster), Some("enhanced"));
    assert_eq!(cluster.capacity_providers(), ["FARGATE", "FARGATE_SPOT"]);
    assert_eq!(strategy(&cluster), [("FARGATE", 1, 1), ("FARGATE_SPOT", 3, 0)]);
    let configuration = cluster.configuration().unwrap();
    let execute = configuration.execute_command_configuration().unwrap();
    assert_eq!(execute.kms_key_id(), Some("alias/exec"));
    assert_eq!(execute.logging(), Some(&ExecuteCommandLogging::Override));
    let log = execute.log_configuration().unwrap();
    assert_eq!(log.cloud_watch_log_group_name(), Some("/ecs/exec"));
    assert!(log.cloud_watch_encryption_enabled && log.s3_encryption_enabled);
    assert_eq!((log.s3_bucket_name(), log.s3_key_prefix()), (Some("sessions"), Some("exec/")));
    let storage = configuration.managed_storage_configuration().unwrap();
    assert_eq!(storage.kms_key_id(), FIRST.storage_key);
    assert_eq!(storage.fargate_ephemeral_storage_kms_key_id(), FIRST.storage_key);
    let connect = cluster.service_connect_defaults().unwrap();
    assert_eq!(connect.namespace(), Some("inner"));
    assert_eq!(tag(cluster.tags(), "owner"), Some("anna"));
    assert_eq!(Some(world.output("main", "arn").await.as_str()), cluster.cluster_arn());
    assert_eq!(world.output("main", "cluster_name").await, name);

    world.destroy().await;
    assert_eq!(live(&ecs, &name).await.status(), Some("INACTIVE"));
}

#[tokio::test]
async fn changes_in_place() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(FIRST)).await;
    let name = world.id("main").await;
    let arn = world.output("main", "arn").await;
    let foreign = Tag::builder().key("cost").value("7").build();
    ecs.tag_resource().resource_arn(&arn).tags(foreign).send().await.unwrap();

    let steps = [
        (Wanted { insights: Some("disabled"), ..FIRST }, "cluster_settings"),
        (Wanted { log: Some("/ecs/other"), ..FIRST }, "configuration"),
        (
            Wanted {
                providers: Some(&["FARGATE", "FARGATE_SPOT"]),
                strategy: Some(&[("FARGATE", 2, 0)]),
                ..FIRST
            },
            "default_capacity_provider_strategy",
        ),
        (Wanted { namespace: Some("other"), ..FIRST }, "service_connect_defaults"),
        (Wanted { owner: "ben", ..FIRST }, "tags"),
    ];
    for (wanted, property) in steps {
        world.updates(program(wanted), "main", &[property]).await;
        let cluster = live(&ecs, &name).await;
        match property {
            "cluster_settings" => assert_eq!(insights(&cluster), Some("disabled")),
            "configuration" => {
                let execute = cluster.configuration().unwrap().execute_command_configuration();
                let log = execute.unwrap().log_configuration().unwrap();
                assert_eq!(log.cloud_watch_log_group_name(), Some("/ecs/other"));
                assert_eq!(log.s3_bucket_name(), Some("sessions"));
            }
            "default_capacity_provider_strategy" => {
                assert_eq!(strategy(&cluster), [("FARGATE", 2, 0)]);
                assert_eq!(cluster.capacity_providers(), ["FARGATE", "FARGATE_SPOT"]);
                assert_eq!(cluster.attachments_status(), Some("UPDATE_COMPLETE"), "waited for");
            }
            "service_connect_defaults" => {
                assert_eq!(cluster.service_connect_defaults().unwrap().namespace(), Some("other"));
            }
            _ => {
                assert_eq!(tag(cluster.tags(), "owner"), Some("ben"));
                assert_eq!(tag(cluster.tags(), "cost"), Some("7"), "not ours to remove");
            }
        }
        world.up(program(FIRST)).await;
    }
    assert_eq!(world.count("ecs:CreateCluster").await, 1);
}

#[tokio::test]
async fn what_is_no_longer_declared_goes() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(FIRST)).await;
    let name = world.id("main").await;
    let without_key = Wanted { storage_key: None, ..FIRST };
    world.updates(program(without_key), "main", &["configuration"]).await;
    let configuration = live(&ecs, &name).await.configuration.unwrap();
    let storage = configuration.managed_storage_configuration().unwrap();
    assert_eq!(
        (storage.kms_key_id(), storage.fargate_ephemeral_storage_kms_key_id()),
        (None, None)
    );
    assert!(configuration.execute_command_configuration().is_some());

    let bare =
        Wanted { log: None, providers: None, strategy: None, namespace: None, ..without_key };
    let gone = [
        "configuration",
        "capacity_providers",
        "default_capacity_provider_strategy",
        "service_connect_defaults",
    ];
    world.updates(program(bare), "main", &gone).await;
    let cluster = live(&ecs, &name).await;
    let execute = cluster.configuration().unwrap().execute_command_configuration().unwrap();
    assert_eq!(execute.logging(), Some(&ExecuteCommandLogging::Default));
    assert!(execute.log_configuration().is_none() && execute.kms_key_id().is_none());
    assert!(cluster.capacity_providers().is_empty());
    assert!(strategy(&cluster).is_empty());
    assert!(cluster.service_connect_defaults().is_none());

    // What AWS fills in stays as it is.
    let silent = Wanted { insights: None, ..bare };
    assert!(world.up(program(silent)).await.is_empty());
    assert_eq!(insights(&live(&ecs, &name).await), Some("enhanced"));
}

#[tokio::test]
async fn another_name_is_another_cluster() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(Wanted { name: Some("one"), ..FIRST })).await;
    let named = program(Wanted { name: Some("two"), ..FIRST });
    let (before, after) = world.replaces(named, "main", &["cluster_name"]).await;
    assert_eq!((before.as_str(), after.as_str()), ("one", "two"));
    assert_eq!(live(&ecs, "one").await.status(), Some("INACTIVE"));
    assert_eq!(live(&ecs, "two").await.status(), Some("ACTIVE"));
}

#[tokio::test]
async fn drift_is_made_up_for() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(FIRST)).await;
    let name = world.id("main").await;
    let off = SdkSetting::builder().name(ClusterSettingName::ContainerInsights).value("disabled");
    ecs.update_cluster().cluster(&name).settings(off.build()).send().await.unwrap();
    let plan = world.plan(program(FIRST)).await;
    assert_eq!(changed(&plan, "main"), ["cluster_settings"].into());
    world.up(program(FIRST)).await;
    assert_eq!(insights(&live(&ecs, &name).await), Some("enhanced"));

    ecs.delete_cluster().cluster(&name).send().await.unwrap();
    assert_eq!(world.up(program(FIRST)).await, ["create main"]);
    let now = world.id("main").await;
    assert_eq!(live(&ecs, &now).await.status(), Some("ACTIVE"));
}

#[tokio::test]
async fn a_cluster_of_somebody_else_is_not_taken_over() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    ecs.create_cluster().cluster_name("theirs").send().await.unwrap();
    let (_, report) =
        world.try_up(program(Wanted { name: Some("theirs"), ..FIRST })).await.unwrap();
    let error = &report.failures[0].error;
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
    assert!(error.message.contains("choose another name"), "{error}");
    let cluster = live(&ecs, "theirs").await;
    assert_eq!((insights(&cluster), tag(cluster.tags(), "owner")), (Some("disabled"), None));
    // One that was deleted is in nobody's way.
    ecs.delete_cluster().cluster("theirs").send().await.unwrap();
    world.up(program(Wanted { name: Some("theirs"), ..FIRST })).await;
    assert_eq!(insights(&live(&ecs, "theirs").await), Some("enhanced"));
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "main", "ecs:CreateCluster").await;
}

#[tokio::test]
async fn is_found_again_under_a_name_of_ones_own() {
    let named = Wanted { name: Some("web"), ..FIRST };
    World::new().await.finds(program(named), "main", "ecs:CreateCluster").await;
}

#[tokio::test]
async fn a_kill_while_waiting_is_waited_on() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.killed(program(FIRST), "main", 2).await;
    world.up(program(FIRST)).await;
    assert_eq!(world.count("ecs:CreateCluster").await, 1);
    assert_eq!(live(&ecs, &world.id("main").await).await.status(), Some("ACTIVE"));
}
