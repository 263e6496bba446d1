"""Actions and conditions as AWS answers them: completed, and without secrets."""

from __future__ import annotations

from typing import Any

from moto.elbv2.models import FakeAction

_LOGIN = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
_REDIRECT = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}


def complete(actions: list[FakeAction]) -> None:
    """Fills in what AWS fills in."""
    for action in actions:
        _complete(action.data)
        action.__dict__.update(action.data)


def _complete(data: dict[str, Any]) -> None:
    if data["Type"] == "forward":
        alone = data.get("TargetGroupArn")
        config = data.setdefault("ForwardConfig", {})
        groups = config.setdefault("TargetGroups", [{"TargetGroupArn": alone}] if alone else [])
        for group in groups:
            group.setdefault("Weight", 1)
        config.setdefault("TargetGroupStickinessConfig", {"Enabled": False})
        if len(groups) == 1:
            data["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    for kind, defaults in (
        ("RedirectConfig", _REDIRECT),
        ("AuthenticateOidcConfig", _LOGIN),
        ("AuthenticateCognitoConfig", _LOGIN),
    ):
        if kind in data:
            data[kind] = {**defaults, **data[kind]}
    # AWS takes the secret and never gives it back.
    data.get("AuthenticateOidcConfig", {}).pop("ClientSecret", None)


def complete_conditions(conditions: list[dict[str, Any]]) -> None:
    """AWS tells paths and hosts in two ways."""
    for condition in conditions:
        for kind in ("PathPatternConfig", "HostHeaderConfig"):
            values = condition.get(kind, {}).get("Values")
            if values:
                condition["Values"] = values
