//! `AWS::EC2::Instance`: a virtual machine.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | RunInstances; ModifyInstanceAttribute for `source_dest_check = false` |
//! | read | DescribeInstances; where declared DescribeInstanceCreditSpecifications, and DescribeInstanceAttribute per instance for `disable_api_termination`, `instance_initiated_shutdown_behavior` |
//! | find | DescribeInstances |
//! | update | ModifyInstanceAttribute, ModifyInstanceMetadataOptions, MonitorInstances, UnmonitorInstances, ModifyInstanceCreditSpecification, DescribeIamInstanceProfileAssociations, AssociateIamInstanceProfile, ReplaceIamInstanceProfileAssociation, DisassociateIamInstanceProfile, CreateTags, DeleteTags; DescribeInstances, StopInstances, StartInstances for what needs a stop and for `running` |
//! | delete | TerminateInstances |
//!
//! Traps: RunInstances answers `InvalidParameterValue`, which means everything, while a new instance
//! profile has not reached EC2, or the role has not reached the profile: the messages are those that
//! Terraform's provider waits out (`internal/service/ec2/ec2_instance.go`). A new instance may be
//! unknown to a second call, or not in the state for it, for a moment. A terminated instance is described for an hour; here it is gone, unless AWS
//! itself ended it while it started: then AWS's reason is shown. An address of one's own is free only after the old instance
//! has ended, so that goes first. A change of
//! `instance_type`, `ebs_optimized` or `user_data` stops it, is made, and starts it: the root disk and
//! private addresses stay, what is in memory and on instance stores is lost, and a public address that is
//! no Elastic IP is another one. A run that is killed in between leaves it stopped with a tag, by which the
//! next one knows that it is to start it. What has an instance store as root, and a Spot Instance, cannot be stopped: there, and
//! for another machine with each change of `user_data` (Terraform's `user_data_replace_on_change`), name
//! the property in the option `replace_on_changes`. Not every type becomes every other (TF#38536): when AWS refuses, it is started as
//! it was. Volumes and user data are compared with what was
//! last applied, not with what is there: asking costs calls per instance.
//! Left out: a launch template (`launch_template`); interfaces and IPv6 addresses of one's own
//! (`network_interfaces`, `ipv6_addresses`, `ipv6_address_count`); dedicated hosts (`affinity`,
//! `host_id`, `host_resource_group_arn`); `security_groups`, by name as in EC2-Classic; `volumes`,
//! attached later; `ssm_associations`; `cpu_options`, `enclave_options`, `hibernation_options`,
//! `license_specifications`, `private_dns_name_options`, which few need; what AWS has given up
//! (`elastic_gpu_specifications`, `elastic_inference_accelerators`, `kernel_id`, `ramdisk_id`,
//! `additional_info`); `state`, of which a property of ours says what can be declared.
//! Differences:
//! - own `associate_public_ip_address`: there, only an interface of its own has it.
//! - own `block_device_mappings.ebs.throughput`: there, only a launch template has it.
//! - own `running`, `down_for_a_change`: there, it is started once and its state is nobody's.
//! - in place `ebs_optimized`, `instance_type`, `user_data`: there, not where the instance cannot be
//!   stopped; here AWS's refusal says what to do.
//! - replaces `block_device_mappings`, `tenancy`: there, only some changes do; a volume is made at
//!   launch.
//! - in place `security_group_ids`: there, outside of a VPC a change replaces.
//! - not read back `block_device_mappings`, `user_data`: each costs a call per instance.
//! - required `image_id`, `instance_type`: there, a launch template may have them.
//! - does not need `ssm:CreateAssociation`, `ssm:DeleteAssociation`, `ssm:DescribeAssociation`,
//!   `ssm:ListAssociations`: for `ssm_associations`.

mod launch;
mod live;
mod power;
mod update;

use aws_sdk_ec2::types::InstanceStateName;
use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::PropertyMap;

use super::shared::{PAGE, filter, owned};
use crate::aws::answer::advise;
use crate::aws::claim;
use crate::prelude::*;

