"""The utility's key and the key of codes: given, or a private file of the devchain, and never one everybody knows."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.keys import PUBLISHED_KEYS
from ledger.errors import SettingsError
from ledger.private_files import kept
from ledger.protocol.signers import eoa_signer, new_eoa_key, recover_eoa
from ledger.settings import Settings
from ledger.signing.utility import otp_key, utility_key

ELSEWHERE = 1


def settings(tmp_path: Path, **given: str) -> Settings:
    return Settings.model_validate({"state_dir": tmp_path, **given})


def test_the_devchain_keeps_a_private_key_file_and_uses_it_again(tmp_path: Path) -> None:
    first, again = (utility_key(settings(tmp_path), DEVCHAIN_ID) for _ in range(2))
    assert first.signer == again.signer == recover_eoa(b"\x07" * 32, again.sign(b"\x07" * 32))
    assert otp_key(settings(tmp_path), DEVCHAIN_ID, lambda: b"k" * 32) == otp_key(settings(tmp_path), DEVCHAIN_ID, lambda: b"q" * 32)
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "sign=" not in repr(first)


def test_another_chain_has_no_default_and_takes_no_published_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is needed on chain 1"):
        utility_key(settings(tmp_path), ELSEWHERE)
    with pytest.raises(SettingsError, match="is needed on chain 1"):
        otp_key(settings(tmp_path), ELSEWHERE, lambda: b"")
    with pytest.raises(SettingsError, match="published"):
        utility_key(settings(tmp_path, utility_key="0x" + PUBLISHED_KEYS[0].hex()), ELSEWHERE)
    own = new_eoa_key()
    assert utility_key(settings(tmp_path, utility_key="0x" + own.hex()), ELSEWHERE).signer == eoa_signer(own)
    assert otp_key(settings(tmp_path, otp_key="s" * 32), ELSEWHERE, lambda: b"") == b"s" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    kept(path, lambda: b"secret")
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="others may read") as refused:
        kept(path, lambda: b"other")
    assert "chmod 600" in refused.value.fix


def test_requests_that_come_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: kept(tmp_path / "key", lambda: os.urandom(16)), range(8)))
    assert made == {(tmp_path / "key").read_bytes()}
