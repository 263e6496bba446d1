"""Certificates."""

import pytest


@pytest.fixture
def request_certificate(aws):
    def send(**more):
        values = {"DomainName": "example.org", "ValidationMethod": "DNS", **more}
        return aws("acm").request_certificate(**values)["CertificateArn"]

    return send


def describe(aws, arn):
    return aws("acm").describe_certificate(CertificateArn=arn)["Certificate"]


def test_token(request_certificate, refused):
    first = request_certificate(IdempotencyToken="t")
    assert request_certificate(IdempotencyToken="t") == first
    assert request_certificate(IdempotencyToken="u") != first
    assert request_certificate() != first
    send = request_certificate
    code = refused(send, IdempotencyToken="t", DomainName="other.example")
    assert code == "IdempotentParameterMismatch"


def test_pending_then_issued(aws, request_certificate, eventually):
    aws.configure(slow={"acm": 0.3})
    arn = request_certificate(SubjectAlternativeNames=["example.org", "*.example.org"])
    found = describe(aws, arn)
    assert found["Status"] == "PENDING_VALIDATION"
    assert "IssuedAt" not in found
    assert {o["ValidationStatus"] for o in found["DomainValidationOptions"]} == {
        "PENDING_VALIDATION"
    }
    # The records come a little later than the request, and before the issue.
    assert not any("ResourceRecord" in o for o in found["DomainValidationOptions"])
    known = lambda o: "ResourceRecord" in o  # noqa: E731
    eventually(lambda: all(map(known, describe(aws, arn)["DomainValidationOptions"])))
    found = describe(aws, arn)
    assert all(o["ResourceRecord"]["Type"] == "CNAME" for o in found["DomainValidationOptions"])
    eventually(lambda: describe(aws, arn)["Status"] == "ISSUED")
    assert sorted(describe(aws, arn)["SubjectAlternativeNames"]) == [
        "*.example.org",
        "example.org",
    ]


def test_issued_once_the_record_exists(aws, request_certificate):
    aws.configure(acm_auto_issue=False)
    arn = request_certificate()
    found = describe(aws, arn)
    assert found["Status"] == "PENDING_VALIDATION"
    record = found["DomainValidationOptions"][0]["ResourceRecord"]
    zone = aws("route53").create_hosted_zone(Name="example.org", CallerReference="r")
    record_set = {
        "Name": record["Name"],
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": record["Value"]}],
    }
    aws("route53").change_resource_record_sets(
        HostedZoneId=zone["HostedZone"]["Id"],
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record_set}]},
    )
    assert describe(aws, arn)["Status"] == "ISSUED"


def test_certificate_in_use_is_not_deleted(aws, request_certificate, network, internet, refused):
    elb = aws("elbv2")
    arn = request_certificate()
    balancer = elb.create_load_balancer(Name="lb", Subnets=[network["a"], network["b"]])
    balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[fixed],
    )["Listeners"][0]["ListenerArn"]
    assert describe(aws, arn)["InUseBy"] == [balancer]
    code = refused(aws("acm").delete_certificate, CertificateArn=arn)
    assert code == "ResourceInUseException"
    elb.delete_listener(ListenerArn=listener)
    aws("acm").delete_certificate(CertificateArn=arn)
    code = refused(aws("acm").describe_certificate, CertificateArn=arn)
    assert code == "ResourceNotFoundException"


def test_what_nobody_can_own_fails(aws, request_certificate):
    arn = request_certificate(DomainName="shop.invalid")
    found = describe(aws, arn)
    assert (found["Status"], found["FailureReason"]) == ("FAILED", "INVALID_PUBLIC_DOMAIN")


def test_tokens_are_words(request_certificate, refused):
    for token in ("with-hyphens", "x" * 33):
        assert refused(request_certificate, IdempotencyToken=token) == "ValidationException"


def test_keys_are_listed_when_asked_for(aws, request_certificate):
    small = request_certificate()
    curve = request_certificate(KeyAlgorithm="EC_prime256v1")
    listed = lambda **more: [  # noqa: E731
        one["CertificateArn"]
        for one in aws("acm").list_certificates(**more)["CertificateSummaryList"]
    ]
    assert listed() == [small]
    assert listed(Includes={"keyTypes": ["EC_prime256v1"]}) == [curve]
    assert describe(aws, small)["KeyAlgorithm"] == "RSA-2048"
    assert describe(aws, curve)["KeyAlgorithm"] == "EC_prime256v1"
