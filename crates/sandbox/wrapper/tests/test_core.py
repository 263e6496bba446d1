"""Accounts, recording, faults, error envelopes, control endpoints."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError
from conftest import Account, control


def test_access_key_selects_the_account(aws):
    assert aws("sts").get_caller_identity()["Account"] == aws.id
    other = Account()
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert vpc not in str(other("ec2").describe_vpcs())


def test_presigned_requests_select_the_account(aws):
    import urllib.request

    aws("s3").create_bucket(Bucket=f"presigned-{aws.id}")
    aws("s3").put_object(Bucket=f"presigned-{aws.id}", Key="k", Body=b"v")
    url = aws("s3").generate_presigned_url(
        "get_object", Params={"Bucket": f"presigned-{aws.id}", "Key": "k"}
    )
    assert urllib.request.urlopen(url).read() == b"v"
    assert aws.calls()["counts"]["s3:GetObject"] == 1


def test_bucket_names_are_global_and_buckets_are_private(aws, refused):
    name = f"global-{aws.id}"
    aws("s3").create_bucket(Bucket=name)
    other = Account()
    assert refused(other("s3").create_bucket, Bucket=name) == "BucketAlreadyExists"
    assert other("s3").list_buckets()["Buckets"] == []
    assert [b["Name"] for b in aws("s3").list_buckets()["Buckets"]] == [name]


def test_calls_are_recorded_by_service_and_operation(aws):
    aws("ec2").describe_vpcs()
    aws("ec2").describe_vpcs()
    aws("iam").list_roles()
    aws("dynamodb").list_tables()
    aws("route53").list_hosted_zones()
    aws("s3").list_buckets()
    with pytest.raises(ClientError):
        aws("secretsmanager").get_secret_value(SecretId="missing")
    log = aws.calls()
    assert log["total"] == 7
    assert log["counts"] == {
        "dynamodb:ListTables": 1,
        "ec2:DescribeVpcs": 2,
        "iam:ListRoles": 1,
        "route53:ListHostedZones": 1,
        "s3:ListBuckets": 1,
        "secretsmanager:GetSecretValue": 1,
    }
    last = log["calls"][-1]
    assert last["error"] == "ResourceNotFoundException"
    assert last["resource"] == "missing"
    assert last["status"] in (400, 404)
    control("POST", "calls/reset", {"account": aws.id})
    assert aws.calls()["total"] == 0


@pytest.mark.parametrize(
    "service, operation",
    [
        ("ec2", "describe_vpcs"),
        ("iam", "list_roles"),
        ("dynamodb", "list_tables"),
        ("route53", "list_hosted_zones"),
        ("s3", "list_buckets"),
        ("rds", "describe_db_instances"),
        ("ecs", "list_clusters"),
        ("elbv2", "describe_load_balancers"),
    ],
)
def test_status_fault_speaks_the_protocol(aws, service, operation):
    name = "".join(part.capitalize() for part in operation.split("_"))
    name = name.replace("Db", "DB")
    aws.faults({"match": name, "mode": "status", "status": 400, "code": "Throttling"})
    with pytest.raises(ClientError) as error:
        getattr(aws(service), operation)()
    assert error.value.response["Error"]["Code"] == "Throttling"
    getattr(aws(service), operation)()  # only once


def test_dropped_before_is_not_carried_out_and_after_is(aws):
    before = len(aws("ec2").describe_vpcs()["Vpcs"])
    for mode, more in (("drop_before", 0), ("drop_after", 1)):
        aws.faults({"match": "CreateVpc", "mode": mode})
        with pytest.raises((ConnectionClosedError, HTTPClientError)):
            aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")
        assert len(aws("ec2").describe_vpcs()["Vpcs"]) == before + more


def test_delay_fault(aws):
    aws("ec2").describe_vpcs()
    aws.faults({"match": "DescribeVpcs", "mode": "delay_after", "seconds": 0.3})
    started = time.monotonic()
    aws("ec2").describe_vpcs()
    assert time.monotonic() - started >= 0.3


def test_delayed_calls_go_on_when_their_faults_are_removed(aws):
    ec2 = aws("ec2")
    aws.faults({"match": "DescribeVpcs", "mode": "delay_before", "seconds": 600})
    with ThreadPoolExecutor(1) as pool:
        held_up = pool.submit(ec2.describe_vpcs)
        while not any(f["fired"] for f in control("GET", "faults") if f["account"] == aws.id):
            pass
        assert not held_up.done()
        control("POST", "faults/reset", {"account": aws.id})
        assert held_up.result(timeout=60)["Vpcs"]


def test_what_is_not_emulated_is_an_aws_error(aws, refused):
    code = refused(
        aws("ec2").describe_nat_gateways.__self__.describe_vpcs,
        Filters=[{"Name": "no-such-filter", "Values": ["x"]}],
    )
    assert code in ("NotImplemented", "InvalidParameterValue")
    assert refused(aws("ec2").describe_verified_access_groups) == "NotImplemented"
    assert refused(aws("iam").list_organizations_features) == "NotImplemented"
    assert refused(aws("ecs").list_services_by_namespace, namespace="x") == "NotImplemented"


def test_parallel_calls_lose_nothing(aws):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def make(number):
        return ec2.create_security_group(GroupName=f"g{number}", Description="d", VpcId=vpc)

    with ThreadPoolExecutor(16) as pool:
        made = {group["GroupId"] for group in pool.map(make, range(100))}
    assert len(made) == 100


def test_connections_are_kept_alive(aws):
    import http.client

    from conftest import ENDPOINT

    connection = http.client.HTTPConnection(ENDPOINT.removeprefix("http://"))
    connection.request("GET", "/_sandbox/health")
    assert connection.getresponse().read()
    socket = connection.sock
    assert socket is not None
    connection.request("GET", "/_sandbox/health")
    assert connection.getresponse().read()
    assert connection.sock is socket


def test_answers_are_dated(aws):
    from datetime import datetime, timedelta, timezone
    from email.utils import parsedate_to_datetime

    answers = [
        aws("sts").get_caller_identity(),
        aws("s3").list_buckets(),
        aws("dynamodb").list_tables(),
        aws("route53").list_hosted_zones(),
    ]
    for answer in answers:
        dated = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        assert abs(datetime.now(timezone.utc) - dated) < timedelta(minutes=1)


def test_one_account_can_be_reset(aws, refused):
    other = Account()
    name = f"reset-{aws.id}"
    for account in (aws, other):
        account("iam").create_user(UserName="user")
    aws("s3").create_bucket(Bucket=name)
    control("POST", "reset", {"account": aws.id})
    assert refused(aws("iam").get_user, UserName="user") == "NoSuchEntity"
    assert other("iam").get_user(UserName="user")
    other("s3").create_bucket(Bucket=name)  # the name is free again


def test_unknown_settings_are_refused():
    import urllib.error

    for path, body in (("config", {"slow": {"x": 1}}), ("faults", [{"match": "A", "mode": "x"}])):
        with pytest.raises(urllib.error.HTTPError) as error:
            control("POST", path, body)
        assert error.value.code == 400
