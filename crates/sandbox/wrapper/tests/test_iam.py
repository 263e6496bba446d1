"""IAM: refused deletes, read-back, late visibility."""

import json

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
    }
)
TAGS = [{"Key": "a", "Value": "b"}]


@pytest.fixture
def role(aws):
    aws("iam").create_role(
        RoleName="role",
        AssumeRolePolicyDocument=TRUST,
        Description="d",
        MaxSessionDuration=7200,
        Path="/p/",
        Tags=TAGS,
    )
    return "role"


def test_role_is_read_back(aws, role):
    iam = aws("iam")
    found = iam.get_role(RoleName=role)["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (found["Description"], found["MaxSessionDuration"]) == ("d", 7200)
    assert (found["Path"], found["Tags"]) == ("/p/", TAGS)
    assert found["Arn"] == f"arn:aws:iam::{aws.id}:role/p/role"
    iam.update_role(RoleName=role, Description="e", MaxSessionDuration=3600)
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=POLICY)
    assert iam.get_role_policy(RoleName=role, PolicyName="inline")[
        "PolicyDocument"
    ] == json.loads(POLICY)
    found = iam.get_role(RoleName=role)["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("e", 3600)
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    found = iam.get_role(RoleName=role)["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_role_in_use_is_not_deleted(aws, role, refused):
    iam = aws("iam")

    def delete_is_refused():
        assert refused(iam.delete_role, RoleName=role) == "DeleteConflict"

    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=POLICY)
    delete_is_refused()
    iam.delete_role_policy(RoleName=role, PolicyName="inline")
    managed = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    iam.attach_role_policy(RoleName=role, PolicyArn=managed)
    delete_is_refused()
    iam.detach_role_policy(RoleName=role, PolicyArn=managed)
    assert refused(iam.detach_role_policy, RoleName=role, PolicyArn=managed) == "NoSuchEntity"
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=role)
    delete_is_refused()
    code = refused(iam.delete_instance_profile, InstanceProfileName="profile")
    assert code == "DeleteConflict"
    remove = {"InstanceProfileName": "profile", "RoleName": role}
    iam.remove_role_from_instance_profile(**remove)
    assert refused(iam.remove_role_from_instance_profile, **remove) == "NoSuchEntity"
    iam.delete_role(RoleName=role)
    iam.delete_instance_profile(InstanceProfileName="profile")
    assert refused(iam.delete_role, RoleName=role) == "NoSuchEntity"


def test_policy_in_use_is_not_deleted(aws, role, refused):
    iam = aws("iam")
    made = iam.create_policy(PolicyName="p", PolicyDocument=POLICY, Description="d", Tags=TAGS)
    arn = made["Policy"]["Arn"]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == TAGS
    for _ in range(2):  # the second changes nothing
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.delete_policy, PolicyArn=arn) == "NoSuchEntity"


def test_instance_profile_is_read_back(aws, role, refused):
    iam = aws("iam")
    iam.create_instance_profile(InstanceProfileName="profile", Path="/x/", Tags=TAGS)
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=role)
    found = iam.get_instance_profile(InstanceProfileName="profile")["InstanceProfile"]
    assert (found["Path"], found["Tags"]) == ("/x/", TAGS)
    assert [r["RoleName"] for r in found["Roles"]] == [role]
    code = refused(
        iam.add_role_to_instance_profile, InstanceProfileName="profile", RoleName=role
    )
    assert code == "LimitExceeded"
    iam.tag_instance_profile(InstanceProfileName="profile", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_instance_profile(InstanceProfileName="profile", TagKeys=["a"])
    found = iam.list_instance_profile_tags(InstanceProfileName="profile")["Tags"]
    assert found == [{"Key": "c", "Value": "d"}]


def test_managed_policies_of_aws_exist(aws):
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    assert aws("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_late_role_and_profile(aws, ami, network, refused, eventually):
    iam, ec2 = aws("iam"), aws("ec2")
    aws.configure(late_visibility_seconds=0.5)
    iam.create_role(RoleName="late", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="late")
    iam.add_role_to_instance_profile(InstanceProfileName="late", RoleName="late")
    assert refused(iam.get_role, RoleName="late") == "NoSuchEntity"
    assert refused(iam.get_instance_profile, InstanceProfileName="late") == "NoSuchEntity"
    launch = {
        "ImageId": ami,
        "InstanceType": "t3.micro",
        "MinCount": 1,
        "MaxCount": 1,
        "IamInstanceProfile": {"Name": "late"},
    }
    assert refused(ec2.run_instances, **launch) == "InvalidParameterValue"

    def launched():
        try:
            return ec2.run_instances(**launch)["Instances"][0]["InstanceId"]
        except ec2.exceptions.ClientError as error:
            assert "Invalid IAM Instance Profile name" in str(error)
            return None

    assert eventually(launched)
    assert iam.get_role(RoleName="late")


def test_unknown_instance_profile(aws, ami, refused):
    code = refused(
        aws("ec2").run_instances,
        ImageId=ami,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": "unknown"},
    )
    assert code == "InvalidParameterValue"


def test_open_id_providers_have_clients(aws):
    iam = aws("iam")
    made = iam.create_open_id_connect_provider(
        Url="https://token.example.com", ClientIDList=["a"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]

    def clients():
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
        return sorted(found["ClientIDList"])

    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=made, ClientID="b")
    assert clients() == ["a", "b"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(
            OpenIDConnectProviderArn=made, ClientID="a"
        )
    assert clients() == ["b"]


def test_changes_in_quick_succession(aws, role, refused):
    iam = aws("iam")
    aws.configure(unkind={"iam_busy": 60})
    attach = {"RoleName": role, "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    iam.attach_role_policy(**attach)
    put = {"RoleName": role, "PolicyName": "inline", "PolicyDocument": POLICY}
    with pytest.raises(iam.exceptions.ClientError) as error:
        iam.put_role_policy(**put)
    assert error.value.response["Error"]["Code"] == "ConcurrentModification"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    iam.put_role_policy(**put)  # once only
    iam.create_user(UserName="u")
    iam.create_login_profile(UserName="u", Password="correct horse 1!X")
    code = refused(iam.delete_login_profile, UserName="u")
    assert code == "EntityTemporarilyUnmodifiable"
