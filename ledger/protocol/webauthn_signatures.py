"""Assertions of passkeys (WebAuthn) as signatures: the twin of OpenZeppelin's ERC7913WebAuthnVerifier.

A phone or a security key never signs our digest itself. It signs SHA-256(authenticator data ‖ SHA-256(client data)), where the client data
is the browser's JSON that names the digest as its challenge. A signature here is `abi.encode(r, s, challengeIndex, typeIndex,
authenticatorData, clientDataJSON)`; the indices say where `"challenge":"…"` and `"type":"webauthn.get"` begin in the client data. As on
chain, the holder must have been present and verified (a finger, a face, a PIN); origin and counter are for whoever asked for the assertion.
Stricter than on chain in one point: a signature has one encoding.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ledger.protocol.errors import ProtocolError
from ledger.protocol.p256_signatures import P256_ORDER, check_p256
from ledger.protocol.quantities import check_bytes

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP = 0x01, 0x04, 0x08, 0x10
"""Flags of the authenticator data, its byte 32."""
_FLAGS_AT, _SHORTEST = 32, 37
_TYPE = b'"type":"webauthn.get"'
_HEAD = 6 * 32


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a signature of a passkey holds; the members of OpenZeppelin's WebAuthnAuth."""

    r: bytes
    s: bytes
    challenge_index: int
    type_index: int
    authenticator_data: bytes
    client_data: bytes


def encode_webauthn(authenticator_data: bytes, client_data: bytes, signature: bytes) -> bytes:
    """The signature made of what a browser's `navigator.credentials.get` returned.

    Args:
        authenticator_data: as the authenticator made it.
        client_data: `clientDataJSON`, byte for byte.
        signature: as the authenticator made it, DER; a high s is replaced by its low twin, since authenticators make both.

    Raises:
        ProtocolError: the signature is no DER, or the client data names no challenge or is of no assertion.
    """
    check_bytes(authenticator_data, "authenticator_data")
    type_index, challenge_index = check_bytes(client_data, "client_data").find(_TYPE), client_data.find(b'"challenge":"')
    if type_index < 0 or challenge_index < 0:
        raise ProtocolError("the client data is of no assertion", field="client_data", fix="ask the passkey with navigator.credentials.get")
    try:
        r, s = decode_dss_signature(check_bytes(signature, "signature"))
    except ValueError:
        raise ProtocolError("not a DER signature", field="signature", fix="give the signature as the authenticator returned it") from None
    if not (0 < r < P256_ORDER and 0 < s < P256_ORDER):
        raise ProtocolError("not a P-256 signature", field="signature", fix="use a passkey with the algorithm ES256")
    low = min(s, P256_ORDER - s)
    return _encode(Assertion(_word(r), _word(low), challenge_index, type_index, authenticator_data, client_data))


def decode_webauthn(signature: bytes) -> Assertion:
    """Takes a signature apart, in its one encoding.

    Raises:
        ProtocolError: any other bytes.
    """
    heads = [int.from_bytes(signature[at : at + 32], "big") for at in range(0, _HEAD, 32)]
    challenge_index, type_index, data_at, client_at = heads[2:]
    if len(signature) < _HEAD + 64 or data_at != _HEAD or not _HEAD < client_at <= len(signature) - 32:
        raise _malformed()
    data_length = int.from_bytes(signature[data_at : data_at + 32], "big")
    client_length = int.from_bytes(signature[client_at : client_at + 32], "big")
    if max(data_length, client_length) > len(signature):
        raise _malformed()
    data, client = (signature[at + 32 : at + 32 + length] for at, length in ((data_at, data_length), (client_at, client_length)))
    found = Assertion(signature[:32], signature[32:64], challenge_index, type_index, data, client)
    if _encode(found) != signature:
        raise _malformed()
    return found


def check_webauthn(key: bytes, digest: bytes, signature: bytes) -> None:
    """Checks that the passkey with the key qx ‖ qy signed the digest as its challenge, its holder present and verified.

    Raises:
        ProtocolError: it did not, or something is malformed.
    """
    found = decode_webauthn(signature)
    data, client = found.authenticator_data, found.client_data
    if len(data) < _SHORTEST:
        raise ProtocolError(f"authenticator data of {len(data)} bytes", field="signature", fix=f"give at least {_SHORTEST}")
    challenge = b'"challenge":"' + urlsafe_b64encode(digest).rstrip(b"=") + b'"'
    if not _stands_at(client, found.type_index, _TYPE):
        raise ProtocolError("the client data is of no assertion", field="signature", fix="ask the passkey with navigator.credentials.get")
    if not _stands_at(client, found.challenge_index, challenge):
        raise ProtocolError(
            "the passkey signed another challenge", field="signature", fix="give it the 32 bytes of the digest as challenge"
        )
    _check_flags(data[_FLAGS_AT])
    check_p256(key, sha256(data + sha256(client).digest()).digest(), found.r + found.s)


def _check_flags(flags: int) -> None:
    if not flags & USER_PRESENT or not flags & USER_VERIFIED:
        raise ProtocolError(
            "nobody was verified at the passkey", field="signature", fix="ask with userVerification 'required': a finger, a face or a PIN"
        )
    if flags & BACKED_UP and not flags & BACKUP_ELIGIBLE:
        raise ProtocolError("a passkey backed up that cannot be", field="signature", fix="use another authenticator; this one is faulty")


def _stands_at(text: bytes, index: int, part: bytes) -> bool:
    return text[index : index + len(part)] == part


def _encode(found: Assertion) -> bytes:
    data, client = _tail(found.authenticator_data), _tail(found.client_data)
    numbers = (found.challenge_index, found.type_index, _HEAD, _HEAD + len(data))
    return found.r + found.s + b"".join(_word(number) for number in numbers) + data + client


def _tail(value: bytes) -> bytes:
    return _word(len(value)) + value.ljust(-(-len(value) // 32) * 32, b"\0")


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _malformed() -> ProtocolError:
    return ProtocolError("not one passkey's assertion", field="signature", fix="make it with encode_webauthn, nothing before or behind it")
