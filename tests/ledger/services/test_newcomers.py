"""A customer nobody knew: reached, named by the code of the contract, signed in by it; and what is missing, told at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.fact_forms import sheets
from ledger.access.commands import ask_to_sign_in, send_code
from ledger.agreements.store import DocumentStore
from ledger.errors import ConflictError, InputError, RuleError
from ledger.messages.model import Message
from ledger.messages.sealing import prepare
from ledger.office.duties import _by_the_day
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.contacts import contacts_of
from ledger.parties.model import Party
from ledger.services.commands import submit
from ledger.services.documents import Papers
from ledger.services.model import Request
from ledger.services.naming import call_by_code, called_now, hand_code_on
from ledger.services.proposing import proposed
from ledger.settings import Settings
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.services.conftest import COUNTER, HOUSEHOLD, Desk, at
from tests.ledger.services.test_supply_story import CONTRACT, PLAN, UTILITY
from tests.ledger.signing.hall import Hall

CODE = CONTRACT["customer_code"]
SURVEY = {"needs_works": "no", "supply_point": "T15"}


@dataclass
class Counter(Desk):
    """A desk whose utility signs, and the hall its customers sign in."""

    hall: Hall
    utility: Party

    def papers(self, **facts: dict[str, object]) -> Papers:
        return Papers(self.hall.town.store, self.utility, {kind.replace("_", "-"): told for kind, told in facts.items()})

    def surveyed(self, **given: object) -> Request:
        """A stranger's request up to the plan that waits for a signature."""
        request = self.take("2026-03-02T09:00", **given)
        self.act(request, "accept", "2026-03-03T08:00")
        return self.act(request, "record", "2026-03-03T09:00", given=SURVEY, papers=self.papers(connection_plan=PLAN))

    def contracted(self, code: str = CODE) -> Request:
        """The same up to the contract, its plan dropped: nobody has to sign it here."""
        request = self.surveyed()
        request.step = "draft"
        told = self.papers(**{"*": UTILITY, "supply-residential": CONTRACT | {"customer_code": code}})
        return self.act(request, "draft", "2026-03-04T09:00", papers=told)


@pytest.fixture
def counter(world: World, sessions: sessionmaker[Session], session: Session, tmp_path: Path) -> Counter:
    town = Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)
    hall = Hall(town, prepare(session, Settings(state_dir=tmp_path / "state", mailbox=True)))
    unit = draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà")
    return Counter(session, unit, hall, town.party(session, "Điện lực", "utility"))


def test_the_back_office_sends_a_stranger_the_link_to_what_waits_for_their_signature(counter: Counter) -> None:
    request = counter.surveyed(email="hoa@example.vn")
    (plan,) = (one.agreement for one in request.documents)
    counter.session.commit()
    requests = next(one for one in _by_the_day(counter.hall.sessions, counter.hall.desk) if one.name == "requests")
    assert requests.work() == {"invited": 1}
    assert requests.work() == {}
    (link,) = counter.session.scalars(select(Message)).all()
    assert (link.channel, link.address, link.about) == ("sms", "+84912345678", plan.id)
    assert request.party is not None
    assert {one.channel for one in contacts_of(counter.session, request.party)} == {"sms", "email"}


def test_a_fixed_line_is_no_contact_and_a_customer_who_had_none_gets_what_was_given(counter: Counter) -> None:
    known = draft_party(counter.session, label="B", role="customer", name="B", signer=None)
    given = HOUSEHOLD | {"phone": "02438254321", "email": "b@example.vn"}
    request = submit(
        counter.session, service="low-voltage-supply", given=given, actor=COUNTER, at=at("2026-03-02T09:00"), unit=counter.unit, party=known
    )
    counter.act(request, "accept", "2026-03-03T08:00")
    counter.act(request, "record", "2026-03-03T09:00", given=SURVEY, papers=counter.papers(connection_plan=PLAN))
    assert [one.address for one in contacts_of(counter.session, known)] == ["b@example.vn"]
    assert known.label == "B"


def test_a_customer_is_called_by_the_code_of_the_contract_and_signs_in_with_it(counter: Counter) -> None:
    request = counter.contracted()
    assert request.party is not None
    assert request.party.label == CODE
    assert called_now(counter.session, f"Request-{request.number}") == CODE, "the name they signed the plan under leads to them still"
    assert [called_now(counter.session, one) for one in ("request-999", "REQ", CODE)] == ["request-999", "REQ", CODE]
    ticket = ask_to_sign_in(counter.session, now_s=at("2026-03-04T10:00"))
    assert send_code(counter.session, ticket, CODE.lower(), now_s=at("2026-03-04T10:00"))
    (code,) = counter.session.scalars(select(Message)).all()
    assert code.address == "+84912345678"


