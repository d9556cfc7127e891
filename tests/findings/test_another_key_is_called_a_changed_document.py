"""A key that is not its certificate's was told as "the signed bytes were changed – obtain the file again", of a file nobody has yet.

It ended only the one document as well: every other one was signed by the wrong key too, and refused again.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate
from pydantic import SecretStr

from ledger.errors import SettingsError
from ledger.sealing.keys import Pkcs12Key
from ledger.test_authority.files import AuthorityFiles
from tests.ledger.sealing.signing_service import CREDENTIAL
from tests.ledger.sealing.test_signing_service import refused, sealer_at


def name_of(authority: AuthorityFiles, label: str) -> str:
    return str(x509.Certificate.load(pem.unarmor(authority.certificate(label).read_bytes())[2]).subject.native["common_name"])


@pytest.mark.parametrize(
    ("credentials", "setting"), [(("another-key", CREDENTIAL), "SONANG_SEAL_KEY"), ((CREDENTIAL, "another-key"), "SONANG_APPROVALS_KEY")]
)
def test_at_a_signing_service(signing_service: str, authority: AuthorityFiles, credentials: tuple[str, str], setting: str) -> None:
    told = refused(sealer_at(authority, signing_service, credentials[0], approvals_key=credentials[1]))
    assert told.field == setting
    assert f"another-key signs with another key than that of its certificate ({name_of(authority, 'approvals')})" in told.problem
    assert "nothing is wrong with the documents" in told.fix


def test_in_a_file(authority: AuthorityFiles, tmp_path: Path) -> None:
    key = load_pem_private_key(authority.key("seal").read_bytes(), None)
    other, between = (load_pem_x509_certificate(authority.certificate(one).read_bytes()) for one in ("approvals", "intermediate"))
    mixed = tmp_path / "mixed.p12"
    mixed.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, None, [other, between], BestAvailableEncryption(b"secret")))  # type: ignore[arg-type]
    with pytest.raises(SettingsError) as told:
        Pkcs12Key.read(mixed, SecretStr("secret"), "SONANG_SEAL_PKCS12")
    assert told.value.field == "SONANG_SEAL_PKCS12"
    assert f"holds a key and no certificate of it, but that of {name_of(authority, 'approvals')}" in told.value.problem
