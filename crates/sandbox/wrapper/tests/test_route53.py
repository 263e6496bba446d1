"""Route 53: strict, atomic change batches; caller references; changes take a while."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def zone(aws):
    made = aws("route53").create_hosted_zone(
        Name="example.org", CallerReference="ref", HostedZoneConfig={"Comment": "c"}
    )
    return made["HostedZone"]["Id"].removeprefix("/hostedzone/")


@pytest.fixture
def change(aws, zone):
    def send(*changes):
        batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        return aws("route53").change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": batch}
        )

    return send


@pytest.fixture
def records(aws, zone):
    def read():
        found = aws("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return {r["Name"]: r for r in found if r["Type"] not in ("NS", "SOA")}

    return read


def a(name, *values, **more):
    resource_records = [{"Value": value} for value in values]
    return {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": resource_records, **more}


def alias(name):
    target = {
        "HostedZoneId": "Z35SXDOTRQ7X7K",
        "DNSName": "lb.us-east-1.elb.amazonaws.com",
        "EvaluateTargetHealth": True,
    }
    return {"Name": name, "Type": "A", "AliasTarget": target}


def test_caller_reference_is_used_once(aws, zone, refused):
    code = refused(
        aws("route53").create_hosted_zone, Name="other.example", CallerReference="ref"
    )
    assert code == "HostedZoneAlreadyExists"
    again = aws("route53").create_hosted_zone(Name="example.org", CallerReference="ref2")
    assert again["HostedZone"]["Id"] != zone  # two zones may have one name


def test_zone_is_read_back(aws, zone):
    route53 = aws("route53")
    found = route53.get_hosted_zone(Id=zone)
    assert found["HostedZone"]["Config"] == {"Comment": "c", "PrivateZone": False}
    assert found["HostedZone"]["Name"] == "example.org."
    assert found["HostedZone"]["CallerReference"] == "ref"
    assert len(found["DelegationSet"]["NameServers"]) == 4
    tags = [{"Key": "k", "Value": "v"}]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=tags)
    found = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)
    assert found["ResourceTagSet"]["Tags"] == tags


def test_private_zone_is_read_back(aws, network):
    route53 = aws("route53")
    made = route53.create_hosted_zone(
        Name="internal",
        CallerReference="p",
        VPC={"VPCId": network["vpc"], "VPCRegion": "us-east-1"},
        HostedZoneConfig={"PrivateZone": True},
    )["HostedZone"]["Id"]
    found = route53.get_hosted_zone(Id=made)
    assert found["HostedZone"]["Config"]["PrivateZone"] is True
    assert found["VPCs"] == [{"VPCId": network["vpc"], "VPCRegion": "us-east-1"}]


def test_zone_with_records_is_not_deleted(aws, zone, change, refused):
    change(("CREATE", a("www.example.org", "192.0.2.1")))
    assert refused(aws("route53").delete_hosted_zone, Id=zone) == "HostedZoneNotEmpty"
    change(("DELETE", a("www.example.org", "192.0.2.1")))
    aws("route53").delete_hosted_zone(Id=zone)
    assert refused(aws("route53").delete_hosted_zone, Id=zone) == "NoSuchHostedZone"


def test_create_of_an_existing_record(change, records, refused):
    change(("CREATE", a("www.example.org", "192.0.2.1")))
    for name in ("www.example.org", "WWW.example.org."):
        code = refused(lambda: change(("CREATE", a(name, "192.0.2.2"))))
        assert code == "InvalidChangeBatch"
    change(("UPSERT", a("www.example.org.", "192.0.2.3")))
    assert records()["www.example.org."]["ResourceRecords"] == [{"Value": "192.0.2.3"}]


@pytest.fixture(name="refused")
def refused_batch(refused):
    """Also takes a plain function."""

    def call(operation, **parameters):
        if not hasattr(operation, "__name__"):
            operation.__name__ = "operation"
        return refused(operation, **parameters)

    return call


def test_deletes_must_match(change, records, refused):
    change(("CREATE", a("www.example.org", "192.0.2.1")), ("CREATE", alias("al.example.org")))
    for record in (
        a("www.example.org", "192.0.2.2"),
        a("www.example.org", "192.0.2.1", TTL=61),
        a("missing.example.org", "192.0.2.1"),
        {**alias("al.example.org"), "AliasTarget": {**alias("x")["AliasTarget"], "EvaluateTargetHealth": False}},
    ):
        assert refused(lambda r=record: change(("DELETE", r))) == "InvalidChangeBatch"
    change(("DELETE", a("www.example.org.", "192.0.2.1")), ("DELETE", alias("al.example.org")))
    assert records() == {}


def test_batches_are_atomic(change, records, refused):
    code = refused(
        lambda: change(
            ("CREATE", a("one.example.org", "192.0.2.1")),
            ("DELETE", a("missing.example.org", "192.0.2.1")),
        )
    )
    assert code == "InvalidChangeBatch"
    assert records() == {}


def test_replace_within_a_batch(change, records):
    change(("CREATE", a("www.example.org", "192.0.2.1")))
    change(
        ("DELETE", a("www.example.org", "192.0.2.1")),
        ("CREATE", {**alias("www.example.org")}),
    )
    found = records()["www.example.org."]["AliasTarget"]
    assert found["DNSName"] == "lb.us-east-1.elb.amazonaws.com."
    assert found["EvaluateTargetHealth"] is True


def test_weighted_records(change, aws, zone, refused):
    change(
        ("CREATE", a("w.example.org", "192.0.2.1", SetIdentifier="one", Weight=1)),
        ("CREATE", a("w.example.org", "192.0.2.2", SetIdentifier="two", Weight=0)),
    )
    found = aws("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    weights = {r["SetIdentifier"]: r["Weight"] for r in found if "SetIdentifier" in r}
    assert weights == {"one": 1, "two": 0}
    code = refused(lambda: change(("CREATE", a("w.example.org", "192.0.2.3"))))
    assert code == "InvalidChangeBatch"
    change(("DELETE", a("w.example.org", "192.0.2.1", SetIdentifier="one", Weight=1)))
    found = aws("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [r["SetIdentifier"] for r in found if "SetIdentifier" in r] == ["two"]


def message(operation):
    with pytest.raises(ClientError) as error:
        operation()
    assert error.value.response["Error"]["Code"] == "InvalidChangeBatch"
    return error.value.response["Error"]["Message"]


def weighted(name, identifier, **more):
    return a(name, "192.0.2.1", SetIdentifier=identifier, Weight=1, **more)


def test_simple_and_routed_records_do_not_mix(change, records):
    change(("CREATE", a("s.example.org", "192.0.2.1")), ("CREATE", weighted("w.example.org", "x")))
    assert message(lambda: change(("UPSERT", weighted("s.example.org", "x")))) == (
        "[RRSet with DNS name s.example.org., type A, SetIdentifier x cannot be created as a "
        "non-weighted set exists with the same name and type.]"
    )
    assert message(lambda: change(("UPSERT", a("w.example.org", "192.0.2.1")))) == (
        "[RRSet with DNS name w.example.org., type A cannot be created as other RRSets exist with "
        "the same name and type.]"
    )
    latency = a("w.example.org", "192.0.2.1", SetIdentifier="y", Region="us-east-1")
    assert "non-latency set exists" in message(lambda: change(("CREATE", latency)))
    assert message(lambda: change(("CREATE", weighted("w.example.org", "y", TTL=61)))) == (
        "[RRSet with DNS name w.example.org. and type A, SetIdentifier y cannot be created as "
        "weighted sets must contain the same TTL.]"
    )
    # In one batch all of them can change.
    change(
        ("DELETE", a("s.example.org", "192.0.2.1")),
        ("CREATE", weighted("s.example.org", "x")),
        ("UPSERT", weighted("w.example.org", "x", TTL=61)),
        ("CREATE", weighted("w.example.org", "y", TTL=61)),
    )
    assert records()["s.example.org."]["SetIdentifier"] == "x"


def test_a_cname_conflicts_both_ways(change):
    def cname(name):
        return {**a(name, "x.example.org"), "Type": "CNAME"}

    change(("CREATE", a("a.example.org", "192.0.2.1")), ("CREATE", cname("c.example.org")))
    assert message(lambda: change(("CREATE", cname("a.example.org")))) == (
        "[RRSet of type CNAME with DNS name a.example.org. is not permitted as it conflicts with "
        "other records with the same DNS name in zone example.org.]"
    )
    assert message(lambda: change(("CREATE", a("c.example.org", "192.0.2.1")))) == (
        "[RRSet of type A with DNS name c.example.org. is not permitted because a conflicting "
        "RRSet of type  CNAME with the same DNS name already exists in zone example.org.]"
    )
    assert "not permitted at apex" in message(lambda: change(("CREATE", cname("example.org"))))


def test_a_zone_takes_one_change_at_a_time(aws, zone, change, records, refused, eventually):
    aws.configure(unkind={"route53_busy": 60})
    change(("CREATE", a("one.example.org", "192.0.2.1")))
    other = aws("route53").create_hosted_zone(Name="other.example", CallerReference="o")
    aws("route53").update_hosted_zone_comment(Id=other["HostedZone"]["Id"], Comment="d")
    with pytest.raises(ClientError) as error:
        change(("CREATE", a("two.example.org", "192.0.2.1")))
    answer = error.value.response
    assert answer["Error"]["Code"] == "PriorRequestNotComplete"
    assert "still processing a prior request" in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    tag = {"ResourceType": "hostedzone", "ResourceId": zone, "AddTags": [{"Key": "k", "Value": "v"}]}
    assert refused(aws("route53").change_tags_for_resource, **tag) == "PriorRequestNotComplete"
    assert list(records()) == ["one.example.org."]
    aws.configure(unkind={"route53_busy": 0.1})

    def changed():
        try:
            return change(("CREATE", a("two.example.org", "192.0.2.1")))
        except ClientError:
            return None

    assert eventually(changed)


def test_a_listing_starts_at_a_set_identifier(change, aws, zone):
    for name in ("green", "blue"):
        change(("CREATE", a("w.example.org", "192.0.2.1", SetIdentifier=name, Weight=1)))
    found = aws("route53").list_resource_record_sets(
        HostedZoneId=zone,
        StartRecordName="w.example.org",
        StartRecordType="A",
        StartRecordIdentifier="green",
        MaxItems="1",
    )["ResourceRecordSets"]
    assert [record["SetIdentifier"] for record in found] == ["green"]


def test_names(change, records, refused):
    change(("CREATE", a("*.example.org", "192.0.2.1")))
    assert list(records()) == ["\\052.example.org."]
    for name in ("www.example.com", "badexample.org"):
        code = refused(lambda n=name: change(("CREATE", a(n, "192.0.2.1"))))
        assert code == "InvalidChangeBatch"


def test_cname_stands_alone(change, refused):
    cname = {
        "Name": "c.example.org",
        "Type": "CNAME",
        "TTL": 5,
        "ResourceRecords": [{"Value": "x.example.org"}],
    }
    change(("CREATE", cname))
    code = refused(lambda: change(("CREATE", a("c.example.org", "192.0.2.1"))))
    assert code == "InvalidChangeBatch"


def test_changes_take_a_while(aws, change, eventually, refused):
    aws.configure(slow={"route53": 0.3})
    made = change(("CREATE", a("www.example.org", "192.0.2.1")))["ChangeInfo"]
    assert made["Status"] == "PENDING"

    def status():
        return aws("route53").get_change(Id=made["Id"])["ChangeInfo"]["Status"]

    assert status() == "PENDING"
    eventually(lambda: status() == "INSYNC")
    assert refused(aws("route53").get_change, Id="CMISSING") == "NoSuchChange"


def test_vpcs_come_and_go(aws, network, refused):
    route53 = aws("route53")
    vpc = {"VPCId": network["vpc"], "VPCRegion": "us-east-1"}
    other = {"VPCId": "vpc-0123456789abcdef0", "VPCRegion": "us-east-1"}

    def make(reference):
        made = route53.create_hosted_zone(Name="internal", CallerReference=reference, VPC=vpc, HostedZoneConfig={"PrivateZone": True})
        return made["HostedZone"]["Id"]

    zone = make("p")
    associate, leave = route53.associate_vpc_with_hosted_zone, route53.disassociate_vpc_from_hosted_zone
    assert refused(associate, HostedZoneId=zone, VPC=vpc) == "ConflictingDomainExists"
    assert refused(leave, HostedZoneId=zone, VPC=other) == "VPCAssociationNotFound"
    assert refused(leave, HostedZoneId=zone, VPC=vpc) == "LastVPCAssociation"
    associate(HostedZoneId=zone, VPC=other)
    leave(HostedZoneId=zone, VPC=vpc)
    assert route53.get_hosted_zone(Id=zone)["VPCs"] == [other]


def test_zones_are_listed_from_a_name_on(aws):
    route53 = aws("route53")
    for name in ("example.org", "a.example.org", "example.net", "example.org.uk"):
        route53.create_hosted_zone(Name=name, CallerReference=name)
    found = route53.list_hosted_zones_by_name(DNSName="Example.org", MaxItems="2")
    assert [z["Name"] for z in found["HostedZones"]] == ["example.org.", "a.example.org."]
    assert found["IsTruncated"] and found["NextDNSName"] == "example.org.uk."
