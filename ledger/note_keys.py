"""Files with the Ed25519 key of a log or a witness: readable by their owner only, never overwritten."""

from __future__ import annotations

import contextlib
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.protocol.checkpoint import NoteSigner, check_name
from ledger.protocol.errors import SonangError
from ledger.whole_files import create, read_private


class KeyFileError(SonangError):
    """A key file is missing, unsafe, damaged, or there already; its content is never repeated."""


def new_note_key(path: Path, name: str) -> NoteSigner:
    """Makes a key and writes it to a new file with mode 0600.

    Raises:
        KeyFileError: the file exists already, or cannot be written.
        ProtocolError: not a name.
    """
    signer = NoteSigner(check_name(name, "name"), Ed25519PrivateKey.generate())
    pem = signer.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        create(path, pem)
    except FileExistsError:
        raise KeyFileError("exists already", field=str(path), fix="name a new file; a key is never overwritten") from None
    except OSError as problem:
        raise KeyFileError(f"cannot be written: {problem.strerror}", field=str(path), fix="name a file in a folder of your own") from None
    return signer


def load_note_key(path: Path, name: str, *, making: str | None = None) -> NoteSigner:
    """Reads a key file.

    Args:
        making: the command that makes the file, told where there is none.

    Raises:
        KeyFileError: no such file, others may read it, or it holds no Ed25519 key.
        ProtocolError: not a name.
    """
    fix = f"run `{making}`, or name the key file" if making else "name the key file; `--new-key` makes one"
    content = read_private(path, KeyFileError, fix)
    key: object = None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("holds no Ed25519 private key", field=str(path), fix="`--new-key` makes one")
    return NoteSigner(check_name(name, "name"), key)
