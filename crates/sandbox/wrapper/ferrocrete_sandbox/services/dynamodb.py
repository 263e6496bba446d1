"""DynamoDB: tables take a while, take one change at a time, and show all that was set."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.models.table import GlobalSecondaryIndex, Table

from .. import clock
from ..hooks import AwsError, Call, Proceed, around

_describe = Table.describe


def _of_index(table: Table, index: GlobalSecondaryIndex) -> dict[str, Any]:
    """Missing in moto: recordings `dynamodb__dynamodb.json`, test_gsi_with_billing_mode."""
    return {
        "IndexArn": f"{table.table_arn}/index/{index.name}",
        "IndexSizeBytes": 0,
        "ItemCount": 0,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, **index.throughput},
    }


def _shown(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    """What moto leaves out, invents, or shows although it is not there any more."""
    result = _describe(self, base_key)
    shown = result[base_key]
    shown["TableStatus"] = getattr(self, "sandbox_status", "ACTIVE")
    shown["AttributeDefinitions"] = [
        a for a in self.attr if a["AttributeName"] in _used(self)
    ]
    if self.billing_mode != "PAY_PER_REQUEST" and not hasattr(self, "sandbox_billed"):
        shown.pop("BillingModeSummary")
    for key in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if not shown[key]:
            shown.pop(key)
    for index, entry in zip(self.global_indexes, shown.get("GlobalSecondaryIndexes", [])):
        entry["OnDemandThroughput"] = getattr(index, "sandbox_limit", None)
        entry.update(_of_index(self, index))
    shown["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.table_arn}{self.created_at}"))
    shown["ProvisionedThroughput"] = {"NumberOfDecreasesToday": 0, **self.throughput}
    if self.billing_mode == "PAY_PER_REQUEST":
        shown["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] = self.created_at
    limit = getattr(self, "sandbox_limit", None)
    if limit:
        shown["OnDemandThroughput"] = limit
    table_class = getattr(self, "sandbox_class", None)
    if table_class:
        shown["TableClassSummary"] = {"TableClass": table_class}
    if "SSEDescription" in shown:
        shown["SSEDescription"]["Status"] = getattr(self, "sandbox_sse", "ENABLED")
    return result


Table.describe = _shown  # type: ignore[method-assign]


def _used(table: Table, *more: Any) -> set[str]:
    schemas = [table.schema, *(i.schema for i in (*table.global_indexes, *table.indexes))]
    return {k["AttributeName"] for schema in (*schemas, *more) for k in schema}


def _table(call: Call) -> Any:
    name = str(call.get("TableName") or call.get("ResourceArn") or "").rsplit("/", 1)[-1]
    return call.backend("dynamodb").tables.get(name)


def _busy(table: Any) -> AwsError:
    status = getattr(table, "sandbox_status", "ACTIVE")
    return AwsError(
        "ResourceInUseException",
        f"Attempt to change a resource which is still in use: Table {table.name} is {status}",
    )


def _is_active(table: Any) -> bool:
    return getattr(table, "sandbox_status", "ACTIVE") == "ACTIVE"


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", f"One or more parameter values were invalid: {message}")


def _limit(wanted: dict[str, Any] | None) -> dict[str, Any] | None:
    """-1 takes a limit away."""
    return {k: v for k, v in (wanted or {}).items() if v > 0} or None


def _key_arn(call: Call, table: Any) -> None:
    """A key is shown by its ARN, however it was named."""
    sse = table.sse_specification
    if not sse or not sse.get("Enabled"):
        return
    name = sse.get("KMSMasterKeyId") or table._get_default_encryption_key(
        call.account, call.region
    )
    if not str(name).startswith("arn:"):
        kms = call.backend("kms")
        name = kms.keys[kms.any_id_to_key_id(name)].arn
    sse["KMSMasterKeyId"] = name


@around("dynamodb", "CreateTable")
def create(call: Call, proceed: Proceed) -> Any:
    params = call.params
    if params.get("BillingMode") == "PAY_PER_REQUEST" and params.get("ProvisionedThroughput"):
        # Recordings `dynamodb__dynamodb.json`, test_dynamodb_pay_per_request.
        raise _invalid(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode "
            "is PAY_PER_REQUEST"
        )
    if params.get("BillingMode") != "PAY_PER_REQUEST":
        for index in params.get("GlobalSecondaryIndexes") or []:
            if not index.get("ProvisionedThroughput"):
                raise _invalid(f"index {index['IndexName']} needs ProvisionedThroughput")
    proceed()
    table = _table(call)
    table.sandbox_limit = _limit(params.get("OnDemandThroughput"))
    table.sandbox_class = params.get("TableClass")
    limits = {i["IndexName"]: i.get("OnDemandThroughput") for i in params.get("GlobalSecondaryIndexes") or []}
    for index in table.global_indexes:
        index.sandbox_limit = _limit(limits.get(index.name))
    _key_arn(call, table)
    table.sandbox_status = "CREATING"
    table.sandbox_backups = False

    def backed_up() -> None:
        table.sandbox_backups = True

    def arrive() -> None:
        if table.sandbox_status == "CREATING":
            table.sandbox_status = "ACTIVE"
        # Its backups are there a little later.
        clock.slowly(call.account, "dynamodb", backed_up)

    answer = ActionResult(table.describe())
    clock.slowly(call.account, "dynamodb", arrive)
    return answer


@around("dynamodb", "DeleteTable")
def delete(call: Call, proceed: Proceed) -> Any:
    table = _table(call)
    if table is None:  # recordings `dynamodb__dynamodb.json`, test_table_crud
        raise AwsError(
            "ResourceNotFoundException",
            f"Requested resource not found: Table: {call.get('TableName')} not found",
        )
    if not _is_active(table):
        raise _busy(table)
    if table.deletion_protection_enabled:
        raise AwsError(
            "ValidationException",
            f"Resource cannot be deleted as it is currently protected against deletion: {table.name}",
        )
    table.sandbox_status = "DELETING"
    tables = call.backend("dynamodb").tables
    clock.slowly(call.account, "dynamodb", lambda: tables.pop(table.name, None))
    return ActionResult({"TableDescription": table.describe()["TableDescription"]})


@around("dynamodb", "UpdateTable")
def update(call: Call, proceed: Proceed) -> Any:
    """One change at a time; moto lacks some, and none takes time."""
    table = _table(call)
    if table is None:
        return proceed()
    if not _is_active(table):
        raise _busy(table)
    params = call.params
    updates = params.get("GlobalSecondaryIndexUpdates") or []
    _check_indexes(table, params, updates)
    _check_capacity(table, params, updates)
    if params.get("AttributeDefinitions"):
        table.attr = params["AttributeDefinitions"]
    if params.get("BillingMode"):
        table.billing_mode = params["BillingMode"]
        table.sandbox_billed = True
        if table.billing_mode == "PAY_PER_REQUEST":
            none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
            table.throughput = dict(none)
            for index in table.global_indexes:
                index.throughput = dict(none)
    if params.get("ProvisionedThroughput"):
        table.throughput = dict(params["ProvisionedThroughput"])
    if params.get("OnDemandThroughput"):
        table.sandbox_limit = _limit(params["OnDemandThroughput"])
    if params.get("TableClass"):
        table.sandbox_class = params["TableClass"]
    if params.get("DeletionProtectionEnabled") is not None:
        table.deletion_protection_enabled = params["DeletionProtectionEnabled"]
    _stream(table, params.get("StreamSpecification"))
    _encrypt(call, table, params.get("SSESpecification"))
    for one in updates:
        _index(call, table, one)
    table.sandbox_status = "UPDATING"
    answer = ActionResult(table.describe())

    def arrive() -> None:
        if table.sandbox_status == "UPDATING":
            table.sandbox_status = "ACTIVE"
        table.sandbox_sse = "ENABLED"

    clock.slowly(call.account, "dynamodb", arrive)
    return answer


def _check_indexes(table: Any, params: dict[str, Any], updates: list[dict[str, Any]]) -> None:
    made = [u["Create"] for u in updates if u.get("Create")]
    moving = [i for i in table.global_indexes if i.status != "ACTIVE"]
    changing = [u for u in updates if u.get("Create") or u.get("Delete")]
    if len(changing) + (len(moving) if changing else 0) > 1:
        raise AwsError(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted "
            "simultaneously per table",
        )
    there = {index.name for index in table.global_indexes}
    for one in updates:
        (kind, index), *_ = one.items()
        if (index["IndexName"] in there) == (kind == "Create"):
            raise _invalid(f"index {index['IndexName']} cannot be the object of {kind}")
    definitions = params.get("AttributeDefinitions")
    if definitions is None:
        if made:
            raise _invalid("AttributeDefinitions of the new index are missing")
        return
    defined = {d["AttributeName"]: d["AttributeType"] for d in definitions}
    used = _used(table, *(index["KeySchema"] for index in made))
    if set(defined) != used:
        raise _invalid(f"AttributeDefinitions are {sorted(defined)}, keys use {sorted(used)}")
    for attribute in table.attr:
        name = attribute["AttributeName"]
        if name in _used(table) and defined[name] != attribute["AttributeType"]:
            raise _invalid(f"the type of key attribute {name} cannot be changed")


def _check_capacity(table: Any, params: dict[str, Any], updates: list[dict[str, Any]]) -> None:
    mode = params.get("BillingMode") or table.billing_mode
    wanted = params.get("ProvisionedThroughput")
    indexes = {u["Update"]["IndexName"]: u["Update"] for u in updates if u.get("Update")}
    if mode == "PAY_PER_REQUEST":
        if wanted or any(i.get("ProvisionedThroughput") for i in indexes.values()):
            raise _invalid("no capacity can be specified when BillingMode is PAY_PER_REQUEST")
        return
    if params.get("OnDemandThroughput"):
        raise _invalid("OnDemandThroughput is for PAY_PER_REQUEST")
    if table.billing_mode == "PAY_PER_REQUEST":
        missing = [i.name for i in table.global_indexes if i.name not in indexes]
        if not wanted or missing:
            raise _invalid(f"ProvisionedThroughput is missing, of the table or of {missing}")
        return
    for now, new in [(table.throughput, wanted)] + [
        (index.throughput, indexes[index.name].get("ProvisionedThroughput"))
        for index in table.global_indexes
        if index.name in indexes
    ]:
        if new and all(now.get(key) == value for key, value in new.items()):
            raise AwsError(
                "ValidationException",
                "The provisioned throughput for the table will not change. The requested value "
                "equals the current value.",
            )


def _stream(table: Any, wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        return
    enabled = bool((table.stream_specification or {}).get("StreamEnabled"))
    if bool(wanted.get("StreamEnabled")) == enabled:
        state = "enabled" if enabled else "disabled"
        raise AwsError("ValidationException", f"Table already has a stream that is {state}")
    table.set_stream_specification(dict(wanted))


def _encrypt(call: Call, table: Any, wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        return
    table.sse_specification = dict(wanted) if wanted.get("Enabled") else None
    _key_arn(call, table)
    table.sandbox_sse = "UPDATING"


def _index(call: Call, table: Any, one: dict[str, Any]) -> None:
    """An index is there, or gone, later than the table is active again."""
    (kind, wanted), *_ = one.items()
    there = {index.name: index for index in table.global_indexes}
    if kind == "Update":
        index = there[wanted["IndexName"]]
        if wanted.get("ProvisionedThroughput"):
            index.throughput = dict(wanted["ProvisionedThroughput"])
        if wanted.get("OnDemandThroughput"):
            index.sandbox_limit = _limit(wanted["OnDemandThroughput"])
        return
    if kind == "Create":
        index = GlobalSecondaryIndex.create(wanted, table.table_key_attrs)
        index.sandbox_limit = _limit(wanted.get("OnDemandThroughput"))
        index.status = "CREATING"
        table.global_indexes.append(index)
    else:
        index = there[wanted["IndexName"]]
        index.status = "DELETING"

    def arrive() -> None:
        if kind == "Create":
            index.status = "ACTIVE"
        else:
            table.global_indexes.remove(index)

    slow = clock.slowly
    slow(call.account, "dynamodb", lambda: slow(call.account, "dynamodb", arrive))


@around("dynamodb", "UpdateTimeToLive")
def expire(call: Call, proceed: Proceed) -> Any:
    table = _table(call)
    if table is None:
        return proceed()
    if not _is_active(table):
        raise _busy(table)
    wanted = call.get("TimeToLiveSpecification")
    enabled = table.ttl["TimeToLiveStatus"] == "ENABLED"
    if enabled == wanted["Enabled"]:
        state = "enabled" if enabled else "disabled"
        raise AwsError("ValidationException", f"TimeToLive is already {state}")
    if enabled and table.ttl["AttributeName"] != wanted["AttributeName"]:
        raise AwsError(
            "ValidationException", "TimeToLive is active on a different AttributeName"
        )
    result = proceed()
    if not wanted["Enabled"]:
        table.ttl.pop("AttributeName", None)
    return result


@around("dynamodb", "UpdateContinuousBackups")
def back_up(call: Call, proceed: Proceed) -> Any:
    table = _table(call)
    if table is not None and not getattr(table, "sandbox_backups", True):
        raise AwsError(
            "ContinuousBackupsUnavailableException",
            "Backups are being enabled for the table: " + table.name,
        )
    return proceed()


@around("dynamodb", "TagResource")
def tag(call: Call, proceed: Proceed) -> Any:
    """A tag that is there gets another value; moto adds it once more."""
    table = _table(call)
    if table is not None:
        new = {t["Key"] for t in call.get("Tags") or []}
        table.tags = [t for t in table.tags if t["Key"] not in new]
    return proceed()
