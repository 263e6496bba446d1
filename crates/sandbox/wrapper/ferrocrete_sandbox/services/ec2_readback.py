"""Instances: what was sent is read back, and can be changed as on EC2."""

from __future__ import annotations

import base64
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.types import Base64EncodedString
from moto.ec2 import utils
from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociation
from moto.ec2.models.instances import Instance, MetadataOptions
from moto.ec2.responses.instances import InstanceResponse

from ..hooks import AwsError, Call, Proceed, around, result_of

utils.filter_dict_attribute_mapping.update(
    {
        "client-token": "client_token",
        "iam-instance-profile.arn": "iam_instance_profile.Arn",
        "iam-instance-profile.id": "iam_instance_profile.Id",
        "instance-lifecycle": "lifecycle",
        "tenancy": "placement.tenancy",
        "root-device-name": "root_device_name",
        "root-device-type": "root_device_type",
        "network-interface.network-interface-id": "network_interfaces.id",
        "network-interface.subnet-id": "network_interfaces.subnet_id",
        "reservation-id": "reservation_id",
    }
)
utils.filter_dict_igw_mapping["owner-id"] = "owner_id"

#: Sent to RunInstances, answered by DescribeInstances, forgotten by moto.
_KEPT = {
    "CpuOptions": "cpu_options",
    "MaintenanceOptions": "maintenance_options",
    "PrivateDnsNameOptions": "private_dns_name_options",
    "EnclaveOptions": "enclave_options",
    "CapacityReservationSpecification": "capacity_reservation_specification",
}
_ROOT_SIZE = 8


def _root_of(self: Instance) -> Any:
    """A root volume as the image has it: 8 GB, gone with the instance."""
    volume = self.ec2_backend.create_volume(
        size=_ROOT_SIZE, zone_name=self._placement.zone, volume_type="gp3"
    )
    self.ec2_backend.attach_volume(volume.id, self.id, self.root_device_name, True)


Instance.setup_defaults = _root_of  # type: ignore[method-assign]


def _mappings(self: InstanceResponse) -> list[dict[str, Any]]:
    """Completes the mappings with what the image brings, before moto checks them."""
    mappings: list[dict[str, Any]] = self._get_param("BlockDeviceMappings", [])
    if not mappings:
        return []
    images = self.ec2_backend.describe_images(filters={"image-id": [self._get_param("ImageId")]})
    root = images[0].root_device_name if images else "/dev/sda1"
    if root not in [mapping.get("DeviceName") for mapping in mappings]:
        mappings.insert(0, {"DeviceName": root, "Ebs": {}})
    for mapping in mappings:
        ebs = mapping.setdefault("Ebs", {}) if "VirtualName" not in mapping else {}
        if mapping.get("DeviceName") == root:
            ebs.setdefault("DeleteOnTermination", True)
            ebs.setdefault("VolumeSize", _ROOT_SIZE)
        ebs.setdefault("VolumeType", "gp3")
    return _original_mappings(self)


_original_mappings = InstanceResponse._parse_block_device_mapping
InstanceResponse._parse_block_device_mapping = _mappings  # type: ignore[method-assign]


def _associate(self: IamInstanceProfileAssociation, *args: Any, **kwargs: Any) -> None:
    _original_associate(self, *args, **kwargs)
    _show_profile(self)


def _show_profile(association: IamInstanceProfileAssociation) -> None:
    profile = association.iam_instance_profile
    association.instance.iam_instance_profile = {"Arn": profile.arn, "Id": profile.id}


_original_associate = IamInstanceProfileAssociation.__init__
IamInstanceProfileAssociation.__init__ = _associate  # type: ignore[method-assign]


