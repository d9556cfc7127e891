"""A root may certify two under one name: who compared the seal's name alone took a namesake's seal for the utility's."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from asn1crypto import pem

from ledger.errors import SettingsError
from ledger.evidence.findings import Result
from ledger.evidence.sealer import ExpectedSeal, check_sealer, expected_seal
from ledger.sealing.levels import SignatureLevel
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import NAMES
from tests.ledger.sealing.office import Issued

UTILITY = NAMES["seal"]


def seals(issued: Issued, **changed: str) -> list[SignatureLevel]:
    """The signatures of an issued file, the seal's certificate being another one under the same root."""
    approvals, seal = issued.levels
    return [approvals, replace(seal, **changed)]


def test_a_namesake_fails_against_the_certificate_and_the_name_alone_says_that_it_compared_a_name(
    issued: Issued, authority: AuthorityFiles
) -> None:
    namesake = seals(issued, certificate="ab" * 32, issuer="Another CA")
    by_name = check_sealer(namesake, ExpectedSeal(UTILITY), proven=True)
    assert by_name.result == Result.PASSED
    assert "compared by name only, and a root may certify others under it" in by_name.detail
    assert f"this one is SHA-256 {'ab' * 32}, issued by “Another CA”" in by_name.detail
    certificate = expected_seal(str(authority.certificate("seal")))
    refused = check_sealer(namesake, certificate, proven=True)
    assert refused.result == Result.FAILED
    assert f"with another certificate than “{certificate.said}”: SHA-256 {'ab' * 32}" in refused.detail
    genuine = check_sealer(issued.levels, certificate, proven=True)
    assert (genuine.result, genuine.detail.split(":")[0]) == (Result.PASSED, f"“{UTILITY}”, compared by certificate")
    assert check_sealer(issued.levels, certificate, proven=False).result == Result.NOT_CHECKED, "no root says whether it was revoked"


def test_a_certificate_is_given_as_a_file_or_as_any_program_prints_its_fingerprint(
    issued: Issued, authority: AuthorityFiles, tmp_path: Path
) -> None:
    written = authority.certificate("seal").read_bytes()
    der = pem.unarmor(written)[2]
    digest = sha256(der).hexdigest()
    (tmp_path / "seal.der").write_bytes(der)
    (tmp_path / "both.pem").write_bytes(authority.certificate("company").read_bytes() + written)
    colons = ":".join(digest[at : at + 2] for at in range(0, 64, 2)).upper()
    forms = (digest, colons, f"sha256:{digest}", f"sha256 Fingerprint={colons}", f"SHA-256: {digest}")
    for said in (*forms, str(tmp_path / "seal.der"), str(tmp_path / "both.pem")):
        assert digest in expected_seal(said).certificates
        assert check_sealer(issued.levels, expected_seal(said), proven=True).result == Result.PASSED
    assert expected_seal(digest[:-2]).certificates == frozenset(), "too short: a name, and nobody's"
    (tmp_path / "empty.pem").write_bytes(b"")
    for nothing in ("empty.pem", "gone.pem"):
        with pytest.raises(SettingsError, match="holds no certificate"):
            expected_seal(str(tmp_path / nothing))
