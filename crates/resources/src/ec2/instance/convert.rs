//! Instances to and from the SDK's types.

use aws_sdk_ec2::types::{
    BlockDeviceMapping, CreditSpecificationRequest, EbsBlockDevice, HttpTokensState,
    Instance as SdkInstance, InstanceAttributeName, InstanceMetadataEndpointState,
    InstanceMetadataOptionsRequest, InstanceMetadataTagsState, InstanceStateName, VolumeType,
};

use super::{BlockDevice, Instance, InstanceOutputs, MetadataOptions};
use crate::ec2::shared::{filter, from_sdk};
use crate::prelude::*;

/// User data as the API takes it.
pub(super) fn encode(text: &str) -> String {
    aws_smithy_types::base64::encode(text)
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(aws_smithy_types::base64::decode(text).ok()?).ok()
}

pub(super) fn credits(kind: &str) -> CreditSpecificationRequest {
    CreditSpecificationRequest::builder().cpu_credits(kind).build()
}

pub(super) fn metadata_request(m: &MetadataOptions) -> InstanceMetadataOptionsRequest {
    InstanceMetadataOptionsRequest::builder()
        .set_http_tokens(m.http_tokens.as_deref().map(HttpTokensState::from))
        .set_http_put_response_hop_limit(m.http_put_response_hop_limit)
        .set_http_endpoint(m.http_endpoint.as_deref().map(InstanceMetadataEndpointState::from))
        .set_instance_metadata_tags(
            m.instance_metadata_tags.as_deref().map(InstanceMetadataTagsState::from),
        )
        .build()
}

/// Root volume first, then the others.
pub(super) fn devices(instance: &Instance) -> Option<Vec<BlockDeviceMapping>> {
    let root = instance.root_block_device.iter().map(|d| device(d, "/dev/sda1"));
    let others = instance.block_devices.iter().flatten().map(|d| device(d, "/dev/sdf"));
    let all: Vec<_> = root.chain(others).collect();
    (!all.is_empty()).then_some(all)
}

fn device(d: &BlockDevice, default: &str) -> BlockDeviceMapping {
    let ebs = EbsBlockDevice::builder()
        .set_volume_size(d.volume_size)
        .set_volume_type(d.volume_type.as_deref().map(VolumeType::from))
        .set_iops(d.iops)
        .set_throughput(d.throughput)
        .set_encrypted(d.encrypted)
        .set_kms_key_id(d.kms_key_id.clone())
        .set_snapshot_id(d.snapshot_id.clone())
        .delete_on_termination(d.delete_on_termination.unwrap_or(true))
        .build();
    BlockDeviceMapping::builder()
        .device_name(d.device_name.as_deref().unwrap_or(default))
        .ebs(ebs)
        .build()
}

