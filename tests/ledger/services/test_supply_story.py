"""A household asks for electricity on the Friday before Tet: planned, contracted, signed, metered, closed in time; then it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements import commands as agreements
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.errors import InputError, NotFoundError, RuleError
from ledger.parties.commands import draft_unit
from ledger.parties.model import Party
from ledger.protocol.signers import sign_eoa
from ledger.services.acting import service_of
from ledger.services.annexes import versions_of
from ledger.services.commands import follow_due, submit
from ledger.services.documents import Papers, facts_lacking
from ledger.services.model import Request
from ledger.services.queries import overdue, signing, timing
from ledger.services.signatures import restless
from ledger.services.verbs import customers_verbs_of, verbs_of
from ledger.signing.commands import decline
from ledger.signing.model import Approval
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.services.conftest import COUNTER, CUSTOMER, HOUSEHOLD, Desk, at

METER = {
    "serial": "2600847112",
    "model": "DT01P",
    "rating": "220 V, 10(80) A",
    "multiplier": 1,
    "verified_until": "2032-06-30",
    "registers": [{"obis": "1.8.0", "reading_wh": 1_000}],
    "seals": [{"place": "nắp boóc", "code": "TT 126-0031", "state": "fitted"}],
}
PLAN = {
    "boundary": "Đầu ra của áptômát sau công tơ",
    "service_line": "Cáp Muller 2x16 mm²",
    "service_length_m": 28,
    "metering": "direct",
    "meter_place": "Hộp công tơ trên cột 12",
    "voltage_v": 220,
    "lapses_on": "2026-06-01",
}
UTILITY = {
    "utility_address": "35 Hồng Hà, Hà Nội",
    "utility_tax_code": "0300951119-012",
    "utility_phone": "1900 1006",
    "utility_representative": "Ông Lê Văn Phước, Giám đốc",
}
CONTRACT = {
    "contract_number": "26/015432/PA01HH",
    "customer_code": "PA01HH0000001",
    "meter_serial": "2600847112",
    "meter_rating": "10(80) A",
}


@dataclass
class Office(Desk):
    """A desk with a customer, the utility and their keys."""

    town: Town
    customer: Party
    utility: Party

    def papers(self, takes_effect: int | None = None, **facts: dict[str, Any]) -> Papers:
        given = {kind.replace("_", "-"): told for kind, told in facts.items()}
        return Papers(self.town.store, self.utility, given, takes_effect=takes_effect)

    def open(self, request: Request) -> list[AgreementRow]:
        return list(signing(self.session, request).open)

    def ask(self, when: str) -> Request:
        """A household's request at the counter."""
        more = {"actor": COUNTER, "at": at(when), "unit": self.unit, "party": self.customer}
        return submit(self.session, service="low-voltage-supply", given=HOUSEHOLD, **more)  # type: ignore[arg-type]

    def sign_one(self, row: AgreementRow, party: Party) -> None:
        """One side signs."""
        signature = sign_eoa(self.town.keys[party.id], agreements.digest_to_sign(self.town.gateway.deployment, row))
        agreements.sign_agreement(self.session, self.town.gateway.deployment, row, party, signature=signature)

    def sign(self, request: Request, when: str) -> None:
        """Both sides sign what is open, it is sealed, the chain records it, and the program notices."""
        for row in self.open(request):
            self.town.sign_both(self.session, row)
            agreements.seal_and_record(self.session, self.town.calls, self.town.store, row)
        self.recorded()
        follow_due(self.session, at(when))

    def recorded(self) -> None:
        """The chain hears of what was sealed."""
        self.session.commit()
        self.town.deliver()
        self.session.expire_all()

    def supplied(self) -> Request:
        """The story up to a contract in force and a meter that hangs."""
        request = self.ask("2026-02-13T10:00")
        self.act(request, "accept", "2026-02-23T08:30")
        survey = {"needs_works": "no", "supply_point": "Cột 12, trạm Hồng Hà 15"}
        self.act(request, "record", "2026-02-24T09:00", given=survey, papers=self.papers(connection_plan=PLAN))
        self.sign(request, "2026-02-24T15:00")
        self.act(request, "draft", "2026-02-25T09:00", papers=self.papers(**{"*": UTILITY, "supply-residential": CONTRACT}))
        self.sign(request, "2026-02-25T16:00")
        done = {"done_on": "2026-02-26", "done_by": "Tổ treo tháo 2"}
        self.act(request, "record", "2026-02-26T10:00", given=done, papers=self.papers(meter_minutes={"installed": METER}))
        self.sign(request, "2026-02-26T15:00")
        return request


@pytest.fixture
def office(world: World, sessions: sessionmaker[Session], session: Session) -> Office:
    town = Town(world.gateway, sessions, DocumentStore.of(world.settings), world.operator, world.guardian)
    unit = draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà")
    return Office(session, unit, town, town.party(session, "A", "customer"), town.party(session, "Điện lực", "utility"))


