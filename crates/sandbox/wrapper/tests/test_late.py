"""Late visibility of EC2 and Route 53 resources."""

import pytest


def make_vpc(ec2, network):
    made = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    return made, lambda **k: ec2.describe_vpcs(**k)["Vpcs"], "VpcIds"


def make_subnet(ec2, network):
    made = ec2.create_subnet(VpcId=network["vpc"], CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    return made, lambda **k: ec2.describe_subnets(**k)["Subnets"], "SubnetIds"


def make_group(ec2, network):
    made = ec2.create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])
    return (
        made["GroupId"],
        lambda **k: ec2.describe_security_groups(**k)["SecurityGroups"],
        "GroupIds",
    )


def make_gateway(ec2, network):
    made = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    return (
        made,
        lambda **k: ec2.describe_internet_gateways(**k)["InternetGateways"],
        "InternetGatewayIds",
    )


@pytest.mark.parametrize("make", [make_vpc, make_subnet, make_group, make_gateway])
def test_late_ec2(aws, network, refused, eventually, make):
    aws.configure(late_visibility_seconds=0.4)
    made, describe, ids = make(aws("ec2"), network)
    assert made not in str(describe())
    assert refused(describe, **{ids: [made]}).endswith("NotFound")
    eventually(lambda: made in str(describe()))
    assert made in str(describe(**{ids: [made]}))


def test_late_instance(aws, ami, network, refused, eventually):
    ec2 = aws("ec2")
    aws.configure(late_visibility_seconds=0.4)
    made = ec2.run_instances(
        ImageId=ami, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=network["a"]
    )["Instances"][0]["InstanceId"]
    assert ec2.describe_instances()["Reservations"] == []
    code = refused(ec2.describe_instances, InstanceIds=[made])
    assert code == "InvalidInstanceID.NotFound"
    eventually(lambda: ec2.describe_instances()["Reservations"])


def test_late_zone(aws, refused, eventually):
    route53 = aws("route53")
    aws.configure(late_visibility_seconds=0.4)
    made = route53.create_hosted_zone(Name="late.example", CallerReference="r")["HostedZone"]
    assert refused(route53.get_hosted_zone, Id=made["Id"]) == "NoSuchHostedZone"
    assert route53.list_hosted_zones()["HostedZones"] == []
    eventually(lambda: route53.list_hosted_zones_by_name(DNSName="late.example")["HostedZones"])
    assert route53.get_hosted_zone(Id=made["Id"])


def test_nothing_is_late_unless_asked(aws, network):
    assert network["vpc"] in str(aws("ec2").describe_vpcs(VpcIds=[network["vpc"]]))
