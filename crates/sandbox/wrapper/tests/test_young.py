"""What was made a moment ago is not found by the next call."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import ENDPOINT

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
    }
)


def code(operation, **parameters):
    with pytest.raises(ClientError) as error:
        operation(**parameters)
    return error.value.response["Error"]["Code"]


@pytest.fixture
def young(aws):
    aws.configure(unkind={"young": 60})
    return aws


def vpc(aws):
    ec2 = aws("ec2")
    made = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws("ec2").describe_vpcs(VpcIds=[made])
    return [
        (ec2.modify_vpc_attribute, {"VpcId": made, "EnableDnsHostnames": {"Value": True}}),
        (ec2.describe_vpc_attribute, {"VpcId": made, "Attribute": "enableDnsSupport"}),
        (ec2.create_subnet, {"VpcId": made, "CidrBlock": "10.0.0.0/24"}),
        (ec2.create_security_group, {"VpcId": made, "GroupName": "g", "Description": "d"}),
    ], "InvalidVpcID.NotFound"


def role(aws):
    iam = aws("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=POLICY)
    return [
        (iam.put_role_policy, {"RoleName": "r", "PolicyName": "p", "PolicyDocument": POLICY}),
        (iam.tag_role, {"RoleName": "r", "Tags": [{"Key": "a", "Value": "b"}]}),
    ], "NoSuchEntity"


def key(aws):
    kms = aws("kms")
    made = kms.create_key()["KeyMetadata"]
    return [
        (kms.enable_key_rotation, {"KeyId": made["KeyId"]}),
        (kms.get_key_rotation_status, {"KeyId": made["Arn"]}),
    ], "NotFoundException"


def bucket(aws):
    s3, name = aws("s3"), f"young-{aws.id}"
    s3.create_bucket(Bucket=name)
    enabled = {"Status": "Enabled"}
    return [
        (s3.put_bucket_versioning, {"Bucket": name, "VersioningConfiguration": enabled}),
        (s3.get_bucket_versioning, {"Bucket": name}),
    ], "NoSuchBucket"


def queue(aws):
    sqs = aws("sqs")
    made = sqs.create_queue(QueueName="q")["QueueUrl"]
    return [
        (sqs.set_queue_attributes, {"QueueUrl": made, "Attributes": {"DelaySeconds": "1"}}),
        (sqs.get_queue_attributes, {"QueueUrl": made, "AttributeNames": ["All"]}),
    ], "AWS.SimpleQueueService.NonExistentQueue"


def topic(aws):
    sns = aws("sns")
    made = sns.create_topic(Name="t")["TopicArn"]
    values = {"AttributeName": "DisplayName", "AttributeValue": "x"}
    return [(sns.set_topic_attributes, {"TopicArn": made, **values})], "NotFound"


def logs(aws):
    client = aws("logs")
    client.create_log_group(logGroupName="/g/one")
    values = {"logGroupName": "/g/one", "retentionInDays": 7}
    return [(client.put_retention_policy, values)], "ResourceNotFoundException"


def repository(aws):
    ecr = aws("ecr")
    ecr.create_repository(repositoryName="dir/r")
    rule = {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}
    text = json.dumps({"rules": [rule]})
    return [
        (ecr.put_lifecycle_policy, {"repositoryName": "dir/r", "lifecyclePolicyText": text})
    ], "RepositoryNotFoundException"


def secret(aws):
    secrets = aws("secretsmanager")
    made = secrets.create_secret(Name="dir/s", SecretString="x")["ARN"]
    return [
        (secrets.put_secret_value, {"SecretId": made, "SecretString": "y"}),
        (secrets.get_resource_policy, {"SecretId": "dir/s"}),
    ], "ResourceNotFoundException"


@pytest.mark.parametrize(
    "make", [vpc, role, key, bucket, queue, topic, logs, repository, secret]
)
def test_the_next_call_does_not_find_it(young, make):
    calls, expected = make(young)
    for operation, values in calls:
        assert code(operation, **values) == expected, operation.__name__
    young.configure(unkind={"young": 0})
    for operation, values in calls:
        operation(**values)


def test_a_kind_call_meets_none_of_it(young):
    """Whose path begins with `/_kind`: it sees what is there, and what it makes is old."""
    young("s3").create_bucket(Bucket=f"young-{young.id}")
    made = young("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    kind = boto3.Session(aws_access_key_id=young.id, aws_secret_access_key="sandbox")
    s3 = kind.client("s3", endpoint_url=f"{ENDPOINT}/_kind", region_name="us-east-1")
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == [f"young-{young.id}"]
    s3.get_bucket_versioning(Bucket=f"young-{young.id}")
    ec2 = kind.client("ec2", endpoint_url=f"{ENDPOINT}/_kind", region_name="us-east-1")
    ec2.describe_vpc_attribute(VpcId=made, Attribute="enableDnsSupport")
    with pytest.raises(ClientError):
        young("ec2").describe_vpc_attribute(VpcId=made, Attribute="enableDnsSupport")
    old = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    young("ec2").describe_vpc_attribute(VpcId=old, Attribute="enableDnsSupport")
