"""Alarms, composite alarms, dashboards, in CBOR as boto3 speaks it."""

import json

import pytest
from botocore.exceptions import ClientError

SIMPLE = {
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/ECS",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 80.5,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture
def cloudwatch(aws):
    return aws("cloudwatch")


@pytest.fixture
def put(cloudwatch):
    def send(name="cpu", **more):
        cloudwatch.put_metric_alarm(**{"AlarmName": name, **SIMPLE, **more})
        return alarms(cloudwatch, name)[0]

    return send


def alarms(cloudwatch, *names, kind="MetricAlarm"):
    found = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=[kind])
    return found[f"{kind}s"]


def tags(cloudwatch, arn):
    found = cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_cbor_reads_back(aws, put):
    made = put(Dimensions=[{"Name": "ClusterName", "Value": "shöp"}], AlarmActions=["arn:x"])
    assert (made["Threshold"], made["Period"], made["AlarmActions"]) == (80.5, 60, ["arn:x"])
    assert made["Dimensions"] == [{"Name": "ClusterName", "Value": "shöp"}]
    assert made["StateUpdatedTimestamp"].year > 2000
    assert (made["StateValue"], made["ActionsEnabled"]) == ("INSUFFICIENT_DATA", True)
    assert aws.calls()["counts"]["monitoring:PutMetricAlarm"] == 1


def test_cbor_errors_have_their_code(aws, cloudwatch, refused):
    code = refused(cloudwatch.delete_alarms, AlarmNames=["nobody"])
    assert code == "ResourceNotFound"
    assert aws.calls()["calls"][-1]["error"] == "ResourceNotFound"
    aws.faults({"match": "DescribeAlarms", "mode": "status", "status": 503, "code": "Throttling"})
    assert refused(cloudwatch.describe_alarms) == "Throttling"


def test_metric_math(cloudwatch):
    stat = {
        "Metric": {"Namespace": "Shop", "MetricName": "Errors"},
        "Period": 60,
        "Stat": "Sum",
    }
    queries = [
        {"Id": "e", "MetricStat": stat, "ReturnData": False, "AccountId": "123456789012"},
        {"Id": "rate", "Expression": "100 * e", "Label": "Errors", "ReturnData": True},
    ]
    cloudwatch.put_metric_alarm(
        AlarmName="math",
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    (made,) = alarms(cloudwatch, "math")
    (errors, rate) = made["Metrics"]
    assert (errors["AccountId"], errors["ReturnData"]) == ("123456789012", False)
    assert errors["MetricStat"]["Metric"]["MetricName"] == "Errors"
    assert (rate["Expression"], rate["Label"]) == ("100 * e", "Errors")


def test_a_put_keeps_tags_and_state(cloudwatch, put):
    arn = put(Tags=[{"Key": "a", "Value": "1"}])["AlarmArn"]
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="test")
    made = put(Threshold=90.0, Tags=[{"Key": "b", "Value": "1"}])
    assert (made["Threshold"], made["StateValue"]) == (90.0, "ALARM")
    assert tags(cloudwatch, arn) == {"a": "1"}


def test_tags_go_with_the_alarm(cloudwatch, put, refused):
    arn = put(Tags=[{"Key": "a", "Value": "1"}])["AlarmArn"]
    cloudwatch.delete_alarms(AlarmNames=["cpu"])
    code = refused(cloudwatch.list_tags_for_resource, ResourceARN=arn)
    assert code == "ResourceNotFoundException"
    put()
    assert tags(cloudwatch, arn) == {}


def test_composite_alarms(cloudwatch, put):
    put()
    composite = {
        "AlarmName": "any",
        "AlarmRule": "ALARM(cpu)",
        "OKActions": ["arn:x"],
        "ActionsSuppressor": "cpu",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    cloudwatch.put_composite_alarm(**composite)
    made = alarms(cloudwatch, "any", kind="CompositeAlarm")[0]
    assert {k: made[k] for k in composite if k != "Tags"} == {
        k: v for k, v in composite.items() if k != "Tags"
    }
    assert tags(cloudwatch, made["AlarmArn"]) == {"a": "1"}
    # Only who asks for them gets them.
    assert [a["AlarmName"] for a in cloudwatch.describe_alarms()["MetricAlarms"]] == ["cpu"]
    assert not cloudwatch.describe_alarms().get("CompositeAlarms")


def test_dashboards_are_global_and_tagged(aws, cloudwatch, refused):
    alarm = {"AlarmName": "cpu", **SIMPLE, "Tags": [{"Key": "a", "Value": "1"}]}
    aws("cloudwatch", "eu-central-1").put_metric_alarm(**alarm)
    body = json.dumps({"widgets": []})
    cloudwatch.put_dashboard(
        DashboardName="shop", DashboardBody=body, Tags=[{"Key": "a", "Value": "1"}]
    )
    elsewhere = aws("cloudwatch", "eu-central-1")
    found = elsewhere.get_dashboard(DashboardName="shop")
    arn = found["DashboardArn"]
    assert (found["DashboardBody"], arn) == (body, f"arn:aws:cloudwatch::{aws.id}:dashboard/shop")
    assert tags(elsewhere, arn) == {"a": "1"}
    elsewhere.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    # Tags of alarms are their region's.
    arn_of_alarm = f"arn:aws:cloudwatch:eu-central-1:{aws.id}:alarm:cpu"
    assert tags(elsewhere, arn_of_alarm) == {"a": "1"}
    # A put of a dashboard that is there takes no tags.
    cloudwatch.put_dashboard(
        DashboardName="shop", DashboardBody=body, Tags=[{"Key": "c", "Value": "3"}]
    )
    assert tags(cloudwatch, arn) == {"b": "2"}
    elsewhere.delete_dashboards(DashboardNames=["shop"])
    code = refused(cloudwatch.get_dashboard, DashboardName="shop")
    assert code == "ResourceNotFound"
    code = refused(cloudwatch.list_tags_for_resource, ResourceARN=arn)
    assert code == "ResourceNotFoundException"


def test_alarms_of_a_rule(cloudwatch, put):
    """awsdocs/aws-cloudformation-user-guide#911, cloud-custodian#7763"""

    def message(call):
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == "ValidationError"
        return error.value.response["Error"]["Message"]

    rule = "ALARM(\"one\") OR NOT OK (two)"
    both = lambda: cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule=rule)  # noqa: E731
    assert "alarms [one, two] in the alarm rule do not exist" in message(both)
    put("one")
    put("two")
    both()
    delete = lambda *names: cloudwatch.delete_alarms(AlarmNames=[*names])  # noqa: E731
    assert message(lambda: delete("one")) == (
        "Cannot delete one as there are composite alarm(s) depending on it."
    )
    assert "Cannot delete one,two as" in message(lambda: delete("two", "one"))
    delete("both")
    delete("one", "two")
