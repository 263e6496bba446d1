"""Slow states, tokens, and what goes with an instance."""

import pytest


@pytest.fixture
def instance(aws, ami, network):
    def launch(**more):
        values = {
            "ImageId": ami,
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": network["a"],
        }
        return aws("ec2").run_instances(**{**values, **more})["Instances"][0]["InstanceId"]

    return launch


def state(aws, identifier):
    found = aws("ec2").describe_instances(InstanceIds=[identifier])["Reservations"]
    return found[0]["Instances"][0]["State"]["Name"]


def test_instances_are_pending_then_running(aws, instance, eventually):
    aws.configure(slow={"instance": 0.3})
    made = instance()
    assert state(aws, made) == "pending"
    eventually(lambda: state(aws, made) == "running")
    aws("ec2").stop_instances(InstanceIds=[made])
    assert state(aws, made) == "stopping"
    eventually(lambda: state(aws, made) == "stopped")
    aws("ec2").start_instances(InstanceIds=[made])
    assert state(aws, made) == "pending"
    eventually(lambda: state(aws, made) == "running")
    aws("ec2").terminate_instances(InstanceIds=[made])
    assert state(aws, made) == "shutting-down"
    eventually(lambda: state(aws, made) == "terminated")


def test_what_cannot_be_stopped(aws, instance, refused, eventually):
    aws.configure(slow={"instance": 0.3})
    ec2, made = aws("ec2"), instance()
    assert refused(ec2.stop_instances, InstanceIds=[made]) == "IncorrectInstanceState"
    spot = instance(InstanceMarketOptions={"MarketType": "spot"})
    eventually(lambda: state(aws, spot) == "running")
    assert refused(ec2.stop_instances, InstanceIds=[spot]) == "UnsupportedOperation"
    assert state(aws, spot) == "running"
    ec2.stop_instances(InstanceIds=[made])


def test_slow_zero_is_at_once(aws, instance):
    made = instance()
    assert state(aws, made) == "running"
    aws("ec2").terminate_instances(InstanceIds=[made])
    assert state(aws, made) == "terminated"


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_terminated_instance_leaves_nothing(aws, instance, internet, eventually, seconds):
    ec2 = aws("ec2")
    made = instance()
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=made)
    aws.configure(slow={"instance": seconds})
    ec2.terminate_instances(InstanceIds=[made])
    if seconds:
        assert len(ec2.describe_volumes()["Volumes"]) == 1
        assert len(ec2.describe_network_interfaces()["NetworkInterfaces"]) == 1
    eventually(lambda: state(aws, made) == "terminated")
    assert ec2.describe_volumes()["Volumes"] == []
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert "AssociationId" not in ec2.describe_addresses()["Addresses"][0]
    ec2.release_address(AllocationId=address)