def test_a_household_is_supplied_in_time_although_it_asked_before_tet(office: Office) -> None:
    request = office.supplied()
    assert request.step == "close"
    assert not {"reject", "withdraw"} & {*verbs_of(request), *customers_verbs_of(request)}  # a contract is sealed
    office.act(request, "close", "2026-02-27T09:00")
    whole = timing(request, at("2026-02-27T09:00"))
    assert (request.state, request.deadline_days, whole.late) == ("closed", 5, False)
    made = [(one.agreement.kind, one.agreement.unit, one.agreement.sealed_digest is not None) for one in request.documents]
    assert made == [(kind, office.unit, True) for kind in ("connection-plan", "supply-residential", "meter-minutes")]
    contract, minutes = (one.agreement for one in request.documents[1:])
    assert (request.contract, request.metering_point) == (contract, "PA01HH0000001001")
    assert (minutes.predecessor, minutes.family) == (contract.id, contract.id)
    assert [act.verb for act in request.acts] == [
        *("submit", "route", "accept", "record", "signed", "draft", "signed", "record", "signed", "close"),
    ]
    assert {act.actor for act in request.acts if act.verb == "signed"} == {"sonang"}
    terms = {term.path: orjson.loads(term.value) for term in contract.terms}
    assert terms["supply.address"] == HOUSEHOLD["supply_address"]
    assert terms["supply.boundary"] == PLAN["boundary"]  # told once, in the plan


def test_the_clock_stands_while_the_customer_has_the_pen_and_runs_while_the_utility_has(office: Office) -> None:
    request = office.ask("2026-03-02T09:00")
    office.act(request, "accept", "2026-03-03T08:30")
    survey = {"needs_works": "no", "supply_point": "T15"}
    office.act(request, "record", "2026-03-03T09:30", given=survey, papers=office.papers(connection_plan=PLAN))
    (plan,) = office.open(request)
    assert (request.step, request.paused_s) == ("sign-plan", at("2026-03-03T09:30"))
    assert list(overdue(office.session, at("2026-05-04T09:30"))) == []
    assert restless(office.session) == []
    office.sign_one(plan, office.customer)
    assert restless(office.session) == [request.id]
    office.session.add(Approval(agreement_id=plan.id, party_id=office.customer.id, way="wallet", signed_s=at("2026-03-05T09:30")))
    follow_due(office.session, at("2026-03-05T14:00"))  # looked at later than it was signed
    assert (request.step, request.paused_s, request.pauses[-1].ended_s) == ("sign-plan", None, at("2026-03-05T09:30"))
    assert signing(office.session, request).waits_for == "utility"
    assert restless(office.session) == []
    assert timing(request, at("2026-03-05T14:00")).used_s == 5 * 3600
    office.sign_one(plan, office.utility)
    assert signing(office.session, request).waits_for is None
    assert restless(office.session) == []
    agreements.seal_and_record(office.session, office.town.calls, office.town.store, plan)
    assert (follow_due(office.session, at("2026-03-05T14:30")).moved, signing(office.session, request).open) == ((), (plan,))
    office.recorded()
    assert follow_due(office.session, at("2026-03-05T15:00")).moved == ((request, "sign-plan"),)
    assert request.step == "draft"


def test_a_fact_that_is_missing_or_belongs_elsewhere_is_named_and_nothing_is_drafted(office: Office) -> None:
    request = office.ask("2026-03-02T09:00")
    office.act(request, "accept", "2026-03-03T08:30")
    survey = {"needs_works": "no", "supply_point": "T15"}
    seen = request.version
    office.session.commit()
    without = {name: value for name, value in PLAN.items() if name != "boundary"}
    for papers, says in (
        (office.papers(connection_plan=without), "connection-plan.boundary: missing"),
        (office.papers(connection_plan=PLAN | {"service_length_m": "long"}), "connection-plan.service_length_m: not a whole number"),
        (office.papers(meter_minutes={"crew": "Tổ 2"}), "meter-minutes: not drafted at this step"),
        (None, "store: survey drafts documents"),
    ):
        with pytest.raises((InputError, RuleError), match=says):
            office.act(request, "record", "2026-03-03T09:30", given=survey, papers=papers)
        office.session.rollback()
        assert (request.version, request.step, request.documents) == (seen, "survey", [])
    assert facts_lacking(request, service_of(request).step("survey"), at("2026-03-03T09:30"))["connection-plan"] == (
        *("voltage_v", "boundary", "service_line", "service_length_m", "metering", "meter_place", "lapses_on"),
    )


