"""Signers: other libraries' signatures are accepted, and only in the one form the chain accepts too."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.rsa_signatures import check_rsa, decode_rsa_key, encode_rsa_key
from ledger.protocol.signers import (
    P256_ORDER,
    Verifiers,
    eoa_signer,
    new_eoa_key,
    new_p256_key,
    p256_signer,
    recover_eoa,
    rsa_signer,
    sign_eoa,
    sign_p256,
    verify,
    verify_many,
)
from tests.ledger.protocol.vectors import fault, junk, load, words
from tests.rsa_key import new_rsa_key, sign_rsa

VECTORS = load("signers")
VERIFIERS = Verifiers(*(unhex(VECTORS["verifiers"][kind], "vector") for kind in ("p256", "rsa", "webauthn")))
CASES = [(case["kind"], *(unhex(case[name], "vector") for name in ("signer", "digest", "signature"))) for case in VECTORS["cases"]]
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGEST = bytes(range(32))
RSA_KEY = new_rsa_key()


def case_of(kind: str) -> tuple[bytes, bytes, bytes]:
    return next((signer, digest, signature) for each, signer, digest, signature in CASES if each == kind)


def high_twin(signature: bytes, order: int) -> bytes:
    """The other signature of the same key over the same digest."""
    s = order - int.from_bytes(signature[32:64], "big")
    flipped = bytes((55 - signature[64],)) if len(signature) == 65 else b""
    return signature[:32] + s.to_bytes(32, "big") + flipped


@pytest.mark.parametrize(("kind", "signer", "digest", "signature"), CASES)
def test_other_libraries_signatures_are_accepted(kind: str, signer: bytes, digest: bytes, signature: bytes) -> None:
    verify(signer, digest, signature, VERIFIERS)


@pytest.mark.parametrize("kind", ["eoa", "p256", "rsa", "webauthn"])
def test_a_signature_counts_for_its_own_digest_signer_and_bytes_only(kind: str) -> None:
    signer, digest, signature = case_of(kind)
    others = [other for each, other, _, _ in CASES if each != kind]
    claims = [
        (signer, bytes(32), signature),
        (signer, digest, signature[:-1]),
        (signer, digest, signature + b"\0"),
        (signer, digest, b""),
        *((other, digest, signature) for other in others),
        *((signer, digest, signature[:place] + bytes((signature[place] ^ 1,)) + signature[place + 1 :]) for place in range(len(signature))),
    ]
    assert all(wrong is not None for wrong in verify_many(claims, VERIFIERS))
    assert verify_many([(signer, digest, signature)], VERIFIERS) == [None]


@given(words)
def test_what_we_sign_for_a_wallet_eth_account_recovers(digest: bytes) -> None:
    key = new_eoa_key()
    signature = sign_eoa(key, digest)
    verify(eoa_signer(key), digest, signature, VERIFIERS)
    assert Account._recover_hash(digest, signature=signature).lower() == hex0x(eoa_signer(key))
    assert Account.from_key(key).unsafe_sign_hash(digest).signature == signature


@settings(max_examples=50, deadline=None)
@given(words)
def test_what_we_sign_with_p_256_and_rsa_is_accepted(digest: bytes) -> None:
    key = new_p256_key()
    verify(p256_signer(key.public_key(), VERIFIERS), digest, sign_p256(key, digest), VERIFIERS)
    verify(rsa_signer(RSA_KEY.public_key(), VERIFIERS), digest, sign_rsa(RSA_KEY, digest), VERIFIERS)


def test_the_high_twin_of_a_signature_is_no_second_signature() -> None:
    signer, digest, signature = case_of("eoa")
    assert Account._recover_hash(digest, signature=high_twin(signature, SECP256K1_ORDER)).lower() == hex0x(signer)
    signer_p, digest_p, signature_p = case_of("p256")
    for claim in ((signer, digest, high_twin(signature, SECP256K1_ORDER)), (signer_p, digest_p, high_twin(signature_p, P256_ORDER))):
        with pytest.raises(ProtocolError, match="high s"):
            verify(*claim, VERIFIERS)


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 35, 255])
def test_v_is_27_or_28(v: int) -> None:
    signer, digest, signature = case_of("eoa")
    with pytest.raises(ProtocolError, match="v is"):
        verify(signer, digest, signature[:64] + bytes((v,)), VERIFIERS)


@pytest.mark.parametrize("r", [0, SECP256K1_ORDER, 2**256 - 1, 5])
def test_numbers_no_key_could_have_made_recover_nobody(r: int) -> None:
    with pytest.raises(ProtocolError):
        recover_eoa(DIGEST, r.to_bytes(32, "big") + (1).to_bytes(32, "big") + b"\x1b")
    with pytest.raises(ProtocolError):
        recover_eoa(DIGEST, (1).to_bytes(32, "big") + bytes(32) + b"\x1b")


@pytest.mark.parametrize("length", [0, 1, 19, 21, 22, 83, 84, 85, 200])
def test_a_signer_of_unknown_form_is_refused(length: int) -> None:
    for start in (b"", VERIFIERS.p256, VERIFIERS.rsa):
        signer = start + b"\1" * max(length - len(start), 0)
        assert fault(lambda signer=signer: verify(signer, DIGEST, bytes(64), VERIFIERS)) is not None  # type: ignore[misc]


def test_a_signer_with_another_verifier_is_refused_even_with_a_good_signature() -> None:
    signer, digest, signature = case_of("p256")
    with pytest.raises(ProtocolError, match="unknown verifier"):
        verify(bytes(20) + signer[20:], digest, signature, VERIFIERS)


def test_rsa_accepts_the_form_without_null_as_openzeppelin_does_and_no_other_padding() -> None:
    from hashlib import sha256

    numbers = RSA_KEY.private_numbers()
    key = encode_rsa_key(numbers.public_numbers.e, numbers.public_numbers.n)

    def signed(tail: bytes, head: bytes = b"\x00\x01") -> bytes:
        padded = head.ljust(256 - len(tail) - 1, b"\xff") + b"\x00" + tail
        return pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")

    digest = sha256(DIGEST).digest()
    with_null, without = bytes.fromhex("3031300d060960864801650304020105000420"), bytes.fromhex("302f300b06096086480165030402010420")
    for tail in (with_null + digest, without + digest):
        check_rsa(key, DIGEST, signed(tail))
    for tail, head in (
        (with_null + DIGEST, b"\x00\x01"),
        (with_null + digest, b"\x00\x02"),
        (digest, b"\x00\x01"),
        (with_null + digest + b"\0", b"\x00\x01"),
    ):
        with pytest.raises(ProtocolError):
            check_rsa(key, DIGEST, signed(tail, head))


def test_an_rsa_signature_above_its_modulus_is_refused() -> None:
    signer = rsa_signer(RSA_KEY, VERIFIERS)
    for number in (RSA_KEY.public_key().public_numbers().n, 2**2048 - 1):
        with pytest.raises(ProtocolError, match="below the modulus"):
            verify(signer, DIGEST, number.to_bytes(256, "big"), VERIFIERS)


@given(st.integers(2**2047, 2**2048 - 1).map(lambda n: n | 1), st.sampled_from([3, 17, 65537, 2**32 - 1]))
def test_an_rsa_key_reads_back_and_has_one_encoding(modulus: int, exponent: int) -> None:
    key = encode_rsa_key(exponent, modulus)
    assert decode_rsa_key(key) == (exponent, modulus)
    for other in (key + bytes(32), key[:-1], bytes(32) + key, key[:31] + b"\x41" + key[32:], b""):
        with pytest.raises(ProtocolError):
            decode_rsa_key(other)


@pytest.mark.parametrize(
    ("exponent", "modulus"),
    [
        (1, 2**2048 - 1),
        (4, 2**2048 - 1),
        (2**32 + 1, 2**2048 - 1),
        (65537, 2**2048),
        (65537, 2**2040 - 1),
        (65537, 2**2047 - 1),
        (65537, 2**4096 + 1),
        (65537, 0),
    ],
)
def test_weak_or_odd_rsa_keys_are_no_signers(exponent: int, modulus: int) -> None:
    with pytest.raises(ProtocolError):
        encode_rsa_key(exponent, modulus)


@settings(deadline=None)
@given(junk, junk, junk)
def test_malformed_claims_end_in_our_error(signer: Any, digest: Any, signature: Any) -> None:
    for claim in (
        (signer, digest, signature),
        (bytes(20), DIGEST, signature),
        (VERIFIERS.p256 + bytes(64), DIGEST, signature),
        (signer, DIGEST, bytes(65)),
    ):
        assert fault(lambda claim=claim: verify(*claim, VERIFIERS)) is not None  # type: ignore[misc]
    assert fault(lambda: recover_eoa(digest, signature)) is not None


@given(st.binary(max_size=400), st.binary(max_size=520))
def test_malformed_keys_behind_a_verifier_end_in_our_error(key: bytes, signature: bytes) -> None:
    for verifier in (VERIFIERS.p256, VERIFIERS.rsa):
        assert fault(lambda verifier=verifier: verify(verifier + key, DIGEST, signature, VERIFIERS)) is not None  # type: ignore[misc]


def test_keys_of_another_kind_sign_nothing_here() -> None:
    other_curve, small = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 1024)  # noqa: S505
    calls: list[Any] = [
        lambda: sign_eoa(b"short", DIGEST),
        lambda: sign_eoa(bytes(32), DIGEST),
        lambda: eoa_signer(b"\xff" * 32),
        lambda: sign_p256(other_curve, DIGEST),
        lambda: sign_p256(None, DIGEST),  # type: ignore[arg-type]
        lambda: p256_signer(other_curve, VERIFIERS),
        lambda: p256_signer(RSA_KEY, VERIFIERS),  # type: ignore[arg-type]
        lambda: rsa_signer(small, VERIFIERS),
        lambda: rsa_signer(None, VERIFIERS),  # type: ignore[arg-type]
        *(lambda sign=sign, key=key: sign(key, b"no digest") for sign, key in ((sign_p256, new_p256_key()), (sign_eoa, new_eoa_key()))),
    ]
    assert all(fault(call) is not None for call in calls)
