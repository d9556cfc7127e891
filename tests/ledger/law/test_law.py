"""The law's calendar, and a table of it that a hand has broken."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from ledger.errors import RuleError, SettingsError
from ledger.law.entries import entries, law_on, read_law, unverified_on

FRAME = {
    "topic": "'cap'",
    "valid_from": "2025-01-01",
    "verify_by": "2026-12-31",
    "reference_vi": "'Luật'",
    "reference_en": "'Law'",
    "percent": "20",
}


def law_file(folder: Path, *changes: dict[str, str | None]) -> Path:
    """A file of entries, each the sample with changes; None leaves a field out."""
    made = folder / "law.toml"
    tables = [{name: value for name, value in {**FRAME, **change}.items() if value is not None} for change in changes]
    made.write_text("".join("[[entry]]\n" + "".join(f"{name} = {value}\n" for name, value in table.items()) for table in tables))
    return made


def test_the_cap_changes_on_its_day_and_not_before() -> None:
    assert law_on("surplus-cap", datetime.date(2026, 6, 25)).number("percent") == 20
    assert law_on("surplus-cap", datetime.date(2026, 6, 26)).number("percent") == 50


def test_a_date_without_law_says_what_to_do() -> None:
    with pytest.raises(RuleError, match="no law about surplus-cap is configured for 2020-01-01") as refused:
        law_on("surplus-cap", datetime.date(2020, 1, 1))
    assert "law.toml" in refused.value.fix


def test_law_that_nobody_looked_at_again_in_time_is_named() -> None:
    assert unverified_on(datetime.date(2026, 12, 31)) == ()
    assert {entry.topic for entry in unverified_on(datetime.date(2027, 1, 1))} >= {"surplus-cap", "price-frame", "average-retail-price"}


def test_law_that_has_ended_need_not_be_looked_at_again() -> None:
    due = unverified_on(datetime.date(2027, 1, 1))
    assert [entry for entry in entries() if entry.valid_to is not None and entry in due] == []


def test_a_figure_is_asked_for_as_what_it_is() -> None:
    sale = law_on("surplus-sale", datetime.date(2026, 7, 1))
    assert (sale.number("term_years"), sale.word("settlement")) == (5, "month")
    for ask, name in ((sale.number, "settlement"), (sale.word, "term_years"), (sale.number, "termyears"), (sale.word, "setlement")):
        with pytest.raises(SettingsError, match=f"has no (number|word) {name}"):
            ask(name)


def test_an_entry_may_begin_on_the_day_the_last_one_ends(tmp_path: Path) -> None:
    older, newer = read_law(law_file(tmp_path, {"valid_from": "2026-01-01", "percent": "50"}, {"valid_to": "2026-01-01"}))
    assert (older.number("percent"), newer.number("percent")) == (20, 50)
    assert [entry.holds(datetime.date(2025, 12, 31)) for entry in (older, newer)] == [True, False]
    assert [entry.holds(datetime.date(2026, 1, 1)) for entry in (older, newer)] == [False, True]


@pytest.mark.parametrize("ends", [None, "2026-01-02"])
def test_two_entries_of_a_topic_never_hold_on_one_day(tmp_path: Path, ends: str | None) -> None:
    with pytest.raises(SettingsError, match="two entries about cap hold on 2026-01-01"):
        read_law(law_file(tmp_path, {"valid_from": "2026-01-01"}, {"valid_to": ends}))


@pytest.mark.parametrize(
    "change",
    [
        {"topic": None},
        {"topic": "''"},
        {"valid_from": None},
        {"valid_from": "'soon'"},
        {"valid_from": "2025-01-01T00:00:00"},
        {"valid_to": "20260101"},
        {"verify_by": None},
        {"reference_vi": None},
        {"reference_en": "7"},
        {"percent": "20.5"},
        {"percent": "true"},
        {"valid_too": "2026-01-01"},
    ],
)
def test_an_entry_that_is_none_is_named_by_its_place(tmp_path: Path, change: dict[str, str | None]) -> None:
    with pytest.raises(SettingsError, match="not a dated entry") as refused:
        read_law(law_file(tmp_path, {"topic": "'other'"}, change))
    assert refused.value.field == "entry[1]"


@pytest.mark.parametrize(("text", "says"), [("[[entry]", "cannot be used"), ("", "cannot be used"), ("entry = [1]", "not a dated entry")])
def test_a_file_that_is_no_table_of_law_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "law.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        read_law(file)
