//! `AWS::EC2::Instance`: a virtual machine.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | RunInstances | ec2:RunInstances, ec2:CreateTags, iam:PassRole |
//! | read | DescribeInstances; DescribeInstanceAttribute per declared attribute that it leaves out | ec2:DescribeInstances, ec2:DescribeInstanceAttribute |
//! | update | ModifyInstanceAttribute, ModifyInstanceMetadataOptions, MonitorInstances, UnmonitorInstances, ModifyInstanceCreditSpecification, Associate/Replace/DisassociateIamInstanceProfile, CreateTags, DeleteTags | the same |
//! | delete | TerminateInstances | ec2:TerminateInstances |
//!
//! Traps: RunInstances answers `InvalidParameterValue` while a new instance profile has not
//! reached EC2. A terminated instance is described for an hour; here it reads as gone.
//! `instance_type` and `user_data` replace: in place they need a stop, which CloudFormation
//! does for `instance_type` but which loses what is in memory and may move the address.
//! Left out: network interfaces of one's own, launch templates, elastic inference, placement
//! groups, hibernation.

mod convert;
mod update;

use aws_sdk_ec2::types::{
    IamInstanceProfileSpecification, InstanceNetworkInterfaceSpecification, InstanceType,
    Placement, ResourceType, RunInstancesMonitoringEnabled, Tenancy,
};

use super::shared::{describe_reservations, find_by_token, gone, need, specification};
use crate::prelude::*;

/// A virtual machine.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::Instance",
    outputs = InstanceOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html",
    eventual("InvalidParameterValue", "InvalidIamInstanceProfileArn.Malformed", "InvalidGroup.NotFound", "InvalidKeyPair.NotFound", "InvalidSubnetID.NotFound"),
    iam(
        create("ec2:RunInstances", "ec2:CreateTags", "iam:PassRole"),
        read("ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "ec2:DescribeInstanceCreditSpecifications"),
        update(
            "ec2:ModifyInstanceAttribute", "ec2:ModifyInstanceMetadataOptions", "ec2:MonitorInstances",
            "ec2:UnmonitorInstances", "ec2:DescribeIamInstanceProfileAssociations",
            "ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation",
            "ec2:DisassociateIamInstanceProfile", "ec2:CreateTags", "ec2:DeleteTags", "iam:PassRole"
        ),
        delete("ec2:TerminateInstances", "ec2:ModifyInstanceAttribute")
    )
)]
pub struct Instance {
    /// Id of the image, such as `ami-0abc`. Replaces.
    #[field(replaces)]
    pub image_id: String,
    /// Type, such as `t3.small`. Replaces.
    #[field(replaces)]
    pub instance_type: String,
    /// Id of the subnet. Default: one of the default VPC's. Replaces.
    #[field(replaces, server_default)]
    pub subnet_id: Option<String>,
    /// Ids of security groups. Default: the VPC's default group.
    #[field(set, server_default)]
    pub security_group_ids: Option<Vec<String>>,
    /// Whether it gets a public IPv4 address at launch. Default: as the subnet says. Replaces.
    #[field(replaces, write_only, server_default)]
    pub associate_public_ip_address: Option<bool>,
    /// Primary private IPv4 address. Default: AWS chooses. Replaces.
    #[field(replaces, server_default)]
    pub private_ip_address: Option<String>,
    /// Name of the key pair to log in with. Replaces.
    #[field(replaces)]
    pub key_name: Option<String>,
    /// Name of the instance profile whose role it has.
    pub iam_instance_profile: Option<String>,
    /// What runs at first boot, in plain text, at most 16 KB. Never put secrets here: whoever
    /// may describe the instance can read it. Replaces.
    #[field(replaces)]
    pub user_data: Option<String>,
    /// Access to instance metadata.
    #[field(server_default)]
    pub metadata_options: Option<MetadataOptions>,
    /// The root volume. Default: as the image says. Replaces.
    #[field(replaces, write_only)]
    pub root_block_device: Option<BlockDevice>,
    /// Further volumes, deleted with the instance. Replaces.
    #[field(replaces, write_only)]
    pub block_devices: Option<Vec<BlockDevice>>,
    /// Metrics every minute instead of every five. Default: false.
    #[field(server_default)]
    pub monitoring: Option<bool>,
    /// Whether traffic must be from or to it; off for NAT instances. Default: true.
    #[field(server_default)]
    pub source_dest_check: Option<bool>,
    /// Refuse TerminateInstances. Default: false. A delete by this program takes it off first.
    #[field(server_default)]
    pub disable_api_termination: Option<bool>,
    /// Bandwidth to EBS of its own. Default: as the type says. Replaces.
    #[field(replaces, server_default)]
    pub ebs_optimized: Option<bool>,
    /// `standard` or `unlimited` CPU credits, for burstable types. Default: `unlimited` for T3.
    #[field(server_default)]
    pub cpu_credits: Option<String>,
    /// Zone. Default: the subnet's. Replaces.
    #[field(replaces, server_default)]
    pub availability_zone: Option<String>,
    /// `default`, `dedicated` or `host`. Default: `default`. Replaces.
    #[field(replaces, server_default)]
    pub tenancy: Option<String>,
    /// Tags of the instance and, at launch, of its volumes; default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Access to instance metadata.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetadataOptions {
    /// `required` (version 2 only, recommended) or `optional`. Default: as the image says.
    pub http_tokens: Option<String>,
    /// Network hops an answer may take, 1 to 64. Default: 1 or 2, as the image says.
    pub http_put_response_hop_limit: Option<i32>,
    /// `enabled` or `disabled`. Default: `enabled`.
    pub http_endpoint: Option<String>,
    /// `enabled` or `disabled`: tags in the metadata. Default: `disabled`.
    pub instance_metadata_tags: Option<String>,
}

