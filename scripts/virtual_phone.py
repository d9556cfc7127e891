"""A phone that holds a passkey, played for people who have none at hand: it answers what a page asks of `navigator.credentials`.

It makes real WebAuthn answers with a key of its own, which it keeps in a private file; like a passkey shared among devices, it has no
counter.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.errors import SettingsError
from ledger.private_files import kept

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED_DATA = 0x01, 0x04, 0x08, 0x10, 0x40
FLAGS = PRESENT | VERIFIED | ELIGIBLE | BACKED_UP
NO_COUNTER = bytes(4)


class VirtualPhone:
    """One passkey at a time, for one site.

    Args:
        file: where the key is kept; made by `create`, mode 0600.
        origin: the page's own, such as `https://sonang.example.vn`; browsers put it into what is signed.
    """

    def __init__(self, file: Path, origin: str) -> None:
        self._file = file
        self._origin = origin
        self._site = sha256((urlsplit(origin).hostname or "").encode()).digest()

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers `navigator.credentials.create` with a new passkey, which takes the place of the one before."""
        key = ec.generate_private_key(ec.SECP256R1())
        self._keep(key)
        point, name = key.public_key().public_numbers(), _name(key)
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + point.x.to_bytes(32, "big") + b"\x22\x58\x20" + point.y.to_bytes(32, "big")
        data = self._data(FLAGS | ATTESTED_DATA) + bytes(16) + len(name).to_bytes(2, "big") + name + cose
        made = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59" + len(data).to_bytes(2, "big") + data
        return _answer(name, clientDataJSON=self._client_data("webauthn.create", options), attestationObject=made)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers `navigator.credentials.get`: its holder has looked into the camera.

        Raises:
            SettingsError: it holds no passkey.
        """
        key = self._key()
        data, client_data = self._data(FLAGS), self._client_data("webauthn.get", options)
        signature = key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return _answer(_name(key), clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def _data(self, flags: int) -> bytes:
        return self._site + bytes((flags,)) + NO_COUNTER

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        asked = urlsafe_b64decode(options["challenge"] + "=" * (-len(options["challenge"]) % 4))
        return f'{{"type":"{kind}","challenge":"{_b64(asked)}","origin":"{self._origin}","crossOrigin":false}}'.encode()

    def _keep(self, key: ec.EllipticCurvePrivateKey) -> None:
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        kept(draft, lambda: key.private_bytes(*form))
        draft.replace(self._file)

    def _key(self) -> ec.EllipticCurvePrivateKey:
        if not self._file.exists():
            raise SettingsError("the phone holds no passkey", field=str(self._file), fix="enrol one first")
        key = serialization.load_pem_private_key(kept(self._file, bytes), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SettingsError("holds no P-256 key", field=str(self._file), fix="remove it and enrol a new passkey")
        return key


def _name(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The credential's id."""
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return sha256(point).digest()[:16]


def _answer(name: bytes, **response: bytes) -> dict[str, Any]:
    told = {field: _b64(value) for field, value in response.items()}
    return {"id": _b64(name), "rawId": _b64(name), "type": "public-key", "response": told}


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
