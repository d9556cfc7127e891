"""RFC 3161 time stamps at speed: requests written, answers read and checked without a general ASN.1 library.

The same checks as `stamps.CheckedTimeStamper` makes, and one more: the token's own signature, by the authority's key.
"""

from __future__ import annotations

import datetime
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

import urllib3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509 import load_der_x509_certificate

from ledger.sealing.asking import Asker, shown_address
from ledger.sealing.der import INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, Item, items, only, wrap
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.stamps import TIMEOUT_S, TOLERANCE_S

SHA256_ID: Final = wrap(SEQUENCE, wrap(OID, bytes.fromhex("608648016503040201")), b"\x05\x00")
_SHA256_BARE: Final = wrap(SEQUENCE, wrap(OID, bytes.fromhex("608648016503040201")))
_SIGNED_OID: Final = wrap(OID, bytes.fromhex("2a864886f70d010702"))
_TOKEN_OID: Final = wrap(OID, bytes.fromhex("2a864886f70d0109100104"))
_DIGEST_OID: Final = wrap(OID, bytes.fromhex("2a864886f70d010904"))
_HASHES: Final[dict[str, HashAlgorithm]] = {
    "2a8648ce3d040302": SHA256(),
    "2a8648ce3d040303": SHA384(),
    "2a8648ce3d040304": SHA512(),
    "2a864886f70d01010b": SHA256(),
    "2a864886f70d01010c": SHA384(),
    "2a864886f70d01010d": SHA512(),
    "2a864886f70d010101": SHA256(),
}
"""Hash of each signature algorithm, by the hex of its OID: ECDSA and RSA (PKCS#1 v1.5)."""
_TIME: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z")
_DOUBT: Final = "ask the authority; use another one meanwhile (SONANG_TSA_URL)"


class Stamper(Protocol):
    """A time-stamp authority: gives the token over a SHA-256 digest, checked."""

    def stamp(self, digest: bytes) -> bytes:
        """The token, DER of a ContentInfo."""
        ...


@dataclass(frozen=True)
class StampedBy:
    """The authority's certificate: who a token must be signed by.

    Attributes:
        certificate: DER; it was validated against the trusted roots by whoever gives it.
        frame: what tokens of this authority that were validated have beside what they say and their signature (`frame_of`), since nothing
            else covers those bytes of an archive stamp; None compares none.
    """

    certificate: bytes
    frame: bytes | None = None

    def check(self, token: bytes, digest: bytes, nonce: int) -> datetime.datetime:
        """When the token says the digest existed: now, in answer to our question.

        Raises:
            SealingError: it is about other bytes, another question or another time, or is not signed by this authority.
        """
        signed = signed_data(token)
        info = _info(signed, digest)
        if info.nonce != nonce:
            raise SealingError("the time stamp answers another question than ours (nonce)", field="time-stamp", fix=_DOUBT)
        apart = (info.time - datetime.datetime.now(datetime.UTC)).total_seconds()
        if abs(apart) > TOLERANCE_S:
            side = "after" if apart > 0 else "before"
            problem = f"the time stamp says {info.time:%Y-%m-%d %H:%M:%S} UTC, {abs(apart):.0f} s {side} our clock"
            raise SealingError(problem, field="time-stamp", fix="compare this machine's clock with a public one, or use another authority")
        self._check_signature(signed, info)
        return info.time

    def time_of(self, token: bytes, digest: bytes) -> datetime.datetime:
        """When the token says the digest existed, whoever asked.

        Raises:
            SealingError: it is about other bytes, is not signed by this authority, or brings along other certificates than its tokens do.
        """
        signed = signed_data(token)
        info = _info(signed, digest)
        if self.frame is not None and (_frame(signed) != self.frame or _built(signed, info.raw) != token):
            raise SealingError("the time stamp brings along something else than the authority's stamps do", field="time-stamp", fix=_DOUBT)
        self._check_signature(signed, info)
        return info.time

    def _check_signature(self, signed: list[Item], info: _Info) -> None:
        try:
            check_signer(signed, self.certificate, sha256(info.raw).digest())
        except SealingError:
            raise SealingError("the time stamp is not signed by the authority's certificate", field="time-stamp", fix=_DOUBT) from None


