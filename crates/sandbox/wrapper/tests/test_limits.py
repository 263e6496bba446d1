"""What AWS refuses because it is too long, too many, reserved, or none of the values that it knows."""

import json

import pytest

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def policy(characters, statement=None, indent=20):
    """A document of about so many characters, apart from white space."""
    names = [f"arn:aws:s3:::{n:020}" for n in range(characters // 35)]
    plain = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": names}
    document = {"Version": "2012-10-17", "Statement": [statement or plain]}
    return json.dumps(document, indent=indent)


def test_policies_that_are_too_long(aws, refused):
    iam = aws("iam")
    trust = policy(0, TRUST, indent=200)
    assert len(trust) > 2048, "white space does not count"
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)
    accounts = [f"arn:aws:iam::{aws.id}:root", *(f"{n:012}" for n in range(10**11, 10**11 + 150))]
    long = {**TRUST, "Principal": {"AWS": accounts}}
    code = refused(iam.update_assume_role_policy, RoleName="r", PolicyDocument=policy(0, long))
    assert code == "LimitExceeded"
    create = iam.create_policy
    assert refused(create, PolicyName="p", PolicyDocument=policy(6_400)) == "LimitExceeded"
    arn = create(PolicyName="p", PolicyDocument=policy(5_000))["Policy"]["Arn"]
    code = refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=policy(6_400))
    assert code == "LimitExceeded"


def test_inline_policies_count_together(aws, refused):
    iam = aws("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy(0, TRUST))
    put = iam.put_role_policy
    assert refused(put, RoleName="r", PolicyName="a", PolicyDocument=policy(10_500)) == (
        "LimitExceeded"
    )
    for _ in range(2):  # itself does not count
        put(RoleName="r", PolicyName="a", PolicyDocument=policy(6_000))
    assert refused(put, RoleName="r", PolicyName="b", PolicyDocument=policy(6_000)) == (
        "LimitExceeded"
    )
    put(RoleName="r", PolicyName="b", PolicyDocument=policy(3_000))
    iam.create_user(UserName="u")
    with pytest.raises(iam.exceptions.LimitExceededException) as error:
        iam.put_user_policy(UserName="u", PolicyName="a", PolicyDocument=policy(2_500))
    assert "Maximum policy size of 2048 bytes exceeded for user u" in str(error.value)


def test_machines_that_do_not_exist(aws, ami, refused):
    launch = {"ImageId": ami, "MinCount": 1, "MaxCount": 1}
    assert refused(aws("ec2").run_instances, InstanceType="t9.micro", **launch) == (
        "InvalidParameterValue"
    )
    rds = aws("rds")
    database = {
        "DBInstanceIdentifier": "d",
        "Engine": "postgres",
        "MasterUsername": "anna",
        "MasterUserPassword": "secret-enough",
        "AllocatedStorage": 20,
    }
    for wrong in ("db.t9.micro", "t3.micro", "db.t3", "db.t3.huge"):
        assert refused(rds.create_db_instance, DBInstanceClass=wrong, **database) == (
            "InvalidParameterValue"
        ), wrong
    rds.create_db_instance(DBInstanceClass="db.m6g.large", **database)
    change = rds.modify_db_instance
    code = refused(change, DBInstanceIdentifier="d", DBInstanceClass="db.m6g.larger")
    assert code == "InvalidParameterValue"


def test_periods_of_alarms(aws, refused):
    put = aws("cloudwatch").put_metric_alarm
    alarm = {
        "AlarmName": "a",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
    }
    plain = {**alarm, "MetricName": "m", "Namespace": "n", "Statistic": "Sum"}
    for period in (1, 15, 45, 90):
        assert refused(put, Period=period, **plain) == "ValidationError"
    for period in (10, 20, 30, 60, 300):
        put(Period=period, **plain)
    stat = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 45, "Stat": "Sum"}
    query = {"Id": "q", "MetricStat": stat, "ReturnData": True}
    assert refused(put, Metrics=[query], **alarm) == "ValidationError"


@pytest.mark.parametrize(
    ("cpu", "memory", "fits"),
    [
        ("256", "512", True),
        ("256", "4096", False),
        ("300", "512", False),
        (".5 vCPU", "1 GB", True),
        ("4096", "8192", True),
        ("4096", "4096", False),
        ("8192", "20480", True),
        ("8192", "18432", False),
        ("16384", "122880", True),
        ("16384", "131072", False),
    ],
)
def test_sizes_of_fargate(aws, refused, cpu, memory, fits):
    register = aws("ecs").register_task_definition
    task = {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "containerDefinitions": [{"name": "c", "image": "i"}],
        "cpu": cpu,
        "memory": memory,
    }
    if fits:
        register(**task)
    else:
        assert refused(register, **task) == "ClientException"


