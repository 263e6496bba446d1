"""Listeners and their certificates."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.models import FakeAction

from ..hooks import AwsError, Call, Proceed, around, result_of
from . import elb_actions, elb_attributes

_SECURE = ("HTTPS", "TLS")
_POLICY = "ELBSecurityPolicy-2016-08"


def _find(call: Call) -> Any:
    return call.backend("elbv2").describe_listeners(None, [call.get("ListenerArn")])[0]


def _known(call: Call, certificates: list[dict[str, Any]]) -> list[str]:
    arns = [certificate["CertificateArn"] for certificate in certificates]
    for arn in arns:
        if not call.backend("elbv2")._certificate_exists(certificate_arn=arn):
            raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
    return arns


def _free(call: Call, balancer: Any, port: int, but: str = "") -> None:
    for listener in balancer.listeners.values():
        if int(listener.port) == int(port) and listener.arn != but:
            raise AwsError(
                "DuplicateListener",
                "A listener already exists on this port for this load balancer "
                f"'{balancer.arn}'",
            )


def _secure(call: Call, listener: Any) -> None:
    """What belongs to TLS, from the call or from before; of others nothing stays."""
    if listener.protocol not in _SECURE:
        if call.get("Certificates") or call.get("SslPolicy"):
            raise AwsError(
                "InvalidConfigurationRequest",
                f"Certificates cannot be specified for {listener.protocol} listeners",
            )
        listener.certificate, listener.certificates, listener.ssl_policy = None, [], None
        listener.alpn_policy, listener.mutual_authentication = [], None
        return
    certificates = _known(call, call.get("Certificates") or [])
    if certificates:
        listener.certificate, listener.certificates = certificates[0], certificates[:1]
    if not listener.certificates:
        raise AwsError(
            "ValidationError", f"A certificate must be specified for {listener.protocol} listeners"
        )
    listener.ssl_policy = call.get("SslPolicy") or listener.ssl_policy or _POLICY
    if call.get("AlpnPolicy") is not None:
        listener.alpn_policy = call.get("AlpnPolicy")
    if listener.protocol == "HTTPS":
        _authenticate(call, listener)


def _authenticate(call: Call, listener: Any) -> None:
    wanted = call.get("MutualAuthentication")
    if wanted is None:
        wanted = getattr(listener, "mutual_authentication", None) or {"Mode": "off"}
    elif wanted["Mode"] == "verify":
        if not wanted.get("TrustStoreArn"):
            raise AwsError("ValidationError", "A trust store ARN must be specified")
        wanted = {
            "IgnoreClientCertificateExpiry": False,
            "AdvertiseTrustStoreCaNames": "off",
            **wanted,
        }
    listener.mutual_authentication = wanted


@around("elbv2", "CreateListener")
def create(call: Call, proceed: Proceed) -> Any:
    elb = call.backend("elbv2")
    balancer = elb.load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is not None:
        _free(call, balancer, call.get("Port"))
    _known(call, call.get("Certificates") or [])
    if call.get("Protocol") in _SECURE and not call.get("Certificates"):
        raise AwsError("ValidationError", "A certificate must be specified")
    result = proceed()
    (listener,) = result_of(result, "Listeners")
    listener.port = int(listener.port)
    _secure(call, listener)
    elb_actions.complete(listener.default_actions)
    listener.attributes = elb_attributes.of_listener(listener.protocol)
    return result


@around("elbv2", "ModifyListener")
def modify(call: Call, proceed: Proceed) -> Any:
    """moto knows few protocols, and neither ports in use nor mutual authentication."""
    elb, listener = call.backend("elbv2"), _find(call)
    balancer = elb.load_balancers[listener.load_balancer_arn]
    port = int(call.get("Port") or listener.port)
    _free(call, balancer, port, but=listener.arn)
    protocol = call.get("Protocol") or listener.protocol
    elb._validate_port_and_protocol(balancer.type, port, protocol)
    actions = [FakeAction(action) for action in call.get("DefaultActions") or []]
    elb._validate_actions(actions)
    before = listener.protocol
    listener.protocol = protocol
    try:
        _secure(call, listener)
    except AwsError:
        listener.protocol = before
        raise
    listener.port = port
    if actions:
        elb_actions.complete(actions)
        listener.default_actions = actions
        listener._default_rule[0].actions = actions
    return ActionResult({"Listeners": [listener]})


@around("elbv2", "DescribeListeners")
def describe(call: Call, proceed: Proceed) -> Any:
    """One that is missing fails the call; moto answers with the others."""
    result = proceed()
    if len(result_of(result, "Listeners")) < len(set(call.get("ListenerArns") or [])):
        raise AwsError("ListenerNotFound", "One or more listeners not found")
    return result


def _more(listener: Any) -> list[str]:
    if not hasattr(listener, "sandbox_certificates"):
        listener.sandbox_certificates = []
    return listener.sandbox_certificates  # type: ignore[no-any-return]


@around("elbv2", "AddListenerCertificates")
def add_certificates(call: Call, proceed: Proceed) -> Any:
    """moto takes them for the listener's own, and adds the same twice."""
    listener = _find(call)
    if listener.protocol not in _SECURE:
        raise AwsError("InvalidConfigurationRequest", "The listener is not secure")
    arns = _known(call, call.get("Certificates"))
    more = _more(listener)
    more.extend(arn for arn in arns if arn not in more)
    return ActionResult({"Certificates": [{"CertificateArn": a, "IsDefault": False} for a in arns]})


@around("elbv2", "RemoveListenerCertificates")
def remove_certificates(call: Call, proceed: Proceed) -> Any:
    listener = _find(call)
    arns = [certificate["CertificateArn"] for certificate in call.get("Certificates")]
    listener.sandbox_certificates = [a for a in _more(listener) if a not in arns]
    return EmptyResult()


@around("elbv2", "DescribeListenerCertificates")
def describe_certificates(call: Call, proceed: Proceed) -> Any:
    listener = _find(call)
    all_of_them = [{"CertificateArn": a, "IsDefault": True} for a in listener.certificates]
    all_of_them += [{"CertificateArn": a, "IsDefault": False} for a in _more(listener)]
    return ActionResult({"Certificates": all_of_them})
