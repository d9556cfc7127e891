"""Whose seal an issued PDF carries: compared with a certificate somebody was given, or, which is less, with a name.

A root certifies many, and may certify two under one name: only the certificate says which of them sealed. What was compared is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from ledger.errors import SettingsError
from ledger.evidence.findings import Check, Result

if TYPE_CHECKING:
    from ledger.sealing.levels import SignatureLevel

_FINGERPRINT: Final = re.compile(r"(?:sha-?256(?: fingerprint)?\s*[:=]\s*)?((?:[0-9a-f]{2}:?){32})", re.IGNORECASE)
"""As openssl prints one, or plain."""
_FILES: Final = frozenset({".pem", ".crt", ".cer", ".der"})
_ASK: Final = "a root certifies many: say whose seal you expect (--sealed-by)"


@dataclass(frozen=True)
class ExpectedSeal:
    """Who must have sealed.

    Attributes:
        said: as somebody gave it: a name, a fingerprint, a file.
        certificates: SHA-256 of the certificates it may be, hexadecimal; none where only a name is known.
    """

    said: str
    certificates: frozenset[str] = frozenset()


def expected_seal(said: str, field: str = "--sealed-by") -> ExpectedSeal:
    """What somebody expects: the path of a file with certificates, the SHA-256 fingerprint of one, or else a name.

    Raises:
        SettingsError: a file of that name is not there, or holds no certificate; `field` names who said so.
    """
    fingerprint, path = _FINGERPRINT.fullmatch(said.strip()), Path(said)
    if fingerprint is not None:
        return ExpectedSeal(said, frozenset({fingerprint[1].replace(":", "").lower()}))
    if path.suffix.lower() not in _FILES and not path.is_file():
        return ExpectedSeal(said)
    return ExpectedSeal(said, certificates_in(path, field))


def certificates_in(path: Path, field: str) -> frozenset[str]:
    """SHA-256 of the certificates in a file, PEM or DER; errors as `expected_seal`."""
    from pyhanko.keys import load_certs_from_pemder  # noqa: PLC0415 - a PDF library nobody waits for who checks a trade

    try:
        found = frozenset(sha256(one.dump()).hexdigest() for one in load_certs_from_pemder([str(path)]))
    except (OSError, ValueError):
        found = frozenset()
    if not found:
        raise SettingsError(f"{path} holds no certificate", field=field, fix="name a PEM or DER file with the certificate of the seal")
    return found


def check_sealer(found: Sequence[SignatureLevel], expected: ExpectedSeal | None, *, proven: bool) -> Check:
    """Whose seal it is, and what that was compared with.

    Args:
        found: the signatures of the PDF.
        proven: whether they lead to trusted roots; anybody can write any name into a certificate of their own.
    """
    from ledger.sealing.profile import SEAL_FIELD  # noqa: PLC0415

    seals = [one for one in found if one.field == SEAL_FIELD]
    if len(seals) > 1:
        return Check("sealer", Result.FAILED, f"carries {len(seals)} seals in fields of one name, by {_named(seals)}")
    seal = seals[0] if seals else None
    if expected is None:
        return Check("sealer", Result.NOT_CHECKED, f"sealed by {'nobody' if seal is None else f'“{seal.signer}”'}; {_ASK}")
    if seal is None:
        return Check("sealer", Result.FAILED, f"carries no seal, and “{expected.said}” should have sealed it")
    return _by_certificate(seal, expected, proven) if expected.certificates else _by_name(seal, expected, proven)


def _by_name(seal: SignatureLevel, expected: ExpectedSeal, proven: bool) -> Check:
    if _plain(seal.signer) != _plain(expected.said):
        return Check("sealer", Result.FAILED, f"sealed by “{seal.signer}”, not by “{expected.said}”")
    if not proven:
        return Check("sealer", Result.NOT_CHECKED, f"“{seal.signer}”, which anybody may call themselves")
    only = "compared by name only, and a root may certify others under it: give the certificate or its SHA-256 to be certain"
    return Check("sealer", Result.PASSED, f"“{seal.signer}”, {only}; this one is {_told(seal)}")


def _by_certificate(seal: SignatureLevel, expected: ExpectedSeal, proven: bool) -> Check:
    if seal.certificate not in expected.certificates:
        other = f"sealed by “{seal.signer}” with another certificate than “{expected.said}”: {_told(seal)}"
        return Check("sealer", Result.FAILED, other)
    if not proven:
        return Check("sealer", Result.NOT_CHECKED, f"“{seal.signer}”, by its certificate; only a root tells whether it was revoked")
    return Check("sealer", Result.PASSED, f"“{seal.signer}”, compared by certificate: {_told(seal)}")


def _named(seals: Sequence[SignatureLevel]) -> str:
    return " and ".join(f"“{one.signer}”" for one in seals)


def _told(seal: SignatureLevel) -> str:
    return f"SHA-256 {seal.certificate}, issued by “{seal.issuer}”"


def _plain(name: str) -> str:
    """A name as it is compared: however it was typed."""
    return " ".join(normalize("NFC", name).split()).casefold()
