"""A node's key: one file that only its owner may read, holding a secp256k1 private key in hex or a P-256 key in PEM."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import unhex
from ledger.protocol.signers import Verifiers, eoa_signer, new_eoa_key, new_p256_key, p256_signer, sign_eoa, sign_p256
from oracle.errors import NodeError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
FILE_LIMIT = 16 * 1024


class KeyKind(StrEnum):
    """What kind of key a node may hold."""

    EOA = "eoa"
    P256 = "p256"


@dataclass(frozen=True)
class NodeKey:
    """A node's ERC-7913 signer and the function that signs 32-byte digests for it; the key itself stays inside."""

    signer: bytes
    sign: Callable[[bytes], bytes]


def load_key(path: Path, verifiers: Verifiers) -> NodeKey:
    """Reads a key file.

    Args:
        verifiers: addresses of the ERC-7913 verifiers; a P-256 signer begins with one.

    Raises:
        NodeError: no such file, others may read it, or it holds no key of a known kind; its content is never repeated.
    """
    content = _read_private(path)
    if content.lstrip().startswith(b"-----BEGIN"):
        return _p256(content, path, verifiers)
    try:
        key = unhex(content.decode("ascii", "replace").strip(), "key", 32)
        signer = eoa_signer(key)
    except ProtocolError:
        fix = "it must hold 0x and 64 hex digits, or a P-256 key in PEM; `--new-key` makes one"
        raise NodeError("holds no key", field=str(path), fix=fix) from None
    return NodeKey(signer, lambda digest: sign_eoa(key, digest))


def new_key(path: Path, kind: KeyKind) -> None:
    """Makes a key and writes it to a new file with mode 0600.

    Raises:
        NodeError: the file exists already, or cannot be written.
    """
    content = b"0x" + new_eoa_key().hex().encode() + b"\n" if kind is KeyKind.EOA else _pem(new_p256_key())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise NodeError("exists already", field=str(path), fix="name a new file; a key is never overwritten") from None
    except OSError as problem:
        raise NodeError(f"cannot be written: {problem.strerror}", field=str(path), fix="name a file in a folder of your own") from None


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & OTHERS:
                raise NodeError(f"others may read or change it (mode {stat.S_IMODE(mode):04o})", field=str(path), fix=f"chmod 600 {path}")
            return file.read(FILE_LIMIT)
    except OSError as problem:
        fix = "name the key file; `--new-key` makes one"
        raise NodeError(f"cannot be read: {problem.strerror}", field=str(path), fix=fix) from None


def _p256(content: bytes, path: Path, verifiers: Verifiers) -> NodeKey:
    key: object = None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NodeError("holds no P-256 private key", field=str(path), fix="`--new-key p256` makes one")
    own = key
    return NodeKey(p256_signer(own, verifiers), lambda digest: sign_p256(own, digest))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
