"""Settings that tests change at run time, per account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Kinds of slow state. `slow_seconds` sets all of them at once.
KINDS = ("rds", "nat", "instance", "acm", "ecs", "elb", "route53", "dynamodb", "sqs")

#: Unkind behaviours of AWS that last a while: how many seconds, 0 being off.
UNKIND_SECONDS = (
    "route53_busy",
    "young",
    "young_role",
    "iam_busy",
    "first_use",
    "role_deletion",
    "scaling_busy",
    "rds_late_modify",
    "rds_backup",
    "secret_deletion",
    "gateway_attach",
    "interfaces",
    "nat_address",
    "ecs_stale",
    "logs_busy",
    "s3_deletion",
)  # fmt: skip
#: Unkind behaviours of AWS that are on or off.
UNKIND_FLAGS: tuple[str, ...] = (
    "interfaces_left",
    "ecs_reorder",
)  # fmt: skip


def _kind() -> dict[str, Any]:
    return {**dict.fromkeys(UNKIND_SECONDS, 0.0), **dict.fromkeys(UNKIND_FLAGS, False)}


@dataclass
class Settings:
    """What one account's emulator does differently from an instant one."""

    slow: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    #: Seconds, or on and off, by behaviour.
    unkind: dict[str, Any] = field(default_factory=_kind)
    #: Calls per second, by service; a service without an entry is not throttled.
    rate: dict[str, float] = field(default_factory=dict)
    late_visibility_seconds: float = 0.0
    #: Whether certificates are issued by themselves (else only once the
    #: validation record exists in Route 53).
    acm_auto_issue: bool = True

    def update(self, values: dict[str, Any]) -> None:
        """Applies a `/_sandbox/config` body; unknown keys are errors."""
        for key, value in values.items():
            if key == "account":
                continue
            if key == "slow_seconds":
                self.slow = dict.fromkeys(KINDS, float(value))
            elif key == "slow":
                _refuse_unknown("kind of slow state", value, KINDS)
                self.slow.update({k: float(v) for k, v in value.items()})
            elif key == "unkind":
                _refuse_unknown("unkind behaviour", value, (*UNKIND_SECONDS, *UNKIND_FLAGS))
                for name, wanted in value.items():
                    self.unkind[name] = bool(wanted) if name in UNKIND_FLAGS else float(wanted)
            elif key == "rate":
                self.rate = {name: float(calls) for name, calls in value.items()}
            elif key == "late_visibility_seconds":
                self.late_visibility_seconds = float(value)
            elif key == "acm_auto_issue":
                self.acm_auto_issue = bool(value)
            else:
                raise ValueError(f"unknown setting: {key}")

    def copy(self) -> Settings:
        return Settings(
            dict(self.slow),
            dict(self.unkind),
            dict(self.rate),
            self.late_visibility_seconds,
            self.acm_auto_issue,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "slow": self.slow,
            "unkind": self.unkind,
            "rate": self.rate,
            "late_visibility_seconds": self.late_visibility_seconds,
            "acm_auto_issue": self.acm_auto_issue,
        }


def _refuse_unknown(what: str, values: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = set(values) - set(known)
    if unknown:
        raise ValueError(f"unknown {what}: {sorted(unknown)}")


_default = Settings()
_accounts: dict[str, Settings] = {}


def configure(account: str | None, values: dict[str, Any]) -> Settings:
    """Changes one account's settings, or (without account) the default of accounts
    that have none of their own."""
    target = _default if account is None else _accounts.get(account)
    changed = (target or _default).copy()
    changed.update(values)
    if account is None:
        _default.__dict__.update(changed.__dict__)
        return _default
    _accounts[account] = changed
    return changed


def of(account: str) -> Settings:
    return _accounts.get(account, _default)


def forget(account: str | None) -> None:
    """Back to the default: one account, or all."""
    if account is None:
        _accounts.clear()
    else:
        _accounts.pop(account, None)
