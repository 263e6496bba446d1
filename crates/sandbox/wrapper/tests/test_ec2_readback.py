"""What was sent to EC2 is read back."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

TAGS = [{"Key": "Name", "Value": "n"}, {"Key": "ferrocrete:urn", "Value": "urn:x"}]


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def tags_of(found):
    return sorted(found["Tags"], key=lambda tag: tag["Key"])


@pytest.fixture
def group(aws, network):
    made = aws("ec2").create_security_group(
        GroupName="g", Description="d", VpcId=network["vpc"], TagSpecifications=tagged("security-group")
    )
    return made["GroupId"]


@pytest.fixture
def instance(aws, ami, network):
    def launch(**more):
        values = {
            "ImageId": ami,
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": network["a"],
        }
        return aws("ec2").run_instances(**{**values, **more})["Instances"][0]["InstanceId"]

    return launch


def described(aws, identifier):
    found = aws("ec2").describe_instances(InstanceIds=[identifier])["Reservations"]
    return found[0]["Instances"][0]


def attribute(aws, identifier, name):
    found = aws("ec2").describe_instance_attribute(InstanceId=identifier, Attribute=name)
    return found[name[0].upper() + name[1:]].get("Value")


def test_rules_of_every_kind(aws, group, network):
    ec2 = aws("ec2")
    other = ec2.create_security_group(GroupName="o", Description="d", VpcId=network["vpc"])
    prefixes = ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=1, AddressFamily="IPv4"
    )["PrefixList"]["PrefixListId"]
    base = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    made = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {**base, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "v4"}]},
            {**base, "Ipv6Ranges": [{"CidrIpv6": "fd00::/8", "Description": "v6"}]},
            {**base, "UserIdGroupPairs": [{"GroupId": other["GroupId"], "Description": "sg"}]},
            {**base, "PrefixListIds": [{"PrefixListId": prefixes, "Description": "pl"}]},
            {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.1.0.0/16"}]},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.2.0.0/16"}]},
        ],
        TagSpecifications=tagged("security-group-rule"),
    )["SecurityGroupRules"]
    assert len(made) == 6
    found = ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    ingress = {r["SecurityGroupRuleId"]: r for r in found if not r["IsEgress"]}
    assert set(ingress) == {rule["SecurityGroupRuleId"] for rule in made}
    v4, v6, sg, pl, everything, ping = (ingress[r["SecurityGroupRuleId"]] for r in made)
    assert (v4["CidrIpv4"], v4["Description"]) == ("10.0.0.0/8", "v4")
    assert (v6["CidrIpv6"], v6["Description"]) == ("fd00::/8", "v6")
    assert sg["ReferencedGroupInfo"]["GroupId"] == other["GroupId"]
    assert sg["ReferencedGroupInfo"]["UserId"] == aws.id
    assert sg["Description"] == "sg"
    assert (pl["PrefixListId"], pl["Description"]) == (prefixes, "pl")
    assert (everything["IpProtocol"], everything["FromPort"], everything["ToPort"]) == ("-1", -1, -1)
    assert (ping["IpProtocol"], ping["FromPort"]) == ("icmp", -1)
    for rule in ingress.values():
        assert tags_of(rule) == TAGS
        assert rule["GroupOwnerId"] == aws.id
        assert rule["GroupId"] == group
    by_tag = ec2.describe_security_group_rules(
        Filters=[{"Name": "tag:Name", "Values": ["n"]}]
    )["SecurityGroupRules"]
    assert len(by_tag) == 6
    permissions = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    https = next(p for p in permissions["IpPermissions"] if p.get("FromPort") == 443)
    assert https["PrefixListIds"] == [{"PrefixListId": prefixes, "Description": "pl"}]
    assert https["Ipv6Ranges"] == [{"CidrIpv6": "fd00::/8", "Description": "v6"}]


def test_rules_are_added_all_or_none(aws, group, refused):
    ec2 = aws("ec2")

    def permission(port, description):
        ranges = [{"CidrIp": "10.0.0.0/8", "Description": description}]
        return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}

    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(1, "a")])
    code = refused(
        ec2.authorize_security_group_ingress,
        GroupId=group,
        IpPermissions=[permission(2, "b"), permission(1, "another description")],
    )
    assert code == "InvalidPermission.Duplicate"
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert [p["FromPort"] for p in found["IpPermissions"]] == [1]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission(1, "ignored")])
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert found["IpPermissions"] == []


def test_rules_are_modified(aws, group, network):
    ec2 = aws("ec2")
    other = ec2.create_security_group(GroupName="o", Description="d", VpcId=network["vpc"])
    ranges = [{"CidrIp": "10.0.0.0/8"}]
    made = ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": ranges}],
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def change(**rule):
        ec2.modify_security_group_rules(
            GroupId=group,
            SecurityGroupRules=[{"SecurityGroupRuleId": made, "SecurityGroupRule": rule}],
        )
        return ec2.describe_security_group_rules(SecurityGroupRuleIds=[made])[
            "SecurityGroupRules"
        ][0]

    found = change(IpProtocol="udp", FromPort=5, ToPort=6, CidrIpv4="10.9.0.0/16", Description="x")
    assert (found["IpProtocol"], found["FromPort"], found["ToPort"]) == ("udp", 5, 6)
    assert (found["CidrIpv4"], found["Description"]) == ("10.9.0.0/16", "x")
    found = change(IpProtocol="-1", CidrIpv4="10.9.0.0/16")
    assert (found["IpProtocol"], found["FromPort"]) == ("-1", -1)
    assert "Description" not in found
    found = change(
        IpProtocol="tcp", FromPort=7, ToPort=7, ReferencedGroupId=other["GroupId"], Description="y"
    )
    assert found["ReferencedGroupInfo"]["GroupId"] == other["GroupId"]
    assert "CidrIpv4" not in found


def test_key_pairs(aws, refused):
    ec2 = aws("ec2")
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    text = public.public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    imported = ec2.import_key_pair(
        KeyName="i", PublicKeyMaterial=text, TagSpecifications=tagged("key-pair")
    )
    assert tags_of(imported) == TAGS
    created = ec2.create_key_pair(KeyName="c", KeyType="rsa", TagSpecifications=tagged("key-pair"))
    assert "PRIVATE KEY" in created["KeyMaterial"]
    found = ec2.describe_key_pairs(KeyPairIds=[imported["KeyPairId"]], IncludePublicKey=True)
    assert [k["KeyName"] for k in found["KeyPairs"]] == ["i"]
    assert found["KeyPairs"][0]["PublicKey"].split()[:2] == text.decode().split()[:2]
    assert found["KeyPairs"][0]["KeyType"] == "ed25519"
    assert tags_of(found["KeyPairs"][0]) == TAGS
    ec2.delete_key_pair(KeyPairId=imported["KeyPairId"])
    code = refused(ec2.describe_key_pairs, KeyPairIds=[imported["KeyPairId"]])
    assert code == "InvalidKeyPair.NotFound"
    assert refused(ec2.describe_key_pairs, KeyNames=["i"]) == "InvalidKeyPair.NotFound"


def test_instance_settings(aws, instance, network, group):
    ec2 = aws("ec2")
    made = instance(
        SecurityGroupIds=[group],
        UserData="#!/bin/sh\necho hello\n",
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        Monitoring={"Enabled": True},
        EbsOptimized=True,
        DisableApiTermination=True,
        DisableApiStop=True,
        InstanceInitiatedShutdownBehavior="terminate",
        CreditSpecification={"CpuCredits": "unlimited"},
        CpuOptions={"CoreCount": 1, "ThreadsPerCore": 1},
        MaintenanceOptions={"AutoRecovery": "disabled"},
        PrivateDnsNameOptions={"HostnameType": "resource-name"},
        EnclaveOptions={"Enabled": False},
        Placement={"Tenancy": "default", "AvailabilityZone": "us-east-1a"},
        BlockDeviceMappings=[
            {
                "DeviceName": "/dev/sda1",
                "Ebs": {
                    "VolumeSize": 20,
                    "VolumeType": "gp3",
                    "Iops": 4000,
                    "Throughput": 200,
                    "Encrypted": True,
                },
            },
            {
                "DeviceName": "/dev/sdf",
                "Ebs": {"VolumeSize": 5, "VolumeType": "gp3", "DeleteOnTermination": False},
            },
        ],
        TagSpecifications=[*tagged("instance"), *tagged("volume")],
    )
    found = described(aws, made)
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    assert found["Monitoring"]["State"] == "enabled"
    assert found["EbsOptimized"] is True
    assert found["CpuOptions"] == {"CoreCount": 1, "ThreadsPerCore": 1}
    assert found["MaintenanceOptions"]["AutoRecovery"] == "disabled"
    assert found["PrivateDnsNameOptions"]["HostnameType"] == "resource-name"
    assert found["Placement"]["Tenancy"] == "default"
    assert [g["GroupId"] for g in found["SecurityGroups"]] == [group]
    assert tags_of(found) == TAGS
    user_data = attribute(aws, made, "userData")
    assert base64.b64decode(user_data) == b"#!/bin/sh\necho hello\n"
    assert attribute(aws, made, "disableApiTermination") is True
    assert attribute(aws, made, "disableApiStop") is True
    assert attribute(aws, made, "instanceInitiatedShutdownBehavior") == "terminate"
    credit = ec2.describe_instance_credit_specifications(InstanceIds=[made])
    assert credit["InstanceCreditSpecifications"][0]["CpuCredits"] == "unlimited"
    disks = {d["DeviceName"]: d["Ebs"] for d in found["BlockDeviceMappings"]}
    assert disks["/dev/sda1"]["DeleteOnTermination"] is True
    assert disks["/dev/sdf"]["DeleteOnTermination"] is False
    root = ec2.describe_volumes(VolumeIds=[disks["/dev/sda1"]["VolumeId"]])["Volumes"][0]
    assert (root["Size"], root["VolumeType"], root["Encrypted"]) == (20, "gp3", True)
    assert (root["Iops"], root["Throughput"]) == (4000, 200)
    assert tags_of(root) == TAGS


def test_default_root_device(aws, instance):
    made = instance(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5}}])
    disks = {d["DeviceName"]: d["Ebs"] for d in described(aws, made)["BlockDeviceMappings"]}
    assert set(disks) == {"/dev/sda1", "/dev/sdf"}
    assert disks["/dev/sda1"]["DeleteOnTermination"] is True
    only_type = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeType": "gp3"}}
    made = instance(BlockDeviceMappings=[only_type])
    disks = described(aws, made)["BlockDeviceMappings"]
    volume = aws("ec2").describe_volumes(VolumeIds=[disks[0]["Ebs"]["VolumeId"]])["Volumes"][0]
    assert (volume["VolumeType"], volume["Size"]) == ("gp3", 8)


def test_instance_changes(aws, instance, group, refused):
    ec2 = aws("ec2")
    made = instance(MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 3})

    def change(**values):
        ec2.modify_instance_attribute(InstanceId=made, **values)

    change(InstanceInitiatedShutdownBehavior={"Value": "terminate"})
    assert attribute(aws, made, "instanceInitiatedShutdownBehavior") == "terminate"
    change(DisableApiTermination={"Value": True})
    assert attribute(aws, made, "disableApiTermination") is True
    change(SourceDestCheck={"Value": False})
    assert described(aws, made)["SourceDestCheck"] is False
    assert described(aws, made)["NetworkInterfaces"][0]["SourceDestCheck"] is False
    change(Groups=[group])
    assert [g["GroupId"] for g in described(aws, made)["SecurityGroups"]] == [group]
    assert [g["GroupId"] for g in described(aws, made)["NetworkInterfaces"][0]["Groups"]] == [group]
    for values in ({"InstanceType": {"Value": "t3.small"}}, {"UserData": {"Value": b"new"}}):
        code = refused(ec2.modify_instance_attribute, InstanceId=made, **values)
        assert code == "IncorrectInstanceState"
    ec2.modify_instance_metadata_options(InstanceId=made, HttpTokens="optional")
    options = described(aws, made)["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("optional", 3)
    assert options["HttpEndpoint"] == "enabled"
    ec2.monitor_instances(InstanceIds=[made])
    assert described(aws, made)["Monitoring"]["State"] == "enabled"
    ec2.unmonitor_instances(InstanceIds=[made])
    assert described(aws, made)["Monitoring"]["State"] == "disabled"
    ec2.modify_instance_credit_specification(
        InstanceCreditSpecifications=[{"InstanceId": made, "CpuCredits": "unlimited"}]
    )
    credit = ec2.describe_instance_credit_specifications(InstanceIds=[made])
    assert credit["InstanceCreditSpecifications"][0]["CpuCredits"] == "unlimited"
    ec2.stop_instances(InstanceIds=[made])
    change(InstanceType={"Value": "t3.small"})
    change(UserData={"Value": b"new"})
    change(EbsOptimized={"Value": True})
    assert described(aws, made)["InstanceType"] == "t3.small"
    assert base64.b64decode(attribute(aws, made, "userData")) == b"new"
    assert described(aws, made)["EbsOptimized"] is True


def test_instance_profiles_of_instances(aws, instance):
    ec2, iam = aws("ec2"), aws("iam")
    profiles = [
        iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        for name in ("one", "two")
    ]
    iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    for name in ("one", "two"):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="role")
    made = instance(IamInstanceProfile={"Name": "one"})
    found = described(aws, made)["IamInstanceProfile"]
    assert found == {"Arn": profiles[0]["Arn"], "Id": profiles[0]["InstanceProfileId"]}
    association = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [made]}]
    )["IamInstanceProfileAssociations"][0]
    ec2.replace_iam_instance_profile_association(
        AssociationId=association["AssociationId"], IamInstanceProfile={"Name": "two"}
    )
    assert described(aws, made)["IamInstanceProfile"]["Arn"] == profiles[1]["Arn"]
    found = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [made]}]
    )["IamInstanceProfileAssociations"][0]
    assert found["IamInstanceProfile"]["Arn"] == profiles[1]["Arn"]
    ec2.disassociate_iam_instance_profile(AssociationId=found["AssociationId"])
    assert "IamInstanceProfile" not in described(aws, made)


def test_vpc_and_subnet(aws):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(
        CidrBlock="10.7.0.0/16",
        InstanceTenancy="dedicated",
        AmazonProvidedIpv6CidrBlock=True,
        TagSpecifications=tagged("vpc"),
    )["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    found = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
    assert found["InstanceTenancy"] == "dedicated"
    assert tags_of(found) == TAGS
    assert found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlockState"]["State"] == "associated"
    for name, key, value in (
        ("enableDnsHostnames", "EnableDnsHostnames", True),
        ("enableDnsSupport", "EnableDnsSupport", False),
    ):
        assert ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)[key]["Value"] is value
    block = found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    subnet = ec2.create_subnet(
        VpcId=vpc,
        CidrBlock="10.7.1.0/24",
        AvailabilityZone="us-east-1b",
        Ipv6CidrBlock=block,
        TagSpecifications=tagged("subnet"),
    )["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    ec2.modify_subnet_attribute(SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": True})
    ec2.modify_subnet_attribute(
        SubnetId=subnet, EnableResourceNameDnsARecordOnLaunch={"Value": True}
    )
    ec2.modify_subnet_attribute(
        SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name"
    )
    ec2.modify_subnet_attribute(SubnetId=subnet, EnableDns64={"Value": True})
    found = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
    assert found["MapPublicIpOnLaunch"] is True
    assert found["AssignIpv6AddressOnCreation"] is True
    assert found["EnableDns64"] is True
    options = found["PrivateDnsNameOptionsOnLaunch"]
    assert options["HostnameType"] == "resource-name"
    assert options["EnableResourceNameDnsARecord"] is True
    assert found["AvailabilityZone"] == "us-east-1b"
    assert found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"] == block
    assert tags_of(found) == TAGS


def test_routes(aws, network, refused):
    ec2 = aws("ec2")
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))
    gateway = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpc"])
    found = ec2.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"][0]
    assert found["Attachments"][0]["VpcId"] == network["vpc"]
    assert tags_of(found) == TAGS
    table = ec2.create_route_table(
        VpcId=network["vpc"], TagSpecifications=tagged("route-table")
    )["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(**route, GatewayId=gateway)
    assert refused(ec2.create_route, **route, GatewayId=gateway) == "RouteAlreadyExists"
    ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=network["a"])
    found = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    routes = {r.get("DestinationCidrBlock", r.get("DestinationIpv6CidrBlock")): r for r in found["Routes"]}
    assert routes["0.0.0.0/0"]["GatewayId"] == gateway
    assert routes["0.0.0.0/0"]["State"] == "active"
    assert routes["0.0.0.0/0"]["Origin"] == "CreateRoute"
    assert routes["10.0.0.0/16"]["GatewayId"] == "local"
    assert routes["::/0"]["GatewayId"] == gateway
    assert tags_of(found) == TAGS
    assert found["Associations"][0]["SubnetId"] == network["a"]
    assert found["Associations"][0]["RouteTableAssociationId"] == association["AssociationId"]
    ec2.delete_route(**route)
    assert refused(ec2.delete_route, **route) == "InvalidRoute.NotFound"
    missing = {"RouteTableId": "rtb-0123456789abcdef0", "DestinationCidrBlock": "0.0.0.0/0"}
    assert refused(ec2.delete_route, **missing) == "InvalidRouteTableID.NotFound"


def test_route_is_a_blackhole_once_its_target_is_gone(aws, network):
    ec2 = aws("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpc"])
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
    )
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpc"])
    found = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    states = {route["DestinationCidrBlock"]: route["State"] for route in found}
    assert states["0.0.0.0/0"] == "blackhole"


def test_elastic_ip(aws, instance, internet, refused):
    ec2 = aws("ec2")
    made = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
    found = ec2.describe_addresses(AllocationIds=[made["AllocationId"]])["Addresses"][0]
    assert tags_of(found) == TAGS
    assert found["NetworkBorderGroup"] == "us-east-1"
    launched = instance()
    first = ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=launched)
    again = ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=launched)
    assert first["AssociationId"] == again["AssociationId"]
    found = ec2.describe_addresses(AllocationIds=[made["AllocationId"]])["Addresses"][0]
    assert found["InstanceId"] == launched
    assert found["AssociationId"] == first["AssociationId"]
    assert described(aws, launched)["PublicIpAddress"] == made["PublicIp"]
    ec2.disassociate_address(AssociationId=first["AssociationId"])
    code = refused(ec2.disassociate_address, AssociationId=first["AssociationId"])
    assert code == "InvalidAssociationID.NotFound"
    ec2.release_address(AllocationId=made["AllocationId"])
    code = refused(ec2.describe_addresses, AllocationIds=[made["AllocationId"]])
    assert code == "InvalidAllocationID.NotFound"


def test_an_address_at_an_interface_is_at_its_machine(aws, instance, internet, refused):
    ec2 = aws("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    launched, other = instance(), instance()
    interface = described(aws, launched)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
    found = ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
    assert (found["InstanceId"], found["NetworkInterfaceId"]) == (launched, interface)
    code = refused(ec2.associate_address, AllocationId=address, InstanceId=other)
    assert code == "Resource.AlreadyAssociated"
    ec2.associate_address(AllocationId=address, InstanceId=other, AllowReassociation=True)
    found = ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
    assert found["InstanceId"] == other


def test_a_private_address_is_taken_until_its_machine_is_gone(aws, instance, refused):
    ec2 = aws("ec2")
    first = instance()
    taken = described(aws, first)["PrivateIpAddress"]
    assert refused(instance, PrivateIpAddress=taken) == "InvalidIPAddress.InUse"
    assert refused(instance, PrivateIpAddress="192.0.2.1") == "InvalidParameterValue"
    ec2.terminate_instances(InstanceIds=[first])
    assert described(aws, instance(PrivateIpAddress=taken))["PrivateIpAddress"] == taken


def test_credits_are_refused_per_machine(aws, instance):
    burstable, plain = instance(), instance(InstanceType="m5.large")
    wanted = [{"InstanceId": i, "CpuCredits": "standard"} for i in (burstable, plain)]
    call = aws("ec2").modify_instance_credit_specification
    answer = call(InstanceCreditSpecifications=wanted)
    assert [i["InstanceId"] for i in answer["SuccessfulInstanceCreditSpecifications"]] == [burstable]
    [refusal] = answer["UnsuccessfulInstanceCreditSpecifications"]
    assert refusal["InstanceId"] == plain
    assert refusal["Error"]["Code"] == "InstanceCreditSpecification.NotSupported"


def test_a_destination_has_one_route(aws, network, internet):
    ec2 = aws("ec2")
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "GatewayId": internet, "DestinationIpv6CidrBlock": "::/0"}
    ec2.create_route(**route)
    with pytest.raises(ec2.exceptions.ClientError, match="RouteAlreadyExists"):
        ec2.create_route(**route)


def test_a_subnet_keeps_its_table(aws, network):
    ec2 = aws("ec2")
    one, two = (
        ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"] for _ in "ab"
    )
    made = ec2.associate_route_table(RouteTableId=one, SubnetId=network["a"])
    again = ec2.associate_route_table(RouteTableId=one, SubnetId=network["a"])
    assert again["AssociationId"] == made["AssociationId"]
    with pytest.raises(ec2.exceptions.ClientError, match="Resource.AlreadyAssociated"):
        ec2.associate_route_table(RouteTableId=two, SubnetId=network["a"])


def test_a_subnet_that_is_made_is_no_default_one(aws):
    ec2 = aws("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    where = {"VpcId": vpc["VpcId"], "AvailabilityZoneId": "use1-az1"}
    made = ec2.create_subnet(**where, CidrBlock="172.31.240.0/24")["Subnet"]
    assert (made["MapPublicIpOnLaunch"], made["DefaultForAz"]) == (False, False)
