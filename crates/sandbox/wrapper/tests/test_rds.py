"""Databases."""

import json

import pytest

TAGS = [{"Key": "a", "Value": "b"}]


@pytest.fixture
def subnets(aws, network):
    aws("rds").create_db_subnet_group(
        DBSubnetGroupName="Group",
        DBSubnetGroupDescription="d",
        SubnetIds=[network["a"], network["b"]],
        Tags=TAGS,
    )
    return "group"


@pytest.fixture
def parameters(aws):
    aws("rds").create_db_parameter_group(
        DBParameterGroupName="params",
        DBParameterGroupFamily="postgres16",
        Description="d",
        Tags=TAGS,
    )
    return "params"


@pytest.fixture
def create(aws, subnets):
    def make(name="db", **more):
        values = {
            "DBInstanceIdentifier": name,
            "Engine": "postgres",
            "EngineVersion": "16",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": 20,
            "MasterUsername": "root",
            "MasterUserPassword": "correct horse".replace(" ", "-"),
            "DBSubnetGroupName": subnets,
        }
        return aws("rds").create_db_instance(**{**values, **more})["DBInstance"]

    return make


def described(aws, name="db"):
    return aws("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def status(aws, name="db"):
    return described(aws, name)["DBInstanceStatus"]


def test_slow_states(aws, create, refused, eventually):
    rds = aws("rds")
    aws.configure(slow={"rds": 1})
    made = create()
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in described(aws)
    code = refused(rds.modify_db_instance, DBInstanceIdentifier="db", AllocatedStorage=30)
    assert code == "InvalidDBInstanceState"
    eventually(lambda: status(aws) == "available")
    assert described(aws)["Endpoint"]["Port"] == 5432
    rds.modify_db_instance(
        DBInstanceIdentifier="db", AllocatedStorage=30, ApplyImmediately=True
    )
    found = described(aws)
    assert found["DBInstanceStatus"] == "modifying"
    assert found["PendingModifiedValues"] == {"AllocatedStorage": 30}
    assert found["AllocatedStorage"] == 20
    eventually(lambda: status(aws) == "available")
    assert described(aws)["AllocatedStorage"] == 30
    assert described(aws).get("PendingModifiedValues", {}) == {}
    rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    assert status(aws) == "deleting"
    code = refused(rds.delete_db_instance, DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    assert code == "InvalidDBInstanceState"
    eventually(lambda: not rds.describe_db_instances()["DBInstances"])
    code = refused(rds.describe_db_instances, DBInstanceIdentifier="db")
    assert code == "DBInstanceNotFound"


def test_refused_deletes(aws, create, parameters, subnets, network, refused, eventually):
    rds, ec2 = aws("rds"), aws("ec2")
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])
    create(
        DBParameterGroupName=parameters,
        VpcSecurityGroupIds=[group["GroupId"]],
        DeletionProtection=True,
    )

    def held():
        code = refused(rds.delete_db_subnet_group, DBSubnetGroupName=subnets)
        assert code == "InvalidDBSubnetGroupStateFault"
        code = refused(rds.delete_db_parameter_group, DBParameterGroupName=parameters)
        assert code == "InvalidDBParameterGroupState"
        code = refused(ec2.delete_security_group, GroupId=group["GroupId"])
        assert code == "DependencyViolation"
        assert refused(ec2.delete_subnet, SubnetId=network["a"]) == "DependencyViolation"

    held()
    delete = {"DBInstanceIdentifier": "db", "SkipFinalSnapshot": True}
    assert refused(rds.delete_db_instance, **delete) == "InvalidParameterCombination"
    rds.modify_db_instance(DBInstanceIdentifier="db", DeletionProtection=False)
    code = refused(rds.delete_db_instance, DBInstanceIdentifier="db")
    assert code == "InvalidParameterCombination"  # neither skipped nor named
    aws.configure(slow={"rds": 0.3})
    rds.delete_db_instance(**delete)
    held()
    eventually(lambda: not rds.describe_db_instances()["DBInstances"])
    rds.delete_db_subnet_group(DBSubnetGroupName=subnets)
    rds.delete_db_parameter_group(DBParameterGroupName=parameters)
    ec2.delete_security_group(GroupId=group["GroupId"])
    ec2.delete_subnet(SubnetId=network["a"])


