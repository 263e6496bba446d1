"""Engine versions: which exist, and what a partial version means."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from ..hooks import AwsError, Call, Proceed, around

#: By engine, oldest first; the last of each major version is what that version means.
VERSIONS: dict[str, tuple[str, ...]] = {
    "postgres": ("13.18", "14.15", "15.8", "15.10", "16.4", "16.6", "17.2"),
    "mysql": ("5.7.44", "8.0.39", "8.0.40", "8.4.3"),
    "mariadb": ("10.6.20", "10.11.10", "11.4.4"),
    "aurora-postgresql": ("15.8", "16.4", "16.6"),
    "aurora-mysql": ("8.0.mysql_aurora.3.07.1", "8.0.mysql_aurora.3.08.0"),
}


def family(engine: str, version: str) -> str:
    """The parameter group family: postgres16, mysql8.0."""
    parts = version.split(".")
    major = parts[0] if "postgres" in engine else ".".join(parts[:2])
    return f"{engine}{major}"


def number(version: str) -> tuple[int, ...]:
    """Versions compare as numbers; what follows them counts as nothing."""
    parts = version.split(".")
    return tuple(int(part) if part.isdigit() else 0 for part in parts)


def resolve(engine: str | None, version: str | None) -> str | None:
    """`16` is the newest `16.x`; no version is the newest of all."""
    known = VERSIONS.get(engine or "")
    if not known:
        return version
    if version is None:
        return known[-1]
    fitting = [v for v in known if v == version or v.startswith(f"{version}.")]
    if fitting:
        return fitting[-1]
    if version.count(".") == 0 or not version.replace(".", "").isdigit():
        raise AwsError(
            "InvalidParameterCombination", f"Cannot find version {version} for {engine}"
        )
    return version  # a full version that this list does not have


@around("rds", "DescribeDBEngineVersions")
def describe(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    found = []
    for engine, versions in VERSIONS.items():
        if call.get("Engine") not in (None, engine):
            continue
        wanted = call.get("EngineVersion")
        fitting = [
            v for v in versions if wanted is None or v == wanted or v.startswith(f"{wanted}.")
        ]
        if call.get("DefaultOnly"):
            fitting = fitting[-1:]
        found += [_entry(engine, version, versions) for version in fitting]
    family_wanted = call.get("DBParameterGroupFamily")
    if family_wanted:
        found = [f for f in found if f["DBParameterGroupFamily"] == family_wanted]
    return ActionResult({"DBEngineVersions": found})


def _entry(engine: str, version: str, versions: tuple[str, ...]) -> dict[str, Any]:
    later = versions[versions.index(version) + 1 :]
    return {
        "Engine": engine,
        "EngineVersion": version,
        "MajorEngineVersion": family(engine, version).removeprefix(engine),
        "DBParameterGroupFamily": family(engine, version),
        "DBEngineDescription": engine,
        "DBEngineVersionDescription": f"{engine} {version}",
        "Status": "available",
        "SupportsReadReplica": True,
        "ValidUpgradeTarget": [
            {
                "Engine": engine,
                "EngineVersion": target,
                "AutoUpgrade": False,
                "IsMajorVersionUpgrade": family(engine, target) != family(engine, version),
            }
            for target in later
        ],
        "SupportedCACertificateIdentifiers": [
            "rds-ca-rsa2048-g1",
            "rds-ca-rsa4096-g1",
            "rds-ca-ecc384-g1",
        ],
    }
