"""Listeners, rules, attributes and targets of load balancers."""

import pytest

OIDC = {
    "Issuer": "https://a",
    "AuthorizationEndpoint": "https://a/a",
    "TokenEndpoint": "https://a/t",
    "UserInfoEndpoint": "https://a/u",
    "ClientId": "me",
    "ClientSecret": "hidden",
}
FIXED = {
    "Type": "fixed-response",
    "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"},
}


@pytest.fixture
def elb(aws):
    return aws("elbv2")


@pytest.fixture
def balancer(elb, network, internet):
    subnets = [network["a"], network["b"]]
    return elb.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0]


@pytest.fixture
def tcp(elb, network):
    def make(**more):
        values = {"Name": "nlb", "Type": "network", "Scheme": "internal", **more}
        values.setdefault("Subnets", [network["a"]])
        return elb.create_load_balancer(**values)["LoadBalancers"][0]

    return make


@pytest.fixture
def group(elb, network):
    def make(name="tg", **more):
        values = {"Protocol": "HTTP", "Port": 80, "VpcId": network["vpc"], **more}
        return elb.create_target_group(Name=name, **values)["TargetGroups"][0]

    return make


@pytest.fixture
def listen(elb, balancer):
    def make(port=80, **more):
        values = {
            "LoadBalancerArn": balancer["LoadBalancerArn"],
            "Protocol": "HTTP",
            "DefaultActions": [FIXED],
            **more,
        }
        return elb.create_listener(Port=port, **values)["Listeners"][0]

    return make


@pytest.fixture
def certificate(aws):
    def make(name):
        return aws("acm").request_certificate(DomainName=name)["CertificateArn"]

    return make


def attributes(answer):
    return {a["Key"]: a.get("Value", "") for a in answer["Attributes"]}


def test_what_a_load_balancer_gets_by_itself(aws, elb, balancer, tcp, network):
    assert balancer["Scheme"] == "internet-facing"
    (default,) = balancer["SecurityGroups"]
    groups = aws("ec2").describe_security_groups(GroupIds=[default])["SecurityGroups"]
    assert groups[0]["GroupName"] == "default"
    arn = balancer["LoadBalancerArn"]
    found = attributes(elb.describe_load_balancer_attributes(LoadBalancerArn=arn))
    assert found["idle_timeout.timeout_seconds"] == "60"
    assert found["load_balancing.cross_zone.enabled"] == "true"
    made = tcp(Tags=[{"Key": "a", "Value": "b"}])
    assert ":loadbalancer/net/nlb/" in made["LoadBalancerArn"]
    tags = elb.describe_tags(ResourceArns=[made["LoadBalancerArn"]])["TagDescriptions"]
    assert tags[0]["Tags"] == [{"Key": "a", "Value": "b"}]
    assert not made.get("SecurityGroups")
    found = elb.describe_load_balancer_attributes(LoadBalancerArn=made["LoadBalancerArn"])
    assert attributes(found)["load_balancing.cross_zone.enabled"] == "false"


def test_attributes_that_do_not_fit(elb, balancer, tcp, group, refused):
    def change(arn, key, value):
        wanted = [{"Key": key, "Value": value}]
        return elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted)

    arn, other = balancer["LoadBalancerArn"], tcp()["LoadBalancerArn"]
    bad = "InvalidConfigurationRequest"
    assert refused(lambda: change(other, "idle_timeout.timeout_seconds", "1")) == bad
    assert refused(lambda: change(arn, "load_balancing.cross_zone.enabled", "false")) == bad
    assert refused(lambda: change(arn, "access_logs.s3.enabled", "true")) == bad
    change(other, "load_balancing.cross_zone.enabled", "true")
    made = group()["TargetGroupArn"]
    proxy = [{"Key": "proxy_protocol_v2.enabled", "Value": "true"}]
    modify = elb.modify_target_group_attributes
    assert refused(modify, TargetGroupArn=made, Attributes=proxy) == bad
    longest = [{"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}]
    modify(TargetGroupArn=made, Attributes=longest)
    found = attributes(elb.describe_target_group_attributes(TargetGroupArn=made))
    assert found["deregistration_delay.timeout_seconds"] == "3600"
    assert found["stickiness.lb_cookie.duration_seconds"] == "86400"


def test_subnets_and_groups_of_a_network_load_balancer(aws, elb, tcp, network, refused):
    mapping = {"SubnetId": network["a"], "PrivateIPv4Address": "10.0.0.9"}
    arn = tcp(Subnets=[], SubnetMappings=[mapping])["LoadBalancerArn"]
    found = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    (zone,) = found["AvailabilityZones"]
    assert zone["LoadBalancerAddresses"] == [{"PrivateIPv4Address": "10.0.0.9"}]
    elb.set_subnets(LoadBalancerArn=arn, Subnets=[network["b"]])
    found = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    assert [zone["SubnetId"] for zone in found["AvailabilityZones"]] == [network["b"]]
    sg = aws("ec2").create_security_group(GroupName="g", Description="d", VpcId=network["vpc"])
    groups = [sg["GroupId"]]
    code = refused(elb.set_security_groups, LoadBalancerArn=arn, SecurityGroups=groups)
    assert code == "InvalidConfigurationRequest"
    name = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
    other = tcp(Name="other", SecurityGroups=groups)
    assert other[name] == "on"
    other = other["LoadBalancerArn"]
    elb.set_security_groups(LoadBalancerArn=other, SecurityGroups=groups, **{name: "off"})
    found = elb.describe_load_balancers(LoadBalancerArns=[other])["LoadBalancers"][0]
    assert found[name] == "off"


def test_a_missing_one_fails_the_whole_call(elb, balancer, listen, refused):
    arn, listener = balancer["LoadBalancerArn"], listen()["ListenerArn"]
    for call, name, known, code in (
        (elb.describe_load_balancers, "LoadBalancerArns", arn, "LoadBalancerNotFound"),
        (elb.describe_listeners, "ListenerArns", listener, "ListenerNotFound"),
        (elb.describe_tags, "ResourceArns", listener, "ListenerNotFound"),
    ):
        call(**{name: [known]})
        assert refused(call, **{name: [known, known[:-1] + "x"]}) == code
    rule = listener.replace(":listener/", ":listener-rule/") + "/0123456789abcdef"
    assert refused(elb.delete_rule, RuleArn=rule) == "RuleNotFound"


def test_actions_come_back_complete_and_without_secrets(elb, listen, group):
    made = group()["TargetGroupArn"]
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": OIDC}
    forward = {"Type": "forward", "Order": 2, "TargetGroupArn": made}
    arn = listen(DefaultActions=[login, forward])["ListenerArn"]
    found = elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]["DefaultActions"]
    config = found[0]["AuthenticateOidcConfig"]
    assert "ClientSecret" not in config
    assert (config["Scope"], config["OnUnauthenticatedRequest"]) == ("openid", "authenticate")
    assert found[1]["ForwardConfig"] == {
        "TargetGroups": [{"TargetGroupArn": made, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": False},
    }
    redirect = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "443"}}
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}}
    values = {"Conditions": [condition], "Actions": [redirect], "Priority": 7}
    rule = elb.create_rule(ListenerArn=arn, **values)["Rules"][0]
    assert rule["Actions"][0]["RedirectConfig"]["Host"] == "#{host}"
    assert rule["Conditions"][0]["Values"] == ["/a", "/b"]


