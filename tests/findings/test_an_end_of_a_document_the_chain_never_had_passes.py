"""A log could end a document the chain never recorded, or end one under another's digest, and the audit called it whole.

Whoever holds the file looks its digest up, and does not find the end that was logged under another one.
"""

from __future__ import annotations

import pytest

from ledger.cli.audit_words import in_vietnamese
from ledger.transparency.audit import Copy, Verdict, audit
from ledger.transparency.rules import Entry
from tests.ledger.transparency.test_audit import TEN, UNIT, around, details, note

THIRD, STRANGER = (3).to_bytes(32, "big"), b"\x99" * 32
SEALED = [(number.to_bytes(32, "big"), "sealed", b"\x05" * 32) for number in range(10)]


def after(event: str, document: bytes, digest: bytes = b"\x05" * 32) -> Copy:
    entries = [*TEN, Entry(UNIT, 10, event, document, digest, 1_782_838_900).to_bytes()]
    return Copy(entries, [note(entries)])


@pytest.mark.parametrize("event", ["terminated", "superseded"])
def test_only_the_chain_ends_a_document_also_one_it_does_not_have(event: str) -> None:
    served = after(event, THIRD)
    recorded = [one for one in SEALED if one[0] != THIRD]
    told = details(Verdict.BROKEN, served, around(list(served.entries), 11, documents=recorded))
    assert f"the log says 0x{THIRD.hex()} was {event}, the chain never recorded it" in told
    assert in_vietnamese(told)


def test_a_document_the_chain_refused_is_revoked_by_the_log_alone() -> None:
    served = after("revoked", THIRD)
    recorded = [one for one in SEALED if one[0] != THIRD]
    assert audit(served, around(list(served.entries), 11, documents=recorded)).verdict is Verdict.WHOLE


@pytest.mark.parametrize("event", ["terminated", "superseded", "revoked"])
def test_an_end_is_logged_under_the_digest_of_the_file_it_ends(event: str) -> None:
    documents = [*SEALED, (THIRD, event, None)]
    good, served = after(event, THIRD), after(event, THIRD, b"\x06" * 32)
    assert audit(good, around(list(good.entries), 11, documents=documents)).verdict is Verdict.WHOLE
    told = details(Verdict.BROKEN, served, around(list(served.entries), 11, documents=documents))
    assert f"the log says 0x{THIRD.hex()} was {event} under another digest than the file was sealed with" in told
    assert in_vietnamese(told)


@pytest.mark.parametrize("event", ["issued", "revoked", "erased"])
def test_nothing_happens_to_a_document_nobody_sealed(event: str) -> None:
    served = after(event, STRANGER)
    told = details(Verdict.BROKEN, served, around(list(served.entries), 11, documents=SEALED))
    assert f"the log says 0x{STRANGER.hex()} was {event}, not that it was sealed" in told
    assert in_vietnamese(told)
