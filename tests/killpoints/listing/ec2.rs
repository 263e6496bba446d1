//! EC2. The sandbox's default VPC is part of every account.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Tag;

use super::{Found, tags};

fn told(list: &[Tag]) -> String {
    tags(list.iter().map(|tag| (tag.key(), tag.value())))
}

pub async fn addresses(ec2: &Client, found: &mut Found) {
    let answer = ec2.describe_addresses().send().await.unwrap();
    for address in answer.addresses() {
        found.alias(address.public_ip(), "address");
        let used = address.instance_id().is_some();
        found.add(format!("address associated={used} {}", told(address.tags())));
    }
    let answer = ec2.describe_key_pairs().send().await.unwrap();
    for key in answer.key_pairs() {
        found.add(format!("key pair {:?} {}", key.key_name(), told(key.tags())));
    }
}

pub async fn groups(ec2: &Client, found: &mut Found) {
    let answer = ec2.describe_security_groups().send().await.unwrap();
    for group in answer.security_groups() {
        let name = group.group_name().unwrap_or_default();
        found.alias(group.group_id(), &format!("group {name}"));
        let purpose = group.description();
        found.add(format!("security group {name} {purpose:?} {}", told(group.tags())));
    }
    let answer = ec2.describe_security_group_rules().send().await.unwrap();
    for rule in answer.security_group_rules() {
        let peer = rule.referenced_group_info().and_then(|peer| peer.group_id());
        found.add(format!(
            "rule of {:?} egress={:?} {:?} {:?}-{:?} {:?} {peer:?} {:?} {}",
            rule.group_id(),
            rule.is_egress(),
            rule.ip_protocol(),
            rule.from_port(),
            rule.to_port(),
            rule.cidr_ipv4(),
            rule.description(),
            told(rule.tags()),
        ));
    }
}

pub async fn machines(ec2: &Client, found: &mut Found) {
    let answer = ec2.describe_instances().send().await.unwrap();
    for instance in answer.reservations().iter().flat_map(|r| r.instances()) {
        let state = instance.state().and_then(|s| s.name()).map_or("", |n| n.as_str());
        // AWS, too, shows these for an hour.
        if state == "terminated" {
            continue;
        }
        let groups: Vec<_> =
            instance.security_groups().iter().filter_map(|g| g.group_name()).collect();
        found.add(format!(
            "instance {:?} {state} {:?} key={:?} groups={groups:?} interfaces={} volumes={} {}",
            instance.instance_type(),
            instance.iam_instance_profile().and_then(|p| p.arn()),
            instance.key_name(),
            instance.network_interfaces().len(),
            instance.block_device_mappings().len(),
            told(instance.tags()),
        ));
    }
    let answer = ec2.describe_volumes().send().await.unwrap();
    for volume in answer.volumes() {
        found.add(format!(
            "volume {:?} GiB {:?} {:?} encrypted={:?} {}",
            volume.size(),
            volume.volume_type(),
            volume.state(),
            volume.encrypted(),
            told(volume.tags()),
        ));
    }
    let answer = ec2.describe_network_interfaces().send().await.unwrap();
    for interface in answer.network_interfaces() {
        let groups: Vec<_> = interface.groups().iter().filter_map(|g| g.group_name()).collect();
        found.add(format!("interface {:?} groups={groups:?}", interface.status()));
    }
    let answer = ec2.describe_launch_templates().send().await.unwrap();
    for template in answer.launch_templates() {
        found.add(format!("launch template {:?}", template.launch_template_name()));
    }
}

pub async fn network(ec2: &Client, found: &mut Found) {
    for vpc in ec2.describe_vpcs().send().await.unwrap().vpcs() {
        found.add(format!("vpc {:?} {}", vpc.cidr_block(), told(vpc.tags())));
    }
    for subnet in ec2.describe_subnets().send().await.unwrap().subnets() {
        found.add(format!("subnet {:?} {}", subnet.cidr_block(), told(subnet.tags())));
    }
    for table in ec2.describe_route_tables().send().await.unwrap().route_tables() {
        let (routes, uses) = (table.routes().len(), table.associations().len());
        found.add(format!("route table, {routes} routes, {uses} uses {}", told(table.tags())));
    }
    for gateway in ec2.describe_internet_gateways().send().await.unwrap().internet_gateways() {
        let uses = gateway.attachments().len();
        found.add(format!("internet gateway, {uses} uses {}", told(gateway.tags())));
    }
    let answer = ec2.describe_nat_gateways().send().await.unwrap();
    for gateway in answer.nat_gateways() {
        found.add(format!("NAT gateway {:?}", gateway.state()));
    }
    for endpoint in ec2.describe_vpc_endpoints().send().await.unwrap().vpc_endpoints() {
        found.add(format!("VPC endpoint {:?}", endpoint.service_name()));
    }
    let lists = ec2.describe_network_acls().send().await.unwrap();
    (0..lists.network_acls().len()).for_each(|_| found.add("network ACL"));
}
