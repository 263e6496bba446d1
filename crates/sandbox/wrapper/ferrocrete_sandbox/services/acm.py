"""Certificates: idempotent requests, validation that takes a while or fails, use."""

from __future__ import annotations

import re
import sys
from typing import Any

from moto.acm.models import CertBundle

from .. import settings
from ..clock import now
from ..hooks import AwsError, Call, Proceed, around, backend, result_of
from .tokens import idempotent


@around("acm", "RequestCertificate")
def request(call: Call, proceed: Proceed) -> Any:
    token = call.get("IdempotencyToken")
    if token and not re.fullmatch(r"\w{1,32}", token):
        raise AwsError("ValidationException", "IdempotencyToken must match \\w{1,32}.")

    def fresh() -> Any:
        # moto's own notion of tokens ignores the parameters.
        call.backend("acm")._idempotency_tokens.clear()
        result = proceed()
        certificate = _certificate(call, result_of(result, "CertificateArn"))
        certificate.sandbox_requested = now()
        certificate.sandbox_method = call.get("ValidationMethod") or "EMAIL"
        certificate.sandbox_key = call.get("KeyAlgorithm") or "RSA_2048"
        return result

    return idempotent(call, fresh, "IdempotencyToken")


def _certificate(call: Call, arn: str) -> Any:
    return call.backend("acm")._certificates.get(arn)


def _waited(call: Call, certificate: Any) -> float:
    """Which part of the time that validation takes is over: 1 for all of it."""
    slow = settings.of(call.account).slow["acm"]
    requested = getattr(certificate, "sandbox_requested", None)
    return 1.0 if not slow or requested is None else float((now() - requested) / slow)


def _advance(call: Call, certificate: Any) -> None:
    """Issues a certificate whose time has come, or gives up one that nobody can own."""
    known = hasattr(certificate, "sandbox_requested")
    if not known or certificate.status != "PENDING_VALIDATION" or _waited(call, certificate) < 1:
        return
    mine = settings.of(call.account)
    names = [option["DomainName"] for option in _options(certificate)]
    if any(name.endswith(".invalid") for name in names):
        certificate.status = "FAILED"
    elif mine.acm_auto_issue or _validated(call, certificate):
        certificate.status = "ISSUED"


def _options(certificate: Any) -> list[dict[str, Any]]:
    described = certificate.describe()["Certificate"]
    return list(described.get("DomainValidationOptions", []))


def _validated(call: Call, certificate: Any) -> bool:
    """Whether each validation record exists in a zone of the account."""
    zones = backend("route53", call.account, call.region).zones.values()
    records = {
        (record.name.rstrip(".").lower(), value.rstrip(".").lower())
        for zone in zones
        for record in zone.rrsets
        if record.type == "CNAME"
        for value in record.records or []
    }
    wanted = [option["ResourceRecord"] for option in _options(certificate)]
    return all(
        (record["Name"].rstrip(".").lower(), record["Value"].rstrip(".").lower()) in records
        for record in wanted
    )


def _in_use_by(call: Call, arn: str) -> list[str]:
    """Load balancers whose listeners present the certificate."""
    if "moto.elbv2.models" not in sys.modules:
        return []
    found = []
    for balancer in backend("elbv2", call.account, call.region).load_balancers.values():
        for listener in balancer.listeners.values():
            if arn in [*(listener.certificates or []), listener.certificate]:
                found.append(balancer.arn)
    return found


@around("acm", "DescribeCertificate")
def describe(call: Call, proceed: Proceed) -> Any:
    certificate = _certificate(call, call.get("CertificateArn"))
    if certificate is None:
        return proceed()
    _advance(call, certificate)
    result = proceed()
    answered = result.result["Certificate"]
    answered["InUseBy"] = _in_use_by(call, certificate.arn)
    if answered.get("Type") == "AMAZON_ISSUED":
        # AWS takes an underscore and answers with a hyphen.
        answered["KeyAlgorithm"] = answered["KeyAlgorithm"].replace("RSA_", "RSA-")
        # The records come some seconds after the request.
        early = _waited(call, certificate) < 0.5
        if certificate.status == "FAILED":
            answered["FailureReason"] = "INVALID_PUBLIC_DOMAIN"
        method = getattr(certificate, "sandbox_method", "DNS")
        done = certificate.status == "ISSUED"
        for option in answered.get("DomainValidationOptions", []):
            option["ValidationMethod"] = method
            option["ValidationStatus"] = "SUCCESS" if done else "PENDING_VALIDATION"
            if method == "EMAIL" or early:
                option.pop("ResourceRecord", None)
        # Before it is issued there is no certificate yet: recordings `acm__acm.json`,
        # test_certificate_for_subdomain_wildcard.
        answered["SignatureAlgorithm"] = "SHA256WITHRSA"
        answered.setdefault("KeyUsages", [])
        if not done:
            for name in ("IssuedAt", "NotAfter", "NotBefore", "Serial"):
                answered.pop(name, None)
    return result


@around("acm", "ListCertificates")
def list_all(call: Call, proceed: Proceed) -> Any:
    for certificate in call.backend("acm")._certificates.values():
        _advance(call, certificate)
        certificate.in_use_by = _in_use_by(call, certificate.arn)
    result = proceed()
    for one in result.result["CertificateSummaryList"]:
        # Missing in moto: CertificateSummary in botocore's model.
        certificate = _certificate(call, one["CertificateArn"])
        described = certificate.describe()["Certificate"] if certificate else {}
        names = described.get("SubjectAlternativeNames") or []
        one["SubjectAlternativeNameSummaries"] = names[:100]
        one["HasAdditionalSubjectAlternativeNames"] = len(names) > 100
        one.setdefault("KeyUsages", [])
        one["ExportOption"] = (described.get("Options") or {}).get("Export", "DISABLED")
        if described.get("Status") == "PENDING_VALIDATION":
            for name in ("IssuedAt", "NotAfter", "NotBefore"):
                one.pop(name, None)
    if not (call.get("Includes") or {}).get("keyTypes"):
        # Unless asked for, others than small RSA keys are left out.
        found = result.result["CertificateSummaryList"]
        usual = ("RSA_1024", "RSA_2048")
        found[:] = [one for one in found if one["KeyAlgorithm"] in usual]
    for one in result.result["CertificateSummaryList"]:
        # With a hyphen, as in DescribeCertificate: recordings `acm__acm.json`,
        # test_create_certificate_for_multiple_alternative_domains.
        one["KeyAlgorithm"] = one["KeyAlgorithm"].replace("RSA_", "RSA-")
    return result


@around("acm", "DeleteCertificate")
def delete(call: Call, proceed: Proceed) -> Any:
    arn = call.get("CertificateArn")
    if _in_use_by(call, arn):
        raise AwsError("ResourceInUseException", f"Certificate {arn} in account is in use.")
    return proceed()


def _check(self: CertBundle) -> None:
    """Issuing is up to `_advance`, not to moto's clock."""


CertBundle.check = _check  # type: ignore[method-assign]
_describe = CertBundle.describe


def _with_key(self: CertBundle) -> dict[str, Any]:
    """moto makes RSA keys only; the kind that was asked for is told."""
    result = _describe(self)
    if hasattr(self, "sandbox_key"):
        result["Certificate"]["KeyAlgorithm"] = self.sandbox_key
    return result


CertBundle.describe = _with_key  # type: ignore[method-assign]