/// What exists now; `None` when it is on its way out. Attributes that DescribeInstances
/// leaves out are asked for only when declared.
pub(super) async fn live(
    aws: &Aws,
    instance: &SdkInstance,
    known: Option<&Instance>,
) -> Result<Option<Live<Instance>>, OpError> {
    let state = instance.state.as_ref().and_then(|s| s.name.clone());
    let status = match &state {
        Some(InstanceStateName::Terminated) => return Ok(None),
        Some(InstanceStateName::ShuttingDown) => Status::Pending("shutting-down".into()),
        Some(InstanceStateName::Pending) => Status::Pending("pending".into()),
        Some(InstanceStateName::Stopping) => Status::Pending("stopping".into()),
        _ => Status::Ready,
    };
    let id = instance.instance_id.clone().unwrap_or_default();
    let settled = status == Status::Ready;
    let wants = |f: fn(&Instance) -> bool| settled && known.is_some_and(f);
    let user_data = if wants(|k| k.user_data.is_some()) {
        let answer = attribute(aws, &id, InstanceAttributeName::UserData).await?;
        answer.user_data.and_then(|v| v.value).as_deref().and_then(decode)
    } else {
        known.and_then(|k| k.user_data.clone())
    };
    let disable_api_termination = if wants(|k| k.disable_api_termination.is_some()) {
        let answer = attribute(aws, &id, InstanceAttributeName::DisableApiTermination).await?;
        answer.disable_api_termination.and_then(|v| v.value)
    } else {
        known.and_then(|k| k.disable_api_termination)
    };
    let cpu_credits = if wants(|k| k.cpu_credits.is_some()) {
        credits_of(aws, &id).await?
    } else {
        known.and_then(|k| k.cpu_credits.clone())
    };
    let text = |v: &Option<String>| v.clone().filter(|v| !v.is_empty());
    let zone = instance.placement.as_ref().and_then(|p| p.availability_zone.clone());
    let groups = instance.security_groups().iter().filter_map(|g| g.group_id.clone());
    let profile = instance.iam_instance_profile.as_ref().and_then(|p| p.arn.clone());
    let metadata = instance.metadata_options.as_ref().map(|m| MetadataOptions {
        http_tokens: m.http_tokens.as_ref().map(|v| v.as_str().to_owned()),
        http_put_response_hop_limit: m.http_put_response_hop_limit,
        http_endpoint: m.http_endpoint.as_ref().map(|v| v.as_str().to_owned()),
        instance_metadata_tags: m.instance_metadata_tags.as_ref().map(|v| v.as_str().to_owned()),
    });
    let monitoring = instance.monitoring.as_ref().and_then(|m| m.state.as_ref());
    let inputs = Instance {
        image_id: instance.image_id.clone().unwrap_or_default(),
        instance_type: instance
            .instance_type
            .as_ref()
            .map(|t| t.as_str().to_owned())
            .unwrap_or_default(),
        subnet_id: text(&instance.subnet_id),
        security_group_ids: Some(groups.collect()),
        associate_public_ip_address: None,
        private_ip_address: text(&instance.private_ip_address),
        key_name: text(&instance.key_name),
        iam_instance_profile: profile.and_then(|arn| arn.rsplit('/').next().map(str::to_owned)),
        user_data,
        metadata_options: metadata,
        root_block_device: None,
        block_devices: None,
        monitoring: monitoring.map(|s| matches!(s.as_str(), "enabled" | "pending")),
        source_dest_check: instance.source_dest_check,
        disable_api_termination,
        ebs_optimized: instance.ebs_optimized,
        cpu_credits,
        availability_zone: zone.clone(),
        tenancy: instance
            .placement
            .as_ref()
            .and_then(|p| p.tenancy.as_ref())
            .map(|t| t.as_str().to_owned()),
        tags: from_sdk(instance.tags()),
    };
    let outputs = InstanceOutputs {
        instance_id: id,
        private_ip: text(&instance.private_ip_address),
        private_dns_name: text(&instance.private_dns_name),
        public_ip: text(&instance.public_ip_address),
        public_dns_name: text(&instance.public_dns_name),
        availability_zone: zone,
        subnet_id: text(&instance.subnet_id),
        vpc_id: text(&instance.vpc_id),
    };
    Ok(Some(Live { inputs, outputs, status }))
}

async fn attribute(
    aws: &Aws,
    id: &str,
    name: InstanceAttributeName,
) -> Result<
    aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput,
    OpError,
> {
    let call = aws.ec2().describe_instance_attribute().instance_id(id).attribute(name);
    call.send().await.op("ec2:DescribeInstanceAttribute")
}

async fn credits_of(aws: &Aws, id: &str) -> Result<Option<String>, OpError> {
    let answer = aws
        .ec2()
        .describe_instance_credit_specifications()
        .filters(filter("instance-id", [id]))
        .send()
        .await
        .op("ec2:DescribeInstanceCreditSpecifications")?;
    Ok(answer.instance_credit_specifications().first().and_then(|c| c.cpu_credits.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_data_comes_back() {
        assert_eq!(decode(&encode("#!/bin/sh\necho ü\n")).as_deref(), Some("#!/bin/sh\necho ü\n"));
        assert_eq!(decode("%%"), None);
    }
}