def test_a_declined_contract_goes_back_is_drafted_again_and_is_never_signed_by_accident(office: Office) -> None:
    request = office.ask("2026-03-02T09:00")
    office.act(request, "accept", "2026-03-03T08:30")
    survey = {"needs_works": "yes", "supply_point": "T15"}
    office.act(request, "record", "2026-03-03T15:00", given=survey, papers=office.papers(connection_plan=PLAN))
    assert (request.deadline_days, request.paused_s) == (7, at("2026-03-03T15:00"))
    (plan,) = office.open(request)
    decline(office.session, plan, office.customer, reason="vị trí công tơ không phù hợp", now_s=at("2026-03-05T15:00"))
    follow_due(office.session, at("2026-03-05T15:00"))
    assert (request.paused_s, request.acts[-1].verb) == (None, "declined")
    follow_due(office.session, at("2026-03-05T16:00"))
    assert [act.verb for act in request.acts].count("declined") == 1
    office.act(request, "go-back", "2026-03-06T08:00", step="survey", reason="đổi vị trí công tơ")
    assert [one.dropped for one in request.documents] == [True]
    again = office.papers(connection_plan={"meter_place": "Tường rào"})  # the rest was told before
    office.act(request, "record", "2026-03-06T09:00", given=survey, papers=again)
    (second,) = office.open(request)
    assert second.id != plan.id
    with pytest.raises(RuleError, match="declined it"):
        decline(office.session, plan, office.customer, reason="lần nữa", now_s=at("2026-03-06T09:00"))
    office.sign(request, "2026-03-06T14:00")
    with pytest.raises(RuleError, match="is sealed"):
        office.act(request, "go-back", "2026-03-06T15:00", step="survey", reason="sai")
    with pytest.raises(RuleError, match="is sealed"):
        office.act(request, "reject", "2026-03-06T15:00", reason="sai")


def test_a_contract_is_changed_renewed_and_ended_by_requests_each_a_version_of_one_family(office: Office) -> None:
    contract = office.supplied().contract
    assert contract is not None
    more = {name: HOUSEHOLD[name] for name in ("customer_name", "identity_number", "phone", "supply_address", "phases")}

    def ask(service: str, when: str, **given: object) -> Request:
        asked = submit(
            office.session,
            service=service,
            given=more | given,
            actor=CUSTOMER,
            at=at(when),
            metering_point="PA01HH0000001",
            contract=contract,
        )
        assert (asked.unit, asked.party) == (office.unit, office.customer)
        office.act(asked, "accept", when)
        return asked

    change = ask("capacity-change", "2026-03-02T09:00", capacity_w=9_900)
    office.act(change, "record", "2026-03-03T09:00", given={"plan_note": "đủ công suất"})
    office.act(change, "draft", "2026-03-03T10:00", papers=office.papers())
    office.sign(change, "2026-03-04T09:00")
    assert change.step == "work"
    office.act(change, "record", "2026-03-04T14:00", given={"meter_changed": "no", "done_on": "2026-03-04", "done_by": "Tổ 2"})
    assert change.step == "close"

    same = ask("capacity-change", "2026-03-05T09:00", capacity_w=9_900)
    office.act(same, "record", "2026-03-06T09:00", given={"plan_note": "như cũ"})
    with pytest.raises(RuleError, match="says so already"):
        office.act(same, "draft", "2026-03-06T10:00", papers=office.papers())

    del more["phases"], more["supply_address"]
    renewal = ask("renewal", "2026-03-12T09:00", contract_until="2036-12-31")
    office.act(renewal, "draft", "2026-03-13T10:00", papers=office.papers())
    office.sign(renewal, "2026-03-16T09:00")
    versions = versions_of(office.session, contract)
    assert [row.kind for row in versions] == ["supply-residential", "amendment-annex", "amendment-annex"]
    assert versions[-1].valid_to == at("2037-01-01T00:00")
    terms = {term.path: orjson.loads(term.value) for term in versions[-1].terms}
    assert (terms["annex.number"], terms["amended.supply.capacity_w"]) == (2, 9_900)

    more["supply_address"] = HOUSEHOLD["supply_address"]
    end = ask("termination", "2026-04-01T09:00", ends_on="2026-04-03", end_reason="no-longer-used")
    removed = METER | {"seals": [{"place": "nắp boóc", "code": "TT 126-0031", "state": "intact"}]}
    wound_up = {
        "meter_serial": "2600847112",
        "registers": [{"obis": "1.8.0", "reading_wh": 184_000}],
        "read_at": at("2026-04-03T09:00"),
        "final_bill_vnd": 410_000,
        "paid_vnd": 410_000,
    }
    papers = office.papers(meter_minutes={"removed": removed, "metering": "direct"}, termination_minutes=wound_up)
    office.act(end, "record", "2026-04-03T10:00", given={"done_on": "2026-04-03", "done_by": "Tổ 2"}, papers=papers)
    assert [row.kind for row in office.open(end)] == ["meter-minutes", "termination-minutes"]
    office.sign(end, "2026-04-03T14:00")
    assert end.step == "close"
    assert {row.family for row in (one.agreement for one in end.documents)} == {contract.id}
    assert list(overdue(office.session, at("2026-04-03T14:00"))) != []  # the capacity change nobody closed


def test_a_fresh_installation_says_which_command_adds_the_utility_that_signs(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00")
    desk.act(request, "accept", "2026-03-03T08:30")
    with pytest.raises(NotFoundError, match="sonang party add utility --role utility"):
        desk.act(request, "record", "2026-03-03T09:30", given={"needs_works": "no", "supply_point": "T15"})
