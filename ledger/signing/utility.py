"""The utility's own key: it attests approvals by code, and signs every document last.

One key for both, since the chain asks for the same signer. On the devchain it is a file of the state folder, the one the simulated people
of a day have theirs beside; anywhere else `SONANG_UTILITY_KEY` must be given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.keys import PUBLISHED_KEYS
from ledger.errors import SettingsError
from ledger.private_files import kept, private_name
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from ledger.settings import PREFIX, Settings

UTILITY_FILE = "utility.owner"
"""Under which name the devchain keeps it in the folder of simulated keys."""


@dataclass(frozen=True)
class UtilityKey:
    """The utility's signer, and what signs a digest for it."""

    signer: bytes
    sign: Callable[[bytes], bytes] = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> UtilityKey:
        """From a secp256k1 private key."""
        return cls(eoa_signer(key), lambda digest: sign_eoa(key, digest))


def utility_key(settings: Settings, chain_id: int) -> UtilityKey:
    """The utility's key of this installation.

    Raises:
        SettingsError: not given, or one of anvil's published keys, on a chain that is not the devchain; or its file cannot be used.
    """
    if settings.utility_key is None:
        _refuse_elsewhere(chain_id, "utility_key", "0x and 64 hex digits")
        return UtilityKey.of(kept(settings.state_dir / "keys" / private_name(UTILITY_FILE), new_eoa_key))
    key = bytes.fromhex(settings.utility_key.get_secret_value().removeprefix("0x"))
    if chain_id != DEVCHAIN_ID and key in PUBLISHED_KEYS:
        problem = f"is one of anvil's published keys, and chain {chain_id} is not the devchain"
        raise SettingsError(problem, field=f"{PREFIX}UTILITY_KEY", fix="make a key of your own and keep it secret")
    return UtilityKey.of(key)


def otp_key(settings: Settings, chain_id: int, make: Callable[[], bytes]) -> bytes:
    """The key of the hashes of one-time codes; on the devchain a file that `make` fills once.

    Raises:
        SettingsError: not given on a chain that is not the devchain, or its file cannot be used.
    """
    if settings.otp_key is not None:
        return settings.otp_key.get_secret_value().encode()
    _refuse_elsewhere(chain_id, "otp_key", "32 random characters or more")
    return kept(settings.state_dir / "keys" / private_name("codes.otp"), make)


def _refuse_elsewhere(chain_id: int, name: str, form: str) -> None:
    if chain_id != DEVCHAIN_ID:
        raise SettingsError(f"is needed on chain {chain_id}", field=PREFIX + name.upper(), fix=f"set it to {form}")
