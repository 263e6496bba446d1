//! How many AWS calls a big stack may cost. Terraform with its AWS provider needs 3,511 calls to
//! create this one, 509 to plan it without a change, and 1,510 to destroy it.

use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{SecurityGroup, SecurityGroupIngress};

use crate::world::World;

const GROUPS: usize = 500;

fn program(stack: &Stack) {
    for n in 0..GROUPS {
        let group = SecurityGroup::builder().group_description("One of many");
        let group = stack.add(&format!("group-{n}"), group);
        stack.add(
            &format!("rule-{n}"),
            SecurityGroupIngress::builder()
                .group_id(&group.group_id)
                .ip_protocol("tcp")
                .from_port(443)
                .to_port(443)
                .cidr_ip("10.0.0.0/8"),
        );
    }
}

/// The calls since the last look.
async fn calls(world: &World) -> usize {
    let log = world.account.calls().await.unwrap();
    world.account.reset_calls().await.unwrap();
    println!("{}: {:?}", log.total, log.counts);
    log.total
}

#[tokio::test]
async fn five_hundred_groups() {
    let world = World::new().await;
    let (_, report) = world.try_up(program).await.unwrap();
    assert!(report.is_success(), "{:?}", report.failures);
    assert_eq!(world.count("ec2:CreateSecurityGroup").await, GROUPS);
    let create = calls(&world).await;
    assert!(create <= 2 * GROUPS + 20, "{create} calls to create");

    assert!(world.plan(program).await.is_empty());
    let plan = calls(&world).await;
    assert!(plan <= 10, "{plan} calls to plan");

    world.destroy().await;
    let destroy = calls(&world).await;
    assert!(destroy <= GROUPS + 20, "{destroy} calls to destroy");
    let left = world.aws().await.ec2().describe_security_groups().send().await.unwrap();
    assert_eq!(left.security_groups().len(), 1, "only the VPC's own group is left");
}
