"""Texts at rest: sealed to a public key in the database, opened only by who holds the private key's file.

X25519 with a fresh key a message, HKDF-SHA-256, ChaCha20-Poly1305; the message's handle is authenticated with it, so a text cannot be
moved to another message's row.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, SettingsError
from ledger.messages.model import MessageKey
from ledger.settings import Settings
from ledger.whole_files import create, read_private

INFO = b"sonang message body v1"
NONCE = bytes(12)
"""Every message has a key of its own, used once."""
NEW = "`sonang messages --new-key` makes one"


@dataclass(frozen=True)
class Opener:
    """The private half; never shown."""

    private: X25519PrivateKey

    @property
    def id(self) -> bytes:
        """The public half."""
        return self.private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"Opener({self.id.hex()[:8]}…)"

    def open(self, handle: str, sealed: bytes) -> str:
        """The text.

        Raises:
            ConflictError: it was sealed to another key or for another message, or changed.
        """
        try:
            shared = self.private.exchange(X25519PublicKey.from_public_bytes(sealed[:32]))
            return _cipher(shared, sealed[:32], self.id).decrypt(NONCE, sealed[32:], handle.encode()).decode()
        except (InvalidTag, ValueError):  # the latter: what stands first is no public key
            problem = "the stored text does not open"
            raise ConflictError(
                problem, field="body", fix="see that the key file is this database's; the row may have been changed"
            ) from None


def seal(public: bytes, handle: str, text: str) -> bytes:
    """A text sealed to a public key, for one message."""
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    first = once.public_key().public_bytes_raw()
    return first + _cipher(shared, first, public).encrypt(NONCE, text.encode(), handle.encode())


def newest_key(session: Session) -> bytes:
    """The public key texts are sealed to.

    Raises:
        SettingsError: there is none yet.
    """
    found = session.scalar(select(MessageKey.id).order_by(MessageKey.number.desc()).limit(1))
    if found is None:
        raise SettingsError("messages have no key to be sealed to yet", field="SONANG_MESSAGE_KEY_FILE", fix=NEW)
    return found


def key_path(settings: Settings) -> Path:
    """Where the private key is."""
    return settings.message_key_file or settings.state_dir / "message.key"


def prepare(session: Session, settings: Settings, *, new: bool = False) -> Opener:
    """The key of this installation, its public half known to the database; made when `new`, or on the devchain when there is none at all.

    Raises:
        SettingsError: no file, others may read it, or it holds no such key.
        ConflictError: asked for a new one while there is a file.
    """
    path = key_path(settings)
    makes = new or (settings.uses_mailbox and session.scalar(select(MessageKey.id).limit(1)) is None)
    if makes and (new or not path.exists()):
        with contextlib.suppress(FileExistsError):
            _write(path, X25519PrivateKey.generate(), told=new)
    opener = load_opener(path)
    session.execute(insert(MessageKey).values(id=opener.id, created_s=int(time.time())).on_conflict_do_nothing())
    return opener


def load_opener(path: Path) -> Opener:
    """Reads a key file.

    Raises:
        SettingsError: as `prepare`.
    """
    content = read_private(path, SettingsError, f"restore the key file, or {NEW}")
    key: object = None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, X25519PrivateKey):
        raise SettingsError("holds no X25519 private key", field=str(path), fix=NEW)
    return Opener(key)


def _write(path: Path, key: X25519PrivateKey, *, told: bool) -> None:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    try:
        create(path, key.private_bytes(*form))
    except FileExistsError:
        if told:
            fix = "move it away first; messages queued to it can then not be sent"
            raise ConflictError("exists already", field=str(path), fix=fix) from None
        raise


def _cipher(shared: bytes, first: bytes, public: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), 32, salt=first + public, info=INFO).derive(shared))
