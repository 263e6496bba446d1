"""KMS keys and SQS queues."""

import json


def test_rotation(aws, refused):
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]
    assert (key["KeyUsage"], key["MultiRegion"]) == ("ENCRYPT_DECRYPT", False)
    id_ = key["KeyId"]
    assert kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=id_)
    assert kms.get_key_rotation_status(KeyId=id_)["RotationPeriodInDays"] == 365
    kms.enable_key_rotation(KeyId=id_, RotationPeriodInDays=90)
    assert kms.get_key_rotation_status(KeyId=id_)["RotationPeriodInDays"] == 90
    kms.disable_key(KeyId=id_)
    assert refused(kms.disable_key_rotation, KeyId=id_) == "DisabledException"
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    code = refused(kms.enable_key_rotation, KeyId=rsa)
    assert code == refused(kms.get_key_rotation_status, KeyId=rsa)
    assert code == "UnsupportedOperationException"


def test_a_key_that_goes(aws, refused):
    kms = aws("kms")
    id_ = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=id_)
    kms.schedule_key_deletion(KeyId=id_, PendingWindowInDays=7)
    assert kms.describe_key(KeyId="alias/a")["KeyMetadata"]["KeyState"] == "PendingDeletion"
    for operation, values in (
        (kms.schedule_key_deletion, {}),
        (kms.enable_key, {}),
        (kms.update_key_description, {"Description": "x"}),
        (kms.tag_resource, {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        (kms.get_key_rotation_status, {}),
    ):
        assert refused(operation, KeyId=id_, **values) == "KMSInvalidStateException"
    code = refused(kms.create_alias, AliasName="alias/b", TargetKeyId=id_)
    assert code == "KMSInvalidStateException"
    policy = {"PolicyName": "default", "Policy": "{}"}
    assert refused(kms.put_key_policy, KeyId=id_, **policy) == "KMSInvalidStateException"


def test_policies(aws, refused):
    kms = aws("kms")
    assert refused(kms.create_key, Policy="{}") == "MalformedPolicyDocumentException"
    id_ = kms.create_key()["KeyMetadata"]["KeyId"]
    values = {"KeyId": id_, "PolicyName": "default", "Policy": "no JSON"}
    assert refused(kms.put_key_policy, **values) == "MalformedPolicyDocumentException"


def test_the_name_of_a_deleted_queue(aws, refused, eventually):
    aws.configure(slow={"sqs": 60})
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    code = refused(sqs.get_queue_attributes, QueueUrl=url)
    assert code == "AWS.SimpleQueueService.NonExistentQueue"
    code = refused(sqs.create_queue, QueueName="q")
    assert code == "AWS.SimpleQueueService.QueueDeletedRecently"

    aws.configure(slow={"sqs": 0.1})
    url = sqs.create_queue(QueueName="other")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)

    def made():
        try:
            return sqs.create_queue(QueueName="other")["QueueUrl"]
        except sqs.exceptions.QueueDeletedRecently:
            return None

    assert eventually(made) == url


def test_queue_attributes(aws, refused):
    sqs = aws("sqs")
    code = refused(sqs.create_queue, QueueName="q", Attributes={"FifoThroughputLimit": "perQueue"})
    assert code == "InvalidAttributeName"
    url = sqs.create_queue(QueueName="q")["QueueUrl"]

    def change(**attributes):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)

    def shown():
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert shown()["SqsManagedSseEnabled"] == "true" and "RedriveAllowPolicy" not in shown()
    send = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    change(Policy=policy)
    allow = json.dumps({"redrivePermission": "denyAll"})
    change(RedriveAllowPolicy=allow)
    assert json.loads(shown()["Policy"]) == json.loads(policy)
    assert shown()["RedriveAllowPolicy"] == allow
    change(RedriveAllowPolicy="")
    assert "RedriveAllowPolicy" not in shown()
    change(KmsMasterKeyId="alias/aws/sqs")
    assert shown()["SqsManagedSseEnabled"] == "false"
    both = {"KmsMasterKeyId": "alias/aws/sqs", "SqsManagedSseEnabled": "true"}
    assert refused(change, **both) == "InvalidAttributeName"
    change(KmsMasterKeyId="")
    assert shown()["SqsManagedSseEnabled"] == "false", "nothing encrypts it"
    change(KmsMasterKeyId="alias/aws/sqs")
    change(SqsManagedSseEnabled="true")
    assert shown()["SqsManagedSseEnabled"] == "true" and "KmsMasterKeyId" not in shown()
