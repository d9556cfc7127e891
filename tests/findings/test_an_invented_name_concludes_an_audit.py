"""`sonang service act … --actor nobody` wrote "staff nobody" down for a name nobody has, and so passed by the role a step is kept for.

Only members of staff are named, in their role and for their unit's requests; without a name the operator acts, at no step kept for a role.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from ledger.access.staff import add_staff, remove_staff
from ledger.parties.commands import draft_unit
from ledger.services.queries import request_by_number
from tests.calling import Sonang, answer
from tests.ledger.services.conftest import OFFICE, Desk, desk
from tests.ledger.services.test_command_line import sonang

__all__ = ["desk", "sonang"]

FINDINGS = ("--value", "records_seen=12", "--value", "findings=y", "--value", "faults=2")


@dataclass
class Office:
    """An inspection at the step that is kept for inspectors, and a unit with staff."""

    sonang: Sonang
    session: Session

    def examines(self, *by: str) -> tuple[int, str]:
        return self.sonang("act", "1", "record", *FINDINGS, *by)


@pytest.fixture
def office(desk: Desk, session: Session, sonang: Sonang) -> Office:
    review = desk.take("2026-03-02T09:00", "inspection", OFFICE)
    desk.act(review, "accept", "2026-03-03T08:00")
    desk.act(review, "record", "2026-03-04T08:00", given={"unit_informed_on": "2026-03-04"})
    elsewhere = draft_unit(session, code="PA01AB", name="Điện lực An Bình")
    hired = (("chi", "inspector", desk.unit), ("an.nguyen", "counter", desk.unit), ("xa", "inspector", elsewhere), ("cu", "admin", None))
    for name, role, unit in hired:
        add_staff(session, name=name, role=role, unit=unit)
    remove_staff(session, "cu")
    session.commit()
    return Office(sonang, session)


def test_nobody_who_is_not_of_the_staff_is_named_whatever_the_step(office: Office) -> None:
    for name in ("nobody", "cu", ""):
        for words in (("act", "1", "record", *FINDINGS), ("act", "1", "reject", "--reason", "x"), ("attach", "1")):
            code, said = office.sonang(*words, "--actor", name)
            assert (code, f"--actor: nobody is called {name!r} – take a name from" in said) == (1, True), said
    assert "request 1 is another unit's – ask somebody of the unit that handles it" in office.examines("--actor", "xa")[1]
    assert "examine is not for the role counter" in office.examines("--actor", "an.nguyen")[1]
    assert request_by_number(office.session, 1).step == "examine"


def test_the_operator_without_a_name_does_what_no_role_is_kept_for(office: Office) -> None:
    code, said = office.examines()
    assert (code, "examine is not for who has no role – name who does it: --actor NAME, inspector or admin" in said) == (1, True), said
    told = answer(office.examines("--actor", "CHI", "--json"))
    assert (told["step"], told["acts"][-1]["actor"]) == ("answer", "chi")
    assert answer(office.sonang("act", "1", "record", "--value", "unit_answer=x", "--json"))["step"] == "conclude"
