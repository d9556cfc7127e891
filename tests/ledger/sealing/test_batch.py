"""A campaign's files are sealed from a fixed layout, and nobody can tell them from those a PDF library made: not pyHanko, not qpdf."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
import urllib3
from asn1crypto import core, parser
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import RuleError
from ledger.sealing.batch import BatchSealer, issuer_of
from ledger.sealing.batch_check import read_fast
from ledger.sealing.batch_pattern import BatchPattern
from ledger.sealing.der import items, only, wrap
from ledger.sealing.errors import AuthorityUnavailableError, ForeignError, SealingError
from ledger.sealing.levels import Level, SignatureLevel, check_issued
from ledger.sealing.remote import RemoteKey
from ledger.sealing.renewal import good_until, good_until_s
from ledger.sealing.revisions import Growing
from ledger.sealing.rules import Approval
from ledger.sealing.sealer import Sealer
from ledger.sealing.tokens import HttpStamper, StampedBy, asker_of, request_for, token_of
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued

DIGEST = sha256(b"a document").digest()


@pytest.fixture(scope="session")
def batch(sealer: Sealer, issued: Issued) -> BatchSealer:
    """A batch whose first document is issued."""
    made = BatchSealer(sealer)
    made.learn_from(issued.pdf, issued.levels)
    return made


@pytest.fixture(scope="session")
def stamped_by(issued: Issued) -> StampedBy:
    """The test authority's certificate."""
    return BatchPattern.of(issued.pdf).stamped_by


def asked(sealer: Sealer, digest: bytes, nonce: int) -> bytes:
    """A token over a digest, straight from the authority."""
    answer = urllib3.request(
        "POST", sealer.tsa_url, body=request_for(digest, nonce), headers={"Content-Type": "application/timestamp-query"}
    )
    return token_of(answer.data, sealer.tsa_url)


def test_every_file_of_a_batch_is_at_the_highest_level_for_who_has_only_the_root(batch: BatchSealer, sealer: Sealer) -> None:
    who: Sequence[Approval] = (Approval("Khách hàng / Customer", "OTP"), Approval("Điện lực / Utility", "ví điện tử / wallet"))
    for approvals in (APPROVALS, who):
        pdf = batch.issue_and_read(sample().pdf, approvals)[0]
        levels = check_issued(pdf, sample().pdf, sealer.trust_roots)
        assert [one.level for one in levels] == [Level.B_LTA, Level.B_LTA]
        assert levels[0].reason is not None
        assert all(one.means in levels[0].reason for one in approvals)
        assert good_until_s(pdf) == int(good_until(pdf).timestamp())
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert opened.check_pdf_syntax() == []
            assert opened.Root.AcroForm.SigFlags == 3


def test_two_files_share_no_signature_and_no_time_stamp(batch: BatchSealer, sealer: Sealer) -> None:
    first, second = (batch.issue_and_read(sample().pdf, APPROVALS)[0] for _ in range(2))
    assert first != second
    with pytest.raises(SealingError):
        check_issued(first[:-20_000] + second[-20_000:], sample().pdf, sealer.trust_roots)


@pytest.mark.parametrize("place", [0.3, 0.95, 0.999])
def test_a_changed_byte_of_a_fast_file_is_found(batch: BatchSealer, sealer: Sealer, place: float) -> None:
    pdf = bytearray(batch.issue_and_read(sample().pdf, APPROVALS)[0])
    pdf[int(len(pdf) * place)] ^= 1
    with pytest.raises(SealingError):
        check_issued(bytes(pdf), sample().pdf, sealer.trust_roots)


def test_a_file_of_another_make_is_issued_singly(batch: BatchSealer, issued: Issued, sealer: Sealer) -> None:
    for foreign in (b"%PDF-1.7 not ours", sample().base, issued.pdf):
        with pytest.raises(ForeignError, match="not a document this system sealed"):
            Growing.of(foreign)
    learnt = batch.pattern
    made, levels = batch.issue_and_read(sample().base, APPROVALS)
    assert levels == check_issued(made, sample().base, sealer.trust_roots)
    for nothing in (b"%PDF-1.7 not ours", issued.pdf):
        with pytest.raises(SealingError, match="could not be signed"):
            batch.issue_and_read(nothing, APPROVALS)
    assert batch.pattern is learnt


def test_a_key_that_cannot_leave_its_place_cannot_seal_batches(sealer: Sealer) -> None:
    remote = Sealer(RemoteKey("http://127.0.0.1:1", "seal"), sealer.approvals_key, sealer.trust_roots, sealer.tsa_url)
    with pytest.raises(RuleError, match="not in a file"):
        BatchSealer(remote)
    assert issuer_of(remote) is remote
    assert isinstance(issuer_of(sealer), BatchSealer)


def test_a_time_stamp_is_believed_only_about_our_bytes_our_question_and_now(sealer: Sealer, stamped_by: StampedBy) -> None:
    nonce = secrets.randbits(63)
    token = asked(sealer, DIGEST, nonce)
    stamped_by.check(token, DIGEST, nonce)
    with pytest.raises(SealingError, match="other bytes"):
        stamped_by.check(token, bytes(32), nonce)
    with pytest.raises(SealingError, match="nonce"):
        stamped_by.check(token, DIGEST, nonce ^ 1)
    with pytest.raises(SealingError, match="before our clock"):
        stamped_by.check(re.sub(rb"(?<=\x18.)20", b"19", token, count=1), DIGEST, nonce)


