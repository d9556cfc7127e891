from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ledger.errors import SettingsError
from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.keys import Pkcs12Key
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer, open_sealer, sealer_on
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from tests.conftest import World
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS


def settings_for(authority: AuthorityFiles, **changes: Any) -> Settings:
    return Settings(state_dir=authority.directory.parent, **changes)


def test_a_rsa_certificate_seals_as_well(authority: AuthorityFiles, sealer: Sealer) -> None:
    chosen = settings_for(authority, seal_pkcs12=authority.pkcs12("company-rsa"), seal_passphrase=SecretStr(authority.passphrase()))
    issued = open_sealer(chosen).issue_and_read(sample().pdf, APPROVALS)[0]
    assert [one.signer for one in check_issued(issued, sample().pdf, sealer.trust_roots)] == [
        "Công ty khách hàng THỬ (TEST customer, RSA)"
    ] * 2


def test_a_wrong_passphrase_or_file_is_told_without_repeating_the_secret(authority: AuthorityFiles, tmp_path: Path) -> None:
    for path, passphrase in ((authority.pkcs12("seal"), "guessed-secret"), (authority.root, "guessed-secret")):
        with pytest.raises(SettingsError, match="does not open") as refused:
            Pkcs12Key.read(path, SecretStr(passphrase), "SONANG_SEAL_PKCS12")
        assert "guessed-secret" not in str(refused.value)
    with pytest.raises(SettingsError, match="cannot be read"):
        Pkcs12Key.read(tmp_path / "none.p12", None, "SONANG_SEAL_PKCS12")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"seal_pkcs12": Path("a.p12"), "seal_csc_url": "http://127.0.0.1:9"}, "two keys"),
        ({"seal_pkcs11_lib": Path("/nowhere/p11.so")}, "is no file"),
        ({"seal_pkcs11_lib": Path(__file__)}, "SONANG_SEAL_PKCS11_TOKEN"),
        ({"seal_pkcs11_lib": Path(__file__), "seal_pkcs11_token": "utility"}, "SONANG_SEAL_KEY"),
        ({"seal_csc_url": "http://127.0.0.1:9"}, "SONANG_SEAL_KEY"),
        ({"seal_trust_roots": Path(__file__)}, "holds no certificate"),
    ],
)
def test_an_incomplete_configuration_names_what_is_missing(authority: AuthorityFiles, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as refused:
        open_sealer(settings_for(authority, **changes))
    assert refused.value.fix


def test_a_module_that_is_no_token_is_waited_for_like_one_that_is_unplugged(authority: AuthorityFiles) -> None:
    chosen = settings_for(authority, seal_pkcs11_lib=Path(__file__), seal_pkcs11_token="utility", seal_key="seal")
    with pytest.raises(AuthorityUnavailableError, match="the token utility cannot be used"):
        open_sealer(chosen).issue_and_read(sample().pdf, APPROVALS)


def test_without_a_certificate_the_devchain_names_its_test_authority(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="test authority was never started") as refused:
        open_sealer(Settings(state_dir=tmp_path))
    assert "sonang test-authority" in refused.value.fix


def test_on_another_chain_nothing_has_a_default_and_a_test_root_is_refused(authority: AuthorityFiles, world: World) -> None:
    assert open_sealer(settings_for(authority, rpc_url=world.settings.rpc_url)), "the devchain, told by its endpoint"
    with pytest.raises(SettingsError, match="no key seals"):
        sealer_on(settings_for(authority), 1)
    keyed = {"seal_pkcs12": authority.pkcs12("seal"), "seal_passphrase": SecretStr(authority.passphrase())}
    with pytest.raises(SettingsError, match="SONANG_SEAL_TRUST_ROOTS"):
        sealer_on(settings_for(authority, **keyed), 1)
    with pytest.raises(SettingsError, match="root of a test authority"):
        sealer_on(settings_for(authority, **keyed, seal_trust_roots=authority.root), 1)
