"""Application Auto Scaling."""

import pytest
from botocore.exceptions import ClientError

TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/t",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
TRACKED = {
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "DynamoDBReadCapacityUtilization"
    }
}


@pytest.fixture
def scaling(aws):
    return aws("application-autoscaling")


@pytest.fixture
def registered(scaling):
    made = scaling.register_scalable_target(
        **TARGET, MinCapacity=1, MaxCapacity=4, Tags={"a": "b"}
    )
    return made["ScalableTargetARN"]


def targets(scaling):
    names = {"ServiceNamespace": "dynamodb", "ResourceIds": ["table/t"]}
    return scaling.describe_scalable_targets(**names)["ScalableTargets"]


def put(scaling, name="p", value=70.0, **more):
    return scaling.put_scaling_policy(
        **TARGET,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": value, **(more or TRACKED)},
    )


def policies(scaling, **more):
    return scaling.describe_scaling_policies(**TARGET, **more)["ScalingPolicies"]


def act(scaling, **more):
    values = {"ScheduledActionName": "a", "Schedule": "rate(1 hour)", **more}
    return scaling.put_scheduled_action(**TARGET, **values)


def test_targets_have_tags_and_suspensions(scaling, registered, refused):
    (found,) = targets(scaling)
    assert found["SuspendedState"]["ScheduledScalingSuspended"] is False
    assert ":role/aws-service-role/" in found["RoleARN"]
    scaling.register_scalable_target(
        **TARGET, SuspendedState={"ScheduledScalingSuspended": True}
    )
    scaling.register_scalable_target(**TARGET, MaxCapacity=5)
    (found,) = targets(scaling)
    assert (found["MinCapacity"], found["MaxCapacity"]) == (1, 5)
    assert found["SuspendedState"]["ScheduledScalingSuspended"] is True
    scaling.tag_resource(ResourceARN=registered, Tags={"c": "d"})
    scaling.untag_resource(ResourceARN=registered, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=registered)["Tags"] == {"c": "d"}
    register = scaling.register_scalable_target
    assert refused(register, **TARGET, Tags={"a": "b"}) == "ValidationException"
    assert refused(register, **TARGET, MinCapacity=9) == "ValidationException"
    other = registered[:-1] + ("0" if registered[-1] != "0" else "1")
    assert refused(scaling.list_tags_for_resource, ResourceARN=other) == (
        "ResourceNotFoundException"
    )


def test_nothing_hangs_on_a_missing_target(scaling, refused):
    missing = "ObjectNotFoundException"
    assert refused(lambda: put(scaling)) == missing
    assert refused(lambda: act(scaling)) == missing
    assert refused(scaling.deregister_scalable_target, **TARGET) == missing
    assert refused(scaling.delete_scaling_policy, **TARGET, PolicyName="p") == missing
    assert refused(scaling.delete_scheduled_action, **TARGET, ScheduledActionName="a") == missing


def test_a_policy_keeps_its_arn_and_has_its_alarms_once(aws, scaling, registered):
    first = put(scaling)
    second = put(scaling, value=50.0)
    assert first["PolicyARN"] == second["PolicyARN"]
    mine = {"MetricName": "m", "Namespace": "n", "Statistic": "Sum"}
    put(scaling, "q", CustomizedMetricSpecification=mine)
    (found,) = policies(scaling, PolicyNames=["p"])
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50.0
    assert len(policies(scaling)) == 2
    alarms = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(alarms) == 2 * len(found["Alarms"])


def test_what_hangs_on_a_target_goes_with_it(aws, scaling, registered):
    put(scaling)
    act(scaling)
    scaling.deregister_scalable_target(**TARGET)
    assert policies(scaling) == []
    assert scaling.describe_scheduled_actions(**TARGET)["ScheduledActions"] == []
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


def error(operation):
    with pytest.raises(ClientError) as raised:
        operation()
    found = raised.value.response
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    return found["Error"]["Code"], found["Error"]["Message"], status


def test_a_metric_is_followed_once(scaling, registered):
    put(scaling)
    put(scaling, value=50.0)
    assert error(lambda: put(scaling, name="other", value=60.0)) == (
        "ValidationException",
        "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        400,
    )
    assert len(policies(scaling)) == 1
    scaling.delete_scaling_policy(**TARGET, PolicyName="p")
    put(scaling, name="other")


def test_one_policy_after_the_other(aws, scaling, registered):
    aws.configure(unkind={"scaling_busy": 60})
    put(scaling)
    pending = (
        "ConcurrentUpdateException",
        "You already have a pending update to an Auto Scaling resource.",
        500,
    )
    assert error(lambda: put(scaling, value=50.0)) == pending
    assert error(lambda: scaling.delete_scaling_policy(**TARGET, PolicyName="p")) == pending
    aws.configure(unkind={"scaling_busy": 0})
    put(scaling, value=50.0)
