"""How AWS writes things: principals, delivery policies, ranges, routes, placement."""

import json

import pytest
from botocore.exceptions import ClientError

ROOT = "arn:aws:iam::{}:root"


def policy(principal, resource="*", action="*"):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action}
    statement["Resource"] = resource
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def principal_of(document):
    document = json.loads(document) if isinstance(document, str) else document
    return document["Statement"][0]["Principal"]["AWS"]


def bucket(aws):
    s3, name = aws("s3"), f"writes-{aws.id}"
    s3.create_bucket(Bucket=name)
    arn = f"arn:aws:s3:::{name}/*"
    return (
        lambda p: s3.put_bucket_policy(Bucket=name, Policy=policy(p, arn, "s3:GetObject")),
        lambda: s3.get_bucket_policy(Bucket=name)["Policy"],
        ("MalformedPolicy", "Invalid principal in policy"),
    )


def queue(aws):
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{aws.id}:q"
    return (
        lambda p: sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": policy(p, arn, "sqs:SendMessage")}
        ),
        lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"][
            "Policy"
        ],
        ("InvalidAttributeValue", "Invalid value for the parameter Policy."),
    )


def topic(aws):
    sns = aws("sns")
    arn = sns.create_topic(Name="t")["TopicArn"]
    return (
        lambda p: sns.set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=policy(p, arn, "sns:Publish"),
        ),
        lambda: sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"],
        ("InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound"),
    )


def key(aws):
    kms = aws("kms")
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    return (
        lambda p: kms.put_key_policy(KeyId=made, PolicyName="default", Policy=policy(p)),
        lambda: kms.get_key_policy(KeyId=made, PolicyName="default")["Policy"],
        (
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
        ),
    )


def repository(aws):
    ecr = aws("ecr")
    ecr.create_repository(repositoryName="repo")
    return (
        lambda p: ecr.set_repository_policy(
            repositoryName="repo", policyText=policy(p, action="ecr:BatchGetImage")
        ),
        lambda: ecr.get_repository_policy(repositoryName="repo")["policyText"],
        (
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository "
            "policy provided'",
        ),
    )


def secret(aws):
    secrets = aws("secretsmanager")
    arn = secrets.create_secret(Name="s", SecretString="x")["ARN"]
    return (
        lambda p: secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy(p)),
        lambda: secrets.get_resource_policy(SecretId=arn)["ResourcePolicy"],
        (
            "MalformedPolicyDocumentException",
            "This resource policy contains an unsupported principal.",
        ),
    )


def role(aws):
    iam = aws("iam")
    iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=trust(aws.id))
    arn = f"arn:aws:iam::{aws.id}:role/reader"
    return (
        lambda p: iam.update_assume_role_policy(RoleName="trusting", PolicyDocument=trust(p)),
        lambda: iam.get_role(RoleName="trusting")["Role"]["AssumeRolePolicyDocument"],
        ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"'),
    )


def error(operation):
    with pytest.raises(ClientError) as raised:
        operation()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


@pytest.mark.parametrize("make", [bucket, queue, topic, key, repository, secret, role])
def test_principals(aws, make):
    iam = aws("iam")
    put, get, refusal = make(aws)
    put([aws.id, ROOT.format("123456789012")])
    assert principal_of(get()) == [ROOT.format(aws.id), ROOT.format("123456789012")]
    arn = f"arn:aws:iam::{aws.id}:role/reader"
    assert error(lambda: put(arn)) == refusal
    # A new role exists, but not yet for others than IAM.
    aws.configure(unkind={"young_role": 60})
    made = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(aws.id))["Role"]
    assert error(lambda: put(arn)) == refusal
    aws.configure(unkind={"young_role": 0})
    put(arn)
    assert principal_of(get()) == arn
    # What is named is that role, not one of its name.
    iam.delete_role(RoleName="reader")
    assert principal_of(get()) == made["RoleId"]
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(aws.id))
    assert principal_of(get()) == made["RoleId"]
    assert error(lambda: put(made["RoleId"]))[0] == refusal[0]
    put(arn)
    assert principal_of(get()) == arn


