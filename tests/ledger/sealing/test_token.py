"""A key that never leaves its token: SoftHSM, a PKCS#11 module of its own, holds the utility's seal."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from pydantic import SecretStr

from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.sealer import Sealer, open_sealer
from ledger.sealing.trial import try_sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued

MODULES = [
    Path(place) for place in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so")
]
MODULE = next((one for one in MODULES if one.is_file()), None)
TOKEN, PIN = "utility", "31337-pin"

pytestmark = pytest.mark.skipif(MODULE is None, reason="no SoftHSM module is installed (Debian: softhsm2)")


def fill(authority: AuthorityFiles) -> None:
    """Keys that may not leave, their certificates, and the one between them and the root, as an administrator loads them.

    One of the keys is under the name `mixed` too, with a certificate that is not its own.
    """
    from pkcs11 import Attribute, lib
    from pkcs11.util.ec import decode_ec_private_key
    from pkcs11.util.x509 import decode_x509_certificate

    with lib(str(MODULE)).get_token(token_label=TOKEN).open(user_pin=PIN, rw=True) as session:
        for label, whose in (("seal", "seal"), ("approvals", "approvals"), ("intermediate", "intermediate"), ("mixed", "approvals")):
            certificate = decode_x509_certificate(pem.unarmor(authority.certificate(whose).read_bytes())[2])
            session.create_object({**certificate, Attribute.LABEL: label, Attribute.TOKEN: True})
        for label, whose in (("seal", "seal"), ("approvals", "approvals"), ("mixed", "seal")):
            key = load_pem_private_key(authority.key(whose).read_bytes(), None)
            der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
            kept = {Attribute.LABEL: label, Attribute.TOKEN: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
            session.create_object({**decode_ec_private_key(der), **kept})


@pytest.fixture(scope="module", autouse=True)
def _token(authority: AuthorityFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        asked = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "31337-so", "--pin", PIN]
        subprocess.run(asked, check=True, capture_output=True)
        fill(authority)
        yield


def sealer_with(authority: AuthorityFiles, **changes: Any) -> Sealer:
    """The sealer of an installation whose keys are in the token."""
    given: dict[str, Any] = {"seal_pkcs11_lib": MODULE, "seal_pkcs11_token": TOKEN, "seal_pkcs11_pin": SecretStr(PIN)}
    given |= {"seal_key": "seal", "approvals_key": "approvals", **changes}
    return open_sealer(Settings(state_dir=authority.directory.parent, **given))


def test_a_token_seals_to_b_lta_with_the_chain_it_holds_though_it_cannot_hash(authority: AuthorityFiles, issued: Issued) -> None:
    levels = sealer_with(authority).issue_and_read(sample().pdf, APPROVALS)[1]
    assert [(one.field, one.signer, one.level) for one in levels] == [(one.field, one.signer, one.level) for one in issued.levels]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"seal_pkcs11_token": "another"}, "the token another cannot be used"),
        ({"approvals_key": "another"}, "No key matching"),
        ({"seal_key": "intermediate"}, "No key matching"),
        ({"seal_pkcs11_pin": None}, "No key matching"),
    ],
)
def test_a_token_without_the_key_is_waited_for_and_says_what_it_looked_for(
    authority: AuthorityFiles, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(AuthorityUnavailableError, match=problem) as refused:
        sealer_with(authority, **changes).issue_and_read(sample().pdf, APPROVALS)
    assert "token's label, the PIN" in refused.value.fix


def test_a_wrong_pin_is_tried_once_and_never_repeated(authority: AuthorityFiles) -> None:
    sealer = sealer_with(authority, seal_pkcs11_pin=SecretStr("0000-guessed"))
    for _ in range(12):
        with pytest.raises(AuthorityUnavailableError, match="refused the PIN") as refused:
            sealer.issue_and_read(sample().pdf, APPROVALS)
        assert "0000-guessed" not in str(refused.value)
    assert sealer_with(authority).issue_and_read(sample().pdf, APPROVALS), "twelve tries would have locked a token; this one still opens"


def test_a_key_under_the_label_of_another_ones_certificate_is_told_as_that(authority: AuthorityFiles) -> None:
    with pytest.raises(AuthorityUnavailableError) as told:
        sealer_with(authority, approvals_key="mixed").issue_and_read(sample().pdf, APPROVALS)
    assert told.value.field == "SONANG_APPROVALS_KEY"
    assert f"the key mixed in the token {TOKEN} signs with another key than that of its certificate" in told.value.problem


def test_a_check_before_the_first_document_tries_both_keys_and_a_wrong_pin_once(authority: AuthorityFiles) -> None:
    assert {one.state for one in try_sealer(sealer_with(authority))} == {"good"}
    for changes in ({"approvals_key": "mixed"}, {"approvals_key": "another"}):
        failed = [one for one in try_sealer(sealer_with(authority, **changes)) if one.state == "fails"]
        assert [(one.about, one.step) for one in failed] == [("approvals", "key")]
    wrong = [one for one in try_sealer(sealer_with(authority, seal_pkcs11_pin=SecretStr("0000-guessed"))) if one.state == "fails"]
    assert [(one.about, one.step) for one in wrong] == [("approvals", "key"), ("seal", "key")]
    assert len({str(one.wrong) for one in wrong}) == 1
