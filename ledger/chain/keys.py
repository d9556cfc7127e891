"""The three keys that send transactions: deployer, operator and guardian.

On the devchain a key that is not given is one of anvil's published ones. Everybody knows those: on any other chain id they are refused,
given or not, before anything is signed.
"""

from __future__ import annotations

from pydantic import SecretStr

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.errors import SettingsError
from ledger.protocol.signers import eoa_signer
from ledger.settings import PREFIX, Settings

__all__ = ["PUBLISHED_KEYS", "deployer_key", "guardian_key", "operator_key", "placeholder_oracles", "refuse_published_keys"]

PUBLISHED_KEYS = tuple(
    bytes.fromhex(digits)
    for digits in (
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
        "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
        "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
        "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
        "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
        "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
        "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
    )
)
"""The private keys of anvil's first ten accounts, which anvil prints for everybody to see."""

_DEPLOYER, _OPERATOR, _GUARDIAN = 0, 1, 2
_ORACLES = slice(4, 8)


def deployer_key(settings: Settings, chain_id: int) -> bytes:
    """The key that deploys contracts and administers their roles.

    Raises:
        SettingsError: it is not given, or published, on a chain that is not the devchain.
    """
    return _key(settings.deployer_key, "deployer_key", chain_id, _DEPLOYER)


def operator_key(settings: Settings, chain_id: int) -> bytes:
    """The key that sends registrations, commitments, clearings and settlements; errors as for the deployer's."""
    return _key(settings.operator_key, "operator_key", chain_id, _OPERATOR)


def guardian_key(settings: Settings, chain_id: int) -> bytes:
    """The key that pauses, voids and revokes; errors as for the deployer's."""
    return _key(settings.guardian_key, "guardian_key", chain_id, _GUARDIAN)


def placeholder_oracles(chain_id: int) -> list[bytes]:
    """Four signers that stand for the oracles of a devchain until real ones are set.

    Raises:
        SettingsError: this is not the devchain.
    """
    if chain_id != DEVCHAIN_ID:
        raise SettingsError(
            "this chain needs real oracles", field="--oracle", fix="name each oracle's signer: --oracle 0x… once per oracle"
        )
    return [eoa_signer(key) for key in PUBLISHED_KEYS[_ORACLES]]


def refuse_published_keys(settings: Settings, chain_id: int) -> None:
    """Raises SettingsError when a given key is one of anvil's and the chain is not the devchain."""
    for name in ("deployer_key", "operator_key", "guardian_key"):
        given: SecretStr | None = getattr(settings, name)
        if given is not None:
            _checked(given, name, chain_id)


def _key(given: SecretStr | None, name: str, chain_id: int, published: int) -> bytes:
    if given is not None:
        return _checked(given, name, chain_id)
    if chain_id != DEVCHAIN_ID:
        raise SettingsError(f"is needed on chain {chain_id}", field=PREFIX + name.upper(), fix="set it to 0x and 64 hex digits")
    return PUBLISHED_KEYS[published]


def _checked(given: SecretStr, name: str, chain_id: int) -> bytes:
    key = bytes.fromhex(given.get_secret_value().removeprefix("0x"))
    if chain_id != DEVCHAIN_ID and key in PUBLISHED_KEYS:
        raise SettingsError(
            f"is one of anvil's published keys, and chain {chain_id} is not the devchain ({DEVCHAIN_ID})",
            field=PREFIX + name.upper(),
            fix="make a key of your own and keep it secret",
        )
    return key
