"""A fresh account costs moto 0.3 s of CPU, mostly for images and AWS's policies. Not here:
tests use an account each."""

from __future__ import annotations

import copy
import random
from typing import Any

from moto.ec2 import utils
from moto.iam.models import IAMBackend

_templates: list[Any] = []


def _resource_id(size: int = 17) -> str:
    return f"{random.getrandbits(4 * size):0{size}x}"


def _policies(self: IAMBackend) -> list[Any]:
    """AWS's policies, parsed once; each account has copies, since it counts attachments."""
    if not _templates:
        _templates.extend(_original(self))
    copies = []
    for template in _templates:
        policy = copy.copy(template)
        policy.versions = list(template.versions)
        policy.tags = dict(template.tags)
        copies.append(policy)
    return copies


utils.random_resource_id = _resource_id
_original = IAMBackend._init_aws_policies
IAMBackend._init_aws_policies = _policies  # type: ignore[method-assign]