/// A virtual machine.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::Instance",
    claims = Instance::claims,
    check = check,
    eventual(
        "IncorrectInstanceState",
        "IncorrectState",
        "InvalidGroup.NotFound",
        "InvalidIamInstanceProfileArn.Malformed",
        "InvalidInstanceID.NotFound",
        "InvalidKeyPair.NotFound",
        "InvalidParameterValue" = "Invalid IAM Instance Profile",
        "InvalidParameterValue" = "has no associated IAM Roles",
        "InvalidSubnetID.NotFound"
    ),
    iam(
        create(
            "ec2:RunInstances",
            "ec2:CreateTags",
            "ec2:ModifyInstanceAttribute",
            "iam:PassRole"
        ),
        read(
            "ec2:DescribeInstances",
            "ec2:DescribeInstanceAttribute",
            "ec2:DescribeInstanceCreditSpecifications"
        ),
        update(
            "ec2:ModifyInstanceAttribute",
            "ec2:ModifyInstanceMetadataOptions",
            "ec2:ModifyInstanceCreditSpecification",
            "ec2:MonitorInstances",
            "ec2:UnmonitorInstances",
            "ec2:DescribeInstances",
            "ec2:StopInstances",
            "ec2:StartInstances",
            "ec2:DescribeIamInstanceProfileAssociations",
            "ec2:AssociateIamInstanceProfile",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "ec2:DisassociateIamInstanceProfile",
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "iam:PassRole"
        ),
        delete("ec2:TerminateInstances")
    )
)]
pub struct Instance {
    /// Id of the image, such as `ami-0abc`. Replaces.
    #[field(replaces)]
    pub image_id: String,
    /// Type, such as `t3.small`. A change stops the instance and starts it again.
    #[field(affects("public_ip", "public_dns_name"))]
    pub instance_type: String,
    /// Id of the subnet. Default: a default subnet of the default VPC. Replaces.
    #[field(replaces, server_default)]
    pub subnet_id: Option<String>,
    /// Zone, such as `eu-central-1a`. Default: the subnet's. Replaces.
    #[field(replaces, server_default)]
    pub availability_zone: Option<String>,
    /// Ids of security groups, at least one. Default: the VPC's default group.
    #[field(set, server_default)]
    pub security_group_ids: Option<Vec<String>>,
    /// Primary private IPv4 address. Default: AWS chooses. Replaces.
    #[field(replaces, server_default)]
    pub private_ip_address: Option<String>,
    /// Whether it gets a public IPv4 address at launch. Default: as the subnet says. Replaces.
    #[field(replaces, write_only, server_default)]
    pub associate_public_ip_address: Option<bool>,
    /// Whether traffic must be from or to it; off for NAT instances. Default: true.
    #[field(default = true)]
    pub source_dest_check: Option<bool>,
    /// Name of the key pair to log in with. Replaces.
    #[field(replaces)]
    pub key_name: Option<String>,
    /// Name of the instance profile whose role it has.
    pub iam_instance_profile: Option<String>,
    /// What runs at the first boot, in plain text, up to 16 KB: a script or cloud-init's
    /// configuration. It is no place for secrets: whoever may describe the instance can read
    /// it, as can every process on it. A change stops the instance and starts it again, and most
    /// images run it at the first boot only: to have a new machine instead, name `user_data` in the
    /// option `replace_on_changes`.
    #[field(write_only, affects("public_ip", "public_dns_name"))]
    pub user_data: Option<String>,
    /// Access to the instance's metadata. Default: as the image and the account say.
    #[field(server_default)]
    pub metadata_options: Option<MetadataOptions>,
    /// Volumes that are made with it; one with the image's root device changes the root
    /// volume. Default: as the image says. Replaces.
    #[field(replaces, write_only, by("device_name"))]
    pub block_device_mappings: Option<Vec<BlockDeviceMapping>>,
    /// Whether volumes made at launch get the instance's tags. Default: true. A change counts
    /// for the next launch.
    #[field(write_only, server_default)]
    pub propagate_tags_to_volume_on_creation: Option<bool>,
    /// Bandwidth of its own to EBS. A change stops the instance and starts it again. Default: as the
    /// type says.
    #[field(server_default, affects("public_ip", "public_dns_name"))]
    pub ebs_optimized: Option<bool>,
    /// Metrics every minute instead of every five. Default: false.
    #[field(default = false)]
    pub monitoring: Option<bool>,
    /// CPU credits of burstable types. Default: as the account says, unlimited from T3 on.
    #[field(server_default)]
    pub credit_specification: Option<CreditSpecification>,
    /// Whether it runs; false stops it, and AWS charges for its volumes only. Default: a new one
    /// runs, and what somebody stops stays so.
    #[field(server_default, affects("public_ip", "public_dns_name"))]
    pub running: Option<bool>,
    /// Not to be set: plans show here that a run was interrupted while the instance was stopped for
    /// a change, and that it is started again.
    #[field(default = false, affects("public_ip", "public_dns_name"))]
    pub down_for_a_change: Option<bool>,
    /// Refuses to terminate it, by this program too: set it to false before a destroy.
    /// Default: false.
    #[field(default = false)]
    pub disable_api_termination: Option<bool>,
    /// What a shutdown from inside does: `stop` or `terminate`. Default: `stop`.
    #[field(server_default)]
    pub instance_initiated_shutdown_behavior: Option<String>,
    /// `default` for shared hardware, `dedicated`, or `host`. Default: `default`. Replaces.
    #[field(replaces, server_default)]
    pub tenancy: Option<String>,
    /// Name of a placement group. Replaces.
    #[field(replaces)]
    pub placement_group_name: Option<String>,
    /// Tags of the instance and, at launch, of its volumes; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Access to the metadata of an [`Instance`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetadataOptions {
    /// `required` for version 2 only (recommended), or `optional`. Default: as the image says.
    pub http_tokens: Option<String>,
    /// `enabled` or `disabled`. Default: `enabled`.
    pub http_endpoint: Option<String>,
    /// Network hops that an answer may take, 1 to 64; containers need 2. Default: 1 or 2, as
    /// the image says.
    pub http_put_response_hop_limit: Option<i32>,
    /// `enabled` or `disabled`: the IPv6 endpoint. Default: `disabled`.
    pub http_protocol_ipv6: Option<String>,
    /// `enabled` or `disabled`: tags in the metadata. Default: `disabled`.
    pub instance_metadata_tags: Option<String>,
}

