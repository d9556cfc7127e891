"""How long documents are kept, as pure decisions."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.agreements.rules import local_date
from ledger.errors import InputError, ProtocolError, RuleError
from ledger.law.entries import Entry
from ledger.life import rules
from ledger.life.commands import _refuse
from ledger.life.retention import _in_force
from ledger.life.rules import TIME_ZONE, Blocker, ErasureRecord, Kept, end_of_family, has_term, kept_until, parse_erasure, years_kept

END = 1_782_838_800
"""1 July 2026, 00:00 in Vietnam."""
FIVE_YEARS_ON = 1_940_605_200
IDS = st.binary(min_size=32, max_size=32)
TIMES = st.integers(0, 2**53 - 1)


def test_a_contract_is_kept_five_years_to_the_day_after_it_ends() -> None:
    assert kept_until([Kept("supply-residential", True, END)], END) == FIVE_YEARS_ON
    assert kept_until([Kept("supply-residential", True, END)], END - 1) == END


def test_minutes_are_kept_as_long_as_the_contract_they_stand_beside() -> None:
    assert not has_term("termination-minutes")
    family = [
        Kept("supply-residential", True, END),
        Kept("meter-minutes", True, 253_402_214_400),
        Kept("supply-residential", False, END * 2),
    ]
    assert end_of_family(family) == END
    assert end_of_family(family[1:]) == 253_402_214_400
    assert end_of_family(family[2:]) == END * 2
    with pytest.raises(InputError):
        end_of_family([])


def test_the_strictest_law_of_all_the_time_it_was_kept_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def law(years: int, first: int, last: int | None) -> Entry:
        day = datetime.date
        return Entry(
            "retention",
            day(first, 1, 1),
            None if last is None else day(last, 1, 1),
            day(2099, 1, 1),
            "vi",
            "en",
            {"years_after_end": years},
        )

    monkeypatch.setattr(rules, "entries", lambda: (law(5, 2020, 2028), law(10, 2028, 2030), law(3, 2030, None)))
    in_year = {year: int(datetime.datetime(year, 6, 1, tzinfo=datetime.UTC).timestamp()) for year in (2018, 2019, 2026, 2029, 2031, 2032)}
    assert years_kept(in_year[2026], in_year[2026]) == 5
    assert years_kept(in_year[2026], in_year[2029]) == years_kept(in_year[2026], in_year[2032]) == 10
    assert years_kept(in_year[2031], in_year[2032]) == 3
    with pytest.raises(RuleError, match="no law about retention"):
        years_kept(in_year[2018], in_year[2019])


RECORDS = st.builds(ErasureRecord, IDS, IDS, st.sampled_from(sorted(rules.REASONS)), TIMES, TIMES, TIMES, st.integers(0, 100))


@given(RECORDS)
def test_a_record_of_an_erasure_has_one_form(record: ErasureRecord) -> None:
    raw = record.to_bytes()
    assert parse_erasure(raw) == record
    for wrong in (raw + b" ", raw.replace(b"sonang-erasure/1", b"sonang-erasure/2"), b"{}", raw.replace(record.reason.encode(), b"whim")):
        with pytest.raises(ProtocolError):
            parse_erasure(wrong)


def test_whoever_asks_too_early_hears_the_day_on_which_the_laws_years_are_over_too() -> None:
    end = int(datetime.datetime(2031, 11, 24, tzinfo=datetime.UTC).timestamp())
    found = _in_force(end, end - 5 * 365 * 86_400)
    assert found.until is not None
    assert (local_date(found.until, TIME_ZONE).isoformat(), "to 2031-11-24, and kept 5 years" in found.detail) == ("2036-11-24", True)


def test_where_nobody_can_say_when_the_laws_years_are_over_no_day_is_named_to_wait_for() -> None:
    before_the_law, without_end = END - 10 * 366 * 86_400, 253_402_214_400
    for end in (before_the_law, without_end):
        found = _in_force(end, before_the_law - 1)
        assert found.until is None
        with pytest.raises(RuleError, match="in force, which it is") as refused:
            _refuse([found, Blocker("in-force", END, "another is in force")])
        assert refused.value.fix == "end the contract by a termination: the law's years count from then"
    with pytest.raises(RuleError, match="wait until 2031-07-01 and have the hold lifted by who placed it"):
        _refuse([Blocker("retention", FIVE_YEARS_ON, "kept"), Blocker("in-force", END, "in force"), Blocker("hold", None, "held")])