@pytest.mark.parametrize(
    ("name", "good", "wrong"),
    [
        ("VisibilityTimeout", ("0", "43200"), ("-1", "43201", "x")),
        ("DelaySeconds", ("0", "900"), ("901",)),
        ("MessageRetentionPeriod", ("60", "1209600"), ("59", "1209601")),
        ("ReceiveMessageWaitTimeSeconds", ("20",), ("21",)),
    ],
)
def test_numbers_of_queues(aws, refused, name, good, wrong):
    sqs = aws("sqs")
    for value in wrong:
        code = refused(sqs.create_queue, QueueName="q", Attributes={name: value})
        assert code == "InvalidAttributeValue", value
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    for value in good:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: value})
    for value in wrong:
        code = refused(sqs.set_queue_attributes, QueueUrl=url, Attributes={name: value})
        assert code == "InvalidAttributeValue", value


def test_aliases_of_awss_own_keys(aws, refused):
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for name in ("alias/aws/ebs", "alias/aws/mine"):
        code = refused(kms.create_alias, AliasName=name, TargetKeyId=key)
        assert code == "NotAuthorizedException"
    kms.create_alias(AliasName="alias/awsome", TargetKeyId=key)


RESERVED = {"aws:x": "v"}
MANY = {f"k{n}": "v" for n in range(51)}


def pairs(tags, key="Key", value="Value"):
    return [{key: k, value: v} for k, v in tags.items()]


@pytest.mark.parametrize(
    ("call", "codes"),
    [
        (
            lambda aws, tags: aws("kms").create_key(Tags=pairs(tags, "TagKey", "TagValue")),
            ("TagException", "TagException"),
        ),
        (
            lambda aws, tags: aws("sns").create_topic(Name="t", Tags=pairs(tags)),
            ("InvalidParameter", "TagLimitExceeded"),
        ),
        (
            lambda aws, tags: aws("sqs").create_queue(QueueName="q", tags=tags),
            ("InvalidParameterValue", "InvalidParameterValue"),
        ),
        (
            lambda aws, tags: aws("ecr").create_repository(repositoryName="web", tags=pairs(tags)),
            ("InvalidTagParameterException", "TooManyTagsException"),
        ),
        (
            lambda aws, tags: aws("ecs").create_cluster(tags=pairs(tags, "key", "value")),
            ("InvalidParameterException", "InvalidParameterException"),
        ),
        (
            lambda aws, tags: aws("logs").create_log_group(logGroupName="g", tags=tags),
            ("InvalidParameterException", "InvalidParameterException"),
        ),
        (
            lambda aws, tags: aws("ssm").put_parameter(
                Name="p", Value="v", Type="String", Tags=pairs(tags)
            ),
            ("ValidationException", "TooManyTagsError"),
        ),
        (
            lambda aws, tags: aws("secretsmanager").create_secret(
                Name="s", SecretString="x", Tags=pairs(tags)
            ),
            ("InvalidParameterException", "InvalidParameterException"),
        ),
        (
            lambda aws, tags: aws("acm").request_certificate(
                DomainName="a.example", Tags=pairs(tags)
            ),
            ("InvalidTagException", "ValidationException"),
        ),
        (
            lambda aws, tags: aws("iam").create_role(
                RoleName="r", AssumeRolePolicyDocument=policy(0, TRUST), Tags=pairs(tags)
            ),
            ("InvalidInput", "ValidationError"),
        ),
        (
            lambda aws, tags: aws("elbv2").create_target_group(
                Name="g", TargetType="lambda", Tags=pairs(tags)
            ),
            ("ValidationError", "TooManyTags"),
        ),
        (
            lambda aws, tags: aws("rds").create_db_parameter_group(
                DBParameterGroupName="g",
                DBParameterGroupFamily="postgres16",
                Description="d",
                Tags=pairs(tags),
            ),
            ("InvalidParameterValue", "InvalidParameterValue"),
        ),
        (
            lambda aws, tags: aws("dynamodb").create_table(
                TableName="t",
                KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                Tags=pairs(tags),
            ),
            ("ValidationException", "ValidationException"),
        ),
        (
            lambda aws, tags: aws("cloudwatch").put_metric_alarm(
                AlarmName="a",
                ComparisonOperator="GreaterThanThreshold",
                EvaluationPeriods=1,
                MetricName="m",
                Namespace="n",
                Period=60,
                Statistic="Sum",
                Threshold=1.0,
                Tags=pairs(tags),
            ),
            ("InvalidParameterValue", "InvalidParameterValue"),
        ),
    ],
)
def test_tags(aws, refused, call, codes):
    assert refused(lambda: call(aws, RESERVED)) == codes[0]
    assert refused(lambda: call(aws, MANY)) == codes[1]
    call(aws, dict(list(MANY.items())[:50]))
