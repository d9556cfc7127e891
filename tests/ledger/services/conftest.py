from __future__ import annotations

import datetime
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from ledger.parties.commands import draft_unit
from ledger.parties.model import Unit
from ledger.services.acting import Actor
from ledger.services.commands import submit
from ledger.services.model import Request
from ledger.services.verbs import Told, perform

VIETNAM = datetime.timezone(datetime.timedelta(hours=7))
COUNTER = Actor("staff", "lan", "counter")
OFFICE = Actor("staff", "minh", "internal", "admin")
PHONE = Actor("staff", "hoa", "agent-phone")
CUSTOMER = Actor("customer", "0xa1", "web")
HOUSEHOLD = {
    "customer_name": "Nguyễn Thị A",
    "identity_number": "001080000001",
    "phone": "0912345678",
    "supply_address": "12 ngõ 3 phố Hồng Hà",
    "place_title": "sổ hồng",
    "purpose": "residential",
    "phases": 1,
    "capacity_w": 3000,
}
REVIEW = {
    "review_scope": "hồ sơ cấp điện quý I",
    "review_from": "2026-01-01",
    "review_to": "2026-03-31",
    "review_lead": "Trần Văn B",
    "review_order": "QĐ 12",
}


def at(text: str) -> int:
    """A moment by the clock on the wall in Vietnam."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=VIETNAM).timestamp())


@dataclass
class Desk:
    """A unit's staff at work on requests, each act with the version they see."""

    session: Session
    unit: Unit

    def take(self, when: str, service: str = "low-voltage-supply", actor: Actor | None = None, **given: object) -> Request:
        """A request at this unit, or by a customer's code."""
        point = given.pop("metering_point", None)
        unit = None if point else self.unit
        basis, usual = (REVIEW, OFFICE) if service in ("inspection", "audit") else (HOUSEHOLD, COUNTER)
        return submit(
            self.session,
            service=service,
            given=(basis if not point else {}) | given,
            actor=actor or usual,
            at=at(when),
            unit=unit,
            metering_point=str(point) if point else None,
        )

    def act(self, request: Request, verb: str, when: str, actor: Actor = OFFICE, **told: object) -> Request:
        """One act on what it is now."""
        return perform(self.session, request.id, verb, actor, at(when), seen=request.version, told=Told(**told))  # type: ignore[arg-type]


@pytest.fixture
def desk(session: Session) -> Desk:
    """A desk of the unit PA01HH."""
    return Desk(session, draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"))
