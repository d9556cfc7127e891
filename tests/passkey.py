"""A passkey as a phone holds one: a P-256 key that signs what a browser lays before it, and counts how often it did.

Written from the WebAuthn recommendation and not from the verifier: it makes what `navigator.credentials.create` and `.get` return.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED_DATA = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass(frozen=True)
class Assertion:
    """What the browser gets back when it asks a passkey to sign in or to sign; `signature` is DER."""

    credential_id: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes
    user_handle: bytes


@dataclass(frozen=True)
class Attestation:
    """What the browser gets back when a passkey is made: format `none`, as phones answer unless asked for more."""

    credential_id: bytes
    attestation_object: bytes
    client_data: bytes


@dataclass
class Passkey:
    """One credential of one site."""

    site: str = "localhost"
    origin: str = "https://localhost"
    user_handle: bytes = b""
    counter: int = 0
    flags: int = PRESENT | VERIFIED | ELIGIBLE | BACKED_UP
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """What the site keeps of it."""
        return self.key.public_key()

    def enrol(self, challenge: bytes) -> Attestation:
        """Answers `navigator.credentials.create`."""
        point = self.public_key.public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
        credential = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._data(self.flags | ATTESTED_DATA) + credential
        made = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59" + len(data).to_bytes(2, "big") + data
        return Attestation(self.credential_id, made, self.client_data("webauthn.create", challenge))

    def sign(self, challenge: bytes) -> Assertion:
        """Answers `navigator.credentials.get`: its holder has looked into the phone's camera."""
        self.counter += 1
        return self.assertion(self._data(self.flags), self.client_data("webauthn.get", challenge))

    def assertion(self, authenticator_data: bytes, client_data: bytes) -> Assertion:
        """Signs whatever it is given: also what no browser would lay before it."""
        signature = self.key.sign(authenticator_data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return Assertion(self.credential_id, authenticator_data, client_data, signature, self.user_handle)

    def client_data(self, kind: str, challenge: bytes) -> bytes:
        """The browser's JSON, its members in the order of the recommendation's serialisation."""
        encoded = urlsafe_b64encode(challenge).rstrip(b"=").decode()
        return f'{{"type":"{kind}","challenge":"{encoded}","origin":"{self.origin}","crossOrigin":false}}'.encode()

    def _data(self, flags: int) -> bytes:
        return sha256(self.site.encode()).digest() + bytes((flags,)) + self.counter.to_bytes(4, "big")