def test_conditions_are_texts(aws):
    s3, name = aws("s3"), f"conditions-{aws.id}"
    s3.create_bucket(Bucket=name)
    document = json.loads(policy("*", f"arn:aws:s3:::{name}/*", "s3:GetObject"))
    document["Statement"][0].update(
        Effect="Deny", Condition={"Bool": {"aws:SecureTransport": False}}
    )
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))
    found = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]
    assert found["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_delivery_policies_are_completed(aws):
    sns = aws("sns")
    arn = sns.create_topic(Name="t")["TopicArn"]

    def shown():
        found = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        return found.get("DeliveryPolicy"), json.loads(found["EffectiveDeliveryPolicy"])["http"]

    usual = {
        "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
    }  # fmt: skip
    sent, effective = shown()
    assert not sent and effective["defaultHealthyRetryPolicy"] == usual
    retry = {"minDelayTarget": 5, "maxDelayTarget": 6, "numRetries": 1}
    put = json.dumps({"http": {"defaultHealthyRetryPolicy": retry}})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DeliveryPolicy", AttributeValue=put)
    sent, effective = shown()
    expected = {"defaultHealthyRetryPolicy": retry, "disableSubscriptionOverrides": False}
    assert json.loads(sent) == {"http": expected}
    assert effective["defaultHealthyRetryPolicy"] == {**usual, **retry}
    assert effective["defaultRequestPolicy"]["headerContentType"] == "text/plain; charset=UTF-8"

    made = sns.subscribe(
        TopicArn=arn,
        Protocol="https",
        Endpoint="https://x.example/",
        ReturnSubscriptionArn=True,
        Attributes={"DeliveryPolicy": json.dumps({"healthyRetryPolicy": retry})},
    )["SubscriptionArn"]
    found = sns.get_subscription_attributes(SubscriptionArn=made)["Attributes"]
    assert json.loads(found["DeliveryPolicy"]) == {
        "healthyRetryPolicy": {**dict.fromkeys(usual), **retry},
        "sicklyRetryPolicy": None,
        "throttlePolicy": None,
        "requestPolicy": None,
        "guaranteed": False,
    }
    effective = json.loads(found["EffectiveDeliveryPolicy"])
    assert effective["healthyRetryPolicy"] == {**usual, **retry}


def test_ranges_have_no_host_bits(aws):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.3.4/16")["Vpc"]
    assert vpc["CidrBlock"] == "10.0.0.0/16"
    subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.0.9/24")["Subnet"]
    assert subnet["CidrBlock"] == "10.0.0.0/24"
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc["VpcId"])["GroupId"]
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "IpRanges": [{"CidrIp": "100.68.0.18/18"}],
        "Ipv6Ranges": [{"CidrIpv6": "2001:DB8::1/32"}],
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"][0]
    assert found["IpRanges"] == [{"CidrIp": "100.68.0.0/18"}]
    assert found["Ipv6Ranges"] == [{"CidrIpv6": "2001:db8::/32"}]
    again = {**rule, "IpRanges": [{"CidrIp": "100.68.0.0/18"}], "Ipv6Ranges": []}
    code, _ = error(
        lambda: ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[again])
    )
    assert code == "InvalidPermission.Duplicate"


def test_routes_to_a_machine(aws, network, ami):
    ec2 = aws("ec2")
    machine = ec2.run_instances(
        ImageId=ami, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=network["a"]
    )["Instances"][0]
    card = machine["NetworkInterfaces"][0]["NetworkInterfaceId"]
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table,
        DestinationCidrBlock="192.168.0.0/16",
        InstanceId=machine["InstanceId"],
    )
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="172.16.5.5/12", NetworkInterfaceId=card
    )
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    for route in routes[1:]:
        assert route["InstanceId"] == machine["InstanceId"]
        assert route["NetworkInterfaceId"] == card
        assert route["InstanceOwnerId"] == aws.id
    assert [r["DestinationCidrBlock"] for r in routes[1:]] == ["192.168.0.0/16", "172.16.0.0/12"]


def test_placement(aws):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c")
    container = {"name": "app", "image": "nginx", "memory": 128}
    ecs.register_task_definition(family="task", containerDefinitions=[container])
    strategy = [{"type": "spread", "field": "host"}, {"type": "binpack", "field": "memory"}]
    made = ecs.create_service(
        cluster="c",
        serviceName="s",
        taskDefinition="task",
        desiredCount=1,
        placementStrategy=strategy,
    )["service"]
    assert [p["field"] for p in made["placementStrategy"]] == ["instanceId", "MEMORY"]
