"""A program that was killed after it had written the sealed file and before its database transaction left a document nobody could seal:
the file was not the one that was shown any more, though nothing in it had changed."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import RuleError
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.countersigning import countersign_due
from tests.ledger.signing.hall import Hall


def test_a_document_whose_sealing_was_cut_off_after_its_file_was_written_is_sealed_by_the_next_round(hall: Hall) -> None:
    agreement = _approved(hall)
    with pytest.raises(KeyboardInterrupt):
        countersign_due(hall.desk, then=_die)
    left = hall.store.read(agreement)
    with hall.sessions() as session:
        row = session.get_one(AgreementRow, agreement)
        assert row.sealed_digest is None
        assert row.base_length < len(left), "the file is ahead of the database"
    assert countersign_due(hall.desk).done == (agreement,)
    with hall.sessions() as session:
        assert session.get_one(AgreementRow, agreement).sealed_digest == sha256(hall.store.read(agreement)).digest()
    assert hall.store.read(agreement) == left


def test_a_file_that_is_longer_for_any_other_reason_is_still_refused(hall: Hall) -> None:
    first, second = _approved(hall), _approved(hall)
    with pytest.raises(KeyboardInterrupt):
        countersign_due(hall.desk, then=_die)
    sealed = next(hall.store.read(one) for one in (first, second) if b"%SoNang-seal" in hall.store.read(one))
    appended = sealed[sealed.index(b"\n%SoNang-seal") :]
    for one in (first, second):
        base = hall.store.read(one).partition(b"\n%SoNang-seal")[0]
        other = appended if base not in sealed else appended + b"\n"
        hall.store.write(one, base + other)
    assert {type(wrong) for wrong in countersign_due(hall.desk).refused.values()} == {RuleError}


def _approved(hall: Hall) -> bytes:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "email")
    confirm_code(hall.desk, showing, hall.code())
    return agreement


def _die(_session: Session, _row: AgreementRow) -> None:
    raise KeyboardInterrupt
