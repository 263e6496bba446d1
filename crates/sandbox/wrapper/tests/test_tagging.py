"""Resource Groups Tagging API."""

TAGS = [{"Key": "stack", "Value": "dev"}]
FILTER = [{"Key": "stack", "Values": ["dev"]}]


def _arns(aws, **more):
    pages = aws("resourcegroupstaggingapi", **more).get_paginator("get_resources")
    found = [one for page in pages.paginate(TagFilters=FILTER) for one in page["ResourceTagMappingList"]]
    assert all(one["Tags"] == TAGS for one in found)
    return [one["ResourceARN"] for one in found]


def test_what_moto_leaves_out_is_listed(aws, network):
    ec2 = aws("ec2")

    def tags(kind):
        return [{"ResourceType": kind, "Tags": TAGS}]

    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip"))
    pair = ec2.create_key_pair(KeyName="k", TagSpecifications=tags("key-pair"))
    group = ec2.create_security_group(
        GroupName="g", Description="d", VpcId=network["vpc"], TagSpecifications=tags("security-group")
    )["GroupId"]
    rule = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
        TagSpecifications=tags("security-group-rule"),
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    subnets = aws("rds").create_db_subnet_group(
        DBSubnetGroupName="s", DBSubnetGroupDescription="d", SubnetIds=[network["a"], network["b"]], Tags=TAGS
    )["DBSubnetGroup"]["DBSubnetGroupArn"]
    iam = aws("iam")
    profile = iam.create_instance_profile(InstanceProfileName="p", Tags=TAGS)["InstanceProfile"]["Arn"]
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    policy = iam.create_policy(PolicyName="p", PolicyDocument=document, Tags=TAGS)["Policy"]["Arn"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document, Tags=TAGS)
    zones = aws("route53")
    zone = zones.create_hosted_zone(Name="example.org", CallerReference=aws.id)["HostedZone"]["Id"]
    zone = zone.rsplit("/", 1)[-1]
    zones.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=TAGS)

    arns = _arns(aws)
    assert len(arns) == len(set(arns))
    for end in (address["AllocationId"], pair["KeyPairId"], f"security-group/{group}", rule):
        assert any(arn.endswith(end) for arn in arns), (end, arns)
    for arn in (subnets, profile, policy, f"arn:aws:route53:::hostedzone/{zone}"):
        assert arn in arns
    # IAM roles are not listed by AWS either.
    assert not any(":role/" in arn for arn in arns)
    assert len(arns) == 8, arns
