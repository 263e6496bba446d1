"""Recent Ubuntu and Amazon Linux images, for "the newest image that fits" lookups."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import amis

CANONICAL, AMAZON = "099720109477", "137112412989"

#: Name, owner, root device, date. Three of each kind, so that the newest must be picked.
_KINDS = (
    ("ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-{ubuntu}-server-{date}", CANONICAL, "/dev/sda1"),
    (
        "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{ubuntu}-server-{date}",
        CANONICAL,
        "/dev/sda1",
    ),
    ("ubuntu/images/hvm-ssd/ubuntu-noble-24.04-{ubuntu}-server-{date}", CANONICAL, "/dev/sda1"),
    ("al2023-ami-2023.6.{date}.0-kernel-6.1-{amazon}", AMAZON, "/dev/xvda"),
)
_DATES = ("20250115", "20250610", "20251120")
_ARCHITECTURES = {"x86_64": ("amd64", "x86_64"), "arm64": ("arm64", "arm64")}


def _images() -> list[dict[str, Any]]:
    found = []
    for kind, (pattern, owner, device) in enumerate(_KINDS):
        for number, date in enumerate(_DATES):
            for architecture, (ubuntu, amazon) in _ARCHITECTURES.items():
                name = pattern.format(ubuntu=ubuntu, amazon=amazon, date=date)
                arm = "a" if architecture == "arm64" else "b"
                found.append(
                    {
                        "ami_id": f"ami-0fe{kind}{number}{arm}".ljust(21, "0"),
                        "name": name,
                        "description": name,
                        "owner_id": owner,
                        "owner_alias": "amazon" if owner == AMAZON else None,
                        "image_location": f"{owner}/{name}",
                        "public": True,
                        "architecture": architecture,
                        "image_type": "machine",
                        "platform": None,
                        "state": "available",
                        "root_device_type": "ebs",
                        "root_device_name": device,
                        "sriov": "simple",
                        "hypervisor": "xen",
                        "virtualization_type": "hvm",
                        "creation_date": f"{date[:4]}-{date[4:6]}-{date[6:]}T08:30:00.000Z",
                    }
                )
    return found


#: By region. Nobody can change a public image, so that all accounts may share them: 1,300
#: images with their snapshots are 3 MB and 60 ms per account otherwise.
_shared: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}


def _load(self: Any) -> None:
    if self.region_name not in _shared:
        _original_load(self)
        for image in self.amis.values():
            if image.owner_id == CANONICAL:
                image.owner_alias = None  # moto calls every owner "amazon"
        _shared[self.region_name] = dict(self.amis), dict(self.snapshots)
        return
    images, snapshots = _shared[self.region_name]
    self.amis.update(images)
    self.snapshots.update(snapshots)


amis.AMIS.extend(_images())
_original_load = amis.AmiBackend._load_amis
amis.AmiBackend._load_amis = _load  # type: ignore[method-assign]
