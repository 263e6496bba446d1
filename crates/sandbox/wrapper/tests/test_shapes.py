"""Answers have the fields that AWS's own ones have, and its defaults.

`recorded_shapes.json` has, for operations that our types call, which fields AWS answered in a
recording of `aws-answers` (`recording` says in which one), in a form of this repository: the path of
each field, and its value where that is a default or a word of AWS's, else `any`. Lists are `[]`, with
`none` for one without members. The calls below send what the recorded tests sent.
"""

import json
import pathlib
import re

import pytest

SHAPES = {
    one["operation"]: one
    for one in json.loads((pathlib.Path(__file__).parent / "recorded_shapes.json").read_text())
}
#: Documents whose inside is not compared.
OPAQUE = {
    "AssumeRolePolicyDocument",
    "EffectiveDeliveryPolicy",
    "NameServers",
    "Policy",
    "VersionIdsToStages",
}

#: Where the emulator still differs, with the reason. What is mended has to go from here.
DIFFERENCES: dict[str, dict[str, str]] = {
    "acm DescribeCertificate": {
        "Certificate.Options.Export": "younger than the recording; botocore's model has it",
    },
    "cloudwatch DescribeAlarms": {
        "MetricAlarms[].Metrics[]": "an empty list, which our types take for none",
    },
}


def flat(value, at=""):
    """The fields of an answer, as the recordings have them."""
    if isinstance(value, dict) and not (at.split(".")[-1] in OPAQUE and at != "Policy"):
        if not value:
            yield at, "map"
        for key, inner in value.items():
            if key != "ResponseMetadata":
                yield from flat(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and at.split(".")[-1] not in OPAQUE:
        if not value:
            yield f"{at}[]", "none"
        for inner in value:
            yield from flat(inner, f"{at}[]")
    else:
        yield at, value


def fits(recorded, answered):
    return recorded in ("any", answered) or (recorded == "map" and answered != "none")


def differences(operation, answer):
    recorded = SHAPES[operation]["fields"]
    answered = dict(flat(answer))
    found = {}
    for path, value in recorded.items():
        if path not in answered:
            found[path] = "missing"
        elif not fits(value, answered[path]):
            found[path] = f"{answered[path]!r} instead of {value!r}"
    found.update({path: "more than AWS says" for path in answered if path not in recorded})
    return found


@pytest.fixture
def same():
    """Compares an answer with the recorded one of that operation."""

    def compare(operation, answer):
        known = DIFFERENCES.get(operation, {})
        found = differences(operation, answer)
        assert set(found) == set(known), f"{operation}: {found}"

    return compare


def test_iam(aws, same):
    iam = aws("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "sts:AssumeRole",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ],
    }
    made = iam.create_role(RoleName="r", Path="/p/", AssumeRolePolicyDocument=json.dumps(trust))
    same("iam CreateRole", made)
    same("iam GetRole", iam.get_role(RoleName="r"))
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]}
    document["Statement"][0]["Resource"] = "*"
    same("iam CreatePolicy", iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(document)))


def test_kms(aws, same):
    kms = aws("kms")
    key = kms.create_key(Description="test key 123", KeyUsage="ENCRYPT_DECRYPT")
    same("kms DescribeKey", kms.describe_key(KeyId=key["KeyMetadata"]["KeyId"]))


def test_secretsmanager(aws, same):
    secrets = aws("secretsmanager")
    made = secrets.create_secret(Name="s", SecretString="x", Description="Testing.")
    same("secretsmanager CreateSecret", made)
    same("secretsmanager ListSecretVersionIds", secrets.list_secret_version_ids(SecretId="s"))
    same("secretsmanager GetSecretValue", secrets.get_secret_value(SecretId="s"))
    same("secretsmanager DescribeSecret", secrets.describe_secret(SecretId="s"))
    put = secrets.put_secret_value(SecretId="s", SecretString="y")
    same("secretsmanager PutSecretValue", put)
    gone = secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    same("secretsmanager DeleteSecret", gone)


