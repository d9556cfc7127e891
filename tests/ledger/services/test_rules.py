"""Values in their one form, what is missing, and the clock of a request, held against one that walks minute by minute."""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import InputError, RuleError
from ledger.services import rules
from ledger.services.catalogue import service_on
from ledger.services.reading import office_calendar
from ledger.services.rules import Pause

CALENDAR = office_calendar()
SUPPLY = service_on("low-voltage-supply", datetime.date(2026, 7, 1))
START = CALENDAR.moment(datetime.date(2026, 3, 2), 0)
FIELDS = {field.name: field for field in SUPPLY.fields()}


@pytest.mark.parametrize(
    ("name", "given_value", "kept"),
    [
        ("customer_name", "  Nguyễn Thị A ", "Nguyễn Thị A"),
        ("phone", "0912 345 678", "0912345678"),
        ("phone", "+84 (912) 345-678", "+84912345678"),
        ("tax_code", " 0312 345 678", "0312345678"),
        ("tax_code", "0300951119012", "0300951119-012"),
        ("tax_code", "079185012345", "079185012345"),
        ("capacity_w", "3000", 3000),
        ("households", 1, 1),
        ("needs_works", "có", True),
        ("needs_works", "no", False),
        ("done_on", "2026-02-27", "2026-02-27"),
        ("purpose", "residential", "residential"),
        ("email", "a@example.vn", "a@example.vn"),
    ],
)
def test_a_value_is_kept_in_its_one_form(name: str, given_value: object, kept: object) -> None:
    assert rules.parse_value(FIELDS[name], given_value) == kept


@pytest.mark.parametrize(
    ("name", "given_value", "says"),
    [
        ("phone", "call me", "not a telephone number"),
        ("email", "nowhere", "not an e-mail address"),
        ("capacity_w", -1, "whole number of W"),
        ("capacity_w", 2.5, "whole number of W"),
        ("capacity_w", True, "whole number of W"),
        ("capacity_w", "9" * 19, "whole number of W"),
        ("phases", 2, "give one of 1, 3"),
        ("needs_works", "perhaps", "neither yes nor no"),
        ("needs_works", 1, "neither yes nor no"),
        ("needs_works", ["yes"], "neither yes nor no"),
        ("done_on", "27/02/2026", "no day"),
        ("done_on", "2026-02-30", "no day"),
        ("purpose", "gambling", "give one of residential"),
        ("customer_name", 7, "not text"),
        ("customer_name", "\x00", "cannot be printed"),
        ("customer_name", "a" * 2001, "2001 characters"),
    ],
)
def test_a_malformed_value_is_refused_by_its_name(name: str, given_value: object, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        rules.parse_value(FIELDS[name], given_value)
    assert refused.value.field == name
    assert FIELDS[name].vi in str(refused.value)


def test_what_is_not_asked_for_is_refused_and_what_is_empty_counts_as_missing() -> None:
    with pytest.raises(InputError, match="not asked for here") as refused:
        rules.parse_values({"shoe_size": "42"}, SUPPLY.inputs)
    assert refused.value.field == "shoe_size"
    assert rules.parse_values({"email": "", "phone": None}, SUPPLY.inputs) == {}


def test_a_company_must_give_what_a_household_need_not() -> None:
    def names(purpose: str) -> set[str]:
        return {field.name for field in rules.missing(SUPPLY.inputs, {"purpose": purpose})}

    assert names("business") - names("residential") == {"tax_code", "representative", "representative_title", "load_list"}
    assert "email" not in names("business")


def test_the_steps_follow_each_other_as_far_as_they_apply() -> None:
    medium = service_on("medium-voltage-supply", datetime.date(2026, 7, 1))
    assert rules.following(medium, "sign-agreements", {"investor": "customer"}).code == "customer-builds"
    assert rules.following(medium, "sign-agreements", {"investor": "utility"}).code == "build"
    assert rules.following(medium, "build", {"investor": "utility"}).code == "draft"
    with pytest.raises(RuleError, match="nothing follows close"):
        rules.following(medium, "close", {"investor": "utility"})


@pytest.mark.parametrize("values", [{}, {"needs_works": True}, {"investor": "customer"}, {"meter_changed": True}])
def test_the_shares_of_the_steps_never_exceed_the_deadline(values: dict[str, object]) -> None:
    for code in ("low-voltage-supply", "medium-voltage-supply", "capacity-change"):
        service = service_on(code, datetime.date(2026, 7, 1))
        parts = [rules.allowance_s(CALENDAR, service, step, values, START) for step in service.applicable(values)]
        whole = service.deadline(values).days * 8 * 3600
        assert whole - len(parts) < sum(parts) <= whole


@pytest.mark.parametrize("code", ["PA01HH1234567", "pa01hh 1234567", "PA01HH1234567001", "PNGV001234567"])
def test_a_customer_code_leads_to_its_metering_point_and_to_who_may_serve_it(code: str) -> None:
    point = rules.metering_point(code)
    assert point.endswith("001")
    assert len(point) == 16
    assert rules.prefixes_of(point) == (point, point[:13], point[:6])


@pytest.mark.parametrize("code", ["", "PA01HH", "PA01HH123456", "PA01HH12345678", "PA01HHABCDEFG", "PA01HH1234567 OR 1=1"])
def test_what_is_no_customer_code_is_refused(code: str) -> None:
    with pytest.raises(InputError, match="no customer code"):
        rules.metering_point(code)


spans = st.lists(st.integers(START, START + 20 * 86_400), min_size=2, max_size=6, unique=True).map(sorted)


def pauses_between(edges: list[int]) -> list[Pause]:
    return [Pause(began, ended) for began, ended in list(pairwise(edges))[::2]]


def slow_due(pauses: list[Pause], start: int, seconds: int) -> int:
    """Walks on until so many working seconds have passed while the clock ran; never past the moment the time was over."""
    moment, left = start, seconds
    while left > 0:
        stands = next((pause for pause in pauses if pause.ended is not None and pause.began <= moment < pause.ended), None)
        if stands is not None and stands.ended is not None:
            moment = stands.ended
            continue
        ahead = min((pause.began for pause in pauses if pause.began > moment), default=2**40)
        reach = CALENDAR.after(moment, left)
        if reach <= ahead:
            return reach
        left -= CALENDAR.working_seconds(moment, ahead)
        moment = ahead
    return moment


@given(spans, st.integers(START, START + 10 * 86_400), st.integers(1, 15 * 8 * 3600))
@settings(max_examples=150, deadline=None)
def test_a_deadline_moves_by_the_working_time_the_clock_stood_still(edges: list[int], start: int, seconds: int) -> None:
    pauses = pauses_between(edges)
    due = rules.due(CALENDAR, pauses, start, seconds)
    slow = slow_due(pauses, start, seconds)
    assert CALENDAR.working_seconds(min(due, slow), max(due, slow)) == 0
    assert rules.used_s(CALENDAR, pauses, start, due) == seconds


def test_a_clock_that_stands_still_is_due_as_of_when_it_stopped() -> None:
    running = rules.due(CALENDAR, [], START, 3 * 8 * 3600)
    assert rules.due(CALENDAR, [Pause(START + 9 * 3600, None)], START, 3 * 8 * 3600) == running
    assert rules.used_s(CALENDAR, [Pause(START + 9 * 3600, None)], START, START + 5 * 86_400) == 90 * 60


def test_a_pause_after_the_time_was_over_moves_nothing() -> None:
    over = CALENDAR.after(START, 8 * 3600)
    assert rules.due(CALENDAR, [Pause(over, over + 5 * 86_400)], START, 8 * 3600) == over
