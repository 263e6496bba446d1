"""ECS: clusters, task definitions, and deployments that fail. What becomes steady: test_elb_ecs."""

import pytest
from conftest import control

APP = {"name": "app", "image": "nginx:1", "memory": 128}


def register(aws, image="nginx:1", **more):
    values = {"family": "task", "containerDefinitions": [{**APP, "image": image}], **more}
    return aws("ecs").register_task_definition(**values)["taskDefinition"]


def cluster(aws):
    return aws("ecs").describe_clusters(clusters=["c"], include=["ATTACHMENTS"])["clusters"][0]


def test_a_cluster_of_a_name_that_is_taken_is_handed_over(aws):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "b"}])
    again = ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "x"}])["cluster"]
    assert again["tags"] == [{"key": "a", "value": "b"}]
    ecs.delete_cluster(cluster="c")
    assert ecs.create_cluster(clusterName="c")["cluster"]["status"] == "ACTIVE"


def test_capacity_providers_take_a_while(aws, eventually, refused):
    aws.configure(slow={"ecs": 0.3})
    ecs = aws("ecs")
    both = ["FARGATE", "FARGATE_SPOT"]
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 3}]
    made = ecs.create_cluster(
        clusterName="c", capacityProviders=both, defaultCapacityProviderStrategy=strategy
    )
    assert made["cluster"]["status"] == "PROVISIONING"
    eventually(lambda: cluster(aws)["status"] == "ACTIVE")
    put = {"cluster": "c", "capacityProviders": both, "defaultCapacityProviderStrategy": []}
    ecs.put_cluster_capacity_providers(**put)
    assert cluster(aws)["attachmentsStatus"] == "UPDATE_IN_PROGRESS"
    assert refused(ecs.put_cluster_capacity_providers, **put) == "UpdateInProgressException"
    eventually(lambda: cluster(aws)["attachmentsStatus"] == "UPDATE_COMPLETE")
    for wrong in (
        {**put, "capacityProviders": ["mine"]},
        {**put, "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": strategy},
    ):
        code = refused(ecs.put_cluster_capacity_providers, **wrong)
        assert code == "InvalidParameterException"


def test_an_empty_namespace_takes_the_default_away(aws):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c", serviceConnectDefaults={"namespace": "inner"})
    assert cluster(aws)["serviceConnectDefaults"] == {"namespace": "inner"}
    ecs.update_cluster(cluster="c", serviceConnectDefaults={"namespace": ""})
    assert "serviceConnectDefaults" not in cluster(aws)


