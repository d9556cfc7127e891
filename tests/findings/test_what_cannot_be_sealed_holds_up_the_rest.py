"""A round took so many documents in the order of their deadlines; where as many could not be sealed – a file is gone, another utility's key
signs them – every round took the same ones, and nothing behind them was ever sealed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError, RuleError
from ledger.protocol.signers import new_eoa_key
from ledger.signing import rounds
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.countersigning import countersign_due
from tests.ledger.signing.hall import NOON, Hall

HOUR = 3_600


def test_a_document_behind_others_that_are_refused_is_sealed(hall: Hall) -> None:
    lost = [_approved(hall, hours) for hours in (1, 2)]
    for one in lost:
        hall.store.path(one).unlink()
    last = _approved(hall, 3)
    found = countersign_due(hall.desk, limit=1)
    assert found.done == (last,)
    assert {one: type(wrong) for one, wrong in found.refused.items()} == dict.fromkeys(lost, NotFoundError)


def test_documents_of_another_key_come_last_however_many_there_are(hall: Hall) -> None:
    others = [_approved(hall, 1) for _ in range(3)]
    own = _approved(hall, 9)
    with hall.sessions.begin() as session:
        for one in others:  # as if another utility were named last
            place = session.get_one(AgreementRow, one).signatories[-1]
            place.party = hall.with_key(session, f"other-{one.hex()[:6]}", "utility", new_eoa_key())
    found = countersign_due(hall.desk, limit=1)
    assert found.done == (own,)
    assert found.refused == {}
    assert {type(wrong) for wrong in countersign_due(hall.desk, limit=1).refused.values()} == {RuleError}


def test_a_round_in_which_everything_is_refused_ends(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_TRIED", 2)
    lost = [_approved(hall, hours) for hours in (1, 2, 3)]
    for one in lost:
        hall.store.path(one).unlink()
    assert set(countersign_due(hall.desk, limit=1).refused) == set(lost[:2])


def test_of_two_offices_at_once_neither_is_said_to_be_refused_what_the_other_has_done(hall: Hall) -> None:
    waiting = [_approved(hall, hours) for hours in (1, 2, 3, 4)]
    with ThreadPoolExecutor(4) as offices:
        said = list(offices.map(lambda _: countersign_due(hall.desk, limit=9), range(4)))
    assert sorted(one for report in said for one in report.done) == sorted(waiting)
    assert [report.refused for report in said] == [{}] * 4
    assert hall.refusals() == []


def _approved(hall: Hall, hours: int) -> bytes:
    agreement, showing = hall.shown(deadline=NOON + 365 * 86_400 + hours * HOUR)
    request_code(hall.desk, showing, "email")
    confirm_code(hall.desk, showing, hall.code())
    return agreement
