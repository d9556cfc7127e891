"""Thirty megabytes of JSON in the place of a document's terms took 2.4 GB and half a minute, each time that they were read."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from ledger.agreements.incremental import CONTENT_LIMIT, attach
from ledger.agreements.sealed import FILE_NAME, read_sealed
from ledger.evidence.documents import is_whole
from ledger.protocol.errors import ProtocolError
from tests.ledger.agreements.samples import sample


def test_terms_longer_than_any_documents_are_neither_written_nor_read() -> None:
    with pytest.raises(ProtocolError, match="at most"):
        attach(sample().base, FILE_NAME, b"0" * (CONTENT_LIMIT + 1))
    short = attach(sample().base, FILE_NAME, b"[]")
    terms = b"[" + b"[[[[0]]]]," * 3_000_000 + b"0]"
    longer = short.replace(b"/Length 2/", b"/Length %d/" % len(terms)).replace(b"\nstream\n[]", b"\nstream\n" + terms)
    assert len(longer) > len(terms) > CONTENT_LIMIT
    tracemalloc.start()
    started = time.monotonic()
    assert not is_whole(longer)
    with pytest.raises(ProtocolError, match=f"at most {CONTENT_LIMIT}"):
        read_sealed(longer)
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()
    assert time.monotonic() - started < 5
