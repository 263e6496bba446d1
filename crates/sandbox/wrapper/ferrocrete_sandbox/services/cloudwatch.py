"""CloudWatch: composite alarms, names and tags of alarms and dashboards."""

from __future__ import annotations

import re
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from ..hooks import AwsError, Call, Proceed, around, backend

_STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp")
_SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def _alarms(call: Call) -> dict[str, Any]:
    return dict(call.backend("cloudwatch").alarms)


def _retag(tagger: Any, arn: str, tags: dict[str, str]) -> None:
    """Exactly these tags."""
    tagger.delete_all_tags_for_resource(arn)
    tagger.tag_resource(arn, tagger.convert_dict_to_tags_input(tags))


def _keep(call: Call, before: Any) -> None:
    """A put leaves tags and state of an alarm that is there already as they are."""
    alarm = _alarms(call)[call.get("AlarmName")]
    if before is None:
        alarm.state_value = "INSUFFICIENT_DATA"
        return
    for name in _STATE:
        setattr(alarm, name, getattr(before, name))


def _check_periods(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html,
    awsdocs/aws-cloudformation-user-guide PR#777, TF#42389 (20)"""
    queries = call.get("Metrics") or []
    given = [call.get("Period"), *(query.get("Period") for query in queries)]
    given += [(query.get("MetricStat") or {}).get("Period") for query in queries]
    for period in given:
        if period is not None and period not in (10, 20, 30) and period % 60:
            raise AwsError("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")


@around("cloudwatch", "PutMetricAlarm")
def put_alarm(call: Call, proceed: Proceed) -> Any:
    _check_periods(call)
    before = _alarms(call).get(call.get("AlarmName"))
    tagger = call.backend("cloudwatch").tagger
    tags = tagger.get_tag_dict_for_resource(before.alarm_arn) if before else None
    result = proceed()
    _keep(call, before)
    alarm = _alarms(call)[call.get("AlarmName")]
    if tags is not None:
        _retag(tagger, alarm.alarm_arn, tags)
    # moto forgets whose metric it is.
    queries = {query["Id"]: query for query in call.get("Metrics") or []}
    for query in alarm.metric_data_queries:
        query.account_id = queries[query.id].get("AccountId")
    return result


#: A state and the name after it, in quotes or without.
_ASKED = re.compile(
    r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^)]*?))\s*\)"
)


def _bare(name: str) -> str:
    """A name may be written as ARN."""
    return name.rsplit(":alarm:", 1)[-1]


def _asked(rule: str | None) -> set[str]:
    """The alarms that a rule names."""
    return {_bare("".join(groups)) for groups in _ASKED.findall(rule or "")}


def _named(alarm: Any) -> set[str]:
    """The alarms that a composite alarm needs."""
    suppressor = getattr(alarm, "actions_suppressor", None)
    return _asked(alarm.rule) | ({_bare(suppressor)} if suppressor else set())


@around("cloudwatch", "PutCompositeAlarm")
def put_composite(call: Call, proceed: Proceed) -> Any:
    """Missing in moto. What the rule names has to be there
    (awsdocs/aws-cloudformation-user-guide#911)."""
    name = call.get("AlarmName")
    before = _alarms(call).get(name)
    missing = sorted(_asked(call.get("AlarmRule")) - set(_alarms(call)))
    if missing:
        raise AwsError(
            "ValidationError",
            f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm "
            "rule do not exist",
        )
    alarm = call.backend("cloudwatch").put_metric_alarm(
        name=name,
        namespace=None,
        metric_name=None,
        comparison_operator=None,
        evaluation_periods=None,
        period=None,
        threshold=None,
        statistic=None,
        description=call.get("AlarmDescription"),
        dimensions=[],
        alarm_actions=call.get("AlarmActions") or [],
        ok_actions=call.get("OKActions"),
        insufficient_data_actions=call.get("InsufficientDataActions"),
        actions_enabled=call.get("ActionsEnabled"),
        rule=call.get("AlarmRule"),
        tags=None if before else call.get("Tags"),
    )
    for attribute, parameter in zip(
        ("actions_suppressor", "actions_suppressor_wait_period", "actions_suppressor_extension_period"),
        _SUPPRESSOR,
    ):
        setattr(alarm, attribute, call.get(parameter))
    _keep(call, before)
    return EmptyResult()