/// CPU credits of a burstable [`Instance`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct CreditSpecification {
    /// `standard` or `unlimited`.
    pub cpu_credits: String,
}

/// A device of an [`Instance`] and the volume behind it.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct BlockDeviceMapping {
    /// Device, such as `/dev/xvda`. The root device's name is the image's
    /// `root_device_name`; see [`super::Ami`].
    pub device_name: String,
    /// The volume.
    pub ebs: Option<Ebs>,
    /// An instance-store volume instead, such as `ephemeral0`.
    pub virtual_name: Option<String>,
    /// Leaves out the image's device of this name. Default: false.
    pub no_device: Option<bool>,
}

/// An EBS volume that is made with an [`Instance`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Ebs {
    /// Size in GiB. Default: the snapshot's.
    pub volume_size: Option<i32>,
    /// `gp3`, `gp2`, `io1`, `io2`, `st1`, `sc1` or `standard`. Default: the image's, else `gp2`.
    pub volume_type: Option<String>,
    /// I/O operations a second, for gp3 (3,000 to 80,000), io1 and io2.
    pub iops: Option<i32>,
    /// MiB a second, for gp3, 125 to 2,000. Default: 125.
    pub throughput: Option<i32>,
    /// Whether it is encrypted. Default: as the account says.
    pub encrypted: Option<bool>,
    /// KMS key by id, alias or ARN. Default: the account's key for EBS.
    pub kms_key_id: Option<String>,
    /// Id of the snapshot that it starts from. Default: the image's, else empty.
    pub snapshot_id: Option<String>,
    /// Whether it is deleted with the instance. Default: true.
    pub delete_on_termination: Option<bool>,
}

/// What AWS knows of an [`Instance`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct InstanceOutputs {
    /// Id, such as `i-0abc`.
    pub instance_id: String,
    /// Primary private IPv4 address.
    pub private_ip: Option<String>,
    /// Private DNS name.
    pub private_dns_name: Option<String>,
    /// Public IPv4 address at the last look; an Elastic IP changes it later.
    pub public_ip: Option<String>,
    /// Public DNS name at the last look.
    pub public_dns_name: Option<String>,
    /// Zone.
    pub availability_zone: Option<String>,
    /// Id of the subnet.
    pub subnet_id: Option<String>,
    /// Id of the VPC.
    pub vpc_id: Option<String>,
    /// Id of the primary network interface.
    pub network_interface_id: Option<String>,
}

/// What plans show is not for programs to say.
fn check(known: Known<'_>) -> Vec<Finding> {
    let why = "is not to be set: say `running(false)` to stop it";
    let set = known.flag("down_for_a_change") == Some(true);
    set.then(|| Finding::new("down_for_a_change", why)).into_iter().collect()
}

impl Instance {
    /// An address of its own.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let names = ["subnet_id", "private_ip_address"];
        let [subnet, address] = names.map(|name| claim::known(properties, name));
        claim::private_address(&names, subnet, address).into_iter().collect()
    }
}

impl Resource for Instance {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = launch::request(self, cx).send().await.op("ec2:RunInstances")?;
        let made = answer.instances.unwrap_or_default().into_iter().next();
        let id = need(made.and_then(|i| i.instance_id), "ec2:RunInstances", "instance_id")?;
        // RunInstances cannot say this.
        if self.source_dest_check == Some(false) {
            cx.accepted(&id).await?;
            update::source_dest_check(cx, &id, false).await?;
        }
        // It can be stopped only once it has run.
        if self.running == Some(false) {
            return Ok(Made::Partial(id));
        }
        Ok(Made::Pending(id))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        live::read(cloud, items).await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        // A terminated instance keeps its tags for an hour.
        let alive = ["pending", "running", "stopping", "stopped"];
        let found = cx
            .ec2()
            .describe_instances()
            .filters(owned(cx))
            .filters(filter("instance-state-name", alive))
            .max_results(PAGE)
            .send()
            .await
            .op("ec2:DescribeInstances")?;
        let mut instances = found.reservations().iter().flat_map(|r| r.instances());
        Ok(instances.find_map(|i| i.instance_id.clone()))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        update::apply(self, cx, id, old, changes).await
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().terminate_instances().instance_ids(id);
        let answer = match found(call.send().await.op("ec2:TerminateInstances")) {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(Progress::Done),
            Err(e) if e.has_code("OperationNotPermitted") => {
                return Err(advise(e, "set `disable_api_termination` to false and run `up` first"));
            }
            Err(e) => return Err(e),
        };
        let state = answer.terminating_instances().first().and_then(|i| i.current_state());
        Ok(match state.and_then(|s| s.name()) {
            Some(InstanceStateName::Terminated) => Progress::Done,
            _ => Progress::Pending,
        })
    }
}
