"""S3: refused deletes and read-back. Also DynamoDB's deletion protection."""

import json

import pytest


@pytest.fixture
def bucket(aws):
    aws("s3").create_bucket(Bucket=f"b-{aws.id}")
    return f"b-{aws.id}"


def test_tags_of_create_bucket_are_kept(aws):
    s3 = aws("s3", region="eu-west-1")
    tags = [{"Key": "one", "Value": "1"}, {"Key": "empty", "Value": ""}]
    place = {"LocationConstraint": "eu-west-1", "Tags": tags}
    s3.create_bucket(Bucket=f"t-{aws.id}", CreateBucketConfiguration=place)
    found = s3.get_bucket_tagging(Bucket=f"t-{aws.id}")["TagSet"]
    assert sorted(found, key=lambda tag: tag["Key"], reverse=True) == tags


def test_bucket_with_objects_is_not_deleted(aws, bucket, refused):
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    assert refused(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    assert refused(s3.head_bucket, Bucket=bucket) == "404"


def test_versioned_bucket_with_old_versions_is_not_deleted(aws, bucket, refused):
    s3 = aws("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    s3.delete_object(Bucket=bucket, Key="k")
    assert refused(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
    found = s3.list_object_versions(Bucket=bucket)
    for version in [*found["Versions"], *found["DeleteMarkers"]]:
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=bucket)


def test_the_name_of_a_deleted_bucket_is_taken_for_a_while(aws, bucket):
    s3 = aws("s3")
    aws.configure(unkind={"s3_deletion": 60})
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(s3.exceptions.ClientError) as error:
        s3.create_bucket(Bucket=bucket)
    found = error.value.response
    assert found["Error"]["Code"] == "OperationAborted"
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 409
    aws.configure(unkind={"s3_deletion": 0})
    s3.create_bucket(Bucket=bucket)


def test_bucket_settings_are_read_back(aws, bucket, refused):
    s3 = aws("s3")
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") is None
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"

    default = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert default["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/k"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": kms, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert found["Rules"][0]["ApplyServerSideEncryptionByDefault"] == kms
    assert found["Rules"][0]["BucketKeyEnabled"] is True
    s3.delete_bucket_encryption(Bucket=bucket)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert found["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"

    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == block
    s3.delete_public_access_block(Bucket=bucket)
    code = refused(s3.get_public_access_block, Bucket=bucket)
    assert code == "NoSuchPublicAccessBlockConfiguration"

    rules = [
        {
            "ID": "expire",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 30},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
            "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}],
        }
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket=bucket)
    code = refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
    assert code == "NoSuchLifecycleConfiguration"

    tags = [{"Key": "a", "Value": "b"}]
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == "NoSuchTagSet"
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags

    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    s3.delete_bucket_policy(Bucket=bucket)
    assert refused(s3.get_bucket_policy, Bucket=bucket) == "NoSuchBucketPolicy"

    owner = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=owner)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == owner


def test_object_lock(aws, refused):
    s3 = aws("s3")
    name = f"lock-{aws.id}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    lock = {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}},
    }
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == lock
    s3.create_bucket(Bucket=f"no-{name}")
    code = refused(s3.get_object_lock_configuration, Bucket=f"no-{name}")
    assert code == "ObjectLockConfigurationNotFoundError"


def test_another_region(aws):
    s3 = aws("s3", "eu-west-1")
    name = f"eu-{aws.id}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-1"


def test_conditional_writes(aws, bucket, refused):
    s3 = aws("s3")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")
    code = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first["ETag"])
    code = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"3", IfMatch=first["ETag"])
    assert code == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_protected_table_is_not_deleted(aws, refused):
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )
    assert refused(dynamodb.delete_table, TableName="t") == "ValidationException"
    dynamodb.update_table(TableName="t", DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName="t")


def test_policy_that_wants_tls_lets_us_in(aws, refused):
    s3 = aws("s3")
    s3.create_bucket(Bucket=f"tls-{aws.id}")

    def deny(**condition):
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::tls-{aws.id}", f"arn:aws:s3:::tls-{aws.id}/*"],
            **condition,
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        s3.put_bucket_policy(Bucket=f"tls-{aws.id}", Policy=json.dumps(document))

    put = {"Bucket": f"tls-{aws.id}", "Key": "k", "Body": b"x"}
    deny(Condition={"Bool": {"aws:SecureTransport": ["false"]}})
    s3.put_object(**put)
    deny()
    assert refused(s3.put_object, **put)