def test_a_kept_volume_is_kept(aws, instance):
    ec2 = aws("ec2")
    disk = {"VolumeSize": 9, "DeleteOnTermination": False}
    made = instance(BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": disk}])
    ec2.terminate_instances(InstanceIds=[made])
    volumes = ec2.describe_volumes()["Volumes"]
    assert [(v["Size"], v["State"]) for v in volumes] == [(9, "available")]


def test_a_protected_instance_is_refused(aws, instance, refused):
    made = instance(DisableApiTermination=True)
    aws.configure(slow={"instance": 0.2})
    code = refused(aws("ec2").terminate_instances, InstanceIds=[made])
    assert code == "OperationNotPermitted"
    assert state(aws, made) == "running"


def test_run_instances_token(aws, instance, refused):
    first = instance(ClientToken="token")
    assert instance(ClientToken="token") == first
    assert instance(ClientToken="other") != first
    code = refused(instance, ClientToken="token", InstanceType="t3.small")
    assert code == "IdempotentParameterMismatch"
    found = aws("ec2").describe_instances(
        Filters=[{"Name": "client-token", "Values": ["token"]}]
    )["Reservations"]
    assert [i["InstanceId"] for r in found for i in r["Instances"]] == [first]


@pytest.fixture
def nat(aws, network, internet):
    def make(**more):
        ec2 = aws("ec2")
        more.setdefault("AllocationId", ec2.allocate_address(Domain="vpc")["AllocationId"])
        made = ec2.create_nat_gateway(SubnetId=network["a"], **more)["NatGateway"]
        return made["NatGatewayId"], more["AllocationId"]

    return make


def nat_state(aws, identifier):
    found = aws("ec2").describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"]
    return found[0]["State"]


def test_nat_gateways_are_slow_and_hold_their_address(aws, nat, network, refused, eventually):
    ec2 = aws("ec2")
    aws.configure(slow={"nat": 0.3})
    made, address = nat()
    assert nat_state(aws, made) == "pending"
    eventually(lambda: nat_state(aws, made) == "available")
    assert refused(ec2.release_address, AllocationId=address) == "AuthFailure"
    ec2.delete_nat_gateway(NatGatewayId=made)
    assert nat_state(aws, made) == "deleting"
    assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
    assert refused(ec2.release_address, AllocationId=address) == "AuthFailure"
    eventually(lambda: nat_state(aws, made) == "deleted")
    ec2.release_address(AllocationId=address)
    ec2.delete_subnet(SubnetId=network["a"])


def test_what_needs_an_internet_gateway(aws, network, instance, refused, eventually):
    ec2 = aws("ec2")
    aws.configure(slow={"nat": 0.2})
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    code = refused(ec2.associate_address, AllocationId=address, InstanceId=instance())
    assert code == "Gateway.NotAttached"
    made = ec2.create_nat_gateway(SubnetId=network["a"], AllocationId=address)["NatGateway"]
    made = made["NatGatewayId"]
    assert nat_state(aws, made) == "pending"
    eventually(lambda: nat_state(aws, made) == "failed")
    found = ec2.describe_nat_gateways(NatGatewayIds=[made])["NatGateways"][0]
    assert found["FailureCode"] == "Gateway.NotAttached"
    ec2.release_address(AllocationId=address)
    private = ec2.create_nat_gateway(SubnetId=network["a"], ConnectivityType="private")
    private = private["NatGateway"]["NatGatewayId"]
    eventually(lambda: nat_state(aws, private) == "available")
    code = refused(
        aws("elbv2").create_load_balancer, Name="lb", Subnets=[network["a"], network["b"]]
    )
    assert code == "InvalidSubnet"
    aws("elbv2").create_load_balancer(
        Name="lb", Subnets=[network["a"], network["b"]], Scheme="internal"
    )


def test_nat_gateway_not_found(aws, refused):
    for operation in (aws("ec2").delete_nat_gateway, aws("ec2").describe_nat_gateways):
        name = "NatGatewayIds" if "describe" in operation.__name__ else "NatGatewayId"
        value = "nat-0123456789abcdef0"
        code = refused(operation, **{name: [value] if name.endswith("s") else value})
        assert code == "NatGatewayNotFound"


def test_nat_gateway_token_and_tag_filter(aws, nat, refused):
    tags = [{"ResourceType": "natgateway", "Tags": [{"Key": "k", "Value": "v"}]}]
    made, address = nat(ClientToken="t", TagSpecifications=tags)
    assert nat(ClientToken="t", TagSpecifications=tags, AllocationId=address)[0] == made
    assert refused(nat, ClientToken="t") == "IdempotentParameterMismatch"
    other, _ = nat()

    def found(value):
        filters = [{"Name": "tag:k", "Values": [value]}]
        gateways = aws("ec2").describe_nat_gateways(Filters=filters)["NatGateways"]
        return [gateway["NatGatewayId"] for gateway in gateways]

    assert found("v") == [made]
    assert found("w") == []


def test_newest_images(aws):
    def newest(owner, name):
        filters = [
            {"Name": "name", "Values": [name]},
            {"Name": "architecture", "Values": ["x86_64"]},
            {"Name": "virtualization-type", "Values": ["hvm"]},
            {"Name": "root-device-type", "Values": ["ebs"]},
            {"Name": "state", "Values": ["available"]},
        ]
        images = aws("ec2").describe_images(Owners=[owner], Filters=filters)["Images"]
        assert len(images) >= 3
        assert {image["OwnerId"] for image in images} <= {"099720109477", "137112412989"}
        return max(images, key=lambda image: image["CreationDate"])

    jammy = newest("099720109477", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*")
    assert jammy["CreationDate"].startswith("2025-11-20")
    assert newest("099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*")
    assert newest("amazon", "al2023-ami-2023*-x86_64")["RootDeviceName"] == "/dev/xvda"


def test_nat_gateway_says_how_it_connects(aws, nat):
    made, _ = nat(PrivateIpAddress="10.0.0.9")
    found = aws("ec2").describe_nat_gateways(NatGatewayIds=[made])["NatGateways"][0]
    assert found["ConnectivityType"] == "public"
    assert found["NatGatewayAddresses"][0]["PrivateIp"] == "10.0.0.9"
