"""DynamoDB tables: states, one change at a time, what is read back."""

import pytest

DEFINED = [{"AttributeName": n, "AttributeType": "S"} for n in ("id", "at")]
KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
INDEX = {
    "IndexName": "by-at",
    "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


def make(dynamodb, **more):
    values = {"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": DEFINED[:1], **more}
    return dynamodb.create_table(TableName="t", KeySchema=KEY, **values)["TableDescription"]


@pytest.fixture
def dynamodb(aws):
    return aws("dynamodb")


@pytest.fixture
def table(dynamodb):
    def describe():
        return dynamodb.describe_table(TableName="t")["Table"]

    return describe


def update(dynamodb, **values):
    return dynamodb.update_table(TableName="t", **values)["TableDescription"]


def test_states(aws, dynamodb, table, refused, eventually):
    aws.configure(slow={"dynamodb": 0.1})
    assert make(dynamodb)["TableStatus"] == "CREATING"
    assert refused(update, dynamodb=dynamodb, TableClass="STANDARD") == "ResourceInUseException"
    ttl = {"AttributeName": "end", "Enabled": True}
    code = refused(dynamodb.update_time_to_live, TableName="t", TimeToLiveSpecification=ttl)
    assert code == "ResourceInUseException"
    assert refused(dynamodb.delete_table, TableName="t") == "ResourceInUseException"
    assert refused(make, dynamodb=dynamodb) == "ResourceInUseException"
    eventually(lambda: table()["TableStatus"] == "ACTIVE")
    backups = {"PointInTimeRecoveryEnabled": True}
    code = refused(
        dynamodb.update_continuous_backups,
        TableName="t",
        PointInTimeRecoverySpecification=backups,
    )
    assert code == "ContinuousBackupsUnavailableException"
    assert update(dynamodb, TableClass="STANDARD_INFREQUENT_ACCESS")["TableStatus"] == "UPDATING"
    assert refused(update, dynamodb=dynamodb, TableClass="STANDARD") == "ResourceInUseException"
    eventually(lambda: table()["TableStatus"] == "ACTIVE")
    assert table()["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    deleted = dynamodb.delete_table(TableName="t")["TableDescription"]
    assert deleted["TableStatus"] == table()["TableStatus"] == "DELETING"
    assert refused(dynamodb.delete_table, TableName="t") == "ResourceInUseException"
    eventually(lambda: dynamodb.list_tables()["TableNames"] == [])
    assert refused(dynamodb.describe_table, TableName="t") == "ResourceNotFoundException"


def test_indexes_come_and_go_one_by_one(aws, dynamodb, table, refused, eventually):
    make(dynamodb)
    aws.configure(slow={"dynamodb": 0.1})
    create = [{"Create": INDEX}]
    assert refused(update, dynamodb=dynamodb, GlobalSecondaryIndexUpdates=create) == (
        "ValidationException"
    )
    both = [*create, {"Create": {**INDEX, "IndexName": "other"}}]
    values = {"AttributeDefinitions": DEFINED, "GlobalSecondaryIndexUpdates": both}
    assert refused(update, dynamodb=dynamodb, **values) == "LimitExceededException"
    update(dynamodb, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=create)
    eventually(lambda: table()["TableStatus"] == "ACTIVE")
    assert table()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    again = [{"Create": {**INDEX, "IndexName": "other"}}]
    values = {"AttributeDefinitions": DEFINED, "GlobalSecondaryIndexUpdates": again}
    assert refused(update, dynamodb=dynamodb, **values) == "LimitExceededException"
    eventually(lambda: table()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE")
    assert len(table()["AttributeDefinitions"]) == 2
    retyped = [DEFINED[0], {"AttributeName": "at", "AttributeType": "N"}]
    values = {"AttributeDefinitions": retyped, "GlobalSecondaryIndexUpdates": again}
    assert refused(update, dynamodb=dynamodb, **values) == "ValidationException"
    delete = [{"Delete": {"IndexName": "by-at"}}]
    update(dynamodb, GlobalSecondaryIndexUpdates=delete)
    assert table()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "DELETING"
    eventually(lambda: "GlobalSecondaryIndexes" not in table())
    assert table()["AttributeDefinitions"] == DEFINED[:1]


def test_capacity(dynamodb, table, refused):
    make(dynamodb, OnDemandThroughput={"MaxReadRequestUnits": 9})
    assert table()["OnDemandThroughput"] == {"MaxReadRequestUnits": 9}
    none = {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}
    update(dynamodb, OnDemandThroughput=none)
    assert "OnDemandThroughput" not in table()
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 1}
    for values in ({"ProvisionedThroughput": units}, {"BillingMode": "PROVISIONED"}):
        assert refused(update, dynamodb=dynamodb, **values) == "ValidationException"
    update(dynamodb, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    assert table()["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    values = {"ProvisionedThroughput": units}
    assert refused(update, dynamodb=dynamodb, **values) == "ValidationException"
    update(dynamodb, BillingMode="PAY_PER_REQUEST")
    assert table()["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_stream(dynamodb, table, refused):
    make(dynamodb)
    assert "BillingModeSummary" in table() and "LatestStreamArn" not in table()
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    update(dynamodb, StreamSpecification=stream)
    first = table()["LatestStreamArn"]
    assert refused(update, dynamodb=dynamodb, StreamSpecification=stream) == "ValidationException"
    update(dynamodb, StreamSpecification={"StreamEnabled": False})
    assert "StreamSpecification" not in table() and table()["LatestStreamArn"] == first
    update(dynamodb, StreamSpecification=stream)
    assert table()["LatestStreamArn"] != first


def test_encryption(aws, dynamodb, table):
    key = aws("kms").create_key()["KeyMetadata"]
    make(dynamodb, SSESpecification={"Enabled": True, "KMSMasterKeyId": key["KeyId"]})
    assert table()["SSEDescription"]["KMSMasterKeyArn"] == key["Arn"]
    update(dynamodb, SSESpecification={"Enabled": True})
    other = table()["SSEDescription"]["KMSMasterKeyArn"]
    assert ":key/" in other and other != key["Arn"]
    update(dynamodb, SSESpecification={"Enabled": False})
    assert "SSEDescription" not in table()


def test_expiry_tags_and_protection(dynamodb, refused):
    arn = make(dynamodb, DeletionProtectionEnabled=True)["TableArn"]

    def expire(name, enabled):
        ttl = {"AttributeName": name, "Enabled": enabled}
        return dynamodb.update_time_to_live(TableName="t", TimeToLiveSpecification=ttl)

    assert refused(expire, name="end", enabled=False) == "ValidationException"
    expire("end", True)
    for name in ("end", "other"):
        assert refused(expire, name=name, enabled=True) == "ValidationException"
    expire("end", False)
    shown = dynamodb.describe_time_to_live(TableName="t")["TimeToLiveDescription"]
    assert shown == {"TimeToLiveStatus": "DISABLED"}
    for value in ("1", "2"):
        dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": value}])
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "a", "Value": "2"}]
    assert refused(dynamodb.delete_table, TableName="t") == "ValidationException"
    update(dynamodb, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName="t")
