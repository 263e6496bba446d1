"""Secrets Manager."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError
from conftest import control


def test_create_token(aws, refused):
    secrets = aws("secretsmanager")
    token = str(uuid.uuid4())
    values = {"Name": "s", "SecretString": "x", "ClientRequestToken": token}
    first = secrets.create_secret(**values)
    again = secrets.create_secret(**values)
    assert (first["ARN"], first["VersionId"]) == (again["ARN"], token)
    for more in ({"SecretString": "y"}, {"ClientRequestToken": str(uuid.uuid4())}):
        code = refused(secrets.create_secret, **{**values, **more})
        assert code == "ResourceExistsException"


def test_recovery_window(aws, refused):
    secrets = aws("secretsmanager")
    made = secrets.create_secret(Name="s", SecretString="x")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    assert "DeletedDate" in secrets.describe_secret(SecretId="s")
    for operation, values in (
        (secrets.create_secret, {"Name": "s", "SecretString": "x"}),
        (secrets.get_secret_value, {"SecretId": "s"}),
        (secrets.put_secret_value, {"SecretId": "s", "SecretString": "y"}),
        (secrets.update_secret, {"SecretId": "s", "Description": "y"}),
    ):
        assert refused(operation, **values) == "InvalidRequestException"
    secrets.restore_secret(SecretId="s")
    assert secrets.get_secret_value(SecretId=made["ARN"])["SecretString"] == "x"
    secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    assert refused(secrets.describe_secret, SecretId="s") == "ResourceNotFoundException"
    secrets.create_secret(Name="s", SecretString="x")


SCHEDULED = (
    "InvalidRequestException",
    "You can't create this secret because a secret with this name is already scheduled for "
    "deletion.",
    400,
)
MARKED = (
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
    400,
)


def error(operation, **parameters):
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    found = raised.value.response
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    return found["Error"]["Code"], found["Error"]["Message"], status


def test_a_name_is_taken_until_the_window_is_over(aws):
    secrets = aws("secretsmanager")
    missing = error(secrets.describe_secret, SecretId="s")
    assert missing == (
        "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400
    )
    first = secrets.create_secret(Name="s", SecretString="x")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    assert error(secrets.create_secret, Name="s", SecretString="x") == SCHEDULED
    assert error(secrets.get_secret_value, SecretId="s") == MARKED
    code, message, _ = error(secrets.delete_secret, SecretId="s")
    assert code == "InvalidRequestException" and "currently marked deleted" in message
    happened = {"account": aws.id, "event": "secretsmanager_expire", "resource": "s"}
    control("POST", "events", happened)
    assert secrets.create_secret(Name="s", SecretString="x")["ARN"] != first["ARN"]


def test_a_forced_deletion_takes_a_while(aws, eventually):
    secrets = aws("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    aws.configure(unkind={"secret_deletion": 0.4})
    secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    assert error(secrets.create_secret, Name="s", SecretString="x") == SCHEDULED
    assert error(secrets.restore_secret, SecretId="s") == MARKED
    assert "DeletedDate" in secrets.describe_secret(SecretId="s")

    def created():
        try:
            return secrets.create_secret(Name="s", SecretString="y")
        except ClientError:
            return None

    eventually(created)
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "y"
    secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    secrets.delete_secret(SecretId="missing", ForceDeleteWithoutRecovery=True)


def test_read_back(aws):
    secrets = aws("secretsmanager")
    tags = [{"Key": "a", "Value": "b"}]
    made = secrets.create_secret(
        Name="dir/s", SecretString="x", Description="d", KmsKeyId="alias/k", Tags=tags
    )
    found = secrets.describe_secret(SecretId=made["ARN"])
    assert (found["Name"], found["Description"], found["KmsKeyId"]) == ("dir/s", "d", "alias/k")
    assert found["Tags"] == tags
    secrets.update_secret(SecretId="dir/s", Description="e", SecretString="y")
    assert secrets.get_secret_value(SecretId="dir/s")["SecretString"] == "y"
    assert secrets.describe_secret(SecretId="dir/s")["Description"] == "e"
    assert secrets.describe_secret(SecretId="dir/s")["Tags"] == tags
    secrets.update_secret(SecretId="dir/s", Description="")
    assert secrets.describe_secret(SecretId="dir/s").get("Description", "") == ""
    assert secrets.list_secret_version_ids(SecretId="dir/s")["ARN"] == made["ARN"]
    secrets.untag_resource(SecretId="dir/s", TagKeys=["a"])
    secrets.tag_resource(SecretId="dir/s", Tags=[{"Key": "c", "Value": "d"}])
    assert secrets.describe_secret(SecretId="dir/s")["Tags"] == [{"Key": "c", "Value": "d"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    secrets.put_resource_policy(SecretId="dir/s", ResourcePolicy=policy)
    assert secrets.get_resource_policy(SecretId="dir/s")["ResourcePolicy"] == policy
    secrets.delete_resource_policy(SecretId="dir/s")
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="dir/s")


def test_rotation_schedule(aws, refused):
    secrets = aws("secretsmanager")
    made = secrets.create_secret(Name="s", SecretString="x")
    arn = "arn:aws:lambda:us-east-1:1:function:f"
    both = {"AutomaticallyAfterDays": 7, "ScheduleExpression": "rate(7 days)"}
    code = refused(
        secrets.rotate_secret, SecretId="s", RotationLambdaARN=arn, RotationRules=both
    )
    assert code == "InvalidParameterException"
    for rules in ({"AutomaticallyAfterDays": 7}, {"ScheduleExpression": "rate(4 hours)"}):
        secrets.rotate_secret(SecretId=made["ARN"], RotationLambdaARN=arn, RotationRules=rules)
        found = secrets.describe_secret(SecretId="s")
        assert (found["RotationEnabled"], found["RotationRules"]) == (True, rules)
        assert found["RotationLambdaARN"] == arn
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "x"
    secrets.cancel_rotate_secret(SecretId="s")
    found = secrets.describe_secret(SecretId="s")
    assert found["RotationEnabled"] is False and "RotationRules" not in found


def test_bad_policies_are_refused(aws, refused):
    secrets = aws("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    code = refused(secrets.put_resource_policy, SecretId="s", ResourcePolicy="no JSON")
    assert code == "MalformedPolicyDocumentException"
    public = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [public]})
    values = {"SecretId": "s", "ResourcePolicy": policy, "BlockPublicPolicy": True}
    assert refused(secrets.put_resource_policy, **values) == "PublicPolicyException"


def test_a_label_of_ones_own(aws, refused):
    secrets = aws("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    secrets.put_secret_value(SecretId="s", SecretString="y", VersionStages=["BLUE"])
    found = secrets.get_secret_value(SecretId="s", VersionStage="BLUE")
    assert found["SecretString"] == "y"
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "x"
    secrets.put_secret_value(SecretId="s", SecretString="z", VersionStages=["BLUE"])
    found = secrets.get_secret_value(SecretId="s", VersionStage="BLUE")
    assert found["SecretString"] == "z"
    secrets.update_secret_version_stage(
        SecretId="s", VersionStage="BLUE", RemoveFromVersionId=found["VersionId"]
    )
    code = refused(secrets.get_secret_value, SecretId="s", VersionStage="BLUE")
    assert code == "ResourceNotFoundException"
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "x"
