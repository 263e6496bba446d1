"""What recordings of AWS say that is told nowhere else (see the sources beside the code)."""

import json

import pytest
from botocore.exceptions import ClientError


def error(operation, **parameters):
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    found = raised.value.response
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    return found["Error"]["Code"], found["Error"]["Message"], status


def test_iam_says_who_is_missing(aws):
    iam = aws("iam")
    arn = f"arn:aws:iam::{aws.id}:policy/none"
    assert error(iam.get_role, RoleName="r") == (
        "NoSuchEntity", "The role with name r cannot be found.", 404
    )
    assert error(iam.get_user, UserName="u") == (
        "NoSuchEntity", "The user with name u cannot be found.", 404
    )
    assert error(iam.delete_policy, PolicyArn=arn) == (
        "NoSuchEntity", f"Policy {arn} was not found.", 404
    )
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    assert error(iam.attach_role_policy, RoleName="r", PolicyArn="no-arn-but-long-enough") == (
        "ValidationError", "Invalid ARN:  Could not be parsed!", 400
    )
    code = "MalformedPolicyDocument", "This policy contains invalid Json", 400
    assert error(iam.create_role, RoleName="s", AssumeRolePolicyDocument="{") == code


def test_a_queue_differs_by_an_attribute(aws):
    sqs = aws("sqs")
    sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "1"})
    sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "1"})
    assert error(sqs.create_queue, QueueName="q", Attributes={"DelaySeconds": "2"}) == (
        "QueueAlreadyExists",
        "A queue already exists with the same name and a different value for attribute "
        "DelaySeconds",
        400,
    )
    unknown = ("InvalidAttributeName", "Unknown Attribute FifoQueue.", 400)
    assert error(sqs.create_queue, QueueName="r", Attributes={"FifoQueue": "false"}) == unknown


def test_keys_have_material_and_a_next_rotation(aws):
    kms = aws("kms")
    made = kms.create_key()["KeyMetadata"]
    again = kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    assert made["CurrentKeyMaterialId"] == again["CurrentKeyMaterialId"]
    kms.enable_key_rotation(KeyId=made["KeyId"], RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=made["KeyId"])
    assert (status["NextRotationDate"] - made["CreationDate"]).days in (89, 90)
    code, message, _ = error(kms.create_alias, AliasName="x", TargetKeyId=made["KeyId"])
    assert code == "ValidationException" and 'prefix "alias/"' in message


def test_the_records_of_a_new_zone(aws):
    route53 = aws("route53")
    made = route53.create_hosted_zone(Name="a.example", CallerReference="r")
    assert list(made["DelegationSet"]) == ["NameServers"]
    zone = made["HostedZone"]["Id"]
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    servers = [value["Value"] for value in records[0]["ResourceRecords"]]
    assert servers == [f"{name}." for name in made["DelegationSet"]["NameServers"]]
    (soa,) = records[1]["ResourceRecords"]
    start = f"{servers[0]} awsdns-hostmaster.amazon.com. 1 "
    assert soa["Value"] == start + "7200 900 1209600 86400"


def test_flow_logs_to_a_bucket(aws, network):
    ec2, name = aws("ec2"), f"flow-{aws.id}"
    aws("s3").create_bucket(Bucket=name)
    values = {
        "ResourceIds": [network["vpc"]],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": f"arn:aws:s3:::{name}",
    }
    assert ec2.create_flow_logs(**values)["ClientToken"]
    (found,) = ec2.describe_flow_logs()["FlowLogs"]
    assert found["DestinationOptions"] == {
        "FileFormat": "plain-text",
        "HiveCompatiblePartitions": False,
        "PerHourPartition": False,
    }
    code, message, _ = error(ec2.create_flow_logs, **values, LogGroupName="g")
    assert code == "InvalidParameter" and message.startswith("Please only provide LogGroupName")
    missing = {**values, "LogDestination": f"arn:aws:s3:::{name}-missing"}
    (refused,) = ec2.create_flow_logs(**missing)["Unsuccessful"]
    assert refused["Error"]["Message"] == f"LogDestination: {name}-missing does not exist"


