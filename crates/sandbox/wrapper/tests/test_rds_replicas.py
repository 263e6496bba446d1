"""Read replicas of databases."""

import pytest

DB = {
    "Engine": "postgres",
    "DBInstanceClass": "db.t3.micro",
    "AllocatedStorage": 20,
    "MasterUsername": "app",
    "MasterUserPassword": "secret-1234",
}


@pytest.fixture
def rds(aws):
    return aws("rds")


@pytest.fixture
def shown(rds):
    def describe(name):
        (one,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        return one

    return describe


def replicate(rds, name="copy", **more):
    return rds.create_db_instance_read_replica(
        DBInstanceIdentifier=name, SourceDBInstanceIdentifier="main", **more
    )


def test_a_replica_is_a_database_of_its_own(aws, rds, shown, refused, eventually):
    rds.create_db_instance(
        DBInstanceIdentifier="main", MultiAZ=True, DeletionProtection=True,
        MonitoringInterval=5, MonitoringRoleArn="arn:aws:iam::1:role/r", **DB,
    )  # fmt: skip
    aws.configure(slow={"rds": 1})
    tags = [{"Key": "a", "Value": "b"}]
    replicate(rds, DBInstanceClass="db.t3.small", Tags=tags)
    assert shown("copy")["DBInstanceStatus"] == "creating"
    assert refused(replicate, rds=rds) == "DBInstanceAlreadyExists"
    eventually(lambda: shown("copy")["DBInstanceStatus"] == "available")
    copy, main = shown("copy"), shown("main")
    assert copy["ReadReplicaSourceDBInstanceIdentifier"] == "main"
    assert main["ReadReplicaDBInstanceIdentifiers"] == ["copy"]
    assert "ReadReplicaSourceDBInstanceIdentifier" not in main
    assert copy["DbiResourceId"] != main["DbiResourceId"]
    assert (copy["DBInstanceClass"], main["DBInstanceClass"]) == ("db.t3.small", "db.t3.micro")
    assert (copy["TagList"], main["TagList"]) == (tags, [])
    assert (copy["BackupRetentionPeriod"], main["BackupRetentionPeriod"]) == (0, 1)
    for name, value in (("MultiAZ", False), ("DeletionProtection", False)):
        assert (copy[name], main[name]) == (value, True)
    assert (copy["MonitoringInterval"], main["MonitoringInterval"]) == (0, 5)
    assert copy["Endpoint"]["Address"] != main["Endpoint"]["Address"]
    code = refused(
        rds.delete_db_instance, DBInstanceIdentifier="copy", FinalDBSnapshotIdentifier="x"
    )
    assert code == "InvalidParameterCombination"
    rds.delete_db_instance(DBInstanceIdentifier="copy", SkipFinalSnapshot=True)
    eventually(lambda: shown("main")["ReadReplicaDBInstanceIdentifiers"] == [])


def test_a_source_keeps_backups_and_is_available(aws, rds, refused):
    rds.create_db_instance(DBInstanceIdentifier="main", BackupRetentionPeriod=0, **DB)
    assert refused(replicate, rds=rds) == "InvalidDBInstanceState"
    aws.configure(slow={"rds": 60})
    rds.modify_db_instance(
        DBInstanceIdentifier="main", BackupRetentionPeriod=1, AllocatedStorage=30,
        ApplyImmediately=True,
    )  # fmt: skip
    assert refused(replicate, rds=rds) == "InvalidDBInstanceState"


def test_a_replica_is_promoted(aws, rds, shown, refused, eventually):
    rds.create_db_instance(DBInstanceIdentifier="main", **DB)
    replicate(rds)
    assert refused(rds.promote_read_replica, DBInstanceIdentifier="main") == (
        "InvalidDBInstanceState"
    )
    aws.configure(slow={"rds": 1})
    rds.promote_read_replica(DBInstanceIdentifier="copy", BackupRetentionPeriod=3)
    assert shown("copy")["DBInstanceStatus"] == "modifying"
    assert refused(rds.promote_read_replica, DBInstanceIdentifier="copy") == (
        "InvalidDBInstanceState"
    )
    eventually(lambda: shown("copy")["DBInstanceStatus"] == "available")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in shown("copy")
    assert shown("copy")["BackupRetentionPeriod"] == 3
    assert shown("main")["ReadReplicaDBInstanceIdentifiers"] == []
    rds.delete_db_instance(DBInstanceIdentifier="copy", FinalDBSnapshotIdentifier="last")


def test_a_restored_database_begins_with_settings_of_its_own(aws, rds, shown, refused, eventually):
    rds.create_db_instance(
        DBInstanceIdentifier="main", MultiAZ=True, DeletionProtection=True, DBName="app", **DB
    )
    rds.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="before")
    aws.configure(slow={"rds": 1})
    tags = [{"Key": "a", "Value": "b"}]
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="back", DBSnapshotIdentifier="before", Tags=tags
    )
    assert shown("back")["DBInstanceStatus"] == "creating"
    eventually(lambda: shown("back")["DBInstanceStatus"] == "available")
    rds.restore_db_instance_to_point_in_time(
        SourceDbiResourceId=shown("main")["DbiResourceId"],
        TargetDBInstanceIdentifier="then",
        UseLatestRestorableTime=True,
        Tags=tags,
    )
    eventually(lambda: shown("then")["DBInstanceStatus"] == "available")
    main = shown("main")
    for back in (shown("back"), shown("then")):
        assert (back["MasterUsername"], back["DBName"]) == ("app", "app")
        assert (back["MultiAZ"], back["DeletionProtection"]) == (False, False)
        assert back["DbiResourceId"] != main["DbiResourceId"]
        assert back["TagList"] == tags
    for missing in (
        lambda: rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="x", DBSnapshotIdentifier="missing"
        ),
    ):
        assert refused(missing) in ("DBSnapshotNotFound", "DBSnapshotNotFoundFault")


def test_a_point_in_time_needs_backups_and_one_time(rds, refused):
    rds.create_db_instance(DBInstanceIdentifier="main", BackupRetentionPeriod=0, **DB)
    names = {"SourceDBInstanceIdentifier": "main", "TargetDBInstanceIdentifier": "then"}
    restore = rds.restore_db_instance_to_point_in_time
    assert refused(restore, UseLatestRestorableTime=True, **names) == "PointInTimeRestoreNotEnabled"
    rds.create_db_instance(DBInstanceIdentifier="other", **DB)
    names["SourceDBInstanceIdentifier"] = "other"
    assert refused(restore, **names) == "InvalidParameterCombination"
