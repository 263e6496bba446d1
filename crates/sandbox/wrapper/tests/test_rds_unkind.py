"""RDS in a bad mood: late states, backups, and what it changes by itself."""

import pytest
from botocore.exceptions import ClientError
from conftest import control


@pytest.fixture
def rds(aws):
    return aws("rds")


@pytest.fixture
def create(rds):
    def make(**more):
        values = {
            "DBInstanceIdentifier": "db",
            "DBInstanceClass": "db.t3.micro",
            "Engine": "postgres",
            "EngineVersion": "16.4",
            "AllocatedStorage": 20,
            "StorageType": "gp3",
            "MasterUsername": "u",
            "MasterUserPassword": "correct-horse",
            **more,
        }
        return rds.create_db_instance(**values)["DBInstance"]

    return make


@pytest.fixture
def modify(rds):
    def change(**values):
        return rds.modify_db_instance(
            DBInstanceIdentifier="db", ApplyImmediately=True, **values
        )

    return change


@pytest.fixture
def happen(aws):
    def event(kind, **values):
        control("POST", "events", {"account": aws.id, "event": kind, "resource": "db", **values})

    return event


def described(rds):
    return rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]


def status(rds):
    return described(rds)["DBInstanceStatus"]


def error(operation):
    with pytest.raises(ClientError) as raised:
        operation()
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


def test_it_looks_available_before_it_is_modified(aws, rds, create, modify, eventually):
    create()
    aws.configure(slow={"rds": 60}, unkind={"rds_late_modify": 60})
    modify(DBInstanceClass="db.t3.small")
    found = described(rds)
    assert found["DBInstanceStatus"] == "available"
    assert found["PendingModifiedValues"] == {"DBInstanceClass": "db.t3.small"}
    assert found["DBInstanceClass"] == "db.t3.micro"


def test_and_then_it_is_modified(aws, rds, create, modify, eventually):
    create()
    aws.configure(slow={"rds": 0.5}, unkind={"rds_late_modify": 0.2})
    modify(DBInstanceClass="db.t3.small")
    eventually(lambda: status(rds) == "modifying")
    eventually(lambda: status(rds) == "available")
    assert described(rds)["DBInstanceClass"] == "db.t3.small"
    assert not described(rds).get("PendingModifiedValues")


def test_a_former_parameter_group_keeps_its_member(aws, rds, create, modify, refused, eventually):
    for name in ("one", "two"):
        rds.create_db_parameter_group(
            DBParameterGroupName=name, DBParameterGroupFamily="postgres16", Description="d"
        )
    create(DBParameterGroupName="one")
    aws.configure(unkind={"rds_late_modify": 0.4})
    modify(DBParameterGroupName="two")
    delete = rds.delete_db_parameter_group
    assert refused(delete, DBParameterGroupName="one") == "InvalidDBParameterGroupState"

    def deleted():
        try:
            return delete(DBParameterGroupName="one")
        except ClientError:
            return None

    eventually(deleted)
    assert refused(delete, DBParameterGroupName="two") == "InvalidDBParameterGroupState"


def test_a_backup_refuses_changes(aws, rds, create, modify, happen, eventually):
    busy = ("InvalidDBInstanceState", "Database instance is not in available state.")
    aws.configure(unkind={"rds_backup": 0.4})
    create(BackupRetentionPeriod=1)
    assert status(rds) == "backing-up"
    assert error(lambda: modify(AllocatedStorage=30)) == busy
    eventually(lambda: status(rds) == "available")
    modify(AllocatedStorage=30)
    happen("rds_backup", seconds=60)
    assert status(rds) == "backing-up"
    assert error(lambda: modify(AllocatedStorage=40)) == busy
    reboot = rds.reboot_db_instance
    assert error(lambda: reboot(DBInstanceIdentifier="db")) == busy


def test_without_backups_there_is_none(aws, rds, create):
    aws.configure(unkind={"rds_backup": 60})
    create(BackupRetentionPeriod=0)
    assert status(rds) == "available"


def test_what_it_changes_by_itself(rds, create, modify, happen):
    create(MultiAZ=True)
    first = described(rds)["AvailabilityZone"]
    other = described(rds)["SecondaryAvailabilityZone"]
    happen("rds_upgrade", to="16.6")
    happen("rds_grow", to=30)
    happen("rds_failover")
    found = described(rds)
    assert (found["EngineVersion"], found["AllocatedStorage"]) == ("16.6", 30)
    assert (found["AvailabilityZone"], found["SecondaryAvailabilityZone"]) == (other, first)
    assert not found.get("PendingModifiedValues")
    assert error(lambda: modify(EngineVersion="16.4")) == (
        "InvalidParameterCombination",
        "Cannot upgrade postgres from 16.6 to 16.4",
    )
    assert error(lambda: modify(AllocatedStorage=20)) == (
        "InvalidParameterCombination",
        "Invalid storage size for engine name postgres and storage type gp3: 20",
    )
    modify(EngineVersion="16.6", AllocatedStorage=30)
    with pytest.raises(Exception, match="400"):
        happen("rds_nonsense")


def test_who_uses_a_subnet_group(rds, create, network):
    rds.create_db_subnet_group(
        DBSubnetGroupName="subnets",
        DBSubnetGroupDescription="d",
        SubnetIds=[network["a"], network["b"]],
    )
    create(DBSubnetGroupName="subnets")
    assert error(lambda: rds.delete_db_subnet_group(DBSubnetGroupName="subnets")) == (
        "InvalidDBSubnetGroupStateFault",
        "Cannot delete the subnet group 'subnets' because at least one database instance: db is "
        "still using it.",
    )


def test_no_final_snapshot_of_what_is_created(aws, rds, create):
    aws.configure(slow={"rds": 60})
    create()
    delete = {"DBInstanceIdentifier": "db", "FinalDBSnapshotIdentifier": "last"}
    assert error(lambda: rds.delete_db_instance(**delete)) == (
        "InvalidDBInstanceState",
        "Instance db is currently creating - a final snapshot cannot be taken.",
    )
    rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
