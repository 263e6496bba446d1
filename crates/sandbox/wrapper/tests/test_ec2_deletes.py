"""Deletes that EC2 refuses."""

import pytest


@pytest.fixture
def group(aws, network):
    def make(name="group"):
        made = aws("ec2").create_security_group(
            GroupName=name, Description="d", VpcId=network["vpc"]
        )
        return made["GroupId"]

    return make


@pytest.fixture
def instance(aws, ami, network, group):
    made = group("of-instance")
    launched = aws("ec2").run_instances(
        ImageId=ami,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=network["a"],
        SecurityGroupIds=[made],
    )["Instances"][0]["InstanceId"]
    return launched, made


def test_subnet_and_group_of_an_instance(aws, instance, network, refused, eventually):
    ec2 = aws("ec2")
    made, group = instance
    aws.configure(slow={"instance": 0.3})
    for _ in range(2):
        assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
        assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
        ec2.terminate_instances(InstanceIds=[made])  # refused while shutting down, too

    def gone():
        found = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]
        return found["Instances"][0]["State"]["Name"] == "terminated"

    eventually(gone)
    ec2.delete_subnet(SubnetId=network["a"])
    ec2.delete_security_group(GroupId=group)


def test_group_that_another_refers_to(aws, group, refused):
    ec2 = aws("ec2")
    one, two = group("one"), group("two")
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "UserIdGroupPairs": [{"GroupId": one}],
    }
    ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=[permission])
    assert refused(ec2.delete_security_group, GroupId=one) == "DependencyViolation"
    ec2.revoke_security_group_ingress(GroupId=two, IpPermissions=[permission])
    ec2.authorize_security_group_ingress(
        GroupId=one,
        IpPermissions=[{**permission, "UserIdGroupPairs": [{"GroupId": one}]}],
    )
    ec2.delete_security_group(GroupId=one)  # it may refer to itself


def test_default_group(aws, network, refused):
    ec2 = aws("ec2")
    groups = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [network["vpc"]]}]
    )["SecurityGroups"]
    assert refused(ec2.delete_security_group, GroupId=groups[0]["GroupId"]) == "CannotDelete"


def test_subnet_with_an_interface(aws, network, refused):
    ec2 = aws("ec2")
    eni = ec2.create_network_interface(SubnetId=network["a"])["NetworkInterface"]
    assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
    ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])
    ec2.delete_subnet(SubnetId=network["a"])


def test_subnet_takes_its_route_table_association_along(aws, network):
    ec2 = aws("ec2")
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=network["a"])
    ec2.delete_subnet(SubnetId=network["a"])
    ec2.delete_route_table(RouteTableId=table)


def test_vpc_with_something_in_it(aws, network, group, refused):
    ec2 = aws("ec2")
    vpc = network["vpc"]
    assert refused(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.delete_subnet(SubnetId=network["a"])
    ec2.delete_subnet(SubnetId=network["b"])
    made = group()
    assert refused(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=made)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert refused(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    assert refused(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_vpc(VpcId=vpc)
    assert refused(ec2.delete_vpc, VpcId=vpc) == "InvalidVpcID.NotFound"


def test_gateway_with_mapped_addresses(aws, network, instance, refused):
    ec2 = aws("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpc"])
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    association = ec2.associate_address(AllocationId=address, InstanceId=instance[0])
    detach = {"InternetGatewayId": gateway, "VpcId": network["vpc"]}
    assert refused(ec2.detach_internet_gateway, **detach) == "DependencyViolation"
    assert refused(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
    ec2.disassociate_address(AssociationId=association["AssociationId"])
    ec2.release_address(AllocationId=address)
    ec2.detach_internet_gateway(**detach)


def test_main_route_table_and_used_interface(aws, network, instance, refused):
    ec2 = aws("ec2")
    tables = ec2.describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [network["vpc"]]}]
    )["RouteTables"]
    code = refused(ec2.delete_route_table, RouteTableId=tables[0]["RouteTableId"])
    assert code == "DependencyViolation"
    eni = ec2.describe_network_interfaces()["NetworkInterfaces"][0]["NetworkInterfaceId"]
    code = refused(ec2.delete_network_interface, NetworkInterfaceId=eni)
    assert code == "InvalidParameterValue"