def test_ports_are_used_once(listen, elb, refused):
    first, second = listen(80), listen(81)
    assert refused(listen) == "DuplicateListener"
    modify = elb.modify_listener
    assert refused(modify, ListenerArn=second["ListenerArn"], Port=80) == "DuplicateListener"
    modify(ListenerArn=first["ListenerArn"], Port=82)
    modify(ListenerArn=second["ListenerArn"], Port=80)


def test_what_belongs_to_tls_comes_and_goes(elb, listen, certificate, refused):
    main, other = certificate("a.example"), certificate("b.example")
    https = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": main}]}
    assert refused(lambda: listen(443, Protocol="HTTPS")) == "ValidationError"
    missing = [{"CertificateArn": main[:-1] + "x"}]
    assert refused(lambda: listen(443, **{**https, "Certificates": missing})) == (
        "CertificateNotFound"
    )
    made = listen(443, **https)
    assert made["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    assert made["MutualAuthentication"]["Mode"] == "off"
    arn = made["ListenerArn"]
    for _ in range(2):
        elb.add_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": other}])
    found = elb.describe_listener_certificates(ListenerArn=arn)["Certificates"]
    assert [(c["CertificateArn"], c["IsDefault"]) for c in found] == [(main, True), (other, False)]
    found = elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]
    assert [c["CertificateArn"] for c in found["Certificates"]] == [main]
    elb.modify_listener(ListenerArn=arn, Certificates=[{"CertificateArn": other}])
    elb.remove_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": other}])
    found = elb.describe_listener_certificates(ListenerArn=arn)["Certificates"]
    assert [c["CertificateArn"] for c in found] == [other]
    plain = elb.modify_listener(ListenerArn=arn, Protocol="HTTP")["Listeners"][0]
    assert not plain.get("Certificates") and "SslPolicy" not in plain


def test_listener_attributes(elb, listen, refused):
    arn = listen()["ListenerArn"]
    found = attributes(elb.describe_listener_attributes(ListenerArn=arn))
    assert found["routing.http.response.server.enabled"] == "true"
    idle = [{"Key": "tcp.idle_timeout.seconds", "Value": "60"}]
    code = refused(elb.modify_listener_attributes, ListenerArn=arn, Attributes=idle)
    assert code == "InvalidConfigurationRequest"


def test_health_checks(elb, group):
    made = group(HealthCheckPath="/up")["TargetGroupArn"]
    elb.modify_target_group(TargetGroupArn=made, Matcher={"HttpCode": "200-299"})
    found = elb.describe_target_groups(TargetGroupArns=[made])["TargetGroups"][0]
    assert (found["HealthCheckPath"], found["Matcher"]) == ("/up", {"HttpCode": "200-299"})
    grpc = group("grpc", ProtocolVersion="GRPC")
    assert grpc["Matcher"] == {"GrpcCode": "12"}
    function = elb.create_target_group(Name="f", TargetType="lambda")["TargetGroups"][0]
    assert function["HealthCheckEnabled"] is False


def test_targets(elb, group, refused):
    made = group(TargetType="ip")["TargetGroupArn"]
    register, deregister = elb.register_targets, elb.deregister_targets
    register(TargetGroupArn=made, Targets=[{"Id": "10.0.0.9", "Port": 81}])
    deregister(TargetGroupArn=made, Targets=[{"Id": "10.0.0.8"}, {"Id": "10.0.0.9", "Port": 80}])

    def there():
        found = elb.describe_target_health(TargetGroupArn=made)["TargetHealthDescriptions"]
        return [(t["Target"]["Id"], t["Target"]["Port"]) for t in found]

    assert there() == [("10.0.0.9", 81)]
    deregister(TargetGroupArn=made, Targets=[{"Id": "10.0.0.9"}])
    assert there() == []
    other = group("machines")["TargetGroupArn"]
    machine = [{"Id": "i-0123456789abcdef0"}]
    assert refused(register, TargetGroupArn=other, Targets=machine) == "InvalidTarget"
