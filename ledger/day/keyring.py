"""Keys of the simulated people and meters of a devchain.

On the devchain nobody holds a phone or a meter, so the day job plays both: it keeps one wallet key per owner, one for the utility and one
P-256 key per meter under the state folder, readable by this user only. A chain that is not the devchain refuses to be played with.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.errors import SettingsError
from ledger.private_files import kept, private_name
from ledger.protocol.signers import Verifiers, eoa_signer, new_eoa_key, new_p256_key, p256_signer, sign_eoa, sign_p256
from ledger.signing.utility import UtilityKey

UTILITY = "utility"
"""The utility's label."""


def refuse_to_play(chain_id: int) -> None:
    """Raises SettingsError on any chain but the devchain: real people sign there, with keys of their own."""
    if chain_id != DEVCHAIN_ID:
        raise SettingsError(
            f"owners and meters are played on the devchain only, and this is chain {chain_id}",
            field="SONANG_RPC_URL",
            fix="unset it to run the day on the devchain; on a real chain owners and meters sign for themselves",
        )


class Keyring:
    """The simulated keys, made when first asked for and kept for the next run.

    Args:
        directory: where the key files live; made with mode 0700.
        verifiers: addresses of the ERC-7913 verifiers of the deployment.
        chain_id: must be the devchain's.
        utility: the installation's own key, which the utility signs with in a day too; a simulated one when not given.

    Raises:
        SettingsError: another chain, as `refuse_to_play`.
    """

    def __init__(self, directory: Path, verifiers: Verifiers, chain_id: int, utility: UtilityKey | None = None) -> None:
        refuse_to_play(chain_id)
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        self._directory = directory
        self._verifiers = verifiers
        self._utility = utility

    def owner(self, label: str) -> tuple[bytes, Callable[[bytes], bytes]]:
        """The ERC-7913 signer and the signing function of an owner's wallet, or the utility's."""
        if label == UTILITY and self._utility is not None:
            return self._utility.signer, self._utility.sign
        key = self._read(f"{label}.owner", new_eoa_key)
        return eoa_signer(key), lambda digest: sign_eoa(key, digest)

    def meter(self, label: str) -> tuple[bytes, Callable[[bytes], bytes]]:
        """The ERC-7913 signer and the signing function of a meter's secure element."""
        key = self.meter_key(label)
        return p256_signer(key, self._verifiers), lambda digest: sign_p256(key, digest)

    def meter_key(self, label: str) -> ec.EllipticCurvePrivateKey:
        """The P-256 key of a simulated meter."""
        pem = self._read(f"{label}.meter", _new_p256_pem)
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SettingsError("not a P-256 key", field=f"{label}.meter", fix="run `make clean` to start over with new simulated keys")
        return key

    def _read(self, name: str, make: Callable[[], bytes]) -> bytes:
        return kept(self._directory / private_name(name), make)


def _new_p256_pem() -> bytes:
    return new_p256_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
