"""Staff fill facts of documents into fields: each has a name in both languages, and what was filled in is what the documents take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from starlette.datastructures import FormData

from api.fact_forms import facts_filled, helped_by, in_words
from api.fact_help import HELP
from api.fact_names import DAYS, NAMES
from api.field_units import UNITS
from ledger.agreements.kinds import KINDS, facts_from, kind_named
from ledger.agreements.kinds.told import Fact, facts_told
from ledger.errors import InputError
from ledger.services.catalogue import catalogue
from tests.ledger.services.conftest import at

WHERE = {"contract_number": "26/1/PA", "metering_point": "PA01HH0000001001", "address": "12 Hồng Hà"}
METER = {"serial": "21", "model": "HHM-11", "rating": "220 V", "multiplier": "1", "verified_until": "2031-12-31"}


def every(facts: Sequence[Fact]) -> Iterator[Fact]:
    for one in facts:
        yield one
        yield from every(one.fields)


def outside_lists(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Those whose control has its help below; in lists there is no room."""
    for one in facts:
        if one.sort != "list of groups":
            yield one
            yield from outside_lists(one.fields)


def test_every_fact_has_a_name_in_both_languages_and_no_name_is_left_over() -> None:
    facts = {one.name: one for kind in KINDS for one in every(facts_told(kind_named(kind).facts))}
    assert facts.keys() ^ NAMES.keys() == set()
    assert {name for name in DAYS if facts[name].sort != "text"} == set()


def test_the_help_below_every_field_is_said_in_vietnamese_too_and_no_help_is_left_over() -> None:
    helped = {what: vi for kind in KINDS for vi, what in map(helped_by, outside_lists(facts_told(kind_named(kind).facts))) if what}
    assert {what for what, vi in helped.items() if not vi} == set()
    assert HELP.keys() ^ helped.keys() == set()


def test_every_unit_a_service_counts_in_is_said_in_both_languages_and_none_is_left_over() -> None:
    assert {one.unit for entry in catalogue() for one in entry.fields() if one.unit} == UNITS.keys()
    assert {name for name, one in UNITS.items() if not all(one.names + one.helped)} == set()
    assert (UNITS["W"].after(3000), UNITS["hộ"].after(3)) == ("3000 W", "3 hộ · households")


def test_groups_lists_numbers_days_and_moments_are_what_documents_take() -> None:
    filled = {**WHERE, "act": "install", "reason": "new-supply", "metering": "direct", "crew": "Tổ 2", "removed.serial": ""}
    filled |= {f"installed.{name}": value for name, value in METER.items()}
    filled |= {"installed.registers.0.obis": "1.8.0", "installed.registers.0.reading_wh": "0", "installed.registers.2.obis": " "}
    filled |= {"installed.seals.1.place": "nắp boóc", "installed.seals.1.code": "A1", "installed.seals.1.state": "fitted"}
    form = {f"fact.meter-minutes.{name}": value for name, value in filled.items()}
    form |= {"fact.termination-minutes.read_at": "2026-03-02T09:00", "fact.supply-non-residential.monthly_kwh": "1 2, 3"}
    found = facts_filled(FormData(form | {"fact.nonsense.x": "1", "fact.meter-minutes": "2", "fact.connection-plan.boundary": ""}))
    assert found.keys() == {"meter-minutes", "termination-minutes", "supply-non-residential"}
    assert (found["termination-minutes"], found["supply-non-residential"]) == (
        {"read_at": at("2026-03-02T09:00")},
        {"monthly_kwh": [1, 2, 3]},
    )
    minutes = facts_from("meter-minutes", found["meter-minutes"])
    assert found["meter-minutes"]["installed"]["registers"] == [{"obis": "1.8.0", "reading_wh": 0}]
    assert (minutes.removed, minutes.installed.multiplier, minutes.installed.seals[0].code) == (None, 1, "A1")


@pytest.mark.parametrize(
    ("field", "problem", "says"),
    [
        ("meter-minutes.crew", "missing, and so is meter-minutes.reason", "còn thiếu: tổ thực hiện; lý do · missing: crew; reason"),
        ("meter-minutes.installed.seals[0].code", "empty", "mã niêm phong · code on the seal: empty"),
        ("connection-plan", "not drafted at this step", "not drafted at this step"),
        ("reason", "no reason", "no reason"),
    ],
)
def test_what_is_refused_of_a_fact_is_said_by_its_name(field: str, problem: str, says: str) -> None:
    assert in_words(InputError(problem, field=field, fix="give it")).problem == says
