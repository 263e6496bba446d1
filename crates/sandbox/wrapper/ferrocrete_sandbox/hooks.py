"""How a call of moto is changed: functions that stand around it.

A hook is registered for a service (moto's name for it) and operations, and gets
the call and a function that goes on to moto (or to the next hook):

    @around("ec2", "DeleteSubnet")
    def refuse(call: Call, proceed: Proceed) -> Any:
        if call.ec2.in_use(...):
            raise AwsError("DependencyViolation", "...")
        return proceed()

Results are moto's model objects in dicts named as in AWS's model; a hook may set
attributes on them, which the serializer then picks up by their AWS names.
"""

from __future__ import annotations

import importlib
import json
from typing import Any, Callable

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class

Proceed = Callable[[], Any]
Hook = Callable[["Call", Proceed], Any]

_hooks: dict[tuple[str, str], list[Hook]] = {}
_loaded: set[str] = set()

#: Which modules change which service. Loaded when the service is first called.
_EC2 = (
    "speed",
    "ec2_readback",
    "ec2_lifecycle",
    "ec2_deletes",
    "ec2_groups",
    "ec2_network",
    "ec2_endpoints",
    "ec2_images",
    "ec2_interfaces",
    "ec2_late",
    "ec2_tokens",
    "ec2_canonical",
    "ec2_words",
)
_NETWORKED = (*_EC2, "late", "roles", "linked_roles", "young")
MODULES: dict[str, tuple[str, ...]] = {
    "ec2": _NETWORKED,
    "iam": ("speed", "iam", "iam_sizes", "tag_limits", "late", "roles", "linked_roles", "young", "principals", "iam_answers"),
    "elasticloadbalancing": (
        *_NETWORKED,
        "elb",
        "elb_attributes",
        "elb_listeners",
        "elb_rules",
        "elb_targets",
        "elb_use",
        "tag_limits",
    ),
    "application-autoscaling": ("autoscaling", "linked_roles"),
    "ecr": ("ecr", "young", "principals", "tag_limits"),
    "ecs": (*_NETWORKED, "ecs_definitions", "ecs", "ecs_deployments", "ecs_stopped", "ecs_late", "tag_limits"),
    "acm": ("acm", "tag_limits"),
    "monitoring": ("cloudwatch", "tag_limits"),
    "ssm": ("ssm", "tag_limits"),
    "rds": (
        *_NETWORKED,
        "rds",
        "rds_deletes",
        "rds_replicas",
        "rds_restore",
        "rds_events",
        "rds_classes",
        "tag_limits",
    ),
    "dynamodb": ("dynamodb", "tag_limits"),
    "kms": ("kms", "young", "principals", "tag_limits"),
    "logs": ("logs", "young", "tag_limits"),
    "sns": ("sns", "young", "principals", "tag_limits"),
    "sqs": ("sqs", "young", "principals", "tag_limits"),
    "route53": ("route53", "late", "young"),
    "secretsmanager": ("secrets", "young", "principals", "tag_limits"),
    "sts": ("sts",),
    "s3": ("s3", "s3_rules", "principals"),
    "tagging": ("tagging",),
}


class AwsError(ServiceException):
    """An AWS error, by code and message; the HTTP status where the service's model has none."""

    def __init__(self, code: str, message: str, status: int | None = None):
        super().__init__(code, message)
        self.http_status = status


class Call:
    """One call on its way to moto."""

    def __init__(self, response: BaseResponse, operation: str):
        self.response = response
        self.operation = operation
        self.account: str = response.current_account
        self.region: str = response.region

    @property
    def params(self) -> dict[str, Any]:
        """The parameters, named as in AWS's model."""
        if self.response.automated_parameter_parsing:
            params: Any = self.response.params
            if hasattr(params, "original_dict"):
                params = params.original_dict()
            return {**params, **self.response.uri_match}
        try:
            return dict(json.loads(self.response.body or "{}"))
        except ValueError:
            return {key: value[0] for key, value in self.response.querystring.items()}

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)

    def backend(self, service: str) -> Any:
        """moto's backend of this account and region."""
        return backend(service, self.account, self.region)


def backend(service: str, account: str, region: str) -> Any:
    """moto's backend; for global services the region does not matter."""
    from moto.backends import get_backend

    of_account = get_backend(service)[account]
    return of_account["aws" if service in ("iam", "route53", "s3") else region]


def around(service: str, *operations: str) -> Callable[[Hook], Hook]:
    """Registers a hook; those registered later stand further outside."""

    def register(hook: Hook) -> Hook:
        for operation in operations:
            _hooks.setdefault((service, operation), []).append(hook)
        return hook

    return register


def load(service: str) -> None:
    """Imports what changes this service, before its first call."""
    if service in _loaded:
        return
    _loaded.add(service)
    for module in MODULES.get(service, ()):
        importlib.import_module(f".services.{module}", __package__)


def result_of(result: Any, key: str) -> Any:
    """One member of an `ActionResult` that is a dict or an object."""
    value = result.result
    return value.get(key) if isinstance(value, dict) else getattr(value, key, None)


def install() -> None:
    """Puts the hooks in front of every action of moto."""
    original = BaseResponse.call_action

    def call_action(self: BaseResponse) -> Any:
        operation = self._get_action()
        refused = _refused(self, operation)
        if refused:
            return refused
        chain = _hooks.get((self.service_name or "", operation or ""))
        if chain:
            name = camelcase_to_underscores(operation)
            known = name in method_names_from_class(self.__class__)
            step: Proceed = getattr(self, name) if known else _unknown(operation)
            call = Call(self, operation)
            for hook in chain:
                step = _bind(hook, call, step)
            if not known:
                return _finish(self, step)
            setattr(self, name, step)
        return original(self)

    BaseResponse.call_action = call_action  # type: ignore[method-assign]
    execute = ActionResult.execute_result

    def execute_result(self: ActionResult, context: Any) -> Any:
        status, headers, body = execute(self, context)
        failed = isinstance(self.result, ServiceException)
        chosen = getattr(self.result, "http_status", None) if failed else None
        return chosen or status, headers, body

    ActionResult.execute_result = execute_result  # type: ignore[method-assign]


def _refused(response: BaseResponse, operation: str | None) -> Any:
    """The answer to what the service's model forbids."""
    from . import model

    found = model.refusal(response, operation) if operation else None
    if found is None:
        return None
    return response.serialized(ActionResult(AwsError(*found)))


def _bind(hook: Hook, call: Call, proceed: Proceed) -> Proceed:
    return lambda: hook(call, proceed)


def _unknown(operation: str) -> Proceed:
    def raise_not_implemented() -> Any:
        raise NotImplementedError(operation)

    return raise_not_implemented


def _finish(response: BaseResponse, step: Proceed) -> Any:
    """An operation that moto has no method for: only the hooks answer it."""
    try:
        result = step()
    except ServiceException as error:
        result = ActionResult(error)
    return response.serialized(result)
