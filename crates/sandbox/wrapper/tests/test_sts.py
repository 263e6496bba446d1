"""Who may assume a role."""

import json


def role(aws, **condition):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.id}:root"},
        "Action": ["sts:AssumeRole", *condition.pop("also", [])],
    }
    if condition:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": condition["external"]}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = aws("iam").create_role(
        RoleName="deploy", AssumeRolePolicyDocument=trust, MaxSessionDuration=7200
    )
    return {"RoleArn": made["Role"]["Arn"], "RoleSessionName": "anna"}


def test_an_external_id_must_fit(aws, refused):
    sts, session = aws("sts"), role(aws, external=["one", "two"])
    assert refused(sts.assume_role, **session) == "AccessDenied"
    assert refused(sts.assume_role, ExternalId="three", **session) == "AccessDenied"
    sts.assume_role(ExternalId="two", **session)


def test_a_session_is_no_longer_than_the_role_allows(aws, refused):
    sts, session = aws("sts"), role(aws)
    assert refused(sts.assume_role, DurationSeconds=7201, **session) == "ValidationError"
    sts.assume_role(DurationSeconds=7200, **session)


def test_tags_of_a_session_must_be_allowed(aws, refused):
    sts, session = aws("sts"), role(aws)
    tags = [{"Key": "team", "Value": "blue"}]
    assert refused(sts.assume_role, Tags=tags, **session) == "AccessDenied"
    aws("iam").delete_role(RoleName="deploy")
    sts.assume_role(Tags=tags, **role(aws, also=["sts:TagSession"]))
