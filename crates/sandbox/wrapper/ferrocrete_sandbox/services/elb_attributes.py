"""Attributes of load balancers, target groups and listeners: which there are, and their defaults."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from ..hooks import AwsError, Call, Proceed, around

_LOGS = {"enabled": "false", "bucket": "", "prefix": ""}
_ACCESS = {f"access_logs.s3.{key}": value for key, value in _LOGS.items()}
_COMMON = {
    **_ACCESS,
    "deletion_protection.enabled": "false",
    "ipv6.deny_all_igw_traffic": "false",
    "zonal_shift.config.enabled": "false",
}
_BALANCER = {
    "application": {
        **_COMMON,
        **{f"connection_logs.s3.{key}": value for key, value in _LOGS.items()},
        "client_keep_alive.seconds": "3600",
        "idle_timeout.timeout_seconds": "60",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
    },
    "network": {
        **_COMMON,
        "dns_record.client_routing_policy": "any_availability_zone",
        "load_balancing.cross_zone.enabled": "false",
        "secondary_ips.auto_assigned.per_subnet": "0",
    },
}

_HEALTH = "target_group_health"
_GROUP = {
    "stickiness.enabled": "false",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.count": "1",
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.percentage": "off",
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
_COOKIES = {
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
}
_HTTP = {
    **_GROUP,
    **_COOKIES,
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "slow_start.duration_seconds": "0",
}
_TCP = {
    **_GROUP,
    "stickiness.type": "source_ip",
    "deregistration_delay.timeout_seconds": "300",
    "deregistration_delay.connection_termination.enabled": "false",
    "preserve_client_ip.enabled": "true",
    "proxy_protocol_v2.enabled": "false",
    "target_health_state.unhealthy.connection_termination.enabled": "true",
    "target_health_state.unhealthy.draining_interval_seconds": "0",
}
_LAMBDA = {**_GROUP, **_COOKIES, "lambda.multi_value_headers.enabled": "false"}

_HEADERS = (
    "strict_transport_security",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_allow_credentials",
    "access_control_expose_headers",
    "access_control_max_age",
)


def of_balancer(balancer: Any) -> dict[str, str]:
    """What a new load balancer has."""
    attributes = dict(_BALANCER[balancer.type])
    if balancer.scheme == "internal":
        attributes["ipv6.deny_all_igw_traffic"] = "true"
    return attributes


def of_group(group: Any) -> dict[str, str]:
    """What a new target group has."""
    if group.target_type == "lambda":
        return dict(_LAMBDA)
    if group.protocol in ("HTTP", "HTTPS"):
        return dict(_HTTP)
    seen = group.target_type == "instance" or group.protocol in ("UDP", "TCP_UDP")
    return {**_TCP, "preserve_client_ip.enabled": "true" if seen else "false"}


def of_listener(protocol: str) -> dict[str, str]:
    """What a new listener has."""
    if protocol not in ("HTTP", "HTTPS"):
        return {"tcp.idle_timeout.seconds": "350"} if protocol == "TCP" else {}
    start = "routing.http.response"
    values = {f"{start}.{header}.header_value": "" for header in _HEADERS}
    return {f"{start}.server.enabled": "true", **values}


def _wanted(call: Call, known: dict[str, str], what: str) -> dict[str, str]:
    wanted = {a["Key"]: a.get("Value") or "" for a in call.get("Attributes") or []}
    for key in wanted:
        if key not in known:
            raise AwsError(
                "InvalidConfigurationRequest", f"{what} attribute key '{key}' is not supported"
            )
    return wanted


@around("elbv2", "ModifyLoadBalancerAttributes")
def modify_balancer(call: Call, proceed: Proceed) -> Any:
    balancer = call.backend("elbv2").load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is None:
        return proceed()
    wanted = _wanted(call, balancer.attrs, "Load balancer")
    after = {**balancer.attrs, **wanted}
    for kind in ("access_logs", "connection_logs"):
        if after.get(f"{kind}.s3.enabled") == "true" and not after[f"{kind}.s3.bucket"]:
            raise AwsError("InvalidConfigurationRequest", f"{kind} need a bucket")
    if balancer.type == "application" and after["load_balancing.cross_zone.enabled"] != "true":
        raise AwsError("InvalidConfigurationRequest", "Cross-zone load balancing is always on")
    return proceed()


@around("elbv2", "ModifyTargetGroupAttributes")
def modify_group(call: Call, proceed: Proceed) -> Any:
    group = call.backend("elbv2").target_groups.get(call.get("TargetGroupArn"))
    if group is None:
        return proceed()
    wanted = _wanted(call, group.attributes, "Target group")
    if int(wanted.get("deregistration_delay.timeout_seconds") or 0) == 3600:
        # The longest time there is, which moto refuses.
        group.attributes.update(wanted)
        return ActionResult({"Attributes": wanted})
    return proceed()


@around("elbv2", "ModifyListenerAttributes")
def modify_listener(call: Call, proceed: Proceed) -> Any:
    arn = call.get("ListenerArn")
    listener = call.backend("elbv2").describe_listeners(None, [arn])[0]
    _wanted(call, listener.attributes, "Listener")
    return proceed()
