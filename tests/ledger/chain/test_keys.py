"""Keys: published ones on the devchain, real ones anywhere else, and none of them ever in a message."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_account import Account

from ledger.chain import keys
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.errors import SettingsError
from ledger.protocol.signers import eoa_signer, new_eoa_key
from ledger.settings import Settings


def test_the_devchain_needs_no_key_and_gives_each_part_its_own(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    parts = {key(settings, DEVCHAIN_ID) for key in (keys.deployer_key, keys.operator_key, keys.guardian_key)}
    assert len(parts) == 3
    assert not {eoa_signer(part) for part in parts} & set(keys.placeholder_oracles(DEVCHAIN_ID))


def test_the_published_keys_are_those_of_anvils_mnemonic() -> None:
    Account.enable_unaudited_hdwallet_features()
    words = "test " * 11 + "junk"
    derived = [bytes(Account.from_mnemonic(words, account_path=f"m/44'/60'/0'/0/{at}").key) for at in range(10)]
    assert list(keys.PUBLISHED_KEYS) == derived


def test_a_key_of_ones_own_is_used_on_any_chain(tmp_path: Path) -> None:
    own = new_eoa_key()
    settings = Settings.model_validate({"state_dir": tmp_path, "operator_key": "0x" + own.hex()})
    assert keys.operator_key(settings, 1) == keys.operator_key(settings, DEVCHAIN_ID) == own


@pytest.mark.parametrize("name", ["deployer_key", "operator_key", "guardian_key"])
@pytest.mark.parametrize("published", range(10))
def test_each_published_key_is_refused_elsewhere_and_not_repeated(tmp_path: Path, name: str, published: int) -> None:
    text = "0x" + keys.PUBLISHED_KEYS[published].hex()
    settings = Settings.model_validate({"state_dir": tmp_path, name: text})
    with pytest.raises(SettingsError, match="published") as refused:
        keys.refuse_published_keys(settings, 1)
    assert refused.value.field == f"SONANG_{name.upper()}"
    assert text[2:] not in str(refused.value)
    assert text[2:] not in repr(settings)


def test_placeholder_oracles_exist_on_the_devchain_only() -> None:
    with pytest.raises(SettingsError, match="real oracles"):
        keys.placeholder_oracles(1)