def check_signer(signed: list[Item], certificate: bytes, digest: bytes) -> bytes:
    """The signature in a SignedData, once it holds.

    Args:
        signed: its elements. `certificate`: DER, whose key must have signed. `digest`: SHA-256 of what was signed.

    Raises:
        SealingError: signed by another key, over other bytes, or in a way this program does not know.
    """
    parts = list(items(only(signed[-1].content, SEQUENCE).content))
    attributes, algorithm, signature = parts[3], parts[4], parts[5]
    held = [list(items(one.content)) for one in items(attributes.content)]
    digests = [next(items(one[1].content)).content for one in held if one[0].whole == _DIGEST_OID]
    hashed = _HASHES.get(next(items(algorithm.content)).content.hex())
    if digests != [digest] or parts[2].whole not in (SHA256_ID, _SHA256_BARE) or hashed is None:
        raise SealingError("signed over other bytes, or not as we can check it", field="signature", fix=_DOUBT)
    key = _key_of(certificate)
    message = b"\x31" + attributes.whole[1:]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature.content, message, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature.content, message, padding.PKCS1v15(), hashed)
        else:
            raise InvalidSignature
    except InvalidSignature:
        raise SealingError("not signed by that certificate", field="signature", fix=_DOUBT) from None
    return signature.content


@lru_cache(maxsize=64)
def _key_of(certificate: bytes) -> object:
    """The same few certificates are met in every file of a batch."""
    return load_der_x509_certificate(certificate).public_key()


def frame_of(token: bytes) -> bytes:
    """Of a token, what is neither said nor signed: versions, algorithms, certificates, the name of the signer.

    Raises:
        SealingError: it is none.
    """
    return _frame(signed_data(token))


def _frame(signed: list[Item]) -> bytes:
    parts = list(items(only(signed[-1].content, SEQUENCE).content))
    beside = [*signed[:2], *signed[3:-1], *parts[:3], parts[4], *parts[6:]]
    return b"".join(one.whole for one in beside)


def _built(signed: list[Item], said: bytes) -> bytes:
    """A token from its parts, each in the one element that may hold it."""
    parts = list(items(only(signed[-1].content, SEQUENCE).content))
    attributes, signature = wrap(0xA0, parts[3].content), wrap(OCTETS, parts[5].content)
    beside, after = b"".join(one.whole for one in parts[:3]), b"".join(one.whole for one in parts[6:])
    info = wrap(SEQUENCE, beside, attributes, parts[4].whole, signature, after)
    content = wrap(SEQUENCE, _TOKEN_OID, wrap(0xA0, wrap(OCTETS, said)))
    ahead, behind = b"".join(one.whole for one in signed[:2]), b"".join(one.whole for one in signed[3:-1])
    return wrap(SEQUENCE, _SIGNED_OID, wrap(0xA0, wrap(SEQUENCE, ahead, content, behind, wrap(SET, info))))


class HttpStamper:
    """An authority over HTTP; connections are kept, and many threads may ask at once.

    Args:
        by: its certificate.
        asker: the way there (`asker_of`), which several stampers may share.
    """

    def __init__(self, by: StampedBy, asker: Asker) -> None:
        self._by, self._asker = by, asker

    def stamp(self, digest: bytes) -> bytes:
        """The token over a digest.

        Raises:
            AuthorityUnavailableError: no answer, or it says that it cannot now.
            SealingError: the answer cannot be believed (`StampedBy.check`).
        """
        nonce, url = secrets.randbits(63), shown_address(self._asker.url)
        try:
            answer = self._asker.post(request_for(digest, nonce))
        except (OSError, urllib3.exceptions.HTTPError) as away:
            problem = f"the time-stamp authority does not answer: {away}"
            raise AuthorityUnavailableError(problem, field=url, fix="it is asked again by itself") from away
        if answer.status != 200:
            problem = f"the time-stamp authority answers {answer.status}"
            raise AuthorityUnavailableError(problem, field=url, fix="see what your contract with it allows")
        token = token_of(answer.body, url)
        self._by.check(token, digest, nonce)
        return token


