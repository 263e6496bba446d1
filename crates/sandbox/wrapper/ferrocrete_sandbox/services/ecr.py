"""ECR: digests are those of manifests; scanning can be turned off."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.ecr.models import Image

from ..hooks import Call, Proceed, around


def _create_digest(self: Image) -> None:
    """moto counts layers only, so that two images without any are the same."""
    digest = hashlib.sha256(self.image_manifest.encode()).hexdigest()
    self._image_digest = f"sha256:{digest}"


Image._create_digest = _create_digest  # type: ignore[method-assign]


@around("ecr", "PutImageScanningConfiguration")
def put_image_scanning_configuration(call: Call, proceed: Proceed) -> Any:
    """What is not said is false; moto takes an empty configuration for none."""
    if call.get("imageScanningConfiguration") == {}:
        name = call.get("repositoryName")
        repository = call.backend("ecr")._get_repository(name, call.get("registryId"))
        repository.image_scanning_configuration = {"scanOnPush": False}
    return proceed()
