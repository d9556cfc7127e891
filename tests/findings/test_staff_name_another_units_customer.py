"""Staff of one unit named another unit's customer beside a request, as who asks, or by the contract, and took the customer on by naming
their own unit: their name, contract and place were theirs to read then.

Whom staff may name is whom their unit serves; a place goes to the unit that serves it; and nobody learns who is another unit's customer.
"""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.access.staff import add_staff, staff_named
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.rules import lookup_code
from ledger.errors import NotFoundError
from ledger.parties.commands import draft_party
from ledger.parties.model import Unit
from ledger.parties.queries import party_by_label
from ledger.services.queries import request_by_number
from ledger.services.serving import contract_named, customer_named
from tests.api.test_services import Branch, branch

__all__ = ["branch"]

OTHERS = "PA01AB0000007"
CONTRACT = lookup_code(bytes(32), bytes(32))


@pytest.fixture
def neighbour(branch: Branch) -> str:
    """A customer of the other unit, with a contract; its look-up code."""
    with branch.sessions.begin() as session:
        theirs = session.query(Unit).where(Unit.code == "PA01AB").one()
        party = draft_party(session, label=OTHERS, role="customer", name="Lê Thị Lạ", signer=None)
        row = AgreementRow(
            **dict.fromkeys(("id", "base_digest", "terms_root", "family"), bytes(32)),
            **dict.fromkeys(("base_length", "kind_version", "valid_from", "deadline"), 1),
            kind="supply-residential",
            valid_to=2**40,
            lookup_code=CONTRACT,
            sealed_digest=bytes(32),
            unit_id=theirs.id,
            signatories=[Signatory(place=0, party=party)],
        )
        session.add(row)
    return CONTRACT


def test_nobody_of_another_unit_is_named_beside_a_request_as_who_asks_or_by_a_contract(branch: Branch, neighbour: str) -> None:
    taken = branch.take()
    acts = f"/api/v1/staff/requests/{taken['number']}/acts"
    ask = {"service": "renewal", "metering_point": "PA01HH0000002", "given": {}}
    tries = {
        "beside": (acts, {"verb": "accept", "seen": 2, "beside": [OTHERS]}),
        "party": ("/api/v1/staff/requests", ask | {"party": OTHERS}),
        "contract": ("/api/v1/staff/requests", ask | {"contract": neighbour}),
    }
    unknown = {"beside": "PA01AB0000009", "party": "PA01AB0000009", "contract": lookup_code(b"\x01" * 32, bytes(32))}
    for field, (path, body) in tries.items():
        refused = branch.http.post(path, json=body, headers=branch.staff)
        assert (refused.status_code, refused.json()["field"]) == (404, field), refused.text
        wrong = [unknown[field]] if field == "beside" else unknown[field]
        assert branch.http.post(path, json=body | {field: wrong}, headers=branch.staff).status_code == 404
    number = branch.answer(branch.http.post("/api/v1/staff/requests", json=ask, headers=branch.staff))["number"]
    form = {"seen": "2", "verb": "contract", "contract": neighbour}
    page = branch.http.post(f"/staff/requests/{number}", data=form, headers=branch.staff)
    assert (page.status_code, "không có hợp đồng nào mang mã này" in page.text.lower(), "Lê Thị Lạ" in page.text) == (404, True, False)


def test_a_place_goes_to_the_unit_that_serves_it_whatever_unit_staff_name(branch: Branch, neighbour: str) -> None:
    ask = {"service": "renewal", "metering_point": OTHERS, "unit": "PA01HH", "given": {}}
    told = branch.answer(branch.http.post("/api/v1/staff/requests", json=ask, headers=branch.staff))
    assert (told["unit"], told["contract_code"]) == ("PA01AB", None)
    assert branch.http.get(f"/staff/requests/{told['number']}", headers=branch.staff).status_code == 404
    with branch.sessions() as session:
        assert request_by_number(session, told["number"]).unit is not None


def test_an_admin_of_every_unit_and_the_operator_name_anybody(branch: Branch, neighbour: str, session: Session) -> None:
    add_staff(session, name="chi", role="admin", unit=None)
    for who in (staff_named(session, "chi"), staff_named(session, "xa"), None):
        assert customer_named(session, who, OTHERS, "party") == party_by_label(session, OTHERS)
        assert contract_named(session, who, neighbour).lookup_code == neighbour
    with pytest.raises(NotFoundError, match="beside: no customer of this code"):
        customer_named(session, staff_named(session, "lan"), OTHERS, "beside")