def test_a_task_definition_is_filled_in(aws):
    container = {
        **APP,
        "portMappings": [{"containerPort": 80}],
        "healthCheck": {"command": ["CMD", "true"], "retries": 5},
    }
    made = register(
        aws,
        containerDefinitions=[container],
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu=".5 vCPU",
        memory="1 GB",
        enableFaultInjection=True,
    )
    assert (made["cpu"], made["memory"]) == ("512", "1024")
    assert made["enableFaultInjection"] is True
    (found,) = made["containerDefinitions"]
    assert found["portMappings"] == [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    check = found["healthCheck"]
    assert (check["interval"], check["timeout"], check["retries"]) == (30, 5, 5)


def test_what_fargate_needs(aws, refused):
    whole = {
        "family": "task",
        "containerDefinitions": [APP],
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
    }
    ecs = aws("ecs")
    ecs.register_task_definition(**whole)
    secret = {**APP, "secrets": [{"name": "A", "valueFrom": "arn:aws:ssm:x:1:parameter/a"}]}
    log = {**APP, "logConfiguration": {"logDriver": "awslogs"}}
    for wrong in (
        {**whole, "cpu": ""},
        {**whole, "memory": ""},
        {**whole, "networkMode": "bridge"},
        {**whole, "containerDefinitions": [secret]},
        {**whole, "containerDefinitions": [log]},
    ):
        assert refused(ecs.register_task_definition, **wrong) == "ClientException"


def test_revisions_are_listed_in_order(aws):
    for _ in range(11):
        register(aws)

    def revisions(sort):
        found = aws("ecs").list_task_definitions(familyPrefix="task", sort=sort)
        return [int(arn.rpartition(":")[2]) for arn in found["taskDefinitionArns"]]

    assert revisions("ASC") == list(range(1, 12))
    assert revisions("DESC") == list(range(11, 0, -1))


def test_what_aws_makes_of_lists(aws):
    variables = [{"name": "A", "value": "1"}, {"name": "B", "value": ""}, {"name": "C", "value": "3"}]
    containers = [{**APP, "environment": variables}, {**APP, "name": "other", "essential": False}]
    values = {"containerDefinitions": containers, "volumes": [{"name": "v"}, {"name": "w"}]}

    def shown(definition):
        return (
            [c["name"] for c in definition["containerDefinitions"]],
            [[e["name"] for e in c["environment"]] for c in definition["containerDefinitions"]],
            [v["name"] for v in definition["volumes"]],
        )

    # What has no value is dropped.
    made = register(aws, **values)
    assert shown(made) == (["app", "other"], [["A", "C"], []], ["v", "w"])
    assert made["containerDefinitions"][0]["systemControls"] == []
    aws.configure(unkind={"ecs_reorder": True})
    backwards = (["other", "app"], [[], ["C", "A"]], ["w", "v"])
    assert shown(register(aws, **values)) == backwards
    again = aws("ecs").describe_task_definition(taskDefinition="task:1")["taskDefinition"]
    assert shown(again) == backwards
    aws.configure(unkind={"ecs_reorder": False})
    again = aws("ecs").describe_task_definition(taskDefinition="task:1")["taskDefinition"]
    assert shown(again) == shown(made)


@pytest.fixture
def service(aws):
    """A service of two tasks whose definition works."""
    aws("ecs").create_cluster(clusterName="c")
    register(aws)

    def make(**more):
        breaker = {"enable": True, "rollback": True}
        values = {
            "cluster": "c",
            "serviceName": "s",
            "taskDefinition": "task:1",
            "desiredCount": 2,
            "deploymentConfiguration": {"deploymentCircuitBreaker": breaker},
            **more,
        }
        return aws("ecs").create_service(**values)["service"]

    return make


def described(aws):
    return aws("ecs").describe_services(cluster="c", services=["s"])["services"][0]


def history(aws):
    arn = described(aws)["serviceArn"]
    return aws("ecs").list_service_deployments(cluster="c", service=arn)["serviceDeployments"]


def test_a_deployment_is_rolled_back(aws, service, eventually):
    service()
    aws.configure(slow={"ecs": 0.3})
    broken = register(aws, image="nginx:does-not-start")["taskDefinitionArn"]
    aws("ecs").update_service(cluster="c", service="s", taskDefinition=broken)
    assert described(aws)["taskDefinition"] == broken
    found = eventually(lambda: (f := described(aws))["taskDefinition"] != broken and f)
    back, failed, *_ = found["deployments"]
    assert (back["status"], back["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    assert back["taskDefinition"].endswith("task:1")
    assert (failed["status"], failed["rolloutState"]) == ("ACTIVE", "FAILED")
    assert back["id"] in failed["rolloutStateReason"]
    found = eventually(
        lambda: (f := described(aws))["deployments"][0]["rolloutState"] == "COMPLETED" and f
    )
    assert (len(found["deployments"]), found["runningCount"]) == (1, 2)
    newest, first = history(aws)
    assert (newest["status"], first["status"]) == ("ROLLBACK_SUCCESSFUL", "SUCCESSFUL")
    assert "circuit breaker" in newest["statusReason"]
    arns = [newest["targetServiceRevisionArn"], "arn:aws:ecs:us-east-1:1:service-revision/c/s/9"]
    answer = aws("ecs").describe_service_revisions(serviceRevisionArns=arns)
    assert [r["taskDefinition"] for r in answer["serviceRevisions"]] == [broken]
    assert [f["reason"] for f in answer["failures"]] == ["MISSING"]
    # Another number of tasks is no deployment.
    aws("ecs").update_service(cluster="c", service="s", desiredCount=1)
    eventually(lambda: described(aws)["runningCount"] == 1)
    assert history(aws)[0]["status"] == "ROLLBACK_SUCCESSFUL"


def test_the_first_deployment_has_nothing_to_go_back_to(aws, service):
    register(aws, image="nginx:does-not-start")
    service(taskDefinition="task:2")
    found = described(aws)
    (failed,) = found["deployments"]
    assert (failed["status"], failed["rolloutState"]) == ("PRIMARY", "FAILED")
    assert found["runningCount"] == 0
    # A better one helps.
    aws("ecs").update_service(cluster="c", service="s", taskDefinition="task:1")
    assert described(aws)["deployments"][0]["rolloutState"] == "COMPLETED"
    assert [d["status"] for d in history(aws)] == ["SUCCESSFUL", "STOPPED"]


def test_tasks_that_did_not_start_say_why(aws, service):
    service()
    ecs = aws("ecs")
    stopped = {"cluster": "c", "serviceName": "s", "desiredStatus": "STOPPED"}
    assert ecs.list_tasks(**stopped)["taskArns"] == []
    broken = register(aws, image="nginx:does-not-start")["taskDefinitionArn"]
    ecs.update_service(cluster="c", service="s", taskDefinition=broken)
    arns = ecs.list_tasks(**stopped)["taskArns"]
    tasks = ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]
    assert [task["taskDefinitionArn"] for task in tasks] == [broken] * 3
    assert all("CannotPullContainerError" in task["stoppedReason"] for task in tasks)
    assert ecs.list_tasks(**{**stopped, "serviceName": "other"})["taskArns"] == []


def test_without_circuit_breaker_it_is_tried_for_ever(aws, service):
    register(aws, image="nginx:does-not-start")
    service(taskDefinition="task:2", deploymentConfiguration={})
    (deployment,) = described(aws)["deployments"]
    assert (deployment["rolloutState"], deployment["failedTasks"]) == ("IN_PROGRESS", 3)


def test_what_a_service_is_refused_for(aws, service, refused, network):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c")
    elb = aws("elbv2")
    values = {"Name": "tg", "Protocol": "HTTP", "Port": 80, "VpcId": network["vpc"]}
    group = elb.create_target_group(**values)["TargetGroups"][0]["TargetGroupArn"]

    def balanced(arn):
        return [{"targetGroupArn": arn, "containerName": "app", "containerPort": 80}]

    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    for more in (
        {"loadBalancers": balanced(group)},
        {"loadBalancers": balanced(group + "x")},
        {"capacityProviderStrategy": spot},
        {"capacityProviderStrategy": spot, "launchType": "FARGATE"},
    ):
        assert refused(service, **more) == "InvalidParameterException"
    names = [f"s{n}" for n in range(11)]
    code = refused(ecs.describe_services, cluster="c", services=names)
    assert code == "InvalidParameterException"


def test_a_service_takes_the_strategy_of_its_cluster(aws, service):
    strategy = [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]
    aws("ecs").put_cluster_capacity_providers(
        cluster="c", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=strategy
    )
    made = service()
    assert made["capacityProviderStrategy"] == strategy
    assert "launchType" not in made


def test_security_groups_may_be_left_out(aws, service, network):
    vpc = {"subnets": [network["a"]]}
    made = service(networkConfiguration={"awsvpcConfiguration": vpc}, launchType="FARGATE")
    assert cluster(aws)["activeServicesCount"] == 1
    found = made["networkConfiguration"]["awsvpcConfiguration"]
    assert (found["subnets"], found["assignPublicIp"]) == ([network["a"]], "DISABLED")
    assert made["platformVersion"] == "LATEST"


def test_services_are_shown_as_they_were(aws, service):
    aws.configure(unkind={"ecs_stale": 60})
    service()
    answer = aws("ecs").describe_services(cluster="c", services=["s"])
    assert answer["services"] == []
    assert [f["reason"] for f in answer["failures"]] == ["MISSING"]
    aws.configure(unkind={"ecs_stale": 0})
    old = described(aws)["deployments"][0]
    register(aws)
    aws.configure(slow={"ecs": 60}, unkind={"ecs_stale": 60})
    # Only the answer to the change tells which deployment is ours.
    update = aws("ecs").update_service(cluster="c", service="s", taskDefinition="task:2")
    ours = update["service"]["deployments"][0]
    assert ours["rolloutState"] == "IN_PROGRESS" and ours["id"] != old["id"]
    aws("ecs").update_service(cluster="c", service="s", desiredCount=3)
    (shown,) = described(aws)["deployments"]
    assert (shown["id"], shown["rolloutState"]) == (old["id"], "COMPLETED")
    assert described(aws)["taskDefinition"].endswith("task:1")
    aws.configure(unkind={"ecs_stale": 0})
    assert [d["id"] for d in described(aws)["deployments"]] == [ours["id"], old["id"]]
    assert described(aws)["currentServiceDeployment"].endswith("/" + "2".zfill(19))


def test_a_rollback_to_the_same_definition_looks_like_success(aws, service):
    service()
    first = described(aws)["deployments"][0]
    control("POST", "events", {"account": aws.id, "event": "ecs_break", "resource": "c/s"})
    update = {"cluster": "c", "service": "s", "forceNewDeployment": True}
    ours = aws("ecs").update_service(**update)["service"]
    found = described(aws)
    (shown,) = found["deployments"]
    assert (shown["rolloutState"], shown["taskDefinition"]) == ("COMPLETED", first["taskDefinition"])
    assert shown["id"] != first["id"]
    newest = history(aws)[0]
    assert newest["status"] == "ROLLBACK_SUCCESSFUL"
    arn = ours["currentServiceDeployment"]
    answer = aws("ecs").describe_service_deployments(serviceDeploymentArns=[arn])
    assert [d["status"] for d in answer["serviceDeployments"]] == ["ROLLBACK_SUCCESSFUL"]
    aws("ecs").update_service(**update)
    assert history(aws)[0]["status"] == "SUCCESSFUL"


def test_deployments_are_listed_in_pages(aws, service):
    arn = service()["serviceArn"]
    for _ in range(21):
        aws("ecs").update_service(cluster="c", service="s", forceNewDeployment=True)
    values = {"cluster": "c", "service": arn}
    first = aws("ecs").list_service_deployments(**values)
    assert len(first["serviceDeployments"]) == 20
    rest = aws("ecs").list_service_deployments(**values, nextToken=first["nextToken"])
    assert len(rest["serviceDeployments"]) == 2 and "nextToken" not in rest
    few = aws("ecs").list_service_deployments(**values, maxResults=3, status=["SUCCESSFUL"])
    assert len(few["serviceDeployments"]) == 3 and few["nextToken"]


def test_scaling_changes_the_number_of_tasks(aws, service):
    service()
    happened = {"account": aws.id, "event": "ecs_scale", "resource": "c/s", "to": 5}
    control("POST", "events", happened)
    found = described(aws)
    assert (found["desiredCount"], found["runningCount"]) == (5, 5)
    assert found["deployments"][0]["rolloutState"] == "COMPLETED"
    assert len(history(aws)) == 1


def test_a_busy_cluster_takes_no_change(aws, refused):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="c")
    aws.configure(slow={"ecs": 60})
    ecs.put_cluster_capacity_providers(
        cluster="c", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )
    insights = [{"name": "containerInsights", "value": "enabled"}]
    for operation, more in (
        (ecs.update_cluster, {}),
        (ecs.update_cluster_settings, {"settings": insights}),
        (ecs.delete_cluster, {}),
    ):
        assert refused(operation, cluster="c", **more) == "UpdateInProgressException"
