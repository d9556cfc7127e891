"""What a request about a contract may build on: the contract that lasts, one annex at a time, and an end no earlier than was asked for."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ledger.agreements.model import AgreementRow
from ledger.cli.service_tables import show_request
from ledger.errors import ConflictError, RuleError
from ledger.services.acting import service_of
from ledger.services.annexes import PLACE, terms_of
from ledger.services.commands import submit
from ledger.services.documents import facts_lacking
from ledger.services.following import handed_over
from ledger.services.model import Request
from ledger.services.shown import full
from ledger.signing.commands import decline
from tests.ledger.agreements.supply_samples import GIVEN
from tests.ledger.services.conftest import COUNTER, CUSTOMER, HOUSEHOLD, at
from tests.ledger.services.test_newcomers import CODE, Counter, counter
from tests.ledger.services.test_supply_story import CONTRACT, PLAN, UTILITY

__all__ = ["counter"]

HERE = {name: HOUSEHOLD[name] for name in ("customer_name", "identity_number", "phone", "supply_address")}
DONE = {"done_on": "2026-04-02", "done_by": "Tổ 2"}
READ = {"meter_serial": "2600847112", "registers": [{"obis": "1.8.0", "reading_wh": 184_000}], "read_at": at("2026-04-01T09:00")}
OVER = READ | {"final_bill_vnd": 410_000, "paid_vnd": 410_000}
REMOVED = {"serial": "2600847112", "model": "DT01P", "rating": "10(80) A", "multiplier": 1, "verified_until": "2032-06-30"}
REMOVED |= {"registers": READ["registers"], "seals": [{"place": "nắp boóc", "code": "TT 1", "state": "intact"}]}


def sealed(counter: Counter) -> AgreementRow:
    """A contract as it is once both sides signed it."""
    contract = counter.contracted().documents[-1].agreement
    contract.sealed_digest = bytes(32)
    return contract


def ask(counter: Counter, service: str, when: str = "2026-04-01T09:00", **given: object) -> Request:
    """A request about the contract of the customer's code, accepted."""
    asked = submit(counter.session, service=service, given=HERE | given, actor=COUNTER, at=at(when), metering_point=CODE)
    return counter.act(asked, "accept", when)


def changed(counter: Counter, watts: int) -> Request:
    """A change of capacity up to the annex that is to be signed."""
    asked = ask(counter, "capacity-change", capacity_w=watts, phases=1)
    counter.act(asked, "record", "2026-04-01T10:00", given={"plan_note": "đủ"})
    return counter.act(asked, "draft", "2026-04-01T11:00", papers=counter.papers())


def wound_up(counter: Counter, when: str, ends_on: str) -> AgreementRow:
    """The minutes of a termination asked for a day."""
    asked = ask(counter, "termination", ends_on=ends_on, end_reason="no-longer-used")
    facts = {"termination_minutes": OVER, "meter_minutes": {"removed": REMOVED, "metering": "direct"}}
    counter.act(asked, "record", when, given=DONE, papers=counter.papers(**facts))
    return asked.documents[-1].agreement


def test_the_contract_of_a_customers_code_is_found_by_it_unless_somebody_else_asks(counter: Counter) -> None:
    contract = sealed(counter)
    found = ask(counter, "capacity-change", capacity_w=5_000, phases=1)
    assert (found.contract, found.party) == (contract, contract.owner)
    stranger = counter.hall.keyless(counter.session)
    asked = submit(
        counter.session, service="renewal", given={}, actor=CUSTOMER, at=at("2026-04-01T09:00"), metering_point=CODE, party=stranger
    )
    assert (asked.contract, asked.party) == (None, stranger)
    over = {"actor": COUNTER, "at": at("2026-04-01T09:00"), "metering_point": CODE, "party": stranger, "given": {}}
    taken = submit(counter.session, service="contract-holder", **over)  # type: ignore[arg-type]
    assert (taken.contract, taken.party) == (contract, stranger), "whoever takes it over is known already"
    with pytest.raises(ConflictError, match=f"the contract is not {stranger.label}'s"):
        submit(counter.session, service="renewal", **over)  # type: ignore[arg-type]


