"""Load balancers and ECS services."""

import pytest


@pytest.fixture
def group(aws, network):
    made = aws("ec2").create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])
    return made["GroupId"]


@pytest.fixture
def create(aws, network, internet, group):
    def make(**more):
        values = {
            "Name": "lb",
            "Subnets": [network["a"], network["b"]],
            "SecurityGroups": [group],
            **more,
        }
        return aws("elbv2").create_load_balancer(**values)["LoadBalancers"][0]

    return make


def test_used_name(aws, create, network, refused):
    first = create()["LoadBalancerArn"]
    assert create(Subnets=[network["b"], network["a"]])["LoadBalancerArn"] == first
    assert refused(create, Scheme="internal") == "DuplicateLoadBalancerName"
    assert len(aws("elbv2").describe_load_balancers()["LoadBalancers"]) == 1


def test_invalid_load_balancers(create, network, refused):
    for more, code in (
        ({"Subnets": [network["a"]]}, "ValidationError"),
        ({"Subnets": ["subnet-0123456789abcdef0", network["a"]]}, "SubnetNotFound"),
        ({"SecurityGroups": ["sg-0123456789abcdef0"]}, "InvalidSecurityGroup"),
    ):
        assert refused(create, **more) == code


def test_provisioning(aws, create, eventually):
    aws.configure(slow={"elb": 0.3})
    assert create()["State"]["Code"] == "provisioning"

    def state():
        found = aws("elbv2").describe_load_balancers(Names=["lb"])["LoadBalancers"]
        return found[0]["State"]["Code"]

    assert state() == "provisioning"
    eventually(lambda: state() == "active")


def test_protected_load_balancer_and_what_it_uses(aws, create, network, group, refused):
    elb, ec2 = aws("elbv2"), aws("ec2")
    arn = create()["LoadBalancerArn"]

    def protect(value):
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=arn,
            Attributes=[{"Key": "deletion_protection.enabled", "Value": value}],
        )

    protect("true")
    assert refused(elb.delete_load_balancer, LoadBalancerArn=arn) == "OperationNotPermitted"
    assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    protect("false")
    elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.delete_load_balancer(LoadBalancerArn=arn)  # already gone is no error
    ec2.delete_subnet(SubnetId=network["a"])
    ec2.delete_security_group(GroupId=group)


def test_target_groups(aws, network, create, refused):
    elb = aws("elbv2")
    values = {"Name": "tg", "Protocol": "HTTP", "Port": 80, "VpcId": network["vpc"]}
    made = elb.create_target_group(**values)["TargetGroups"][0]["TargetGroupArn"]
    again = elb.create_target_group(**values)["TargetGroups"][0]["TargetGroupArn"]
    assert again == made
    code = refused(elb.create_target_group, **{**values, "Port": 81})
    assert code == "DuplicateTargetGroupName"
    balancer = create()["LoadBalancerArn"]
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made}],
    )
    assert refused(elb.delete_target_group, TargetGroupArn=made) == "ResourceInUse"
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    elb.delete_target_group(TargetGroupArn=made)


@pytest.fixture
def service(aws, network, group):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c")
    containers = [{"name": "app", "image": "nginx", "memory": 128}]
    for _ in range(2):
        ecs.register_task_definition(
            family="task", containerDefinitions=containers, networkMode="awsvpc"
        )

    def make(**more):
        values = {
            "cluster": "c",
            "serviceName": "s",
            "taskDefinition": "task:1",
            "desiredCount": 3,
            "launchType": "FARGATE",
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": [network["a"]],
                    "securityGroups": [group],
                    "assignPublicIp": "ENABLED",
                }
            },
            "enableExecuteCommand": True,
            "healthCheckGracePeriodSeconds": 30,
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                "maximumPercent": 150,
                "minimumHealthyPercent": 50,
            },
            "propagateTags": "SERVICE",
            "enableECSManagedTags": True,
            "tags": [{"key": "a", "value": "b"}],
            **more,
        }
        return ecs.create_service(**values)["service"]

    return make


def described(aws):
    found = aws("ecs").describe_services(cluster="c", services=["s"], include=["TAGS"])
    return found["services"][0]


def steady(found):
    return (
        found["runningCount"] == found["desiredCount"]
        and len(found["deployments"]) == 1
        and found["deployments"][0]["rolloutState"] == "COMPLETED"
    )


def test_service_is_read_back(aws, service, network, group):
    service()
    found = described(aws)
    assert found["enableExecuteCommand"] is True
    assert found["healthCheckGracePeriodSeconds"] == 30
    assert found["deploymentConfiguration"] == {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 150,
        "minimumHealthyPercent": 50,
    }
    assert (found["propagateTags"], found["enableECSManagedTags"]) == ("SERVICE", True)
    assert found["tags"] == [{"key": "a", "value": "b"}]
    network_configuration = found["networkConfiguration"]["awsvpcConfiguration"]
    assert network_configuration["assignPublicIp"] == "ENABLED"
    assert steady(found)
    aws("ecs").update_service(
        cluster="c",
        service="s",
        enableExecuteCommand=False,
        deploymentConfiguration={"maximumPercent": 200},
        healthCheckGracePeriodSeconds=5,
    )
    found = described(aws)
    assert found["enableExecuteCommand"] is False
    assert found["healthCheckGracePeriodSeconds"] == 5
    assert found["deploymentConfiguration"]["maximumPercent"] == 200
    assert found["desiredCount"] == 3


def test_service_becomes_steady(aws, service, eventually):
    aws.configure(slow={"ecs": 0.3})
    made = service()
    assert (made["runningCount"], made["pendingCount"]) == (0, 3)
    assert not steady(described(aws))
    eventually(lambda: steady(described(aws)))
    aws("ecs").update_service(cluster="c", service="s", taskDefinition="task:2")
    found = described(aws)
    assert [d["status"] for d in found["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert found["taskDefinition"].endswith("task-definition/task:2")
    found = eventually(lambda: (f := described(aws)) and steady(f) and f)
    assert found["deployments"][0]["taskDefinition"] == found["taskDefinition"]
    aws("ecs").update_service(cluster="c", service="s", desiredCount=1)
    assert described(aws)["desiredCount"] == 1
    eventually(lambda: steady(described(aws)))


def test_service_create_is_idempotent_for_equal_parameters(service, refused):
    first = service()
    assert service()["serviceArn"] == first["serviceArn"]
    assert refused(service, desiredCount=4) == "InvalidParameterException"


def test_service_holds_cluster_subnet_and_group(
    aws, service, network, group, refused, eventually
):
    ecs, ec2 = aws("ecs"), aws("ec2")
    service()
    assert refused(ecs.delete_cluster, cluster="c") == "ClusterContainsServicesException"
    assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    code = refused(ecs.delete_service, cluster="c", service="s")
    assert code == "InvalidParameterException"
    aws.configure(slow={"ecs": 0.3})
    ecs.delete_service(cluster="c", service="s", force=True)
    assert described(aws)["status"] == "DRAINING"
    assert refused(ecs.delete_cluster, cluster="c") == "ClusterContainsServicesException"
    eventually(lambda: described(aws)["status"] == "INACTIVE")
    ecs.delete_cluster(cluster="c")
    ec2.delete_subnet(SubnetId=network["a"])
    ec2.delete_security_group(GroupId=group)