/// An EBS volume that is made with the instance.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct BlockDevice {
    /// Device, such as `/dev/sda1`. Default for the root volume: `/dev/sda1`.
    pub device_name: Option<String>,
    /// Size in GiB. Default: the snapshot's.
    pub volume_size: Option<i32>,
    /// `gp3`, `gp2`, `io1`, `io2`, `st1`, `sc1`, `standard`. Default: the image's.
    pub volume_type: Option<String>,
    /// I/O operations a second, for gp3, io1, io2.
    pub iops: Option<i32>,
    /// MiB a second, for gp3.
    pub throughput: Option<i32>,
    /// Encrypted at rest. Default: the account's setting.
    pub encrypted: Option<bool>,
    /// KMS key. Default: the account's key for EBS.
    pub kms_key_id: Option<String>,
    /// Snapshot to fill it from.
    pub snapshot_id: Option<String>,
    /// Deleted with the instance. Default: true.
    pub delete_on_termination: Option<bool>,
}

/// What AWS knows of an [`Instance`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct InstanceOutputs {
    /// Id, such as `i-0abc`.
    pub instance_id: String,
    /// Private IPv4 address.
    pub private_ip: Option<String>,
    /// Private DNS name.
    pub private_dns_name: Option<String>,
    /// Public IPv4 address at the time of the last look.
    pub public_ip: Option<String>,
    /// Public DNS name at the time of the last look.
    pub public_dns_name: Option<String>,
    /// Zone.
    pub availability_zone: Option<String>,
    /// Id of the subnet.
    pub subnet_id: Option<String>,
    /// Id of the VPC.
    pub vpc_id: Option<String>,
}

impl Resource for Instance {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let tags = [ResourceType::Instance, ResourceType::Volume]
            .into_iter()
            .filter_map(|kind| specification(kind, self.tags.as_ref()))
            .collect();
        let placement = (self.availability_zone.is_some() || self.tenancy.is_some()).then(|| {
            Placement::builder()
                .set_availability_zone(self.availability_zone.clone())
                .set_tenancy(self.tenancy.as_deref().map(Tenancy::from))
                .build()
        });
        let profile = self
            .iam_instance_profile
            .as_ref()
            .map(|name| IamInstanceProfileSpecification::builder().name(name).build());
        let mut call = cx
            .ec2()
            .run_instances()
            .min_count(1)
            .max_count(1)
            .client_token(cx.token())
            .image_id(&self.image_id)
            .instance_type(InstanceType::from(self.instance_type.as_str()))
            .set_key_name(self.key_name.clone())
            .set_user_data(self.user_data.as_deref().map(convert::encode))
            .set_iam_instance_profile(profile)
            .set_metadata_options(self.metadata_options.as_ref().map(convert::metadata_request))
            .set_block_device_mappings(convert::devices(self))
            .set_monitoring(
                self.monitoring
                    .map(|on| RunInstancesMonitoringEnabled::builder().enabled(on).build()),
            )
            .set_disable_api_termination(self.disable_api_termination)
            .set_ebs_optimized(self.ebs_optimized)
            .set_credit_specification(self.cpu_credits.as_deref().map(convert::credits))
            .set_placement(placement)
            .set_tag_specifications(Some(tags));
        call = match self.associate_public_ip_address {
            // Public addresses are asked for on the interface, which then carries the rest, too.
            Some(public) => call.network_interfaces(
                InstanceNetworkInterfaceSpecification::builder()
                    .device_index(0)
                    .associate_public_ip_address(public)
                    .delete_on_termination(true)
                    .set_subnet_id(self.subnet_id.clone())
                    .set_groups(self.security_group_ids.clone())
                    .set_private_ip_address(self.private_ip_address.clone())
                    .build(),
            ),
            None => call
                .set_subnet_id(self.subnet_id.clone())
                .set_security_group_ids(self.security_group_ids.clone())
                .set_private_ip_address(self.private_ip_address.clone()),
        };
        let answer = call.send().await.op("ec2:RunInstances")?;
        let made = answer.instances.unwrap_or_default().into_iter().next();
        let id = need(made.and_then(|i| i.instance_id), "ec2:RunInstances", "instance_id")?;
        if self.source_dest_check == Some(false) {
            cx.accepted(&id).await?;
            update::source_dest_check(cx, &id, false).await?;
        }
        Ok(Made::Pending(id))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let ids = items.iter().map(|i| i.id.clone()).collect();
        let found = describe_reservations(cloud, ids).await?;
        batch::each(items, |item| {
            let instance = found.get(&item.id).cloned();
            let known = item.inputs.clone();
            async move {
                match instance {
                    Some(instance) => convert::live(cloud, &instance, known.as_ref()).await,
                    None => Ok(None),
                }
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        find_by_token(cx).await
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        update::apply(self, cx, id, old, changes).await
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        if self.disable_api_termination == Some(true) {
            match update::api_termination(cx, id, false).await {
                Err(e) if e.kind == ErrorKind::NotFound => return Ok(Progress::Done),
                other => other?,
            }
        }
        let call = cx.ec2().terminate_instances().instance_ids(id);
        match call.send().await.op("ec2:TerminateInstances") {
            Ok(_) => Ok(Progress::Pending),
            Err(error) => gone(Err(error)),
        }
    }
}
