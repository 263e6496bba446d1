"""EC2 in a bad mood: late gateways, held addresses, no capacity, and what exists already."""

import pytest
from botocore.exceptions import ClientError


def error(operation, **parameters):
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    found = raised.value.response
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    return found["Error"]["Code"], found["Error"]["Message"], status


def test_a_gateway_is_attached_late(aws, network):
    ec2 = aws("ec2")
    aws.configure(unkind={"gateway_attach": 60})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpc"])
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]

    def state():
        found = ec2.describe_internet_gateways(InternetGatewayIds=[gateway])
        return found["InternetGateways"][0]["Attachments"][0]["State"]

    assert state() == "attaching"
    route = {
        "RouteTableId": table,
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": gateway,
    }
    assert error(ec2.create_route, **route) == (
        "InvalidParameterValue",
        f"route table {table} and network gateway {gateway} belong to different networks",
        400,
    )
    aws.configure(unkind={"gateway_attach": 0})
    assert state() == "available"
    ec2.create_route(**route)
    assert error(ec2.create_route, **route) == (
        "RouteAlreadyExists", "The route identified by 0.0.0.0/0 already exists.", 400
    )


def test_an_address_is_held_after_its_gateway(aws, network, internet):
    ec2 = aws("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=network["a"], AllocationId=address)["NatGateway"]
    aws.configure(unkind={"nat_address": 60})
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    found = ec2.describe_nat_gateways(NatGatewayIds=[nat["NatGatewayId"]])["NatGateways"]
    assert found[0]["State"] == "deleted"
    assert error(ec2.release_address, AllocationId=address) == (
        "AuthFailure", "You do not have permission to access the specified resource.", 400
    )
    aws.configure(unkind={"nat_address": 0})
    ec2.release_address(AllocationId=address)


def test_no_capacity_is_a_server_error(aws, ami, network):
    code, message, status = error(
        aws("ec2").run_instances,
        ImageId=ami,
        InstanceType="p5.48xlarge",
        MinCount=1,
        MaxCount=1,
        SubnetId=network["b"],
    )
    assert (code, status) == ("InsufficientInstanceCapacity", 500)
    assert "sufficient p5.48xlarge capacity in the Availability Zone you requested (us-east-1b)" in message


def test_what_is_there_already(aws, network):
    ec2 = aws("ec2")
    for wanted in ("10.0.0.0/24", "10.0.0.128/25", "10.0.0.0/23"):
        assert error(ec2.create_subnet, VpcId=network["vpc"], CidrBlock=wanted) == (
            "InvalidSubnet.Conflict", f"The CIDR '{wanted}' conflicts with another subnet", 400
        )
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81}
    allow = ec2.authorize_security_group_ingress
    cidr = [{"CidrIp": "10.0.0.0/8"}]
    allow(GroupId=group, IpPermissions=[{**rule, "IpRanges": cidr}])
    # The description is not part of what a rule is.
    again = [{**rule, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "other"}]}]
    new = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": cidr}
    assert error(allow, GroupId=group, IpPermissions=[new, *again]) == (
        "InvalidPermission.Duplicate",
        'the specified rule "peer: 10.0.0.0/8, TCP, from port: 80, to port: 81, ALLOW" already '
        "exists",
        400,
    )
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert [r["IpProtocol"] for r in rules] == ["tcp"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    code, message, _ = error(
        ec2.authorize_security_group_egress, GroupId=group, IpPermissions=everything
    )
    assert message == 'the specified rule "peer: 0.0.0.0/0, ALL, ALLOW" already exists'
