"""Interfaces that load balancers and Fargate tasks have, hold, and leave behind."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def group(aws, network):
    made = aws("ec2").create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])
    return made["GroupId"]


@pytest.fixture
def balancer(aws, network, internet, group):
    subnets = [network["a"], network["b"]]
    made = aws("elbv2").create_load_balancer(Name="lb", Subnets=subnets, SecurityGroups=[group])
    return made["LoadBalancers"][0]["LoadBalancerArn"]


@pytest.fixture
def service(aws, network, group):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(
        family="task",
        networkMode="awsvpc",
        containerDefinitions=[{"name": "app", "image": "nginx", "memory": 128}],
    )
    vpc = {"subnets": [network["a"]], "securityGroups": [group], "assignPublicIp": "ENABLED"}
    ecs.create_service(
        cluster="c",
        serviceName="s",
        taskDefinition="task",
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": vpc},
    )
    return lambda: ecs.delete_service(cluster="c", service="s", force=True)


def interfaces(aws, *filters):
    wanted = [{"Name": name, "Values": [value]} for name, value in filters]
    return aws("ec2").describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]


def attempt(operation, **parameters):
    def run():
        try:
            return operation(**parameters) or True
        except ClientError as error:
            assert error.response["Error"]["Code"] == "DependencyViolation"
            return None

    return run


def test_interfaces_of_a_load_balancer(aws, balancer, network, group, refused):
    found = interfaces(aws, ("group-id", group))
    assert {i["SubnetId"] for i in found} == {network["a"], network["b"]}
    for one in found:
        assert one["Description"] == "ELB " + balancer.split(":loadbalancer/")[1]
        assert (one["Status"], one["RequesterManaged"]) == ("in-use", True)
        assert one["RequesterId"] == one["Attachment"]["InstanceOwnerId"] == "amazon-elb"
        assert one["Association"]["PublicIp"]
    ec2, first = aws("ec2"), found[0]
    delete = ec2.delete_network_interface
    code = refused(delete, NetworkInterfaceId=first["NetworkInterfaceId"])
    assert code == "InvalidParameterValue"
    attachment = first["Attachment"]["AttachmentId"]
    code = refused(ec2.detach_network_interface, AttachmentId=attachment)
    assert code == "OperationNotPermitted"
    # Other subnets, other groups, no load balancer.
    other = ec2.create_security_group(GroupName="h", Description="d", VpcId=network["vpc"])
    aws("elbv2").set_security_groups(
        LoadBalancerArn=balancer, SecurityGroups=[other["GroupId"]]
    )
    assert interfaces(aws, ("group-id", group)) == []
    assert len(interfaces(aws, ("requester-managed", "true"), ("status", "in-use"))) == 2
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    assert interfaces(aws) == []


def test_they_hold_what_they_are_in_for_a_while(
    aws, balancer, network, internet, group, refused, eventually
):
    ec2 = aws("ec2")
    aws.configure(unkind={"interfaces": 0.5})
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    assert aws("elbv2").describe_load_balancers()["LoadBalancers"] == []
    gateway = {"InternetGatewayId": internet, "VpcId": network["vpc"]}
    assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    assert refused(ec2.detach_internet_gateway, **gateway) == "DependencyViolation"
    eventually(attempt(ec2.delete_security_group, GroupId=group))
    ec2.delete_subnet(SubnetId=network["a"])
    ec2.detach_internet_gateway(**gateway)


def test_interfaces_of_tasks(aws, service, network, group, refused, eventually):
    ec2 = aws("ec2")
    found = interfaces(aws, ("subnet-id", network["a"]))
    assert len(found) == 2 and all(i["Association"]["PublicIp"] for i in found)
    assert f":ecs:us-east-1:{aws.id}:attachment/c/" in found[0]["Description"]
    aws("ecs").update_service(cluster="c", service="s", desiredCount=1)
    assert len(interfaces(aws)) == 1
    aws.configure(unkind={"interfaces": 0.5})
    service()
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    eventually(attempt(ec2.delete_security_group, GroupId=group))
    assert interfaces(aws) == []


def test_some_are_left_behind(aws, balancer, service, network, group, refused):
    ec2 = aws("ec2")
    aws.configure(unkind={"interfaces_left": True})
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    service()
    left = interfaces(aws, ("status", "available"))
    assert len(left) == len(interfaces(aws)) == 2
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    for one in left:
        ec2.delete_network_interface(NetworkInterfaceId=one["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=network["a"])
