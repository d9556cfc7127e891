"""Who certifies whom, in certomancer's own terms: root → intermediate → the certificates of the utility, a company and the services."""

from __future__ import annotations

import datetime
from typing import Any, Final

MARK: Final = "KHÔNG DÙNG THẬT – TEST, NOT FOR REAL USE"
"""Stands in the organisation of every certificate of every test authority; what bears it is refused outside the devchain."""
ARCHITECTURE: Final = "test"
ROOT, INTERMEDIATE = "root", "intermediate"
STAMPS: Final = "stamps"
"""The time-stamp service, by label."""
LEAVES: Final = {
    "seal": "Sổ Nắng – con dấu điện lực THỬ (TEST utility seal)",
    "approvals": "Sổ Nắng – xác nhận chấp thuận THỬ (TEST approvals)",
    "company": "Công ty khách hàng THỬ (TEST customer, P-256)",
    "company-rsa": "Công ty khách hàng THỬ (TEST customer, RSA)",
}
"""The certificates that sign documents, by label."""
SERVICES: Final = {"tsa": "Sổ Nắng – dấu thời gian THỬ (TEST time stamps)", "ocsp": "Sổ Nắng – trả lời thu hồi THỬ (TEST OCSP)"}
AUTHORITIES: Final = {ROOT: "Sổ Nắng – chứng thực gốc THỬ (TEST root)", INTERMEDIATE: "Sổ Nắng – trung gian THỬ (TEST intermediate)"}
NAMES: Final = {**AUTHORITIES, **SERVICES, **LEAVES}
"""The common name of each certificate; X.520 allows 64 characters."""
LABELS: Final = tuple(NAMES)
RSA_LABELS: Final = frozenset({"company-rsa"})
YEARS: Final = 20
_SERVICES: Final = {
    "crl-repo": {
        "root": {"for-issuer": ROOT, "signing-key": ROOT, "simulated-update-schedule": "P30D"},
        "leaves": {"for-issuer": INTERMEDIATE, "signing-key": INTERMEDIATE, "simulated-update-schedule": "P1D"},
    },
    "ocsp": {"leaves": {"for-issuer": INTERMEDIATE, "responder-cert": "ocsp", "validity-period": {"days": 1}}},
    "time-stamping": {STAMPS: {"signing-cert": "tsa", "certs-to-embed": [INTERMEDIATE]}},
}


def configuration(url: str, born: datetime.date, kept: dict[str, str] | None = None) -> dict[str, Any]:
    """The whole hierarchy as certomancer reads it.

    Args:
        url: where the services answer; the certificates name it.
        born: the certificates are valid from the day before, for twenty years.
        kept: file of each certificate that was issued before; None issues all anew.
    """
    certificates: dict[str, dict[str, Any]] = {
        ROOT: {"issuer": ROOT, **_validity(born), "profiles": [{"id": "simple-ca", "params": {"crl-repo": "root", "max-path-len": 1}}]},
        INTERMEDIATE: {
            "issuer": ROOT,
            **_validity(born),
            "profiles": [{"id": "simple-ca", "params": {"ocsp-service": "leaves", "crl-repo": "leaves", "max-path-len": 0}}],
        },
        "tsa": _leaf(born, [_usage("digital_signature"), {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}]),
        "ocsp": {"issuer": INTERMEDIATE, **_validity(born), "profiles": ["ocsp-responder"]},
    }
    for label in LEAVES:
        certificates[label] = _leaf(born, [_usage("digital_signature", "non_repudiation")])
    for label, file in (kept or {}).items():
        certificates[label]["certificate-file"] = file
    architecture = {
        "keyset": ARCHITECTURE,
        "entity-defaults": {"country-name": "VN", "organization-name": MARK},
        "entities": {label: {"common-name": name} for label, name in NAMES.items()},
        "certs": certificates,
        "services": _SERVICES,
    }
    return {
        "external-url-prefix": url,
        "keysets": {ARCHITECTURE: {"path-prefix": "keys", "keys": {label: {"path": f"{label}.key.pem"} for label in LABELS}}},
        "pki-architectures": {ARCHITECTURE: architecture},
    }


def _leaf(born: datetime.date, extensions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"issuer": INTERMEDIATE, **_validity(born), "extensions": extensions}


def _validity(born: datetime.date) -> dict[str, Any]:
    start = born - datetime.timedelta(days=1)
    end = start + datetime.timedelta(days=365 * YEARS)
    return {"validity": {"valid-from": f"{start}T00:00:00+0000", "valid-to": f"{end}T00:00:00+0000"}}


def _usage(*uses: str) -> dict[str, Any]:
    return {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": list(uses)}}