def test_two_annexes_never_wait_for_the_place_of_the_same_version(counter: Counter) -> None:
    sealed(counter)
    first = changed(counter, 5_000).documents[0].agreement
    with pytest.raises(ConflictError, match=f"another annex waits for signatures: {first.lookup_code}"):
        changed(counter, 6_000)
    decline(counter.session, first, first.owner, reason="thôi", now_s=at("2026-04-01T12:00"))
    assert changed(counter, 7_000).documents[0].agreement.supersedes == first.supersedes


def test_an_annex_that_leaves_no_time_to_be_signed_and_recorded_before_it_begins_is_not_drafted(counter: Counter) -> None:
    sealed(counter)
    asked = ask(counter, "capacity-change", capacity_w=5_000, phases=1)
    counter.act(asked, "record", "2026-04-01T10:00", given={"plan_note": "đủ"})
    with pytest.raises(RuleError, match="no time is left to sign it"):
        counter.act(asked, "draft", "2026-04-01T11:00", papers=replace(counter.papers(), takes_effect=at("2026-04-01T11:59")))
    soon = replace(counter.papers(), takes_effect=at("2026-04-01T12:00"))
    assert counter.act(asked, "draft", "2026-04-01T11:00", papers=soon).step == "sign"


def test_minutes_of_an_end_begin_on_the_day_that_was_asked_for_or_when_they_are_written(counter: Counter) -> None:
    sealed(counter)
    first = wound_up(counter, "2026-04-02T10:00", "2026-04-30")
    assert first.valid_from == at("2026-04-30T00:00")
    with pytest.raises(ConflictError, match=f"other minutes are to wind this contract up: {first.lookup_code}"):
        wound_up(counter, "2026-04-02T10:00", "2026-04-02")  # nor would its place pass to two new holders
    decline(counter.session, first, first.owner, reason="thôi", now_s=at("2026-04-02T10:00"))
    assert wound_up(counter, "2026-04-02T10:00", "2026-04-02").valid_from == at("2026-04-02T10:00")


def test_a_contract_ends_no_earlier_than_its_newest_version_begins_since_the_chain_cannot_end_the_one_before(counter: Counter) -> None:
    sealed(counter)
    annex = changed(counter, 5_000).documents[0].agreement
    annex.sealed_digest = bytes([1]) * 32
    minutes = wound_up(counter, "2026-04-02T10:00", "2026-04-02")
    assert minutes.valid_from == annex.valid_from > at("2026-04-02T10:00")
    assert minutes.predecessor == annex.id


def test_a_contract_whose_end_is_under_way_is_changed_no_more(counter: Counter) -> None:
    contract = sealed(counter)
    asked = ask(counter, "capacity-change", capacity_w=5_000, phases=1)
    counter.act(asked, "record", "2026-04-01T10:00", given={"plan_note": "đủ"})
    counter.hall.town.terminate(counter.session, contract, counter.utility, at("2026-05-01T00:00"))
    with pytest.raises(RuleError, match="the contract has ended, or its end is under way"):
        counter.act(asked, "draft", "2026-04-01T11:00", papers=counter.papers())
    with pytest.raises(RuleError, match="the contract has ended, or its end is under way"):
        submit(counter.session, service="renewal", given={}, actor=COUNTER, at=at("2026-04-01T12:00"), contract=contract)
    with pytest.raises(RuleError, match=r"no contract of this metering point is known – name it: sonang service act \d+ contract"):
        ask(counter, "capacity-change", capacity_w=5_000, phases=1)


def test_a_holder_who_asks_for_another_to_take_the_contract_over_is_not_the_one_it_is_made_with(counter: Counter) -> None:
    former = sealed(counter).owner
    given = {name: HOUSEHOLD[name] for name in ("supply_address", "place_title", "purpose", "phases", "capacity_w", "phone")}
    given |= {"holder_new": "Trần Thị B", "holder_new_identity": "001080000002", "holder_consent": "giấy đồng ý"}
    when = "2026-04-01T09:00"
    asked = submit(counter.session, service="contract-holder", given=given, actor=CUSTOMER, at=at(when), metering_point=CODE, party=former)
    counter.act(asked, "accept", when)
    counter.act(asked, "record", "2026-04-01T10:00", given=DONE, papers=counter.papers(termination_minutes=OVER))
    facts = {name: PLAN[name] for name in ("boundary", "meter_place", "voltage_v")} | CONTRACT
    facts |= {"supply_point": "Cột 12", "identity_number": "001080000002", "contract_number": "26/015433/PA01HH"}
    counter.act(asked, "draft", "2026-04-01T11:00", papers=counter.papers(**{"*": UTILITY, "supply-residential": facts}))
    minutes, contract = (one.agreement for one in asked.documents)
    assert (minutes.owner, contract.owner.name) == (former, "Trần Thị B")


