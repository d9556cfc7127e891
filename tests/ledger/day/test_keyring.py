"""The keys of simulated people: kept, private, never mixed up, and never used on a real chain."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.day.keyring import Keyring
from ledger.errors import SettingsError
from ledger.protocol.signers import Verifiers, verify
from ledger.settings import Settings
from ledger.signing.utility import utility_key

VERIFIERS = Verifiers(b"\x01" * 20, b"\x02" * 20)
DIGEST = b"\x07" * 32


def test_a_person_and_a_meter_sign_with_the_same_key_in_every_run(tmp_path: Path) -> None:
    first, again = (Keyring(tmp_path / "keys", VERIFIERS, DEVCHAIN_ID) for _ in range(2))
    for kind in ("owner", "meter"):
        signer, sign = getattr(first, kind)("demo/home-001")
        verify(signer, DIGEST, sign(DIGEST), VERIFIERS)
        assert getattr(again, kind)("demo/home-001")[0] == signer


def test_names_that_look_alike_in_a_folder_have_keys_of_their_own(tmp_path: Path) -> None:
    keys = Keyring(tmp_path, VERIFIERS, DEVCHAIN_ID)
    assert len({keys.owner(label)[0] for label in ("a/b", "a_b", "a b", "a/c")}) == 4


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    Keyring(tmp_path / "keys", VERIFIERS, DEVCHAIN_ID).owner("demo/home-001")
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_real_chain_is_not_played_with(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="owners and meters are played on the devchain only"):
        Keyring(tmp_path / "keys", VERIFIERS, 1)
    assert not (tmp_path / "keys").exists()


def test_the_utility_signs_a_day_with_the_key_it_signs_everything_with(tmp_path: Path) -> None:
    own = utility_key(Settings(state_dir=tmp_path), DEVCHAIN_ID)
    played = Keyring(tmp_path / "keys", VERIFIERS, DEVCHAIN_ID, own)
    assert played.owner("utility")[0] == own.signer == Keyring(tmp_path / "keys", VERIFIERS, DEVCHAIN_ID).owner("utility")[0]
