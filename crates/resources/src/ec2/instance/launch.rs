//! The call that makes an instance.

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesFluentBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping as SdkMapping, CreditSpecificationRequest, EbsBlockDevice, HttpTokensState,
    IamInstanceProfileSpecification, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest,
    InstanceMetadataProtocolState, InstanceMetadataTagsState,
    InstanceNetworkInterfaceSpecification, InstanceType, Placement, ResourceType,
    RunInstancesMonitoringEnabled, ShutdownBehavior, TagSpecification, Tenancy, VolumeType,
};

use super::{BlockDeviceMapping, Ebs, Instance, MetadataOptions};
use crate::ec2::tags::specification;
use crate::prelude::*;

/// Everything that is declared, in one call.
pub(super) fn request(instance: &Instance, cx: &Cx) -> RunInstancesFluentBuilder {
    let call = cx
        .ec2()
        .run_instances()
        .min_count(1)
        .max_count(1)
        .client_token(cx.token())
        .image_id(&instance.image_id)
        .instance_type(InstanceType::from(instance.instance_type.as_str()))
        .set_placement(placement(instance))
        .set_key_name(instance.key_name.clone())
        .set_iam_instance_profile(instance.iam_instance_profile.as_deref().map(profile))
        .set_user_data(instance.user_data.as_deref().map(aws_smithy_types::base64::encode))
        .set_metadata_options(instance.metadata_options.as_ref().map(metadata))
        .set_block_device_mappings(
            instance.block_device_mappings.as_ref().map(|l| l.iter().map(mapping).collect()),
        )
        .set_ebs_optimized(instance.ebs_optimized)
        .set_monitoring(
            instance
                .monitoring
                .map(|on| RunInstancesMonitoringEnabled::builder().enabled(on).build()),
        )
        .set_credit_specification(
            instance
                .credit_specification
                .as_ref()
                .map(|c| CreditSpecificationRequest::builder().cpu_credits(&c.cpu_credits).build()),
        )
        .set_disable_api_termination(instance.disable_api_termination)
        .set_instance_initiated_shutdown_behavior(
            instance.instance_initiated_shutdown_behavior.as_deref().map(ShutdownBehavior::from),
        )
        .set_tag_specifications(tags(instance));
    match instance.associate_public_ip_address {
        // Public addresses are asked for on the interface, which then carries the rest, too.
        Some(public) => call.network_interfaces(interface(instance, public)),
        None => call
            .set_subnet_id(instance.subnet_id.clone())
            .set_security_group_ids(instance.security_group_ids.clone())
            .set_private_ip_address(instance.private_ip_address.clone()),
    }
}

/// A profile by name or, when the program gives one, by ARN.
pub(super) fn profile(name: &str) -> IamInstanceProfileSpecification {
    let spec = IamInstanceProfileSpecification::builder();
    if name.starts_with("arn:") { spec.arn(name) } else { spec.name(name) }.build()
}

fn interface(instance: &Instance, public: bool) -> InstanceNetworkInterfaceSpecification {
    InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .associate_public_ip_address(public)
        .delete_on_termination(true)
        .set_subnet_id(instance.subnet_id.clone())
        .set_groups(instance.security_group_ids.clone())
        .set_private_ip_address(instance.private_ip_address.clone())
        .build()
}

fn placement(instance: &Instance) -> Option<Placement> {
    let declared = [&instance.availability_zone, &instance.tenancy, &instance.placement_group_name];
    declared.iter().any(|p| p.is_some()).then(|| {
        Placement::builder()
            .set_availability_zone(instance.availability_zone.clone())
            .set_tenancy(instance.tenancy.as_deref().map(Tenancy::from))
            .set_group_name(instance.placement_group_name.clone())
            .build()
    })
}

fn tags(instance: &Instance) -> Option<Vec<TagSpecification>> {
    let tags = &instance.tags;
    let mut all = specification(ResourceType::Instance, tags)?;
    if instance.propagate_tags_to_volume_on_creation != Some(false) {
        all.extend(specification(ResourceType::Volume, tags)?);
    }
    Some(all)
}

fn metadata(options: &MetadataOptions) -> InstanceMetadataOptionsRequest {
    InstanceMetadataOptionsRequest::builder()
        .set_http_tokens(options.http_tokens.as_deref().map(HttpTokensState::from))
        .set_http_endpoint(
            options.http_endpoint.as_deref().map(InstanceMetadataEndpointState::from),
        )
        .set_http_put_response_hop_limit(options.http_put_response_hop_limit)
        .set_http_protocol_ipv6(
            options.http_protocol_ipv6.as_deref().map(InstanceMetadataProtocolState::from),
        )
        .set_instance_metadata_tags(
            options.instance_metadata_tags.as_deref().map(InstanceMetadataTagsState::from),
        )
        .build()
}

fn mapping(mapping: &BlockDeviceMapping) -> SdkMapping {
    SdkMapping::builder()
        .device_name(&mapping.device_name)
        .set_ebs(mapping.ebs.as_ref().map(volume))
        .set_virtual_name(mapping.virtual_name.clone())
        // An empty text means yes.
        .set_no_device(mapping.no_device.filter(|no| *no).map(|_| String::new()))
        .build()
}

fn volume(ebs: &Ebs) -> EbsBlockDevice {
    EbsBlockDevice::builder()
        .set_volume_size(ebs.volume_size)
        .set_volume_type(ebs.volume_type.as_deref().map(VolumeType::from))
        .set_iops(ebs.iops)
        .set_throughput(ebs.throughput)
        .set_encrypted(ebs.encrypted)
        .set_kms_key_id(ebs.kms_key_id.clone())
        .set_snapshot_id(ebs.snapshot_id.clone())
        // What AWS itself defaults to depends on the image's mapping.
        .delete_on_termination(ebs.delete_on_termination.unwrap_or(true))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(json: serde_json::Value) -> Instance {
        let mut all = serde_json::json!({"image_id": "ami-1", "instance_type": "t3.small"});
        all.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn volumes_are_tagged_and_deleted_with_the_instance_unless_declared_otherwise() {
        let tagged = serde_json::json!({"tags": {"a": "1"}});
        assert_eq!(tags(&instance(tagged.clone())).unwrap().len(), 2);
        let mut only = instance(tagged);
        only.propagate_tags_to_volume_on_creation = Some(false);
        assert_eq!(tags(&only).unwrap().len(), 1);
        let ebs: Ebs = serde_json::from_value(serde_json::json!({"volume_size": 8})).unwrap();
        assert_eq!(volume(&ebs).delete_on_termination(), Some(true));
        assert_eq!(
            volume(&Ebs { delete_on_termination: Some(false), ..ebs }).delete_on_termination(),
            Some(false)
        );
    }

    #[test]
    fn placement_is_sent_only_when_declared() {
        assert!(placement(&instance(serde_json::json!({}))).is_none());
        let zone = instance(serde_json::json!({"availability_zone": "eu-central-1a"}));
        assert_eq!(placement(&zone).unwrap().availability_zone(), Some("eu-central-1a"));
    }

    #[test]
    fn a_profile_goes_by_name_or_arn() {
        assert_eq!(profile("web").name(), Some("web"));
        let arn = "arn:aws:iam::1:instance-profile/web";
        assert_eq!((profile(arn).arn(), profile(arn).name()), (Some(arn), None));
    }
}
