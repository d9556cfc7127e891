"""A passkey's assertion as the bytes a contract is given: by our encoder, and by another library's."""

from __future__ import annotations

from eth_abi.abi import encode

from ledger.protocol.signers import encode_webauthn
from ledger.protocol.webauthn_signatures import Assertion
from tests.passkey import Assertion as Signed


def bytes_of(signed: Signed) -> bytes:
    """By ours."""
    return encode_webauthn(signed.authenticator_data, signed.client_data, signed.signature)


def abi(found: Assertion) -> bytes:
    """By another's; what is malformed too."""
    kinds = ["bytes32", "bytes32", "uint256", "uint256", "bytes", "bytes"]
    values = (found.r, found.s, found.challenge_index, found.type_index, found.authenticator_data, found.client_data)
    return encode(kinds, values)