def test_s3_orders_policies(aws):
    s3, name = aws("s3"), f"ordered-{aws.id}"
    s3.create_bucket(Bucket=name)
    arn = f"arn:aws:s3:::{name}/*"
    statement = {
        "Resource": [arn],
        "Action": ["s3:GetObject"],
        "Principal": {"AWS": [aws.id]},
        "Effect": "Allow",
    }
    document = {"Version": "2012-10-17", "Statement": statement}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document, indent=2))
    assert s3.get_bucket_policy(Bucket=name)["Policy"] == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
        f'{{"AWS":"arn:aws:iam::{aws.id}:root"}},"Action":"s3:GetObject","Resource":"{arn}"}}]}}'
    )


def test_zones_and_log_groups_say_more(aws):
    zone = aws("ec2").describe_availability_zones()["AvailabilityZones"][0]
    assert zone["OptInStatus"] == "opt-in-not-required"
    aws("logs").create_log_group(logGroupName="g")
    group = aws("logs").describe_log_groups()["logGroups"][0]
    assert group["deletionProtectionEnabled"] is False


def test_topics_and_subscriptions_of_one_name_are_alike(aws):
    sns = aws("sns")

    def invalid(what):
        return "InvalidParameter", f"Invalid parameter: {what}", 400

    arn = sns.create_topic(Name="t", Attributes={"DisplayName": "a"})["TopicArn"]
    assert sns.create_topic(Name="t", Attributes={"DisplayName": "a"})["TopicArn"] == arn
    assert sns.create_topic(Name="t")["TopicArn"] == arn
    differs = invalid("Attributes Reason: Topic already exists with different attributes")
    assert error(sns.create_topic, Name="t", Attributes={"DisplayName": "b"}) == differs
    assert error(sns.create_topic, Name="t.fifo") == invalid("Topic Name")
    assert error(sns.get_topic_attributes, TopicArn="t") == invalid(
        "TopicArn Reason: An ARN must have at least 6 elements, not 1"
    )
    assert "DeliveryPolicy" not in sns.get_topic_attributes(TopicArn=arn)["Attributes"]

    queue = f"arn:aws:sqs:us-east-1:{aws.id}:q"
    to = {"TopicArn": arn, "Protocol": "sqs", "Endpoint": queue}
    raw = {"RawMessageDelivery": "true"}
    made = sns.subscribe(**to, Attributes=raw, ReturnSubscriptionArn=True)["SubscriptionArn"]
    for more in ({"Attributes": raw}, {"Attributes": {}}, {}):
        again = sns.subscribe(**to, **more, ReturnSubscriptionArn=True)
        assert again["SubscriptionArn"] == made
    differs = invalid("Attributes Reason: Subscription already exists with different attributes")
    assert error(sns.subscribe, **to, Attributes={"RawMessageDelivery": "false"}) == differs
    unknown = invalid("Amazon SNS does not support this protocol string: test")
    assert error(sns.subscribe, **{**to, "Protocol": "test"}) == unknown
    change = {"SubscriptionArn": made, "AttributeValue": "x"}
    name = invalid("AttributeName")
    assert error(sns.set_subscription_attributes, **change, AttributeName="X") == name
    bad = invalid("FilterPolicy: failed to parse JSON.")
    assert error(sns.set_subscription_attributes, **change, AttributeName="FilterPolicy") == bad


def test_tables_and_secrets(aws):
    code, message, _ = error(aws("secretsmanager").create_secret, Name="two words")
    assert code == "ValidationException" and message.startswith("Invalid name. Must be a valid")
    dynamodb = aws("dynamodb")
    assert error(dynamodb.delete_table, TableName="none") == (
        "ResourceNotFoundException", "Requested resource not found: Table: none not found", 400
    )
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    code, message, _ = error(
        dynamodb.create_table,
        TableName="two",
        BillingMode="PAY_PER_REQUEST",
        ProvisionedThroughput=units,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    assert code == "ValidationException" and "Neither ReadCapacityUnits nor" in message
