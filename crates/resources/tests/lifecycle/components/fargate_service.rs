//! Fargate service: what the systems in `examples/prod` do not show.

use ferrocrete_core::Stack;
use ferrocrete_resources::components::{
    FargateService, Monitoring, NatGateways, Network, Scaling, ServiceAlarms,
};
use ferrocrete_resources::ecs::Cluster;

use crate::world::{World, changes};

/// Two services in one cluster, without load balancer: such as workers.
fn workers(second: bool) -> impl Fn(&Stack) {
    move |stack| {
        let network = Network::builder().nat_gateways(NatGateways::None).build();
        let network = stack.component("network", network);
        let cluster = stack.add("shared", Cluster::builder());
        let names = ["mail", "reports"];
        for name in names.into_iter().take(if second { 2 } else { 1 }) {
            let worker = FargateService::builder()
                .placement(network.with_egress())
                .cluster((&cluster).into())
                .image("ghcr.io/example/worker:1")
                .command(vec!["worker".to_owned(), name.to_owned()])
                .cpu_architecture("ARM64")
                .alarms(ServiceAlarms::default())
                .build();
            let made = stack.component(name, worker);
            stack.export(name, &made.service_name);
            stack.export(&format!("{name}-task"), &made.task_definition_arn);
        }
        stack.export("cluster", &cluster.cluster_name);
    }
}

#[tokio::test]
async fn services_share_a_cluster() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(workers(true)).await;
    let cluster = world.export("cluster").await;
    let services = aws.ecs().list_services().cluster(&cluster).send().await.unwrap();
    assert_eq!(services.service_arns().len(), 2);
    let task = world.export("mail-task").await;
    let task = aws.ecs().describe_task_definition().task_definition(task).send().await.unwrap();
    let task = task.task_definition.unwrap();
    assert_eq!(task.container_definitions()[0].command(), ["worker", "mail"]);
    let platform = task.runtime_platform().unwrap();
    assert_eq!(platform.cpu_architecture().map(|a| a.as_str()), Some("ARM64"));
    // Without NAT, tasks have addresses of their own.
    let call = aws.ecs().describe_services().cluster(&cluster);
    let found = call.services(world.export("mail").await).send().await.unwrap();
    let network = found.services()[0].network_configuration().unwrap();
    let public = network.awsvpc_configuration().unwrap().assign_public_ip();
    assert_eq!(public.map(|p| p.as_str()), Some("ENABLED"));

    // One goes; the other does not notice.
    let plan = world.plan(workers(false)).await;
    assert!(changes(&plan).iter().all(|c| c.starts_with("delete")), "{:?}", changes(&plan));
    let gone = world.export("reports").await;
    world.up(workers(false)).await;
    let call = aws.ecs().describe_services().cluster(&cluster).services(gone);
    let found = call.services(world.export("mail").await).send().await.unwrap();
    let active = found.services().iter().filter(|s| s.status() == Some("ACTIVE"));
    assert_eq!(active.count(), 1);
    world.destroy().await;
}

#[tokio::test]
async fn impossible_sizes_and_scalings_are_refused() {
    let world = World::new().await;
    let wrong = |stack: &Stack| {
        let network = stack.component("network", Network::builder().build());
        let service = FargateService::builder()
            .placement(network.with_egress())
            .image("x")
            .cpu(512)
            .memory(512)
            .scaling(Scaling::builder().min(4).max(2).build())
            .build();
        let made = stack.component("api", service);
        let watch = Monitoring::builder().service(made.metrics(), ServiceAlarms::default());
        stack.component("monitoring", watch.build());
    };
    let refused = world.refused(wrong);
    for part in ["component `api`", "512 CPU units and 512 MiB", "1024 to 4096", "from 4 to 2"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
}