def test_settings_are_read_back(aws, create, parameters):
    iam = aws("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "monitoring.rds.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
    role = iam.create_role(RoleName="m", AssumeRolePolicyDocument=json.dumps(trust))
    role = role["Role"]["Arn"]
    create(
        MultiAZ=True,
        StorageType="gp3",
        StorageEncrypted=True,
        MaxAllocatedStorage=100,
        BackupRetentionPeriod=14,
        PreferredBackupWindow="03:00-04:00",
        PreferredMaintenanceWindow="sun:05:00-sun:06:00",
        EnablePerformanceInsights=True,
        PerformanceInsightsRetentionPeriod=31,
        DBParameterGroupName=parameters,
        CACertificateIdentifier="rds-ca-ecc384-g1",
        CopyTagsToSnapshot=True,
        MonitoringInterval=60,
        MonitoringRoleArn=role,
        EnableIAMDatabaseAuthentication=True,
        EnableCloudwatchLogsExports=["postgresql"],
        AutoMinorVersionUpgrade=False,
        PubliclyAccessible=False,
        DBName="app",
        Port=5433,
        Tags=TAGS,
    )
    found = described(aws)
    expected = {
        "MultiAZ": True,
        "StorageType": "gp3",
        "StorageEncrypted": True,
        "MaxAllocatedStorage": 100,
        "Iops": 3000,
        "StorageThroughput": 125,
        "BackupRetentionPeriod": 14,
        "PreferredBackupWindow": "03:00-04:00",
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsRetentionPeriod": 31,
        "CACertificateIdentifier": "rds-ca-ecc384-g1",
        "CopyTagsToSnapshot": True,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": role,
        "IAMDatabaseAuthenticationEnabled": True,
        "EnabledCloudwatchLogsExports": ["postgresql"],
        "AutoMinorVersionUpgrade": False,
        "PubliclyAccessible": False,
        "DBName": "app",
        "EngineVersion": "16.6",
        "LicenseModel": "postgresql-license",
        "DeletionProtection": False,
        "TagList": TAGS,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert found["Endpoint"]["Port"] == 5433
    groups = [(g["DBParameterGroupName"], g["ParameterApplyStatus"]) for g in found["DBParameterGroups"]]
    assert groups == [("params", "in-sync")]
    assert found["DBSubnetGroup"]["DBSubnetGroupName"] == "group"
    create("other")
    other = described(aws, "other")
    assert other["DbiResourceId"] != found["DbiResourceId"]
    assert other["PerformanceInsightsEnabled"] is False
    assert "MaxAllocatedStorage" not in other
    assert other["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"


def test_changes_wait_for_the_window_unless_immediate(aws, create, parameters):
    rds = aws("rds")
    create()
    rds.modify_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t4g.small",
        MultiAZ=True,
        BackupRetentionPeriod=3,
        EnablePerformanceInsights=True,
    )
    found = described(aws)
    assert (found["DBInstanceClass"], found["MultiAZ"]) == ("db.t4g.micro", False)
    assert found["PendingModifiedValues"] == {"DBInstanceClass": "db.t4g.small", "MultiAZ": True}
    assert found["BackupRetentionPeriod"] == 3
    assert found["PerformanceInsightsEnabled"] is True
    assert found["PerformanceInsightsRetentionPeriod"] == 7
    rds.modify_db_instance(DBInstanceIdentifier="db", ApplyImmediately=True)
    found = described(aws)
    assert (found["DBInstanceClass"], found["MultiAZ"]) == ("db.t4g.small", True)
    # Turning backups off waits, unlike another number of days.
    rds.modify_db_instance(
        DBInstanceIdentifier="db", BackupRetentionPeriod=0, EnableIAMDatabaseAuthentication=True
    )
    found = described(aws)
    assert found["BackupRetentionPeriod"] == 3
    assert found["IAMDatabaseAuthenticationEnabled"] is False
    assert found["PendingModifiedValues"] == {
        "BackupRetentionPeriod": 0,
        "IAMDatabaseAuthenticationEnabled": True,
    }
    rds.modify_db_instance(DBInstanceIdentifier="db", ApplyImmediately=True)
    found = described(aws)
    assert found["BackupRetentionPeriod"] == 0
    assert found["IAMDatabaseAuthenticationEnabled"] is True
    rds.modify_db_instance(
        DBInstanceIdentifier="db", DBParameterGroupName=parameters, ApplyImmediately=True
    )
    assert described(aws)["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    rds.reboot_db_instance(DBInstanceIdentifier="db")
    assert described(aws)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_a_change_of_nothing_is_refused(aws, create, refused):
    create()
    change = aws("rds").modify_db_instance
    code = refused(change, DBInstanceIdentifier="db", ApplyImmediately=True)
    assert code == "InvalidParameterCombination"


def test_a_new_port_waits_for_no_window(aws, create):
    create()
    changes = {"DBInstanceClass": "db.t4g.small", "DBPortNumber": 5433}
    aws("rds").modify_db_instance(DBInstanceIdentifier="db", **changes)
    found = described(aws)
    assert found["Endpoint"]["Port"] == 5433
    assert found["PendingModifiedValues"] == {"DBInstanceClass": "db.t4g.small"}


def test_invalid_databases(aws, create, refused):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_security_group(GroupName="o", Description="d", VpcId=vpc)["GroupId"]
    for more, code in (
        ({"MasterUserPassword": "short"}, "InvalidParameterValue"),
        ({"EngineVersion": "1"}, "InvalidParameterCombination"),
        ({"VpcSecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidParameterValue"),
        ({"VpcSecurityGroupIds": [other]}, "InvalidParameterCombination"),
        ({"DBSubnetGroupName": "missing"}, "DBSubnetGroupNotFoundFault"),
        ({"DBParameterGroupName": "missing"}, "DBParameterGroupNotFound"),
    ):
        assert refused(create, **more) == code, more
    create()
    assert refused(create) == "DBInstanceAlreadyExists"
    code = refused(
        aws("rds").modify_db_instance, DBInstanceIdentifier="db", AllocatedStorage=10
    )
    assert code == "InvalidParameterCombination"


def test_final_snapshot(aws, create):
    create()
    rds = aws("rds")
    rds.delete_db_instance(DBInstanceIdentifier="db", FinalDBSnapshotIdentifier="last")
    assert rds.describe_db_instances()["DBInstances"] == []
    assert rds.describe_db_snapshots(DBSnapshotIdentifier="last")["DBSnapshots"]


def test_subnet_groups(aws, subnets, network, refused):
    rds = aws("rds")
    c = aws("ec2").create_subnet(
        VpcId=network["vpc"], CidrBlock="10.0.7.0/24", AvailabilityZone="us-east-1c"
    )["Subnet"]["SubnetId"]
    two = [network["a"], network["b"]]
    new = {"DBSubnetGroupName": "GROUP", "DBSubnetGroupDescription": "d", "SubnetIds": two}
    assert refused(rds.create_db_subnet_group, **new) == "DBSubnetGroupAlreadyExists"
    new.update(DBSubnetGroupName="one", SubnetIds=two[:1])
    assert refused(rds.create_db_subnet_group, **new) == "DBSubnetGroupDoesNotCoverEnoughAZs"
    rds.modify_db_subnet_group(
        DBSubnetGroupName="group", DBSubnetGroupDescription="e", SubnetIds=[network["a"], c]
    )
    found = rds.describe_db_subnet_groups(DBSubnetGroupName="group")["DBSubnetGroups"][0]
    assert found["DBSubnetGroupDescription"] == "e"
    assert {s["SubnetIdentifier"] for s in found["Subnets"]} == {network["a"], c}
    assert rds.list_tags_for_resource(ResourceName=found["DBSubnetGroupArn"])["TagList"] == TAGS
    for operation in (rds.delete_db_subnet_group, rds.describe_db_subnet_groups):
        assert refused(operation, DBSubnetGroupName="no") == "DBSubnetGroupNotFoundFault"


def test_parameter_groups(aws, parameters, refused):
    rds = aws("rds")

    def user():
        found = rds.describe_db_parameters(DBParameterGroupName=parameters, Source="user")
        return {
            p["ParameterName"]: (p["ParameterValue"], p["ApplyMethod"], p["Source"])
            for p in found["Parameters"]
        }

    assert user() == {}
    rds.modify_db_parameter_group(
        DBParameterGroupName=parameters,
        Parameters=[
            {"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"},
            {
                "ParameterName": "max_connections",
                "ParameterValue": "50",
                "ApplyMethod": "pending-reboot",
            },
        ],
    )
    assert user() == {
        "log_statement": ("ddl", "immediate", "user"),
        "max_connections": ("50", "pending-reboot", "user"),
    }
    rds.reset_db_parameter_group(
        DBParameterGroupName=parameters,
        Parameters=[{"ParameterName": "max_connections", "ApplyMethod": "pending-reboot"}],
    )
    assert set(user()) == {"log_statement"}
    found = rds.describe_db_parameter_groups(DBParameterGroupName=parameters)
    found = found["DBParameterGroups"][0]
    assert (found["DBParameterGroupFamily"], found["Description"]) == ("postgres16", "d")
    assert rds.list_tags_for_resource(ResourceName=found["DBParameterGroupArn"])["TagList"] == TAGS
    for operation in (
        rds.describe_db_parameter_groups,
        rds.delete_db_parameter_group,
        rds.describe_db_parameters,
    ):
        assert refused(operation, DBParameterGroupName="no") == "DBParameterGroupNotFound"


def test_engine_versions(aws):
    rds = aws("rds")
    found = rds.describe_db_engine_versions(Engine="postgres", EngineVersion="16")
    assert [v["EngineVersion"] for v in found["DBEngineVersions"]] == ["16.4", "16.6"]
    default = rds.describe_db_engine_versions(Engine="mysql", DefaultOnly=True)
    assert default["DBEngineVersions"][0]["DBParameterGroupFamily"] == "mysql8.4"
