"""A passkey's answers as a browser's `toJSON` writes them, for the room that reads them."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from tests.passkey import Passkey


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge_of(options: dict[str, Any]) -> bytes:
    """The bytes a page asks a passkey to answer."""
    text = options["challenge"]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def created(passkey: Passkey, options: dict[str, Any]) -> dict[str, Any]:
    """What `navigator.credentials.create` gives."""
    made = passkey.enrol(challenge_of(options))
    response = {"clientDataJSON": b64(made.client_data), "attestationObject": b64(made.attestation_object)}
    return {"id": b64(made.credential_id), "rawId": b64(made.credential_id), "type": "public-key", "response": response}


def asserted(passkey: Passkey, options: dict[str, Any]) -> dict[str, Any]:
    """What `navigator.credentials.get` gives."""
    made = passkey.sign(challenge_of(options))
    response = {
        "clientDataJSON": b64(made.client_data),
        "authenticatorData": b64(made.authenticator_data),
        "signature": b64(made.signature),
    }
    return {"id": b64(made.credential_id), "rawId": b64(made.credential_id), "type": "public-key", "response": response}
