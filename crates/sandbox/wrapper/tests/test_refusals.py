"""What AWS refuses although it looks well: words, numbers, values. Sources are beside the code."""

import pytest

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)
MANY = [{"Key": f"k{n}", "Value": "v"} for n in range(51)]


def permission(**changes):
    plain = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    return {**plain, "IpRanges": [{"CidrIp": "10.0.0.0/8"}], **changes}


@pytest.mark.parametrize(
    "wrong",
    [
        {"FromPort": 443},
        {"ToPort": 99999},
        {"FromPort": -1, "ToPort": -1},
        {"IpProtocol": "tpc"},
        {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "für Büro"}]},
    ],
)
def test_rules_of_groups(aws, network, refused, wrong):
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])
    allow = ec2.authorize_security_group_ingress
    into = {"GroupId": group["GroupId"]}
    code = refused(allow, **into, IpPermissions=[permission(**wrong)])
    assert code == "InvalidParameterValue"
    allow(**into, IpPermissions=[permission(), permission(IpProtocol="icmp", FromPort=8, ToPort=0)])


@pytest.mark.parametrize(
    "wrong", [{"GroupName": "sg-web"}, {"GroupName": "x" * 256}, {"Description": "für Büro"}]
)
def test_words_of_groups(aws, network, refused, wrong):
    plain = {"GroupName": "g", "Description": "d", "VpcId": network["vpc"]}
    code = refused(aws("ec2").create_security_group, **{**plain, **wrong})
    assert code == "InvalidParameterValue"


def test_tags(aws, network, refused):
    ec2, iam = aws("ec2"), aws("iam")
    for tag in ({"Key": "aws:x", "Value": "v"}, {"Key": "k" * 129, "Value": "v"}):
        code = refused(ec2.create_tags, Resources=[network["vpc"]], Tags=[tag])
        assert code == "InvalidParameterValue"
    assert refused(ec2.create_tags, Resources=[network["vpc"]], Tags=MANY) == "TagLimitExceeded"
    role = {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}
    assert refused(iam.create_role, **role, Tags=MANY) == "ValidationError"
    s3, name = aws("s3"), f"tagged-{aws.id}"
    s3.create_bucket(Bucket=name)
    assert refused(s3.put_bucket_tagging, Bucket=name, Tagging={"TagSet": MANY}) == "BadRequest"


def test_a_private_key_is_no_public_one(aws, refused):
    material = b"-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n"
    code = refused(aws("ec2").import_key_pair, KeyName="k", PublicKeyMaterial=material)
    assert code == "InvalidKey.Format"


def test_the_model_is_kept(aws, refused):
    """Lengths, patterns, enums, numbers of members."""
    iam, logs = aws("iam"), aws("logs")
    role = {"AssumeRolePolicyDocument": TRUST}
    assert refused(iam.create_role, RoleName="r" * 70, **role) == "ValidationError"
    assert refused(iam.create_role, RoleName="a b", **role) == "ValidationError"
    assert refused(aws("ecr").create_repository, repositoryName="Web") == (
        "InvalidParameterException"
    )
    assert refused(logs.create_log_group, logGroupName="a b") == "InvalidParameterException"
    kms = aws("kms")
    assert refused(kms.create_key, KeyUsage="RANDOM") == "ValidationException"
    with pytest.raises(kms.exceptions.ClientError) as error:
        kms.create_key(KeyUsage="RANDOM")
    assert "failed to satisfy constraint: Member must satisfy enum value set" in str(error.value)


@pytest.mark.parametrize(
    "name", ["My-Bucket", "192.168.5.4", "a..b", "xn--a", "a_b", "ab", "-ab", "x" * 64]
)
def test_names_of_buckets(aws, refused, name):
    from botocore.exceptions import ParamValidationError

    try:
        assert refused(aws("s3").create_bucket, Bucket=name) == "InvalidBucketName"
    except ParamValidationError:
        pass  # boto3 itself does not send it


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({}, "InvalidRequest"),
        ({"Transitions": [{"Days": 30, "StorageClass": "GLACIAR"}]}, "MalformedXML"),
        ({"Transitions": [{"Days": 5, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        (
            {
                "Transitions": [{"Days": 60, "StorageClass": "GLACIER"}],
                "Expiration": {"Days": 30},
            },
            "InvalidArgument",
        ),
    ],
)
def test_rules_of_a_lifecycle(aws, refused, rule, code):
    s3, name = aws("s3"), f"rules-{aws.id}"
    s3.create_bucket(Bucket=name)
    plain = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}}
    put = s3.put_bucket_lifecycle_configuration
    one = {"Bucket": name, "LifecycleConfiguration": {"Rules": [{**plain, **rule}]}}
    assert refused(put, **one) == code
    good = {**plain, "Expiration": {"Days": 30}}
    put(Bucket=name, LifecycleConfiguration={"Rules": [good]})
    twice = {"Rules": [good, {**good, "Filter": {"Prefix": "x"}}]}
    assert refused(put, Bucket=name, LifecycleConfiguration=twice) == "InvalidArgument"


@pytest.fixture
def record(aws):
    dns = aws("route53")
    zone = dns.create_hosted_zone(Name="example.org", CallerReference="x")["HostedZone"]["Id"]

    def change(name, kind, *values, action="CREATE"):
        values = [{"Value": value} for value in values]
        record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": values}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        return dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    return change


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("TXT", ["hello"]),
        ("TXT", ['"' + "x" * 256 + '"']),
        ("A", ["banana"]),
        ("AAAA", ["192.0.2.1"]),
        ("MX", ["mail.example.org"]),
        ("SRV", ["mail.example.org"]),
        ("CAA", ["letsencrypt.org"]),
        ("CNAME", ["a.example.net", "b.example.net"]),
        ("A", ["192.0.2.1", "192.0.2.1"]),
    ],
)
def test_values_of_records(record, refused, kind, values):
    def change(**_):
        record("a.example.org", kind, *values)

    assert refused(change) == "InvalidChangeBatch"


def test_names_and_good_values_of_records(record, refused):
    for name in ("x" * 64 + ".example.org", "a..example.org"):
        assert refused(lambda **_: record(name, "A", "192.0.2.1")) == "InvalidChangeBatch"
    record("t.example.org", "TXT", '"' + "x" * 255 + '" "y"')
    record("m.example.org", "MX", "10 mail.example.org")
    record("c.example.org", "CAA", '0 issue "letsencrypt.org"')
    record("s.example.org", "SRV", "0 5 5060 sip.example.org")
    record("*.example.org", "AAAA", "2001:db8::1")


def test_databases(aws, network, refused):
    rds, ec2 = aws("rds"), aws("ec2")
    rds.create_db_subnet_group(
        DBSubnetGroupName="g",
        DBSubnetGroupDescription="d",
        SubnetIds=[network["a"], network["b"]],
    )
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres",
        EngineVersion="16.6", AllocatedStorage=20, MasterUsername="anna",
        MasterUserPassword="pass-word-1", DBSubnetGroupName="g",
    )  # fmt: skip
    modify = {"DBInstanceIdentifier": "db", "ApplyImmediately": True}
    for version in ("16.4", "15.4", "17.2"):
        code = refused(rds.modify_db_instance, **modify, EngineVersion=version)
        assert code == "InvalidParameterCombination", version
    assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    others = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    code = refused(rds.modify_db_subnet_group, DBSubnetGroupName="g", SubnetIds=others)
    assert code == "InvalidParameterValue"