@around("cloudwatch", "DescribeAlarms")
def describe(call: Call, proceed: Proceed) -> Any:
    """Composite alarms only for those who ask."""
    result = proceed()
    for alarm in result.result["MetricAlarms"]:
        # Recordings `cloudwatch__cloudwatch.json`, test_delete_alarm.
        alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
        if alarm.state_reason_data == "{}":
            alarm.state_reason_data = None
        if not alarm.metric_data_queries:
            alarm.metrics = None
    types = call.get("AlarmTypes") or ["MetricAlarm"]
    if "MetricAlarm" not in types:
        result.result["MetricAlarms"] = []
    if "CompositeAlarm" not in types:
        result.result["CompositeAlarms"] = []
    return result


@around("cloudwatch", "DeleteAlarms")
def delete(call: Call, proceed: Proceed) -> Any:
    """moto keeps their tags, and does not miss those that are not there."""
    alarms = _alarms(call)
    names = call.get("AlarmNames") or []
    if any(name not in alarms for name in names):
        raise AwsError("ResourceNotFound", "An alarm of that name does not exist.")
    rest = [alarm for name, alarm in alarms.items() if name not in names]
    held = sorted(set(names) & set().union(*(_named(alarm) for alarm in rest)))
    if held:
        # cloud-custodian#7763, aws-nuke#462
        whom = "it" if len(held) == 1 else "them"
        raise AwsError(
            "ValidationError",
            f"Cannot delete {','.join(held)} as there are composite alarm(s) depending on {whom}.",
        )
    result = proceed()
    for name in names:
        call.backend("cloudwatch").tagger.delete_all_tags_for_resource(alarms[name].alarm_arn)
    return result


def _home(call: Call) -> Any:
    """Dashboards are the same in all regions."""
    home = backend("cloudwatch", call.account, "us-east-1")
    call.backend("cloudwatch").dashboards = home.dashboards
    return home


@around("cloudwatch", "PutDashboard")
def put_dashboard(call: Call, proceed: Proceed) -> Any:
    home, name = _home(call), call.get("DashboardName")
    known = name in home.dashboards
    result = proceed()
    if not known:
        tags = {tag["Key"]: tag["Value"] for tag in call.get("Tags") or []}
        _retag(home.tagger, home.dashboards[name].arn, tags)
    return result


@around("cloudwatch", "GetDashboard", "ListDashboards")
def get_dashboard(call: Call, proceed: Proceed) -> Any:
    _home(call)
    return proceed()


@around("cloudwatch", "DeleteDashboards")
def delete_dashboards(call: Call, proceed: Proceed) -> Any:
    home = _home(call)
    arns = [home.dashboards[n].arn for n in call.get("DashboardNames") if n in home.dashboards]
    result = proceed()
    for arn in arns:
        home.tagger.delete_all_tags_for_resource(arn)
    return result


@around("cloudwatch", "ListTagsForResource", "TagResource", "UntagResource")
def tags(call: Call, proceed: Proceed) -> Any:
    """moto tags no dashboards, and answers for what is not there."""
    arn, home = call.get("ResourceARN"), _home(call)
    dashboards = [dashboard.arn for dashboard in home.dashboards.values()]
    alarms = [alarm.alarm_arn for alarm in _alarms(call).values()]
    if ":insight-rule/" not in arn and arn not in (*dashboards, *alarms):
        raise AwsError("ResourceNotFoundException", "The named resource does not exist.")
    if arn not in dashboards:
        return proceed()
    now = home.tagger.get_tag_dict_for_resource(arn)
    if call.operation == "ListTagsForResource":
        return ActionResult({"Tags": [{"Key": k, "Value": v} for k, v in now.items()]})
    now.update({tag["Key"]: tag["Value"] for tag in call.get("Tags") or []})
    for key in call.get("TagKeys") or []:
        now.pop(key, None)
    _retag(home.tagger, arn, now)
    return EmptyResult()
