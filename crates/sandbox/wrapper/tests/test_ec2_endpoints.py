"""VPC endpoints and flow logs."""

import json

import pytest

S3 = "com.amazonaws.us-east-1.s3"
LOGS = "com.amazonaws.us-east-1.logs"


@pytest.fixture
def endpoint(aws, network):
    def make(service=LOGS, kind="Interface", **more):
        made = aws("ec2").create_vpc_endpoint(
            VpcId=network["vpc"], ServiceName=service, VpcEndpointType=kind, **more
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    return make


def read(aws, identifier):
    filters = [{"Name": "vpc-endpoint-id", "Values": [identifier]}]
    found = aws("ec2").describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    return found[0] if found else None


def routes(aws, table):
    found = aws("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    return [r["GatewayId"] for r in found["Routes"] if r.get("DestinationPrefixListId")]


def test_interface_endpoints_are_slow_and_have_a_group(aws, network, endpoint, eventually):
    aws.configure(slow={"nat": 0.3})
    made = endpoint(SubnetIds=[network["a"]])
    found = read(aws, made)
    assert found["State"] == "pending"
    assert [g["GroupName"] for g in found["Groups"]] == ["default"]
    assert found["PrivateDnsEnabled"] is False
    eventually(lambda: read(aws, made)["State"] == "available")
    aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[made])
    assert read(aws, made)["State"] == "deleting"
    eventually(lambda: read(aws, made) is None)
    aws("ec2").delete_subnet(SubnetId=network["a"])


def test_interface_endpoints_follow_their_subnets(aws, network, endpoint):
    made = endpoint(SubnetIds=[network["a"]])
    before = read(aws, made)["NetworkInterfaceIds"]
    aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=made,
        AddSubnetIds=[network["b"]],
        RemoveSubnetIds=[network["a"]],
        PrivateDnsEnabled=True,
    )
    found = read(aws, made)
    assert found["SubnetIds"] == [network["b"]] and found["PrivateDnsEnabled"] is True
    assert len(found["NetworkInterfaceIds"]) == 1 and found["NetworkInterfaceIds"] != before


def test_gateway_endpoints_are_routes(aws, network, endpoint, refused):
    ec2 = aws("ec2")
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    made = endpoint(service=S3, kind="Gateway")
    assert routes(aws, table) == []
    ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[table])
    assert routes(aws, table) == [made]
    code = refused(ec2.modify_vpc_endpoint, VpcEndpointId=made, AddRouteTableIds=[table])
    assert code == "RouteAlreadyExists"
    ec2.modify_vpc_endpoint(VpcEndpointId=made, RemoveRouteTableIds=[table])
    assert routes(aws, table) == []
    ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[table])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    assert routes(aws, table) == [] and read(aws, made) is None


def test_endpoint_policies_can_be_reset(aws, endpoint):
    policy = {"Version": "2012-10-17", "Statement": []}
    made = endpoint(service=S3, kind="Gateway", PolicyDocument=json.dumps(policy))
    assert json.loads(read(aws, made)["PolicyDocument"]) == policy
    aws("ec2").modify_vpc_endpoint(VpcEndpointId=made, ResetPolicy=True)
    assert json.loads(read(aws, made)["PolicyDocument"])["Statement"][0]["Action"] == "*"


def test_endpoint_not_found(aws, refused):
    missing = "vpce-0123456789abcdef0"
    answer = aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[missing])
    assert answer["Unsuccessful"][0]["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
    code = refused(aws("ec2").modify_vpc_endpoint, VpcEndpointId=missing, ResetPolicy=True)
    assert code == "InvalidVpcEndpointId.NotFound"


def test_flow_logs_have_a_token_and_options(aws, network):
    aws("s3").create_bucket(Bucket=f"logs-{aws.id}")
    wanted = {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": True,
        "PerHourPartition": False,
    }

    def make():
        return aws("ec2").create_flow_logs(
            ResourceIds=[network["vpc"]],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::logs-{aws.id}",
            DestinationOptions=wanted,
            ClientToken="t",
        )["FlowLogIds"]

    assert make() == make()
    found = aws("ec2").describe_flow_logs()["FlowLogs"]
    assert [log["DestinationOptions"] for log in found] == [wanted]
