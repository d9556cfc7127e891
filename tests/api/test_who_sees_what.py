"""Who sees what: nobody learns a name or a household's record without signing in, and who signed in sees their own and no other's."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.access.model import AccessSession, Staff
from ledger.access.rules import token_hash
from ledger.access.staff import add_staff
from ledger.agreements.model import AgreementRow
from ledger.market.queries import fills_of_unit, unit
from ledger.metering.model import MeterRow
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Contact, Party, Unit
from ledger.protocol.quantities import hex0x
from tests.api.conftest import UTILITY, Client, Homes, Places, Told

OURS = ("/api/v1/staff/", "/api/v1/my/", "/api/v1/signing")


def secrets_of(session: Session) -> set[str]:
    """Everything of the database that names somebody or lets a document be found: labels, names, addresses, look-up codes."""
    columns = (Party.label, Party.name, MeterRow.label, Contact.address, Staff.name, Unit.name, AgreementRow.lookup_code)
    return {str(value) for column in columns for value in session.scalars(select(column)) if value is not None}


def described(client: Client) -> dict[str, dict[str, Any]]:
    """Every path that is read, as the description has it."""
    return {path: each["get"] for path, each in client.get("/openapi.json").json()["paths"].items() if "get" in each}


def pages(client: Client) -> list[str]:
    """Every page that is read."""
    routes = (context.original_route for context in iter_route_contexts(client.app.routes))
    return [route.path for route in routes if isinstance(route, APIRoute) and "GET" in route.methods and "/api/" not in route.path]


def filled(template: str, values: Mapping[str, str]) -> str:
    """A path with these values in it, and 1 for what they do not name."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], "1"), template)


@pytest.fixture(scope="module")
def named(homes: Homes) -> Homes:
    """The installation with people of every kind in it."""
    with homes.sessions.begin() as session:
        branch = draft_unit(session, code="PB01MM", name=f"{UTILITY} chi nhánh 2")
        add_staff(session, name="bui.thi.xuan", role="counter", unit=branch)
        company = draft_party(session, label="PB01MM0000077", role="customer", name="Công ty Trách nhiệm Mây Tre", signer=None)
        give_contacts(session, company, {"email": "maytre@example.vn", "sms": "0987000111"}, by="staff:bui.thi.xuan", now_s=1)
    return homes


def test_nobody_learns_a_name_without_signing_in(stranger: Client, named: Homes, places: Places) -> None:
    with named.sessions() as session:
        secrets = secrets_of(session)
    assert len(secrets) > 15
    asked = [*described(stranger), *pages(stranger)]
    assert len(asked) > 60
    for template in asked:
        for path in (filled(template, places.values), filled(template, dict.fromkeys(places.values, "nonsense"))):
            answer = stranger.get(path, headers={"accept": "text/html"})
            assert answer.status_code in (200, 303, 401, 404, 422), (path, answer.text)
            assert [secret for secret in secrets if secret in answer.text] == [], path
            assert not answer.content.startswith((b"%PDF", b"PK")), path


def test_what_is_of_somebody_says_how_to_sign_in_and_all_else_answers(stranger: Client, places: Places) -> None:
    guarded = 0
    for template, operation in described(stranger).items():
        answer = stranger.get(filled(template, places.values))
        if operation["security"] or template.startswith("/api/v1/signing"):
            guarded += 1
            assert answer.status_code == 401, template
            assert any(word in answer.json()["fix"] for word in ("sign in", "the newest link")), template
            if not template.startswith(OURS):
                assert "`sonang staff add`" in answer.json()["fix"]
        else:
            assert answer.status_code == 200, (template, answer.text)
    assert guarded > 25


@pytest.fixture
def roof(homes: Homes, told: Told) -> Iterator[dict[str, str]]:
    """The cookie of the customer whose roof traded."""
    now, hashed = int(time.time()), token_hash("roof")
    with homes.sessions.begin() as session:
        party = told.day.valley.roof.party_id
        session.add(AccessSession(token_hash=hashed, party_id=party, created_s=now, expires_s=now + 3600))
    yield {"cookie": "sonang_session=roof"}
    with homes.sessions.begin() as session:
        session.delete(session.get_one(AccessSession, hashed))


