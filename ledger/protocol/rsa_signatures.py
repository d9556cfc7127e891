"""RSA signatures of company certificates: PKCS#1 v1.5 with SHA-256 of the 32-byte digest, the twin of OpenZeppelin's ERC7913RSAVerifier.

The key inside a signer is `abi.encode(bytes e, bytes n)`. OpenZeppelin accepts a DigestInfo with and without the NULL parameter; so does
this. Keys are stricter: 2048 to 4096 bits and an odd exponent of 3 to 2^32−1, each in its one shortest encoding.
"""

from __future__ import annotations

from hashlib import sha256

from ledger.protocol.errors import ProtocolError

KEY_BITS, KEY_BYTES = range(2048, 4097), range(256, 513)
_WITH_NULL = bytes.fromhex("3031300d060960864801650304020105000420")
_WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")


def encode_rsa_key(exponent: int, modulus: int) -> bytes:
    """`abi.encode(bytes e, bytes n)` of an RSA public key.

    Raises:
        ProtocolError: the key is not of 2048 to 4096 bits or its exponent is unusual.
    """
    _check_key(exponent, modulus)
    e, n = _minimal(exponent), _minimal(modulus)
    padded_e, padded_n = e.ljust(32, b"\0"), n.ljust(-(-len(n) // 32) * 32, b"\0")
    return _word(0x40) + _word(0x60 + len(padded_e)) + _word(len(e)) + padded_e + _word(len(n)) + padded_n


def decode_rsa_key(key: bytes) -> tuple[int, int]:
    """Exponent and modulus of a key in its one canonical encoding.

    Raises:
        ProtocolError: any other encoding, or a key `encode_rsa_key` refuses.
    """
    e_length = int.from_bytes(key[0x40:0x60], "big")
    n_length = int.from_bytes(key[0x80:0xA0], "big")
    if e_length > 32 or n_length not in KEY_BYTES:
        raise _bad_key("not abi.encode(bytes e, bytes n)")
    exponent = int.from_bytes(key[0x60 : 0x60 + e_length], "big")
    modulus = int.from_bytes(key[0xA0 : 0xA0 + n_length], "big")
    if encode_rsa_key(exponent, modulus) != key:
        raise _bad_key("not the canonical abi.encode(bytes e, bytes n)")
    return exponent, modulus


def check_rsa(key: bytes, digest: bytes, signature: bytes) -> None:
    """Checks a signature over the SHA-256 of a 32-byte digest.

    Raises:
        ProtocolError: the key is malformed or the signature is not its.
    """
    exponent, modulus = decode_rsa_key(key)
    length = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= modulus:
        raise ProtocolError(
            f"an RSA signature of {len(signature)} bytes", field="signature", fix=f"give {length} bytes, a number below the modulus"
        )
    opened = pow(number, exponent, modulus).to_bytes(length, "big")
    tails = (prefix + sha256(digest).digest() for prefix in (_WITH_NULL, _WITHOUT_NULL))
    if not any(opened == b"\x00\x01".ljust(length - len(tail) - 1, b"\xff") + b"\x00" + tail for tail in tails):
        raise ProtocolError(
            "the RSA signature is not the signer's over this digest", field="signature", fix="sign exactly these bytes again"
        )


def _check_key(exponent: int, modulus: int) -> None:
    if modulus.bit_length() not in KEY_BITS or not modulus & 1:
        raise _bad_key(f"an RSA modulus of {modulus.bit_length()} bits")
    if not 3 <= exponent < 2**32 or not exponent & 1:
        raise _bad_key("an RSA exponent that is even, 1 or above 2^32")


def _bad_key(problem: str) -> ProtocolError:
    return ProtocolError(problem, field="signer", fix="use an RSA-2048 certificate with exponent 65537")


def _minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")