def test_logs(aws, same):
    logs = aws("logs")
    logs.create_log_group(logGroupName="g")
    same("logs DescribeLogGroups", logs.describe_log_groups(logGroupNamePrefix="g"))
    logs.put_metric_filter(
        logGroupName="g",
        filterName="f",
        filterPattern=" ",
        metricTransformations=[
            {"metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0}
        ],
    )
    same("logs DescribeMetricFilters", logs.describe_metric_filters(logGroupName="g"))


def test_ssm(aws, same):
    ssm = aws("ssm")
    same("ssm PutParameter", ssm.put_parameter(Name="/p/q", Value="123", Type="String"))
    same("ssm GetParameters", ssm.get_parameters(Names=["/p/q"]))


def test_acm(aws, same):
    aws.configure(acm_auto_issue=False)
    acm = aws("acm")
    made = acm.request_certificate(DomainName="*.a.example", ValidationMethod="DNS")
    same("acm RequestCertificate", made)
    same("acm DescribeCertificate", acm.describe_certificate(CertificateArn=made["CertificateArn"]))
    same("acm ListCertificates", acm.list_certificates())


def test_dynamodb(aws, same, eventually):
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="tab",
        KeySchema=[{"AttributeName": "TID", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("TID", "TRID")
        ],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "index",
                "KeySchema": [{"AttributeName": "TRID", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    same("dynamodb DescribeTable", dynamodb.describe_table(TableName="tab"))


def test_cloudwatch(aws, same):
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="a",
        MetricName="metric1",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Statistic="Sum",
        Threshold=30,
        ComparisonOperator="GreaterThanThreshold",
    )
    same("cloudwatch DescribeAlarms", cloudwatch.describe_alarms(AlarmNames=["a"]))


def test_route53(aws, same):
    route53 = aws("route53")
    made = route53.create_hosted_zone(Name="a.example", CallerReference="r")
    same("route53 CreateHostedZone", made)
    same("route53 GetHostedZone", route53.get_hosted_zone(Id=made["HostedZone"]["Id"]))


def test_ec2(aws, same, network):
    ec2, name = aws("ec2"), f"flow-{aws.id}"
    aws("s3").create_bucket(Bucket=name)
    made = ec2.create_flow_logs(
        ResourceIds=[network["vpc"]],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{name}",
    )
    same("ec2 CreateFlowLogs", made)
    same("ec2 DescribeFlowLogs", ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"]))
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=network["a"])
    same("ec2 DescribeRouteTables", ec2.describe_route_tables(RouteTableIds=[table]))


def test_sns(aws, same):
    sns, sqs = aws("sns"), aws("sqs")
    attributes = {"DisplayName": "TestTopic", "FifoTopic": "true", "SignatureVersion": "2"}
    fifo = sns.create_topic(Name="t.fifo", Attributes=attributes)["TopicArn"]
    same("sns GetTopicAttributes", sns.get_topic_attributes(TopicArn=fifo))
    topic = sns.create_topic(Name="t")["TopicArn"]
    sqs.create_queue(QueueName="q")
    queue = f"arn:aws:sqs:us-east-1:{aws.id}:q"
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    sns.set_subscription_attributes(
        SubscriptionArn=made["SubscriptionArn"],
        AttributeName="RawMessageDelivery",
        AttributeValue="true",
    )
    same("sns GetSubscriptionAttributes", sns.get_subscription_attributes(**_arn(made)))


def _arn(made):
    return {"SubscriptionArn": made["SubscriptionArn"]}


def test_s3(aws, same):
    s3, name = aws("s3"), f"tags-{aws.id}"
    s3.create_bucket(Bucket=name)
    tags = [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    same("s3 GetBucketTagging", s3.get_bucket_tagging(Bucket=name))


def test_every_recorded_operation_is_compared():
    source = pathlib.Path(__file__).read_text()
    compared = set(re.findall(r'same\("([^"]+)"', source))
    assert compared == set(SHAPES)
    assert set(DIFFERENCES) <= compared
    assert all(reason for known in DIFFERENCES.values() for reason in known.values())