def test_a_code_another_customer_bears_is_refused_and_a_new_holder_gets_it_once_they_signed(counter: Counter) -> None:
    first = counter.contracted()
    with pytest.raises(ConflictError, match=rf"^supply-residential\.customer_code: {CODE} is another customer's – "):
        counter.contracted()
    request, former = counter.contracted("PA01HH0000002"), first.party
    assert request.party is not None
    assert former is not None
    request.party.label = "request-77"
    request.contract = first.documents[-1].agreement
    call_by_code(counter.session, request, request.party, CODE)
    assert request.party.label == "request-77"
    hand_code_on(counter.session, request, request.party, CODE)  # who holds it already
    assert request.party.label == "request-77"
    hand_code_on(counter.session, request, former, CODE)
    assert (request.party.label, former.label) == (CODE, f"{CODE}/{request.number}")


def test_everything_a_step_lacks_is_named_at_once_with_what_it_is(counter: Counter) -> None:
    request = counter.take("2026-03-02T09:00")
    counter.act(request, "accept", "2026-03-03T08:00")
    plan = {name: PLAN[name] for name in ("boundary", "service_line", "meter_place", "lapses_on")}
    with pytest.raises(InputError) as lacks:
        counter.act(request, "record", "2026-03-03T09:00", given=SURVEY, papers=counter.papers(connection_plan=plan))
    assert str(lacks.value).startswith(
        "connection-plan.voltage_v: missing, and so are connection-plan.service_length_m, connection-plan.metering"
    )
    assert "metering: text – how it is metered, one of direct, ct, ct-vt" in lacks.value.fix


@pytest.mark.parametrize("wrong", [{"voltage_v": 230}, {"voltage_v": "much"}, {"voltage_v": None}])
def test_a_fact_has_one_name_in_every_error(counter: Counter, wrong: dict[str, object]) -> None:
    request = counter.take("2026-03-02T09:00")
    counter.act(request, "accept", "2026-03-03T08:00")
    with pytest.raises((InputError, RuleError)) as refused:
        counter.act(request, "record", "2026-03-03T09:00", given=SURVEY, papers=counter.papers(connection_plan=PLAN | wrong))
    assert refused.value.field == "connection-plan.voltage_v"


def test_a_termination_takes_the_metering_point_from_its_contract(counter: Counter) -> None:
    request = counter.contracted()
    contract = request.documents[-1].agreement
    asked = submit(
        counter.session, service="termination", given={}, actor=COUNTER, at=at("2026-04-01T09:00"), unit=counter.unit, contract=contract
    )
    assert (asked.metering_point, asked.party) == (f"{CODE}001", request.party)
    plan = request.documents[0].agreement
    with pytest.raises(InputError, match="metering_point: no metering point – give the customer's code as on a bill, or the contract"):
        submit(counter.session, service="termination", given={}, actor=COUNTER, at=at("2026-04-01T09:00"), unit=counter.unit, contract=plan)


def test_what_the_last_contract_says_of_the_utility_and_who_asks_is_filled_in_for_the_next(counter: Counter) -> None:
    first = counter.contracted()
    known = {name: UTILITY[name] for name in ("utility_address", "utility_phone", "utility_representative", "utility_tax_code")}
    asks = {"service": "low-voltage-supply", "given": HOUSEHOLD, "actor": COUNTER, "at": at("2026-03-05T09:00"), "unit": counter.unit}
    again, stranger = (submit(counter.session, party=party, **asks) for party in (first.party, None))  # type: ignore[arg-type]
    assert proposed(again, "supply-residential") == {**known, "customer_code": CODE}
    assert proposed(stranger, "supply-non-residential") == known
    assert [proposed(one, "connection-plan") for one in (again, stranger)] == [{}, {}]
    again.step = "draft"
    (sheet,) = sheets(again, at("2026-03-05T10:00"), {})
    filled = {one.name.rpartition(".")[2]: one.given for one in sheet.missing if one.proposed}
    assert filled == {**known, "customer_code": CODE}
    cleared = "fact.supply-residential.utility_phone"
    (typed,) = sheets(again, at("2026-03-05T10:00"), {cleared: ""})
    assert [one.given for one in typed.missing if one.name == cleared] == [""], "what staff clear stays clear"
    for one in first.documents:
        one.dropped = True
    assert proposed(stranger, "supply-residential") == {}, "a contract that was dropped may have been dropped for this"