def test_a_new_holders_contract_begins_when_the_former_one_is_over_and_takes_the_place_from_it(counter: Counter) -> None:
    former = sealed(counter)
    given = {name: HOUSEHOLD[name] for name in ("supply_address", "place_title", "phases", "capacity_w", "phone")}
    given |= {"holder_new": "Quán B", "holder_new_identity": "0312345678", "holder_consent": "giấy đồng ý", "purpose": "business"}
    given |= {"tax_code": "0312345678", "representative": "Bà Hợp", "representative_title": "Chủ quán"}
    asked = submit(counter.session, service="contract-holder", given=given, actor=COUNTER, at=at("2026-04-01T09:00"), metering_point=CODE)
    counter.act(asked, "accept", "2026-04-01T09:00")
    counter.act(asked, "record", "2026-04-01T10:00", given=DONE, papers=counter.papers(termination_minutes=OVER))
    lacking = facts_lacking(asked, service_of(asked).step("draft"), at("2026-04-02T09:00"))["supply-non-residential"]
    assert not {"identity_number", "address", *PLACE} & set(lacking), "the rest stands in the former contract, or was given"
    assert {"contract_number", "meter_rating"} < set(lacking)
    papers = counter.papers(**{"supply-non-residential": {name: GIVEN["supply-non-residential"][name] for name in lacking}})
    with pytest.raises(RuleError, match="a place would have two contracts, or none"):
        counter.act(asked, "draft", "2026-04-02T11:00", papers=replace(papers, takes_effect=at("2026-05-01T00:00")))
    counter.act(asked, "draft", "2026-04-02T11:00", papers=papers)
    minutes, contract = (one.agreement for one in asked.documents)
    assert (minutes.valid_from, contract.valid_from) == (at("2026-04-01T10:00"),) * 2
    told, before = terms_of(contract), terms_of(former)
    kept = ("customer.code", "supply.point", "supply.boundary", "supply.meter_place", "supply.voltage_v")
    assert [told[path] for path in kept] == [before[path] for path in kept]
    assert (told["customer.identity"], told["meter.serial"].split(",")[0]) == ("0312345678", READ["meter_serial"])
    minutes.sealed_digest, contract.sealed_digest = bytes([1]) * 32, bytes([2]) * 32
    counter.session.flush()
    assert minutes.id in counter.session.scalars(handed_over()).all()
    contract.sealed_digest = None
    counter.session.flush()
    assert minutes.id not in counter.session.scalars(handed_over()).all()


def test_a_meter_that_is_taken_down_has_to_be_described_and_it_is_said_beforehand(counter: Counter) -> None:
    sealed(counter)
    asked = ask(counter, "termination", ends_on="2026-04-02", end_reason="no-longer-used")
    lacking = facts_lacking(asked, service_of(asked).step("take-down"), at("2026-04-02T09:00"))["meter-minutes"]
    assert lacking == ("metering", "removed")


def test_where_a_documents_code_stood_people_read_that_it_was_erased(counter: Counter) -> None:
    asked = counter.contracted()
    row = asked.documents[-1].agreement
    row.lookup_code = f"erased-{row.id.hex()}"
    console = Console(record=True, width=200, file=io.StringIO())
    show_request(console, counter.session, asked, at("2026-04-01T09:00"))
    shown = console.export_text()
    assert "erased-" not in shown
    assert "đã xoá · erased" in shown
    asked.contract = row
    told = full(counter.session, asked, at("2026-04-01T09:00"))
    assert (told["documents"][-1]["lookup_code"], told["documents"][-1]["erased"]) == (None, True)  # type: ignore[index]
    assert (told["contract_code"], told["contract_erased"]) == (None, True)
    assert "erased-" not in str(told)
