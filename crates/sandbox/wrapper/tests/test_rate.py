"""Throttling: so many calls a second, per account and service."""

import pytest
from botocore.exceptions import ClientError
from conftest import Account, control


def throttled(operation, **parameters):
    """The first error among a few quick calls: code, message, HTTP status."""
    with pytest.raises(ClientError) as error:
        for _ in range(4):
            operation(**parameters)
    answer = error.value.response
    found = answer["Error"]
    return found["Code"], found["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    "service, operation, expected",
    [
        ("route53", "list_hosted_zones", ("Throttling", "Rate exceeded", 400)),
        ("iam", "list_roles", ("Throttling", "Rate exceeded", 400)),
        ("rds", "describe_db_instances", ("Throttling", "Rate exceeded", 400)),
        ("ec2", "describe_vpcs", ("RequestLimitExceeded", "Request limit exceeded.", 503)),
        ("ecs", "list_clusters", ("ThrottlingException", "Rate exceeded", 400)),
        ("dynamodb", "list_tables", ("ThrottlingException", "Rate exceeded", 400)),
        ("s3", "list_buckets", ("SlowDown", "Please reduce your request rate.", 503)),
        ("sqs", "list_queues", ("RequestThrottled", "Request is throttled.", 403)),
        ("cloudwatch", "describe_alarms", ("Throttling", "Rate exceeded", 400)),
    ],
)
def test_each_service_has_its_own_words(aws, service, operation, expected):
    signed = {"cloudwatch": "monitoring"}.get(service, service)
    aws.configure(rate={signed: 1})
    assert throttled(getattr(aws(service), operation)) == expected


def test_the_bucket_fills_again(aws, eventually):
    aws.configure(rate={"iam": 5})
    iam, calls = aws("iam"), 0
    with pytest.raises(ClientError):
        while calls < 50:
            iam.get_account_summary()
            calls += 1
    assert calls >= 5  # what was saved up

    def answered():
        try:
            return iam.get_account_summary()
        except ClientError:
            return None

    assert eventually(answered)


def test_accounts_and_services_do_not_share_a_bucket(aws):
    aws.configure(rate={"ec2": 1})
    throttled(aws("ec2").describe_vpcs)
    aws("iam").list_roles()
    Account()("ec2").describe_vpcs()
    aws.configure(rate={})
    for _ in range(5):
        aws("ec2").describe_vpcs()


def test_unknown_behaviours_are_refused(aws):
    for body in ({"unkind": {"rudeness": 1}}, {"slow": {"everything": 1}}):
        with pytest.raises(Exception, match="400"):
            control("POST", "config", {"account": aws.id, **body})
    assert control("GET", f"config?account={aws.id}")["unkind"]["route53_busy"] == 0
