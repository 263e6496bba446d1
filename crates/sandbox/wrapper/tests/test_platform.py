"""Every service that the Fargate platform needs answers, and keeps accounts and regions apart."""

import pytest

from conftest import Account

TRAIL = {"AlarmName": "a", "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60}

# Service, a call that makes something, a call that lists such things, the answer's member.
SERVICES = [
    ("acm", "request_certificate", {"DomainName": "a.example.com"}, "list_certificates", {}),
    (
        "application-autoscaling",
        "register_scalable_target",
        {
            "ServiceNamespace": "dynamodb",
            "ResourceId": "table/t",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
            "MinCapacity": 1,
            "MaxCapacity": 2,
        },
        "describe_scalable_targets",
        {"ServiceNamespace": "dynamodb"},
    ),
    (
        "cloudwatch",
        "put_metric_alarm",
        {**TRAIL, "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "LessThanThreshold"},
        "describe_alarms",
        {},
    ),
    ("logs", "create_log_group", {"logGroupName": "g"}, "describe_log_groups", {}),
    (
        "dynamodb",
        "create_table",
        {
            "TableName": "t",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        },
        "list_tables",
        {},
    ),
    ("ecr", "create_repository", {"repositoryName": "rr"}, "describe_repositories", {}),
    ("ecs", "create_cluster", {"clusterName": "c"}, "list_clusters", {}),
    (
        "elbv2",
        "create_target_group",
        {"Name": "t", "TargetType": "lambda"},
        "describe_target_groups",
        {},
    ),
    ("kms", "create_key", {}, "list_keys", {}),
    ("sns", "create_topic", {"Name": "t"}, "list_topics", {}),
    ("sqs", "create_queue", {"QueueName": "q"}, "list_queues", {}),
    ("ssm", "put_parameter", {"Name": "/p", "Value": "v", "Type": "String"}, "describe_parameters", {}),
]


def count(client, call, parameters):
    """How many things a listing holds."""
    answer = getattr(client, call)(**parameters)
    return sum(len(v) for k, v in answer.items() if isinstance(v, list))


@pytest.mark.parametrize(
    ("service", "create", "parameters", "listing", "which"), SERVICES, ids=lambda v: str(v)[:12]
)
def test_accounts_and_regions_are_apart(aws, service, create, parameters, listing, which):
    here, there = aws(service), Account()(service)
    elsewhere = aws(service, "eu-central-1")
    getattr(here, create)(**parameters)
    assert count(here, listing, which) == 1
    assert count(there, listing, which) == 0
    assert count(elsewhere, listing, which) == 0