def asker_of(url: str, login: tuple[str, str] | None = None) -> Asker:
    """The way to a time-stamp authority, with the account where it wants one."""
    headers = {"Content-Type": "application/timestamp-query"}
    if login is not None:
        headers |= urllib3.make_headers(basic_auth=":".join(login))
    return Asker(url, headers, TIMEOUT_S)


def request_for(digest: bytes, nonce: int) -> bytes:
    """A TimeStampReq over a SHA-256 digest that asks for the certificate too."""
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
    imprint = wrap(SEQUENCE, SHA256_ID, wrap(OCTETS, digest))
    return wrap(SEQUENCE, wrap(INTEGER, b"\x01"), imprint, wrap(INTEGER, number), b"\x01\x01\xff")


def token_of(answer: bytes, url: str) -> bytes:
    """The token in a TimeStampResp.

    Raises:
        AuthorityUnavailableError: the authority refused.
        SealingError: not an answer of an authority.
    """
    parts = list(items(only(answer, SEQUENCE).content))
    status = next(items(parts[0].content)).content
    if status not in (b"\x00", b"\x01"):
        problem = f"the time-stamp authority refused (status {int.from_bytes(status, 'big')})"
        raise AuthorityUnavailableError(problem, field=url, fix="see what your contract with it allows")
    if len(parts) != 2:
        raise SealingError("what the time-stamp authority sent is no time stamp", field=url, fix=_DOUBT)
    return parts[1].whole


class _Info(NamedTuple):
    nonce: int | None
    time: datetime.datetime
    raw: bytes


def signed_data(token: bytes) -> list[Item]:
    """The elements of the SignedData in a CMS.

    Raises:
        SealingError: it is none.
    """
    parts = list(items(only(token, SEQUENCE).content))
    if len(parts) != 2 or parts[0].whole != _SIGNED_OID or parts[1].tag != 0xA0:
        raise SealingError("no time stamp", field="time-stamp", fix=_DOUBT)
    return list(items(only(parts[1].content, SEQUENCE).content))


def _info(signed: list[Item], digest: bytes) -> _Info:
    try:
        kind, explicit = items(signed[2].content)
        raw = only(explicit.content, OCTETS).content
        parts = list(items(only(raw, SEQUENCE).content))
        algorithm, imprint = items(parts[2].content)
        time = next(one for one in parts if one.tag == TIME)
    except (ValueError, IndexError, StopIteration):
        raise SealingError("no time stamp", field="time-stamp", fix=_DOUBT) from None
    if kind.whole != _TOKEN_OID or algorithm.whole not in (SHA256_ID, _SHA256_BARE):
        raise SealingError("no time stamp over SHA-256", field="time-stamp", fix=_DOUBT)
    if imprint.content != digest:
        raise SealingError("the time stamp is about other bytes than ours", field="time-stamp", fix=_DOUBT)
    nonces = [int.from_bytes(one.content, "big") for one in parts[4:] if one.tag == INTEGER]
    return _Info(nonces[0] if nonces else None, _time(time.content), raw)


def _time(text: bytes) -> datetime.datetime:
    """A GeneralizedTime in UTC, down to microseconds."""
    said = _TIME.fullmatch(text)
    try:
        if said is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(said[part]) for part in range(1, 7))
        finer = int((said[7] or b"").ljust(6, b"0")[:6])
        return datetime.datetime(year, month, day, hour, minute, second, finer, tzinfo=datetime.UTC)
    except ValueError:
        raise SealingError("a time stamp without a time", field="time-stamp", fix=_DOUBT) from None
