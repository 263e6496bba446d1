//! RDS.

mod db_instance;
mod db_instance_backups;
mod db_instance_identity;
mod db_instance_replica;
mod db_instance_restore;
mod db_instance_settings;
mod db_parameter_group;
mod db_subnet_group;
mod lookups;

use std::collections::BTreeMap;

use aws_sdk_rds::Client;
use ferrocrete_core::{Handle, Input, Output, Stack};
use ferrocrete_resources::ec2::{Subnet, Vpc};

/// A VPC.
fn vpc(stack: &Stack) -> Handle<Vpc> {
    stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"))
}

/// Subnets in three zones, by name.
fn subnets(stack: &Stack, vpc: &Handle<Vpc>) -> BTreeMap<&'static str, Output<String>> {
    let subnet = |n: usize, name: &'static str| {
        let subnet = Subnet::builder()
            .vpc_id(&vpc.vpc_id)
            .cidr_block(format!("10.0.{n}.0/24"))
            .availability_zone(format!("eu-central-1{name}"));
        (name, stack.add(name, subnet).subnet_id.clone())
    };
    ["a", "b", "c"].into_iter().enumerate().map(|(n, name)| subnet(n, name)).collect()
}

/// Some of them.
fn some(stack: &Stack, vpc: &Handle<Vpc>, names: &[&str]) -> Input<Vec<String>> {
    let all = subnets(stack, vpc);
    names.iter().map(|name| all[name].clone()).collect()
}

/// The value of a tag.
async fn tag(rds: &Client, arn: &str, key: &str) -> Option<String> {
    let answer = rds.list_tags_for_resource().resource_name(arn).send().await.unwrap();
    answer.tag_list().iter().find(|t| t.key() == Some(key)).and_then(|t| t.value.clone())
}
