"""Where the utility's signing keys are: a PKCS#12 file, a PKCS#11 token, or a remote signing service (`remote`)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pydantic import SecretStr
from pyhanko.sign.signers import Signer, SimpleSigner

from ledger.errors import SettingsError
from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.fitting import name_of

if TYPE_CHECKING:
    from pkcs11 import Session


class KeySource(Protocol):
    """Gives a signer for as long as one document is signed."""

    @property
    def setting(self) -> str:
        """The setting that names the key."""
        ...

    def signer(self) -> contextlib.AbstractAsyncContextManager[Signer]:
        """The signer, with its certificate and chain."""
        ...


@dataclass(frozen=True)
class Pkcs12Key:
    """A key from a file, read once.

    Attributes:
        loaded: the signer. `setting`: which names the file.
    """

    loaded: SimpleSigner
    setting: str = "SONANG_SEAL_PKCS12"

    @classmethod
    def read(cls, path: Path, passphrase: SecretStr | None, setting: str) -> Pkcs12Key:
        """Opens the file.

        Args:
            setting: the setting that names it, for errors; the passphrase is never repeated.

        Raises:
            SettingsError: no such file, or the passphrase does not open it.
        """
        secret = passphrase.get_secret_value().encode() if passphrase is not None else None
        try:
            return cls(SimpleSigner.load_pkcs12_data(path.read_bytes(), other_certs=(), passphrase=secret), setting)
        except OSError as wrong:
            raise SettingsError(f"{path} cannot be read: {wrong.strerror}", field=setting, fix="name a PKCS#12 file you may read") from None
        except (ValueError, AttributeError):
            _refuse_a_key_without_certificate(path, secret, setting)
            problem = f"{path} does not open: not a PKCS#12 file with a key, or another passphrase"
            raise SettingsError(problem, field=setting, fix="set the passphrase that belongs to this file") from None

    @contextlib.asynccontextmanager
    async def signer(self) -> AsyncIterator[Signer]:
        """The same signer each time."""
        yield self.loaded


def _refuse_a_key_without_certificate(path: Path, secret: bytes | None, setting: str) -> None:
    """Tells a file that opens, but whose certificates are of other keys, from one that does not open."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), secret)
    except (OSError, ValueError):
        return
    if key is not None and certificate is None:
        shown = ", ".join(name_of(x509.Certificate.load(one.public_bytes(Encoding.DER))) for one in others)
        problem = f"{path} holds a key and no certificate of it" + (f", but that of {shown}" if shown else "")
        raise SettingsError(problem, field=setting, fix="put the certificate of this very key into the file, with those up to the root")


@dataclass(frozen=True)
class Pkcs11Key:
    """A key in a hardware token; its certificate is there too under the same label, and those between it and the root under any.

    Attributes:
        library, token, pin: the vendor's PKCS#11 module, the token's label, and what opens it.
        label: of key and certificate. `setting`: which names it.
        refused: what was said of a PIN that was refused; shared by the keys that the same one opens.
    """

    library: Path
    token: str
    label: str
    pin: SecretStr | None = field(repr=False)
    setting: str = "SONANG_SEAL_KEY"
    refused: list[str] = field(default_factory=list, repr=False, compare=False)

    @contextlib.asynccontextmanager
    async def signer(self) -> AsyncIterator[Signer]:
        """A signer in a session of its own. A PIN that was refused is not tried again: tokens lock themselves after a few.

        Raises:
            AuthorityUnavailableError: the module or the token is not there, refuses the PIN, or has no such key.
        """
        from pkcs11 import PKCS11Error  # noqa: PLC0415 - native code that only tokens need

        with self._opened() as session:
            try:
                yield self._signer(session)
            except PKCS11Error as wrong:
                raise self._unusable(wrong) from None

    def _opened(self) -> Session:
        from pkcs11 import PinIncorrect, PinLocked, PKCS11Error  # noqa: PLC0415
        from pyhanko.config.pkcs11 import TokenCriteria  # noqa: PLC0415
        from pyhanko.sign.pkcs11 import open_pkcs11_session  # noqa: PLC0415

        if self.refused:
            raise AuthorityUnavailableError(self.refused[0], field="SONANG_SEAL_PKCS11_PIN", fix="set the PIN that opens it, then restart")
        pin = self.pin.get_secret_value() if self.pin is not None else None
        try:
            return open_pkcs11_session(str(self.library), token_criteria=TokenCriteria(label=self.token), user_pin=pin)
        except (PinIncorrect, PinLocked):
            self.refused.append(f"the token {self.token} refused the PIN; it is not tried again, lest the token locks itself")
            return self._opened()
        except (PKCS11Error, OSError, RuntimeError) as wrong:
            raise self._unusable(wrong) from None

    def _unusable(self, wrong: Exception) -> AuthorityUnavailableError:
        return AuthorityUnavailableError(
            f"the token {self.token} cannot be used: {str(wrong) or type(wrong).__name__}",
            field="SONANG_SEAL_PKCS11_LIB",
            fix=f"plug it in; check the module, the token's label, the PIN, and that key and certificate are called {self.label} there",
        )

    def _signer(self, session: Session) -> Signer:
        from pkcs11 import Attribute, Mechanism, ObjectClass  # noqa: PLC0415

        from ledger.sealing.token_signer import TokenSigner  # noqa: PLC0415

        held = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        known = [x509.Certificate.load(one[Attribute.VALUE]) for one in held]
        hashes_itself = Mechanism.ECDSA_SHA256 in session.token.slot.get_mechanisms()
        return TokenSigner(
            f"the key {self.label} in the token {self.token}",
            self.setting,
            pkcs11_session=session,
            cert_label=self.label,
            key_label=self.label,
            ca_chain=[one for one in known if one.ca],
            use_raw_mechanism=not hashes_itself and self._is_elliptic(session),
        )

    def _is_elliptic(self, session: Session) -> bool:
        from pkcs11 import Attribute, KeyType, ObjectClass  # noqa: PLC0415

        return bool(session.get_key(ObjectClass.PRIVATE_KEY, label=self.label)[Attribute.KEY_TYPE] == KeyType.EC)