@around("ec2", "ReplaceIamInstanceProfileAssociation")
def replace_profile(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    _show_profile(result_of(result, "IamInstanceProfileAssociation"))
    return result


@around("ec2", "RunInstances")
def launch(call: Call, proceed: Proceed) -> Any:
    params = call.params
    result = proceed()
    disks = {m.get("DeviceName"): m.get("Ebs", {}) for m in params.get("BlockDeviceMappings", [])}
    for instance in result.result.instances:
        instance.reservation_id = result.result.id
        instance.disable_api_termination = params.get("DisableApiTermination") or False
        instance.cpu_credits = (params.get("CreditSpecification") or {}).get("CpuCredits")
        for name, attribute in _KEPT.items():
            if params.get(name) is not None:
                setattr(instance, attribute, params[name])
        placement = params.get("Placement") or {}
        instance.placement.tenancy = placement.get("Tenancy") or "default"
        instance.placement.group_name = placement.get("GroupName") or ""
        for device, attached in instance.block_device_mapping.items():
            wanted = disks.get(device, {})
            volume = instance.ec2_backend.volumes[attached.volume_id]
            volume.iops = wanted.get("Iops") or (3000 if volume.volume_type == "gp3" else None)
            volume.throughput = wanted.get("Throughput") or (
                125 if volume.volume_type == "gp3" else None
            )
    return result


_STOPPED_ONLY = ("InstanceType", "UserData", "EbsOptimized", "Kernel", "Ramdisk")
_VALUES = {
    "InstanceType": "instance_type",
    "UserData": "user_data",
    "EbsOptimized": "ebs_optimized",
    "Kernel": "kernel",
    "Ramdisk": "ramdisk",
    "SourceDestCheck": "source_dest_check",
    "DisableApiTermination": "disable_api_termination",
    "DisableApiStop": "disable_api_stop",
    "InstanceInitiatedShutdownBehavior": "instance_initiated_shutdown_behavior",
    "EnaSupport": "ena_support",
}


@around("ec2", "ModifyInstanceAttribute")
def modify(call: Call, proceed: Proceed) -> Any:
    """One attribute per call; some only of a stopped instance."""
    instance = call.backend("ec2").get_instance(call.get("InstanceId"))
    for name, attribute in _VALUES.items():
        wanted = call.get(name)
        if wanted is None:
            continue
        if name in _STOPPED_ONLY and instance.state != "stopped":
            raise AwsError(
                "IncorrectInstanceState",
                f"The instance '{instance.id}' is not in the 'stopped' state.",
            )
        value = wanted.get("Value") if isinstance(wanted, dict) else wanted
        if name == "UserData":
            # The parser has decoded it already, unlike that of RunInstances.
            value = Base64EncodedString(base64.b64encode(value).decode()) if value else None
        setattr(instance, attribute, value)
        if name == "SourceDestCheck":
            instance.nics[0].source_dest_check = value
        return EmptyResult()
    if call.get("Groups"):
        found = [_group(call, identifier) for identifier in call.get("Groups")]
        instance.security_groups = found
        instance.nics[0]._group_set = list(found)
        return EmptyResult()
    return proceed()


def _group(call: Call, identifier: str) -> Any:
    group = call.backend("ec2").get_security_group_from_id(identifier)
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{identifier}' does not exist")
    return group


@around("ec2", "ModifyInstanceMetadataOptions")
def metadata_options(call: Call, proceed: Proceed) -> Any:
    """What is not sent stays as it is."""
    instance = call.backend("ec2").get_instance(call.get("InstanceId"))
    old = instance.metadata_options
    values = {
        "HttpTokens": old.http_tokens,
        "HttpPutResponseHopLimit": old.http_put_response_hop_limit,
        "HttpEndpoint": old.http_endpoint,
        "HttpProtocolIpv6": old.http_protocol_ipv6,
        "InstanceMetadataTags": old.instance_metadata_tags,
    }
    values.update({k: v for k in values if (v := call.get(k)) is not None})
    instance.metadata_options = MetadataOptions(values)
    return ActionResult(
        {"InstanceId": instance.id, "InstanceMetadataOptions": instance.metadata_options}
    )


@around("ec2", "ModifyInstanceMaintenanceOptions", "ModifyPrivateDnsNameOptions")
def other_options(call: Call, proceed: Proceed) -> Any:
    instance = call.backend("ec2").get_instance(call.get("InstanceId"))
    maintenance = "Maintenance" in call.operation
    attribute = "maintenance_options" if maintenance else "private_dns_name_options"
    names = {"AutoRecovery", "RebootMigration"} if maintenance else set(call.params)
    options = dict(getattr(instance, attribute, None) or {})
    options.update(
        {
            key.replace("PrivateDnsHostnameType", "HostnameType"): value
            for key, value in call.params.items()
            if key in names - {"InstanceId", "DryRun"}
        }
    )
    setattr(instance, attribute, options)
    return ActionResult({"InstanceId": instance.id, **options, "Return": True})


@around("ec2", "MonitorInstances", "UnmonitorInstances")
def monitor(call: Call, proceed: Proceed) -> Any:
    state = "enabled" if call.operation == "MonitorInstances" else "disabled"
    answered = []
    for instance in call.backend("ec2").get_multi_instances_by_id(call.get("InstanceIds") or []):
        instance.monitoring_state = state
        answered.append({"InstanceId": instance.id, "Monitoring": {"State": state}})
    return ActionResult({"InstanceMonitorings": answered})


@around("ec2", "ModifyInstanceCreditSpecification")
def modify_credits(call: Call, proceed: Proceed) -> Any:
    """Succeeds as a whole, and tells refusals per instance."""
    answered, refused = [], []
    for wanted in call.get("InstanceCreditSpecifications") or []:
        instance = call.backend("ec2").get_instance(wanted["InstanceId"])
        if not instance.instance_type.startswith("t"):
            error = {
                "Code": "InstanceCreditSpecification.NotSupported",
                "Message": f"{instance.instance_type} has no CPU credits",
            }
            refused.append({"InstanceId": instance.id, "Error": error})
            continue
        instance.cpu_credits = wanted.get("CpuCredits")
        answered.append({"InstanceId": instance.id})
    return ActionResult(
        {
            "SuccessfulInstanceCreditSpecifications": answered,
            "UnsuccessfulInstanceCreditSpecifications": refused,
        }
    )


@around("ec2", "DescribeInstanceCreditSpecifications")
def describe_credits(call: Call, proceed: Proceed) -> Any:
    found = call.backend("ec2").get_multi_instances_by_id(call.get("InstanceIds") or [])
    specifications = [
        {"InstanceId": i.id, "CpuCredits": getattr(i, "cpu_credits", None) or _usual_credits(i)}
        for i in found
    ]
    return ActionResult({"InstanceCreditSpecifications": specifications})


def _usual_credits(instance: Instance) -> str:
    """T2 is limited, T3 and later are not, unless said otherwise."""
    return "standard" if instance.instance_type.startswith("t2.") else "unlimited"
