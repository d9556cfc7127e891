"""A complaint had a request held, and the plan drafted in it was listed as due and erased: a hold on a request kept no papers.

Every form of hold is tried here on every way something is erased: on the family, on each party, on a request that drafted a document of the
family, and on one that is about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import RuleError
from ledger.life.commands import lift_hold, place_hold
from ledger.life.model import ErasedParty, LegalHold
from ledger.office.erasing import due_now, erase_family, erase_person, finish
from ledger.parties.commands import draft_party
from ledger.parties.model import Party
from ledger.services.acting import values_of
from ledger.services.expiring import forget_unmet
from ledger.services.holding import hold_request
from ledger.services.model import Request
from ledger.settings import Settings
from tests.ledger.services.conftest import at
from tests.ledger.services.test_newcomers import Counter, counter

__all__ = ["counter"]

LATER = at("2027-06-04T09:00")
WORDS = {"reason": "Khiếu nại 7/2027", "by": "Pháp chế", "at": LATER}
FREE: Mapping[str, set[str]] = {
    "nothing": {"listed", "plan", "asker", "other", "request", "other request"},
    "family": set(),
    "asker": set(),
    "utility": set(),
    "request": {"other", "other request"},
    "other": {"listed", "plan", "asker", "request"},
    "other request": {"request"},
}
"""What may go, by what is held: `other` is somebody whose own request is about the plan that was drafted in `asker`'s."""


@dataclass
class Case:
    """A rejected request with its plan, and another customer's rejected request that is about that plan; all of them due."""

    session: Session
    request: Request
    other: Request
    utility: Party

    @property
    def plan(self) -> bytes:
        return self.request.documents[0].agreement_id

    def hold(self, what: str) -> LegalHold:
        rows: dict[str, dict[str, object]] = {
            "family": {"agreement": self.request.documents[0].agreement},
            "asker": {"party": self.request.party},
            "other": {"party": self.other.party},
            "utility": {"party": self.utility},
        }
        if what in rows:
            return place_hold(self.session, **rows[what], **WORDS)  # type: ignore[arg-type]
        return hold_request(self.session, self.request if what == "request" else self.other, **WORDS)  # type: ignore[arg-type]

    def goes(self) -> set[str]:
        """What is erased, each way tried on its own and taken back."""
        ways: dict[str, Callable[[], object]] = {
            "plan": lambda: erase_family(self.session, self.request.documents[0].agreement, reason="retention-ended", by="a", at=LATER),
            "asker": lambda: self.person(self.request.party_id),
            "other": lambda: self.person(self.other.party_id),
        }
        gone = {"listed"} if self.plan in {one.family for one in due_now(self.session, LATER)} else set()
        for name, erases in ways.items():
            with self.taken_back():
                try:
                    erases()
                except RuleError as kept:
                    gone |= set() if "hold" in kept.problem else {str(kept)}
                else:
                    gone.add(name)
        with self.taken_back():
            forget_unmet(self.session, at=LATER, days=365)
            gone |= {name for name, row in (("request", self.request), ("other request", self.other)) if not values_of(row)}
        return gone

    def person(self, party: bytes | None) -> None:
        assert party is not None
        erase_person(self.session, self.session.get_one(Party, party), by="a", at=LATER)
        assert self.session.get(ErasedParty, party) is not None

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        with self.session.begin_nested() as tried:
            yield
            tried.rollback()
        self.session.expire_all()


@pytest.fixture
def case(counter: Counter) -> Case:
    request, other = counter.surveyed(), counter.take("2026-03-02T09:00")
    for one in (request, other):
        counter.act(one, "reject", "2026-03-05T09:00", reason="chưa có lưới")
    other.party = draft_party(counter.session, label="Q", role="customer", name="Trần Thị Q", signer=None)
    other.contract = request.documents[0].agreement
    counter.session.flush()
    return Case(counter.session, request, other, counter.utility)


def test_every_form_of_hold_stops_every_way_of_erasing_what_it_covers(case: Case) -> None:
    found = {}
    for held in FREE:
        with case.taken_back():
            hold = None if held == "nothing" else case.hold(held)
            found[held] = case.goes()
            if hold is not None:
                lift_hold(case.session, hold, reason="xong", by="Pháp chế", at=LATER)
                assert case.goes() == FREE["nothing"], f"{held}, lifted"
    assert found == FREE


def test_who_lost_their_last_document_is_kept_while_their_request_is_held(case: Case, tmp_path: Path) -> None:
    request, settings = case.request, Settings(state_dir=tmp_path, request_retention_days=36_500)
    party, plan = request.party_id, request.documents[0].agreement
    request.state, request.step = "open", "survey"
    erase_family(case.session, plan, reason="retention-ended", by="Lưu trữ", at=LATER)
    request.state, request.step = "rejected", None
    case.session.flush()
    assert case.session.get(ErasedParty, party) is None
    for held, forgotten in (("asker", 0), ("request", 0), ("utility", 0), ("other", 1), ("other request", 1)):
        with case.taken_back():
            case.hold(held)
            assert finish(case.session, settings).forgotten == forgotten, held


def test_an_erasure_waits_for_a_hold_on_a_request_that_is_being_placed(case: Case, counter: Counter) -> None:
    ids = case.request.id, case.plan
    case.session.commit()
    with counter.hall.sessions() as placing, counter.hall.sessions() as erasing:
        hold_request(placing, placing.get_one(Request, ids[0]), **WORDS)  # type: ignore[arg-type]
        erasing.execute(text("SET LOCAL lock_timeout = '100ms'"))
        plan = erasing.get_one(AgreementRow, ids[1])
        with pytest.raises(OperationalError, match="lock timeout"):
            erase_family(erasing, plan, reason="retention-ended", by="a", at=LATER)
        erasing.rollback()
        placing.commit()
        with pytest.raises(RuleError, match="Khiếu nại 7/2027"):
            erase_family(erasing, erasing.get_one(AgreementRow, ids[1]), reason="retention-ended", by="a", at=LATER)
