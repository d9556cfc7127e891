"""The test authority's quick time stamps are certomancer's, byte for byte but for the signature."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import urllib3
from asn1crypto import tsp
from certomancer.registry import ServiceLabel
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import STAMPS
from ledger.test_authority.stamping import Stamper

MOMENTS = st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2049, 12, 31), timezones=st.just(datetime.UTC))  # noqa: DTZ001
NONCES = st.none() | st.integers(-(1 << 63), (1 << 130))


@pytest.fixture(scope="module")
def architecture(authority: AuthorityFiles) -> Any:
    """The hierarchy as certomancer has it."""
    return authority.architecture()


@pytest.fixture(scope="module")
def stamper(architecture: Any) -> Stamper:
    """What answers requests."""
    return Stamper.of(architecture)


def asked(digest: bytes, kind: str, nonce: int | None) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": kind}, "hashed_message": digest}
    return bytes(tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}).dump())


def without_signature(answer: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """An answer whose signature holds, with another in its place."""
    read = tsp.TimeStampResp.load(answer, strict=True)
    signer = read["time_stamp_token"]["content"]["signer_infos"][0]
    key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(SHA256()))
    signer["signature"] = bytes(64)
    return bytes(read.dump(force=True))


REQUESTS = st.builds(asked, st.binary(min_size=32, max_size=32), st.sampled_from(["sha256", "sha512"]), NONCES)


@settings(max_examples=30)
@given(request=REQUESTS, now=MOMENTS)
def test_a_quick_answer_is_the_slow_one(architecture: Any, stamper: Stamper, request: bytes, now: datetime.datetime) -> None:
    slow = architecture.service_registry.summon_timestamper(ServiceLabel(STAMPS), now)
    expected = slow.request_tsa_response(tsp.TimeStampReq.load(request))
    serial = expected["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed["serial_number"].native
    key = stamper.key.public_key()
    assert without_signature(stamper.answer(request, now, serial), key) == without_signature(expected.dump(), key)


def test_what_is_no_request_gets_no_stamp(authority: AuthorityFiles) -> None:
    for body in (b"", b"what time is it?", b"\x30\x03\x02\x01\x01"):
        answer = urllib3.request("POST", authority.tsa_url, body=body, headers={"Content-Type": "application/timestamp-query"})
        assert answer.status == 500
    assert urllib3.request("GET", authority.tsa_url).status == 405