@pytest.fixture
def branch(homes: Homes) -> Iterator[dict[str, str]]:
    """The token of staff of the unit that keeps the roof's agreement."""
    with homes.sessions.begin() as session:
        unit = draft_unit(session, code="PC01MM", name=f"{UTILITY} chi nhánh 3")
        staff, token = add_staff(session, name="vu.thi.sau", role="inspector", unit=unit)
        session.get_one(AgreementRow, homes.agreement.id).unit_id = unit.id
    yield {"authorization": f"Bearer {token}"}
    with homes.sessions.begin() as session:
        session.get_one(AgreementRow, homes.agreement.id).unit_id = None
        session.delete(session.get_one(Staff, staff.id))
        session.delete(session.get_one(Unit, unit.id))


LISTS = {
    "/api/v1/parties": "id",
    "/api/v1/zones/{zone}/meters": "party",
    "/api/v1/zones/{zone}/days/{date}/readings": "meter",
    "/api/v1/zones/{zone}/units/{start}/trades": "party",
    "/api/v1/zones/{zone}/days/{date}/trades": "party",
    "/api/v1/zones/{zone}/days/{date}/settlements/{run}/positions": "party",
}
SINGLE = (
    "/api/v1/parties/{party}",
    "/api/v1/parties/{party}/agreements",
    "/api/v1/agreements/{agreement}",
    "/api/v1/agreements/{agreement}/document",
    "/api/v1/agreements/{agreement}/family",
    "/api/v1/agreements/{agreement}/bundle",
    "/api/v1/meters/{meter}/readings/{start}",
    "/api/v1/meters/{meter}/readings/{start}/bundle",
    "/api/v1/zones/{zone}/units/{start}/trades/{index}",
    "/api/v1/zones/{zone}/units/{start}/trades/{index}/bundle",
    "/api/v1/zones/{zone}/units/{start}/orders/{order}",
    "/api/v1/zones/{zone}/days/{date}/settlements/{run}/positions/{party}",
    "/api/v1/zones/{zone}/days/{date}/settlements/{run}/positions/{party}/bundle",
)


def neighbour(told: Told, places: Places) -> Places:
    """The same places, of the home next door."""
    valley, session = told.day.valley, told.day.session
    bought = next(one for one in fills_of_unit(session, unit(session, valley.zone, int(places.values["start"]))) if one.side == 1)
    own = {"party": valley.home.party_id, "meter": valley.home.id, "order": bought.order_digest}
    other = valley.agreements[valley.spare_roof.id].id
    return Places(
        {**places.values, **{name: hex0x(each) for name, each in own.items()}, "index": str(bought.index), "agreement": hex0x(other)}
    )


def test_every_route_that_needs_a_sign_in_is_tried_below(stranger: Client) -> None:
    guarded = {path for path, operation in described(stranger).items() if operation["security"] and not path.startswith(OURS)}
    assert guarded == {*LISTS, *SINGLE, "/api/v1/agreements"}


@pytest.mark.parametrize("who", ["roof", "branch"])
def test_a_customer_sees_their_own_and_staff_their_units_and_neither_the_neighbours(
    request: pytest.FixtureRequest, stranger: Client, told: Told, places: Places, who: str
) -> None:
    signed, valley = request.getfixturevalue(who), told.day.valley
    seen = {hex0x(one) for one in (valley.roof.party_id, valley.roof.id)} | ({hex0x(valley.utility.id)} if who == "branch" else set())
    for template, field in LISTS.items():
        items = stranger.get(places.path(template), params={"limit": 500}, headers=signed).json()["items"]
        assert items, template
        assert {one[field] for one in items} <= seen, template
    (agreement,) = stranger.get("/api/v1/agreements", headers=signed).json()["items"]
    assert agreement["id"] == places.values["agreement"]
    beside = neighbour(told, places)
    for template in SINGLE:
        assert stranger.get(places.path(template), headers=signed).status_code == 200, template
        refused = stranger.get(beside.path(template), headers=signed)
        assert (refused.status_code, refused.json()["detail"]) == (403, "it is not yours to see"), template
        assert refused.json()["fix"]


def test_a_token_that_is_nobodys_opens_nothing_even_beside_a_session(stranger: Client, roof: dict[str, str], places: Places) -> None:
    path = places.path("/api/v1/agreements/{agreement}/document")
    for wrong in ("Bearer sonang-staff-none", "Bearer ", "Basic abc"):
        assert stranger.get(path, headers={"authorization": wrong}).status_code == 401, wrong
    assert stranger.get(path, headers=roof | {"authorization": "Bearer none"}).status_code == 401
    assert stranger.get(path, headers=roof).status_code == 200
