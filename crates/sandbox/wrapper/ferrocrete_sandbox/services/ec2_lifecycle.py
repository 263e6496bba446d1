"""Slow states of EC2: instances and NAT gateways; and nothing outlives an instance."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.instances import Instance, InstanceState

from .. import clock, settings
from ..hooks import AwsError, Call, Proceed, around, backend, result_of
from . import ec2_late, ec2_use

PENDING, RUNNING, SHUTTING_DOWN = ("pending", 0), ("running", 16), ("shutting-down", 32)
STOPPING, STOPPED = ("stopping", 64), ("stopped", 80)


def _become(instance: Instance, state: tuple[str, int]) -> None:
    instance._state = InstanceState(*state)


def _through(
    instance: Instance, between: tuple[str, int], after: tuple[str, int], account: str
) -> None:
    """Shows one state for a while, then the other, unless something else came up."""
    _become(instance, between)

    def arrive() -> None:
        if instance.state == between[0]:
            _become(instance, after)

    clock.slowly(account, "instance", arrive)


@around("ec2", "RunInstances")
def launch(call: Call, proceed: Proceed) -> Any:
    """Instances are pending first; what came with them is remembered to go with them."""
    given = {
        nic["NetworkInterfaceId"]
        for nic in call.get("NetworkInterfaces") or []
        if nic.get("NetworkInterfaceId")
    }
    result = proceed()
    for instance in result.result.instances:
        for nic in instance.nics.values():
            nic.sandbox_keep = nic.id in given
            nic.status = "in-use"
        _through(instance, PENDING, RUNNING, call.account)
    return result


@around("ec2", "StartInstances")
def start(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    for identifier in call.get("InstanceIds") or []:
        instance = call.backend("ec2").get_instance(identifier)
        _through(instance, PENDING, RUNNING, call.account)
    return result


def _refuse_to_stop(instance: Instance) -> None:
    if instance.state == "pending":
        raise AwsError(
            "IncorrectInstanceState",
            f"Instance '{instance.id}' cannot be stopped as it has never reached the 'running' "
            "state.",
        )
    if instance.lifecycle == "spot":
        raise AwsError(
            "UnsupportedOperation",
            f"You can't stop the Spot Instance '{instance.id}' because it is associated with a "
            "one-time Spot Instance request. You can only stop Spot Instances associated with "
            "persistent Spot Instance requests.",
        )


@around("ec2", "StopInstances")
def stop(call: Call, proceed: Proceed) -> Any:
    """What has never run (cloud-custodian#6014) and what is bought on the spot market
    (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html) is not stopped."""
    for identifier in call.get("InstanceIds") or []:
        _refuse_to_stop(call.backend("ec2").get_instance(identifier))
    result = proceed()
    for identifier in call.get("InstanceIds") or []:
        instance = call.backend("ec2").get_instance(identifier)
        _through(instance, STOPPING, STOPPED, call.account)
    return result


@around("ec2", "TerminateInstances")
def terminate(call: Call, proceed: Proceed) -> Any:
    """Addresses, volumes and interfaces are held until the instance is really gone."""
    ec2 = call.backend("ec2")
    instances = ec2.get_multi_instances_by_id(call.get("InstanceIds") or [])
    if settings.of(call.account).slow["instance"] <= 0:
        result = proceed()
        for instance in instances:
            _release(ec2, instance)
        return result
    for instance in instances:
        if instance.disable_api_termination:
            raise AwsError(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be terminated. Modify its "
                "'disableApiTermination' instance attribute and try again.",
            )
    call.response.error_on_dryrun()
    changes = []
    for instance in instances:
        before = InstanceState(instance.state, instance.state_code)
        if instance.state not in ("terminated", "shutting-down"):
            _become(instance, SHUTTING_DOWN)
            clock.slowly(call.account, "instance", _termination(call, ec2, instance))
        changes.append(
            {
                "InstanceId": instance.id,
                "CurrentState": InstanceState(instance.state, instance.state_code),
                "PreviousState": before,
            }
        )
    return ActionResult({"TerminatingInstances": changes})


def _termination(call: Call, ec2: Any, instance: Instance) -> Any:
    account, region = call.account, call.region

    def arrive() -> None:
        if instance.state == "terminated":
            return
        instance.disable_api_termination = False
        instance.terminate()
        for service in ("autoscaling", "elbv2"):
            backend(service, account, region).notify_terminate_instances([instance.id])
        _release(ec2, instance)

    return arrive


def _release(ec2: Any, instance: Instance) -> None:
    """What moto leaves behind: addresses, interfaces and volumes."""
    for address in ec2.addresses:
        if address.instance is instance or address.eni in instance.nics.values():
            ec2.disassociate_address(address=address.public_ip)
    for nic in list(instance.nics.values()):
        nic.instance = None
        nic.attachment_id = None
        nic.status = "available"
        if not getattr(nic, "sandbox_keep", False) and nic.id in ec2.enis:
            nic.delete()
    # moto frees them when Python collects the instance, which is never.
    for ip in list(instance._private_ips):
        instance._private_ips.discard(ip)
        if instance.subnet_id in ec2.subnets:
            ec2.get_subnet(instance.subnet_id).del_subnet_ip(ip)
    for volume in [v for v in ec2.volumes.values() if v.attachment]:
        if volume.attachment.instance is instance:
            volume.attachment = None
    instance.security_groups = []


@around("ec2", "CreateNatGateway")
def create_nat(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    gateway = result_of(result, "NatGateway")
    gateway.connectivity_type = gateway.connectivity_type or "public"
    if call.get("PrivateIpAddress"):
        gateway._eni.private_ip_address = call.get("PrivateIpAddress")
        gateway.address_set[0]["privateIp"] = call.get("PrivateIpAddress")
    gateway._eni.interface_type = "nat_gateway"
    gateway._eni.status = "in-use"
    gateway._eni.requester_managed = True
    gateway._eni.description = f"Interface for NAT Gateway {gateway.id}"
    gateway.state = "pending"

    def arrive() -> None:
        if gateway.state != "pending":
            return
        # EC2 accepts the call and finds out later.
        if gateway.connectivity_type == "private" or ec2_use.has_internet(call, gateway.vpc_id):
            gateway.state = "available"
            return
        gateway.state = "failed"
        gateway.failure_code = "Gateway.NotAttached"
        gateway.failure_message = (
            f"Network {gateway.vpc_id} has no Internet gateway attached"
        )
        _let_go(call.backend("ec2"), gateway)

    clock.slowly(call.account, "nat", arrive)
    return result


@around("ec2", "DeleteNatGateway")
def delete_nat(call: Call, proceed: Proceed) -> Any:
    """The interface and the address are held until the gateway is gone."""
    ec2 = call.backend("ec2")
    identifier = call.get("NatGatewayId")
    gateway = ec2.nat_gateways.get(identifier)
    if gateway is None or gateway.state == "deleted":
        raise _nat_not_found([identifier])
    if gateway.state != "deleting":
        gateway.state = "deleting"

        def arrive() -> None:
            gateway.state = "deleted"
            for address in ec2.addresses:
                if address.eni is gateway._eni:
                    ec2_late.hold(call.account, address.allocation_id)
            _let_go(ec2, gateway)

        clock.slowly(call.account, "nat", arrive)
    return ActionResult({"NatGatewayId": identifier})


def _let_go(ec2: Any, gateway: Any) -> None:
    for address in ec2.addresses:
        if address.eni is gateway._eni:
            ec2.disassociate_address(address=address.public_ip)
    if gateway._eni.id in ec2.enis:
        gateway._eni.delete()


def _nat_not_found(identifiers: Any) -> AwsError:
    names = ", ".join(sorted(identifiers))
    return AwsError("NatGatewayNotFound", f"NAT gateway {names} was not found")


@around("ec2", "DescribeNatGateways")
def describe_nat(call: Call, proceed: Proceed) -> Any:
    """moto ignores unknown ids and tag filters."""
    result = proceed()
    found = result_of(result, "NatGateways")
    missing = set(call.get("NatGatewayIds") or []) - set(call.backend("ec2").nat_gateways)
    if missing:
        raise _nat_not_found(missing)
    for wanted in call.get("Filters") or call.get("Filter") or []:
        name, values = wanted["Name"], wanted.get("Values", [])
        if name.startswith("tag"):
            found = [nat for nat in found if _tagged(nat, name, values)]
    return ActionResult({"NatGateways": found})


def _tagged(resource: Any, name: str, values: list[str]) -> bool:
    from moto.ec2.utils import tag_filter_matches

    return bool(tag_filter_matches(resource, name, values))
