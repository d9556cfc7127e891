"""Shares, norms, registers, costs and amendments: whatever the numbers are, nothing is lost and nothing is rounded."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from ledger.agreements.kinds.amendment_annex import KIND as ANNEX
from ledger.agreements.kinds.amendment_annex import AmendmentFacts, TermChange, carried_from, changes_to, consolidated
from ledger.agreements.kinds.days import OPEN_END, day_begins, months_later
from ledger.agreements.kinds.purposes import PURPOSES
from ledger.agreements.kinds.registers import TARIFFS, RegisterReading, check_registers
from ledger.agreements.kinds.shared_meter_minutes import KIND as SHARED
from ledger.agreements.kinds.shared_meter_minutes import SharingHousehold, norm_parts
from ledger.agreements.kinds.works import WorkItem, check_items
from ledger.agreements.rules import local_moment
from ledger.errors import RuleError
from scripts.sample import START
from tests.ledger.agreements.kind_samples import frame_of, terms_of

percents = st.integers(1, 97)
readings = st.integers(0, 10**12)


@drawn(st.lists(percents, min_size=2, max_size=4))
def test_shares_are_agreed_when_they_sum_to_a_hundred_and_never_otherwise(shares: list[int]) -> None:
    rows = [{"purpose": purpose, "percent": percent} for purpose, percent in zip(PURPOSES, shares, strict=False)]
    if sum(shares) == 100:
        terms = terms_of("purpose-share-minutes", shares=rows)
        assert sum(int(str(value)) for path, value in terms.items() if path.startswith("purpose.share.")) == 100
    else:
        with pytest.raises(RuleError, match=f"the shares sum to {sum(shares)} %"):
            terms_of("purpose-share-minutes", shares=rows)


@drawn(st.lists(st.integers(1, 96), min_size=3, max_size=3).filter(lambda shares: sum(shares) < 100))
def test_the_last_share_can_always_be_what_is_left(shares: list[int]) -> None:
    rows = [{"purpose": purpose, "percent": percent} for purpose, percent in zip(PURPOSES, [*shares, 100 - sum(shares)], strict=True)]
    assert terms_of("purpose-share-minutes", shares=rows)["purpose.share.administrative_percent"] == 100 - sum(shares)


@drawn(st.lists(st.tuples(st.sampled_from(["resident", "tenants"]), st.integers(1, 40)), max_size=12))
def test_norms_are_one_a_household_and_a_quarter_a_tenant_in_whatever_order(people: list[tuple[str, int]]) -> None:
    households = [SharingHousehold("X", kind, count) for kind, count in people]
    slowly = sum((Fraction(1) if kind == "resident" else Fraction(count, 4) for kind, count in people), Fraction(0))
    assert Fraction(norm_parts(households, 4), 4) == slowly
    assert norm_parts(households[::-1], 4) == norm_parts(households, 4)


def test_norms_read_as_people_write_them() -> None:
    tenants = [{"name": "Nguyễn Thị Hoà", "kind": "tenants", "people": count} for count in (1, 4, 6)]
    kind = ("norms", "household.1.norms", "household.2.norms", "household.3.norms")
    words = SHARED.wording(terms_of("shared-meter-minutes", households=tenants))
    assert [words[f"{name}.vi"] for name in kind] == ["2 3/4", "1/4", "1", "1 2/4"]


@drawn(readings, readings, readings, st.integers(-5_000, 5_000))
def test_tariff_registers_agree_with_the_total_within_what_a_display_drops(normal: int, peak: int, low: int, off: int) -> None:
    total = normal + peak + low + off
    rows = tuple(RegisterReading(obis, wh) for obis, wh in zip(("1.8.0", *TARIFFS), (max(total, 0), normal, peak, low), strict=True))
    if total < 0:
        return
    if abs(off) < 3_000:
        check_registers(rows, "registers")
    else:
        with pytest.raises(RuleError) as refused:
            check_registers(rows, "registers")
        assert refused.value.field == "registers"


@drawn(st.sets(st.sampled_from(TARIFFS), min_size=1, max_size=2))
def test_a_tariff_register_is_never_read_without_the_others(some: set[str]) -> None:
    rows = (RegisterReading("1.8.0", 0), *(RegisterReading(obis, 0) for obis in some))
    with pytest.raises(RuleError, match="some tariff registers are left out"):
        check_registers(rows, "registers")


@drawn(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**4)), min_size=1, max_size=40))
def test_what_works_cost_is_the_sum_of_their_lines(lines: list[tuple[int, int]]) -> None:
    items = tuple(WorkItem("Cáp", "m", quantity, price) for quantity, price in lines)
    assert check_items(items, "items") == sum(quantity * price for quantity, price in lines)


@drawn(st.dates(datetime.date(2000, 1, 1), datetime.date(2199, 12, 31)), st.integers(0, 240))
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: datetime.date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + datetime.timedelta(1)).day == 1)


def test_a_day_begins_at_midnight_of_its_own_zone_and_open_ends_can_be_printed() -> None:
    assert day_begins(datetime.date(2026, 7, 1), "Asia/Ho_Chi_Minh") == START
    assert day_begins(datetime.date(2026, 7, 1), "UTC+07:00") == START
    assert local_moment(OPEN_END, "Asia/Ho_Chi_Minh").year == local_moment(OPEN_END, "UTC-08:00").year == 9999


CONTRACT: dict[str, object] = {
    "document.kind": "supply-residential",
    "customer.name": "Nguyễn Thị Hoà",
    "supply.capacity_w": 5_200,
    "supply.phases": 1,
    "supply.voltage_v": 220,
    "supply.purpose": "residential",
    "supply.meter_place": "Hộp công tơ trên cột 12",
    "supply.households": 1,
    "validity.to": START + 10**8,
}
wishes = st.fixed_dictionaries(
    {},
    optional={
        "supply.capacity_w": st.integers(1, 10**6),
        "supply.phases": st.sampled_from([1, 3]),
        "supply.voltage_v": st.sampled_from([220, 380]),
        "supply.purpose": st.sampled_from(sorted(PURPOSES)),
        "supply.meter_place": st.sampled_from(["Cột 12", "Cột 13", "Tường rào"]),
        "supply.households": st.integers(1, 9),
        "validity.to": st.integers(START + 1, START + 10**9),
    },
)


@settings(max_examples=60)
@drawn(st.lists(wishes, max_size=5))
def test_the_latest_annex_and_the_contract_say_all_that_is_in_force(years: list[dict[str, int | str]]) -> None:
    """The reference applies every wish to one dictionary; the annexes are made one after the other from what came before."""
    plainly = consolidated([CONTRACT])
    versions: list[dict[str, object]] = [CONTRACT]
    for wish in years:
        changes = changes_to(consolidated(versions), wish)
        if not changes:
            continue
        plainly |= wish
        facts = AmendmentFacts(
            contract_number="26/015432/PE1500",
            contract_date="2024-03-14",
            annex_number=len(versions),
            reason="details-change",
            changes=changes,
            until=int(plainly["validity.to"]),
            carried=carried_from(versions[-1], changes),
        )
        terms = ANNEX.terms(frame_of("amendment-annex"), facts)
        ANNEX.wording(terms)
        versions.append(terms)
        assert consolidated(versions) == consolidated([CONTRACT, terms]) == plainly
        assert terms["validity.to"] == plainly["validity.to"]


def test_an_annex_prints_codes_and_moments_in_words_and_a_missing_e_mail_as_a_dash() -> None:
    changes = (
        TermChange("supply.purpose", "residential", "business"),
        TermChange("validity.to", str(START), str(START + 86_400)),
        TermChange("customer.email", "", "hoa@example.vn"),
    )
    facts = AmendmentFacts("26/1", "2024-03-14", 1, "renewal", changes, START + 86_400)
    words = ANNEX.wording(ANNEX.terms(frame_of("amendment-annex"), facts))
    assert (words["change.1.old.vi"], words["change.1.new.en"]) == ("sinh hoạt", "business and services")
    assert (words["change.2.old.en"], words["change.2.new.vi"]) == ("00:00 on 1 July 2026", "00:00 ngày 02 tháng 7 năm 2026")
    assert (words["change.3.old.vi"], words["change.3.new.en"]) == ("–", "hoa@example.vn")


def test_where_several_customers_sign_each_signs_as_one_and_the_utility_last() -> None:
    assert SHARED.roles(2) == ("customer", "utility")
    assert SHARED.roles(4) == ("customer", "customer", "customer", "utility")
