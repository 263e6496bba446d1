"""CloudWatch Logs and SNS."""


def group(aws):
    found = aws("logs").describe_log_groups(logGroupNamePrefix="g")["logGroups"]
    return found[0]


def test_log_groups_have_a_class_and_a_key(aws, refused):
    logs = aws("logs")
    logs.create_log_group(logGroupName="g", logGroupClass="INFREQUENT_ACCESS")
    assert group(aws)["logGroupClass"] == "INFREQUENT_ACCESS"
    logs.associate_kms_key(logGroupName="g", kmsKeyId="arn:aws:kms:us-east-1:1:key/k")
    assert group(aws)["kmsKeyId"].endswith("key/k")
    logs.disassociate_kms_key(logGroupName="g")
    assert "kmsKeyId" not in group(aws)
    code = refused(logs.disassociate_kms_key, logGroupName="missing")
    assert code == "ResourceNotFoundException"


def test_retention_is_one_of_a_list(aws, refused):
    logs = aws("logs")
    logs.create_log_group(logGroupName="g")
    logs.put_retention_policy(logGroupName="g", retentionInDays=7)
    code = refused(logs.put_retention_policy, logGroupName="g", retentionInDays=8)
    assert code == "InvalidParameterException"
    assert group(aws)["retentionInDays"] == 7


def test_a_topic_with_other_tags_is_another_one(aws, refused):
    sns = aws("sns")
    tags = [{"Key": "k", "Value": "v"}]
    made = sns.create_topic(Name="t", Tags=tags)["TopicArn"]
    assert sns.create_topic(Name="t", Tags=tags)["TopicArn"] == made
    assert sns.create_topic(Name="t")["TopicArn"] == made
    other = [{"Key": "k", "Value": "w"}]
    assert refused(sns.create_topic, Name="t", Tags=other) == "InvalidParameter"


def test_topic_attributes_come_back(aws):
    sns = aws("sns")
    made = sns.create_topic(Name="t", Attributes={"SignatureVersion": "2"})["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=made, AttributeName="TracingConfig", AttributeValue="Active"
    )
    found = sns.get_topic_attributes(TopicArn=made)["Attributes"]
    assert (found["SignatureVersion"], found["TracingConfig"]) == ("2", "Active")


def test_metric_filters(aws, refused):
    logs = aws("logs")
    one = {
        "logGroupName": "shop",
        "filterName": "errors",
        "filterPattern": "ERROR",
        "metricTransformations": [
            {"metricName": "Errors", "metricNamespace": "Shop", "metricValue": "1"}
        ],
    }
    group = {"logGroupName": "shop"}
    found = lambda: logs.describe_metric_filters(**group)["metricFilters"]  # noqa: E731
    assert refused(logs.put_metric_filter, **one) == "ResourceNotFoundException"
    assert refused(logs.describe_metric_filters, **group) == "ResourceNotFoundException"
    logs.create_log_group(**group)
    logs.put_metric_filter(**one)
    # The same name again is the same filter, changed.
    fields = ["@aws.account"]
    logs.put_metric_filter(
        **{**one, "filterPattern": "FATAL"},
        applyOnTransformedLogs=True,
        fieldSelectionCriteria="x",
        emitSystemFieldDimensions=fields,
    )
    (made,) = found()
    assert (made["filterPattern"], made["applyOnTransformedLogs"]) == ("FATAL", True)
    assert (made["fieldSelectionCriteria"], made["emitSystemFieldDimensions"]) == ("x", fields)
    assert "unit" not in made["metricTransformations"][0]
    logs.delete_metric_filter(logGroupName="shop", filterName="errors")
    gone = {"logGroupName": "shop", "filterName": "errors"}
    assert refused(logs.delete_metric_filter, **gone) == "ResourceNotFoundException"
    # With its group, a filter goes.
    logs.put_metric_filter(**one)
    logs.delete_log_group(**group)
    logs.create_log_group(**group)
    assert found() == []


def test_a_log_group_is_busy_for_a_while(aws, refused):
    logs = aws("logs")
    logs.create_log_group(logGroupName="g")
    aws.configure(unkind={"logs_busy": 60})
    keep = {"logGroupName": "g", "retentionInDays": 7}
    logs.put_retention_policy(**keep)
    assert refused(logs.put_retention_policy, **keep) == "OperationAbortedException"
    logs.put_retention_policy(**keep)  # once only
    assert refused(logs.delete_log_group, logGroupName="g") == "OperationAbortedException"
    logs.delete_log_group(logGroupName="g")
    for _ in range(2):
        code = refused(logs.create_log_group, logGroupName="g")
        assert code == "OperationAbortedException"
    aws.configure(unkind={"logs_busy": 0})
    logs.create_log_group(logGroupName="g")


def test_what_is_not_confirmed_cannot_be_unsubscribed(aws, refused):
    sns = aws("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    mail = {"TopicArn": topic, "Protocol": "email", "Endpoint": "anna@example.org"}
    arn = sns.subscribe(ReturnSubscriptionArn=True, **mail)["SubscriptionArn"]
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["PendingConfirmation"] == "true"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    assert refused(sns.unsubscribe, SubscriptionArn=arn) == "InvalidParameter"
    assert sns.subscribe(ReturnSubscriptionArn=True, **mail)["SubscriptionArn"] == arn
    queue = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-central-1:1:q"}
    sns.unsubscribe(SubscriptionArn=sns.subscribe(**queue)["SubscriptionArn"])
