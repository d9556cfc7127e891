"""Passkeys: what a phone signs becomes a signature in one form, and nothing else passes for one."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.errors import ProtocolError
from ledger.protocol.signers import P256_HALF, P256_ORDER, Verifiers, encode_webauthn, new_p256_key, verify, webauthn_signer
from ledger.protocol.webauthn_signatures import decode_webauthn
from tests.ledger.protocol.vectors import fault, junk, words
from tests.passkey import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Passkey
from tests.webauthn import abi, bytes_of

VERIFIERS = Verifiers(b"\x01" * 20, b"\x02" * 20, b"\x03" * 20)
DIGEST = bytes(range(32))
PHONE = Passkey()
SIGNER = webauthn_signer(PHONE.public_key, VERIFIERS)


@given(words)
def test_what_a_phone_signs_holds_for_that_digest_and_no_other(digest: bytes) -> None:
    signature = bytes_of(PHONE.sign(digest))
    verify(SIGNER, digest, signature, VERIFIERS)
    assert abi(decode_webauthn(signature)) == signature
    assert fault(lambda: verify(SIGNER, bytes(32) if any(digest) else DIGEST, signature, VERIFIERS)) is not None


def test_the_high_twin_that_phones_make_too_is_brought_into_the_one_form() -> None:
    signed = PHONE.sign(DIGEST)
    r, s = decode_dss_signature(signed.signature)
    twin = replace(signed, signature=encode_dss_signature(r, P256_ORDER - s))
    assert bytes_of(twin) == bytes_of(signed)
    high = replace(decode_webauthn(bytes_of(signed)), s=max(s, P256_ORDER - s).to_bytes(32, "big"))
    assert int.from_bytes(high.s, "big") > P256_HALF
    with pytest.raises(ProtocolError, match="high s"):
        verify(SIGNER, DIGEST, abi(high), VERIFIERS)


@pytest.mark.parametrize(
    ("flags", "holds"),
    [
        (PRESENT | VERIFIED, True),
        (PRESENT | VERIFIED | ELIGIBLE, True),
        (PRESENT | VERIFIED | ELIGIBLE | BACKED_UP, True),
        (PRESENT | VERIFIED | BACKED_UP, False),
        (PRESENT, False),
        (VERIFIED, False),
        (0, False),
    ],
)
def test_the_holder_was_there_and_verified_and_backups_make_sense(flags: int, holds: bool) -> None:
    phone = replace(PHONE, flags=flags)
    assert (fault(lambda: verify(SIGNER, DIGEST, bytes_of(phone.sign(DIGEST)), VERIFIERS)) is None) == holds


def test_a_passkey_being_made_signs_nothing() -> None:
    made = PHONE.assertion(PHONE.sign(DIGEST).authenticator_data, PHONE.client_data("webauthn.create", DIGEST))
    with pytest.raises(ProtocolError, match="of no assertion"):
        bytes_of(made)


def test_an_index_that_points_elsewhere_or_beyond_the_text_is_refused() -> None:
    found = decode_webauthn(bytes_of(PHONE.sign(DIGEST)))
    for wrong in (found.challenge_index + 1, 0, len(found.client_data), 2**64, 2**256 - 1):
        for moved in (replace(found, challenge_index=wrong), replace(found, type_index=wrong)):
            assert fault(lambda moved=moved: verify(SIGNER, DIGEST, abi(moved), VERIFIERS)) is not None  # type: ignore[misc]


def test_a_challenge_inside_another_members_text_does_not_count() -> None:
    """Quotes inside JSON text carry a backslash, so no member's text can pass for a member."""
    encoded = urlsafe_b64encode(DIGEST).rstrip(b"=").decode()
    text = rf'{{"type":"webauthn.get","challenge":"AAAA","origin":"https://x/\"challenge\":\"{encoded}\""}}'.encode()
    signed = PHONE.assertion(PHONE.sign(DIGEST).authenticator_data, text)
    found = decode_webauthn(bytes_of(signed))
    for place in range(len(text)):
        moved = abi(replace(found, challenge_index=place))
        assert fault(lambda moved=moved: verify(SIGNER, DIGEST, moved, VERIFIERS)) is not None  # type: ignore[misc]


def test_another_keys_signer_another_curve_and_a_deployment_without_passkeys_are_refused() -> None:
    signature = bytes_of(PHONE.sign(DIGEST))
    other = webauthn_signer(new_p256_key().public_key(), VERIFIERS)
    older = Verifiers(VERIFIERS.p256, VERIFIERS.rsa)
    for signer, verifiers in ((other, VERIFIERS), (SIGNER, older), (VERIFIERS.p256 + SIGNER[20:], VERIFIERS)):
        with pytest.raises(ProtocolError):
            verify(signer, DIGEST, signature, verifiers)
    with pytest.raises(ProtocolError, match="knows no passkeys"):
        webauthn_signer(PHONE.public_key, older)
    with pytest.raises(ProtocolError, match="not a P-256 key"):
        webauthn_signer(ec.generate_private_key(ec.SECP256K1()).public_key(), VERIFIERS)


@given(
    st.binary(max_size=400) | st.lists(st.integers(0, 700), max_size=14).map(lambda heads: b"".join(n.to_bytes(32, "big") for n in heads))
)
def test_any_other_bytes_end_in_our_own_error(signature: bytes) -> None:
    assert fault(lambda: verify(SIGNER, DIGEST, signature, VERIFIERS)) is not None


@given(junk, junk, junk)
def test_whatever_a_browser_is_said_to_have_returned_ends_in_our_own_error(data: object, client: object, signature: object) -> None:
    assert fault(lambda: encode_webauthn(data, client, signature)) is not None  # type: ignore[arg-type]
