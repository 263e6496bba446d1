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


def test_a_new_table_takes_nothing(aws, dynamodb, refused):
    aws.configure(slow={"dynamodb": 60})
    assert make(dynamodb)["TableStatus"] == "CREATING"
    assert refused(update, dynamodb=dynamodb, TableClass="STANDARD") == "ResourceInUseException"
    ttl = {"AttributeName": "end", "Enabled": True}
    code = refused(dynamodb.update_time_to_live, TableName="t", TimeToLiveSpecification=ttl)
    assert code == "ResourceInUseException"
    code = refused(
        dynamodb.update_continuous_backups,
        TableName="t",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    assert code == "ContinuousBackupsUnavailableException"
    assert refused(dynamodb.delete_table, TableName="t") == "ResourceInUseException"
    assert refused(make, dynamodb=dynamodb) == "ResourceInUseException"


def test_one_change_at_a_time(aws, dynamodb, table, refused):
    make(dynamodb)
    aws.configure(slow={"dynamodb": 60})
    assert update(dynamodb, TableClass="STANDARD_INFREQUENT_ACCESS")["TableStatus"] == "UPDATING"
    assert table()["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert refused(update, dynamodb=dynamodb, TableClass="STANDARD") == "ResourceInUseException"
    assert refused(dynamodb.delete_table, TableName="t") == "ResourceInUseException"


def test_a_table_goes_slowly(aws, dynamodb, table, refused, eventually):
    make(dynamodb)
    aws.configure(slow={"dynamodb": 1})
    deleted = dynamodb.delete_table(TableName="t")["TableDescription"]
    assert deleted["TableStatus"] == table()["TableStatus"] == "DELETING"
    assert refused(dynamodb.delete_table, TableName="t") == "ResourceInUseException"
    eventually(lambda: dynamodb.list_tables()["TableNames"] == [])
    assert refused(dynamodb.describe_table, TableName="t") == "ResourceNotFoundException"


def test_all_comes_about(aws, dynamodb, table, eventually):
    aws.configure(slow={"dynamodb": 0.1})
    make(dynamodb)
    eventually(lambda: table()["TableStatus"] == "ACTIVE")
    create = [{"Create": INDEX}]
    made = update(dynamodb, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=create)
    assert made["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    eventually(lambda: table()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE")
    assert table()["TableStatus"] == "ACTIVE"
    assert len(table()["AttributeDefinitions"]) == 2
    update(dynamodb, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-at"}}])
    eventually(lambda: "GlobalSecondaryIndexes" not in table())
    assert table()["AttributeDefinitions"] == DEFINED[:1]


def test_indexes_come_and_go_one_by_one(dynamodb, table, refused):
    make(dynamodb)
    create = [{"Create": INDEX}]
    assert refused(update, dynamodb=dynamodb, GlobalSecondaryIndexUpdates=create) == (
        "ValidationException"
    )
    other = {"Create": {**INDEX, "IndexName": "other"}}
    values = {"AttributeDefinitions": DEFINED, "GlobalSecondaryIndexUpdates": [*create, other]}
    assert refused(update, dynamodb=dynamodb, **values) == "LimitExceededException"
    update(dynamodb, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=create)
    retyped = [DEFINED[0], {"AttributeName": "at", "AttributeType": "N"}]
    values = {"AttributeDefinitions": retyped, "GlobalSecondaryIndexUpdates": [other]}
    assert refused(update, dynamodb=dynamodb, **values) == "ValidationException"
    spare = [*DEFINED, {"AttributeName": "spare", "AttributeType": "N"}]
    values = {"AttributeDefinitions": spare, "GlobalSecondaryIndexUpdates": [other]}
    assert refused(update, dynamodb=dynamodb, **values) == "ValidationException"
    for name in ("by-at", "nowhere"):
        delete = [{"Delete": {"IndexName": name}}]
        if name == "by-at":
            update(dynamodb, GlobalSecondaryIndexUpdates=delete)
            assert "GlobalSecondaryIndexes" not in table()
        values = {"GlobalSecondaryIndexUpdates": delete}
        assert refused(update, dynamodb=dynamodb, **values) == "ValidationException"


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
