"""Services that learn late of roles; roles that services make for themselves."""

import json

import pytest
from botocore.exceptions import ClientError

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
    }
)
APP = {"name": "app", "image": "nginx:1", "memory": 128}


def trusting(*services):
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def role(aws):
    def make(*services, name="role"):
        document = trusting(*services)
        made = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
        return made["Role"]["Arn"]

    return make


def error(operation, **parameters):
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


def test_roles_of_tasks(aws, role):
    old = role("ecs-tasks.amazonaws.com", name="old")
    aws.configure(unkind={"young_role": 60})
    new = role("ecs-tasks.amazonaws.com", name="new")
    register = aws("ecs").register_task_definition
    invalid = ("ClientException", "Role is not valid")

    def values(**roles):
        return {"family": "task", "containerDefinitions": [APP], **roles}

    for wrong in (new, old + "-missing"):
        assert error(register, **values(taskRoleArn=wrong)) == invalid
        assert error(register, **values(taskRoleArn=old, executionRoleArn=wrong)) == invalid
    # A trust policy that changes is nothing to those who only look for the role.
    update = aws("iam").update_assume_role_policy
    update(RoleName="old", PolicyDocument=trusting("ec2.amazonaws.com"))
    register(**values(taskRoleArn=old, executionRoleArn="arn:aws:iam::123456789012:role/foreign"))
    aws.configure(unkind={"young_role": 0})
    register(**values(taskRoleArn=new))


def test_a_changed_trust_policy_works_late(aws, role, network):
    aws("logs").create_log_group(logGroupName="g")
    arn = role("ec2.amazonaws.com")
    create, values = aws("ec2").create_flow_logs, {
        "ResourceIds": [network["vpc"]],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogGroupName": "g",
        "DeliverLogsPermissionArn": arn,
    }
    unable = ("InvalidParameter", f"Unable to assume given IAM role: '{arn}'")
    assert error(create, **values) == unable
    aws.configure(unkind={"young_role": 60})
    update = aws("iam").update_assume_role_policy
    update(RoleName="role", PolicyDocument=trusting("vpc-flow-logs.amazonaws.com"))
    assert error(create, **values) == unable
    aws.configure(unkind={"young_role": 0})
    create(**values)


def test_what_two_hops_away_is_young(aws, role):
    """The role is old, its first policy is not."""
    arn = role("monitoring.rds.amazonaws.com")
    aws.configure(unkind={"young_role": 60})
    aws("iam").put_role_policy(RoleName="role", PolicyName="p", PolicyDocument=POLICY)
    create, values = aws("rds").create_db_instance, {
        "DBInstanceIdentifier": "db",
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "u",
        "MasterUserPassword": "correct-horse",
        "MonitoringInterval": 60,
        "MonitoringRoleArn": arn,
    }
    assert error(create, **values) == (
        "InvalidParameterValue",
        "IAM role ARN value is invalid or does not include the required permissions for: "
        "ENHANCED_MONITORING",
    )
    aws.configure(unkind={"young_role": 0})
    create(**values)


def test_instance_profiles(aws, ami, role):
    iam, launch = aws("iam"), aws("ec2").run_instances
    values = {
        "ImageId": ami,
        "InstanceType": "t3.micro",
        "MinCount": 1,
        "MaxCount": 1,
        "IamInstanceProfile": {"Name": "p"},
    }
    role("ec2.amazonaws.com")
    made = iam.create_instance_profile(InstanceProfileName="p")["InstanceProfile"]["Arn"]
    bare = ("InvalidParameterValue", f'IAM Instance Profile "{made}" has no associated IAM Roles')
    assert error(launch, **values) == bare
    aws.configure(unkind={"young_role": 60})
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="role")
    assert error(launch, **values) == bare
    aws.configure(unkind={"young_role": 0})
    launch(**values)
    aws.configure(unkind={"young_role": 60})
    iam.create_instance_profile(InstanceProfileName="q")
    code, message = error(launch, **{**values, "IamInstanceProfile": {"Name": "q"}})
    assert code == "InvalidParameterValue" and "Invalid IAM Instance Profile name" in message


def test_the_first_use_makes_a_role(aws):
    iam, ecs = aws("iam"), aws("ecs")
    aws.configure(unkind={"first_use": 60})
    unable = (
        "InvalidParameterException",
        "Unable to assume the service linked role. Please verify that the ECS service linked role "
        "exists.",
    )
    assert error(ecs.create_cluster, clusterName="c") == unable
    assert iam.get_role(RoleName="AWSServiceRoleForECS")
    assert ecs.list_clusters()["clusterArns"] == []
    aws.configure(unkind={"first_use": 0.001})
    ecs.create_cluster(clusterName="c")
    aws.configure(unkind={"first_use": 60})
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/c/s",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1,
        "MaxCapacity": 2,
    }
    register = aws("application-autoscaling").register_scalable_target
    code, message = error(register, **target)
    assert code == "ValidationException"
    assert message.startswith(f"Unable to assume IAM role: arn:aws:iam::{aws.id}:role/aws-service-role/ecs.app")
    database = {
        "DBInstanceIdentifier": "db",
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "u",
        "MasterUserPassword": "correct-horse",
    }
    code, message = error(aws("rds").create_db_instance, **database)
    assert code == "InvalidParameterValue" and "Otherwise wait and try again later" in message
    aws.configure(unkind={"first_use": 0.001})
    aws("rds").create_db_instance(**database)


def test_nothing_of_it_unless_asked(aws):
    aws("ecs").create_cluster(clusterName="c")
    assert aws("iam").list_roles()["Roles"] == []


def test_service_linked_role_is_taken(aws, refused):
    create = aws("iam").create_service_linked_role
    create(AWSServiceName="ecs.amazonaws.com")
    assert refused(create, AWSServiceName="ecs.amazonaws.com") == "InvalidInput"
    code = refused(aws("iam").delete_role, RoleName="AWSServiceRoleForECS")
    assert code == "UnmodifiableEntity"


def test_the_deletion_of_a_service_linked_role_may_fail(aws, eventually, refused):
    iam, ecs = aws("iam"), aws("ecs")
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    arn = ecs.create_cluster(clusterName="c")["cluster"]["clusterArn"]
    aws.configure(unkind={"role_deletion": 0.3})

    def delete():
        return iam.delete_service_linked_role(RoleName="AWSServiceRoleForECS")["DeletionTaskId"]

    def status(task):
        return iam.get_service_linked_role_deletion_status(DeletionTaskId=task)

    task = delete()
    assert task.startswith("task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/")
    assert delete() == task
    assert status(task)["Status"] == "IN_PROGRESS"
    failed = eventually(lambda: (s := status(task))["Status"] == "FAILED" and s)
    assert failed["Reason"]["RoleUsageList"] == [{"Region": "us-east-1", "Resources": [arn]}]
    ecs.delete_cluster(cluster="c")
    task = delete()
    assert iam.get_role(RoleName="AWSServiceRoleForECS")
    eventually(lambda: status(task)["Status"] == "SUCCEEDED")
    assert refused(iam.get_role, RoleName="AWSServiceRoleForECS") == "NoSuchEntity"