def test_a_time_stamp_signed_by_somebody_else_is_refused(sealer: Sealer, issued: Issued, stamped_by: StampedBy) -> None:
    nonce = secrets.randbits(63)
    token = bytearray(asked(sealer, DIGEST, nonce))
    token[-1] ^= 1
    with pytest.raises(SealingError):
        stamped_by.check(bytes(token), DIGEST, nonce)
    other = StampedBy(next(one for one in BatchPattern.of(issued.pdf).store[b"Certs"] if one != stamped_by.certificate))
    with pytest.raises(SealingError, match="not signed by the authority"):
        other.check(asked(sealer, DIGEST, nonce), DIGEST, nonce)


def test_an_authority_that_is_away_is_waited_for(stamped_by: StampedBy) -> None:
    with pytest.raises(AuthorityUnavailableError, match="does not answer"):
        HttpStamper(stamped_by, asker_of("http://127.0.0.1:9")).stamp(DIGEST)


@given(st.binary(max_size=70_000))
def test_elements_are_wrapped_as_a_general_library_wraps_them(content: bytes) -> None:
    assert wrap(4, content) == core.OctetString(content).dump()
    assert only(wrap(0x30, wrap(4, content), wrap(2, b"\x01")), 0x30).content == wrap(4, content) + wrap(2, b"\x01")


@given(st.binary(max_size=40))
def test_whatever_is_no_element_is_refused_in_our_words(data: bytes) -> None:
    try:
        found = list(items(data))
    except SealingError:
        return
    assert b"".join(one.whole for one in found) == data


def test_a_fast_file_is_read_back_as_pyhanko_reads_it(batch: BatchSealer, sealer: Sealer) -> None:
    pdf, told = batch.issue_and_read(sample().pdf, APPROVALS)
    read = check_issued(pdf, sample().pdf, sealer.trust_roots)
    for ours, theirs in zip(told, read, strict=True):
        assert replace(ours, claimed_at=None) == replace(theirs, claimed_at=None)


@pytest.fixture(scope="session")
def fast(batch: BatchSealer) -> bytes:
    """A file from the fixed layout."""
    return batch.issue_and_read(sample().pdf, APPROVALS)[0]


@pytest.fixture(scope="session")
def read(issued: Issued) -> Callable[[bytes], list[SignatureLevel]]:
    """The quick reading, by the pattern of another batch of the same office."""
    pattern = BatchPattern.of(issued.pdf)
    return lambda pdf: read_fast(pdf, sample().pdf, pattern.signers, pattern.stamped_by, issued.levels)


@settings(max_examples=400)
@given(data=st.data())
def test_the_quick_reading_finds_a_changed_byte_wherever_it_is(
    data: st.DataObject, fast: bytes, read: Callable[[bytes], list[SignatureLevel]]
) -> None:
    """All places and three changes of each were tried once; here a few hundred, most of them behind the sealed document."""
    sealed = len(sample().pdf)
    ranges = (st.integers(0, sealed - 1), st.integers(sealed, len(fast) - 1), st.integers(fast.rindex(b"/Contents<"), len(fast) - 1))
    at = data.draw(st.one_of(*ranges))
    changed = fast[:at] + bytes((fast[at] ^ data.draw(st.integers(1, 255)),)) + fast[at + 1 :]
    with pytest.raises(SealingError):
        read(changed)


def test_the_quick_reading_finds_what_is_cut_off_added_or_put_in_another_order(
    fast: bytes, read: Callable[[bytes], list[SignatureLevel]], batch: BatchSealer
) -> None:
    assert [one.level for one in read(fast)] == [Level.B_LTA, Level.B_LTA]
    ends = [at.end() for at in re.finditer(rb"%%EOF\n", fast)]
    other = batch.issue_and_read(sample().pdf, APPROVALS)[0]
    mixed = [fast[:end] + other[end:] for end in ends[:-1]]
    for spoiled in (*(fast[:end] for end in ends[:-1]), *mixed[2:], fast + b"\n", fast + fast[ends[-2] :], fast[:-1], b""):
        with pytest.raises(SealingError):
            read(spoiled)


def _items_slowly(data: bytes) -> list[tuple[int, bytes]]:
    """The obvious way, by a general library."""
    found: list[tuple[int, bytes]] = []
    while data:
        (_, _, _, head, content, trailer) = parser.parse(data)
        found.append((data[0], content))
        data = data[len(head) + len(content) + len(trailer) :]
    return found


@given(st.recursive(st.binary(max_size=300), lambda inner: st.lists(inner, max_size=4).map(lambda parts: wrap(0x30, *parts))))
def test_elements_are_found_as_a_general_library_finds_them(content: bytes) -> None:
    data = wrap(0x04, content) + wrap(0x31, content)
    assert [(one.tag, one.content) for one in items(data)] == _items_slowly(data)
