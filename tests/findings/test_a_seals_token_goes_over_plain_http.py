"""The token and PIN that release the seal's key, and the password at the time-stamp authority, were sent to any http:// address."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from ledger.errors import SettingsError
from ledger.sealing.sealer import open_sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles

SECRET = "not-for-the-wire"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"seal_csc_url": "http://csc.example/v1", "seal_key": "seal", "seal_csc_token": SecretStr(SECRET)}, "SONANG_SEAL_CSC_URL"),
        ({"seal_csc_url": "http://csc.example/v1", "seal_key": "seal", "seal_csc_pin": SecretStr(SECRET)}, "SONANG_SEAL_CSC_URL"),
        ({"tsa_url": "http://tsa.example/ts", "tsa_user": "utility", "tsa_password": SecretStr(SECRET)}, "SONANG_TSA_URL"),
    ],
)
def test_no_credential_leaves_this_machine_in_the_clear(authority: AuthorityFiles, changes: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError, match="in the clear") as refused:
        open_sealer(Settings(state_dir=authority.directory.parent, **changes))
    assert refused.value.field == name
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("url", ["https://tsa.example/ts", "http://127.0.0.1:9/ts", "http://[::1]:9/ts", "http://localhost:9/ts"])
def test_encrypted_or_on_this_machine_it_may_go(authority: AuthorityFiles, url: str) -> None:
    given = {"tsa_url": url, "tsa_user": "utility", "tsa_password": SecretStr(SECRET)}
    assert open_sealer(Settings(state_dir=authority.directory.parent, **given)).tsa_login == ("utility", SECRET)


def test_an_authority_that_wants_no_account_may_be_plain_since_its_stamps_are_signed(authority: AuthorityFiles) -> None:
    assert open_sealer(Settings(state_dir=authority.directory.parent, tsa_url="http://tsa.example/ts")).tsa_login is None
