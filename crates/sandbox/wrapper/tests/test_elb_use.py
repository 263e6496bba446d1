"""What a load balancer has once only: target groups, ports, priorities."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def elb(aws):
    return aws("elbv2")


@pytest.fixture
def balancer(elb, network, internet):
    def make(name="lb"):
        subnets = [network["a"], network["b"]]
        made = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
        return made["LoadBalancerArn"]

    return make


@pytest.fixture
def group(elb, network):
    def make(name="tg", **more):
        values = {"Protocol": "HTTP", "Port": 80, "VpcId": network["vpc"], **more}
        return elb.create_target_group(Name=name, **values)["TargetGroups"][0]["TargetGroupArn"]

    return make


def forward(group):
    return [{"Type": "forward", "TargetGroupArn": group}]


@pytest.fixture
def listen(elb):
    def make(balancer, group, port=80):
        values = {"Protocol": "HTTP", "Port": port, "DefaultActions": forward(group)}
        made = elb.create_listener(LoadBalancerArn=balancer, **values)["Listeners"][0]
        return made["ListenerArn"]

    return make


@pytest.fixture
def rule(elb):
    def make(listener, group, priority):
        condition = {"Field": "path-pattern", "Values": [f"/{priority}"]}
        values = {"Priority": priority, "Conditions": [condition], "Actions": forward(group)}
        return elb.create_rule(ListenerArn=listener, **values)["Rules"][0]["RuleArn"]

    return make


def error(operation):
    with pytest.raises(ClientError) as raised:
        operation()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_target_group_serves_one_load_balancer(elb, balancer, group, listen, rule):
    first, second, shared, other = balancer("a"), balancer("b"), group("tg"), group("other")
    listener, elsewhere = listen(first, shared), listen(second, other)
    refusal = (
        "TargetGroupAssociationLimit",
        "The following target groups cannot be associated with more than one load balancer: "
        f"{shared}",
    )
    weighted = [{"TargetGroupArn": shared, "Weight": 1}, {"TargetGroupArn": other, "Weight": 1}]
    both = [{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}]
    place = rule(elsewhere, other, 1)
    for operation in (
        lambda: listen(second, shared, 81),
        lambda: elb.modify_listener(ListenerArn=elsewhere, DefaultActions=both),
        lambda: rule(elsewhere, shared, 2),
        lambda: elb.modify_rule(RuleArn=place, Actions=forward(shared)),
    ):
        assert error(operation) == refusal

    def users():
        found = elb.describe_target_groups(TargetGroupArns=[shared])["TargetGroups"][0]
        return found["LoadBalancerArns"]

    listen(first, shared, 81)  # the same load balancer as often as one likes
    assert users() == [first]
    assert error(lambda: elb.delete_target_group(TargetGroupArn=shared)) == (
        "ResourceInUse",
        f"Target group '{shared}' is currently in use by a listener or a rule",
    )
    elb.delete_load_balancer(LoadBalancerArn=first)
    assert users() == []
    elb.modify_listener(ListenerArn=elsewhere, DefaultActions=both)
    assert users() == [second]
    elb.modify_listener(ListenerArn=elsewhere, DefaultActions=forward(other))
    elb.delete_target_group(TargetGroupArn=shared)
    assert listener


def test_names_and_ports_are_taken(elb, balancer, group, listen):
    made, shared = balancer(), group()
    listen(made, shared)
    second = listen(made, shared, 81)
    refusal = (
        "DuplicateListener",
        f"A listener already exists on this port for this load balancer '{made}'",
    )
    assert error(lambda: listen(made, shared)) == refusal
    assert error(lambda: elb.modify_listener(ListenerArn=second, Port=80)) == refusal
    assert error(lambda: group(Port=81)) == (
        "DuplicateTargetGroupName",
        "A target group with the same name 'tg' exists, but with different settings",
    )


def test_priorities_change_together(elb, balancer, group, listen, rule):
    made = group()
    listener = listen(balancer(), made)
    a, b, c = (rule(listener, made, priority) for priority in (10, 20, 30))
    taken = ("PriorityInUse", "Priority '20' is currently in use")
    assert error(lambda: rule(listener, made, 20)) == taken

    def put(**wanted):
        arns = {"a": a, "b": b, "c": c}
        pairs = [{"RuleArn": arns[name], "Priority": p} for name, p in wanted.items()]
        return elb.set_rule_priorities(RulePriorities=pairs)["Rules"]

    def order():
        found = elb.describe_rules(ListenerArn=listener)["Rules"]
        return [(r["RuleArn"], r["Priority"]) for r in found if not r["IsDefault"]]

    assert error(lambda: put(a=5, c=20)) == taken
    assert order() == [(a, "10"), (b, "20"), (c, "30")]  # nothing of it was done
    assert error(lambda: put(a=7, b=7))[0] == "ValidationError"
    assert [r["Priority"] for r in put(a=20, b=30, c=10)] == ["20", "30", "10"]
    assert order() == [(c, "10"), (a, "20"), (b, "30")]
    elb.delete_rule(RuleArn=c)
    put(b=10)
    assert order() == [(b, "10"), (a, "20")]
