from __future__ import annotations

import pytest

from ledger.agreements.sealed import read_sealed
from ledger.errors import ProtocolError
from ledger.sealing.prefix import sealed_prefix
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import Issued


def test_the_sealed_document_is_found_in_an_issued_file_and_is_the_one_the_chain_knows(issued: Issued) -> None:
    assert sealed_prefix(issued.pdf) == issued.sealed
    assert sealed_prefix(issued.sealed) == issued.sealed
    assert read_sealed(sealed_prefix(issued.pdf)).digest == read_sealed(sample().pdf).digest


def test_a_changed_or_missing_sealed_document_is_never_found(issued: Issued) -> None:
    changed = bytearray(issued.pdf)
    changed[len(issued.sealed) - 20] ^= 1
    for pdf in (bytes(changed), sample().base, b"%PDF-1.7\n", issued.pdf[: len(issued.sealed) - 1]):
        with pytest.raises(ProtocolError) as refused:
            sealed_prefix(pdf)
        assert refused.value.fix
