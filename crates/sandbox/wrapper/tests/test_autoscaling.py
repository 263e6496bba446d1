"""Application Auto Scaling."""

import pytest

TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/t",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
TRACKING = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "DynamoDBReadCapacityUtilization"
    },
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


def put(scaling, name="p", value=70.0):
    return scaling.put_scaling_policy(
        **TARGET,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={**TRACKING, "TargetValue": value},
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
    other = registered[:-1] + "?"
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
    put(scaling, "q")
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
