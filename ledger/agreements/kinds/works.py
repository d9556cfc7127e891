"""Works: what each item costs – whole numbers, the total is their sum and nothing is rounded – and when they are done."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.agreements.kinds.checks import LARGEST, check_count, check_texts, check_whole
from ledger.agreements.kinds.days import check_day, day_begins, months_later
from ledger.agreements.kinds.figures import day_pair, whole_pair
from ledger.agreements.kinds.frame import Frame, Pairs
from ledger.errors import InputError

MOST_ITEMS = 40


@dataclass(frozen=True)
class WorkItem:
    """One line of a list of works.

    Attributes:
        name, unit: what is delivered or done; what it is counted in (`m`, `cái`, `gói`).
        quantity: how many, whole.
        unit_price_vnd: đồng for one, before value-added tax.
    """

    name: str
    unit: str
    quantity: int
    unit_price_vnd: int


def check_items(items: Sequence[WorkItem], field: str) -> int:
    """What all of it costs, đồng before value-added tax.

    Raises:
        InputError: no item or too many, or one lacks a name, a unit, a quantity or a price.
    """
    check_count(items, field, least=1, most=MOST_ITEMS)
    total = 0
    for place, item in enumerate(items):
        at = f"{field}[{place}]."
        check_texts(at, name=item.name, unit=item.unit)
        check_whole(item.quantity, at + "quantity", least=1, most=10**6)
        check_whole(item.unit_price_vnd, at + "unit_price_vnd", most=10**12)
        total += item.quantity * item.unit_price_vnd
    if not 0 < total <= LARGEST // 1000:
        raise InputError(f"costs {total} đ altogether", field=field, fix="give quantities and prices that cost something")
    return total


def item_terms(items: Sequence[WorkItem]) -> dict[str, object]:
    """Terms of the items, such as `item.1.quantity`, with what each costs."""
    terms: dict[str, object] = {}
    for number, item in enumerate(items, start=1):
        terms[f"item.{number}.name"] = item.name
        terms[f"item.{number}.unit"] = item.unit
        terms[f"item.{number}.quantity"] = item.quantity
        terms[f"item.{number}.unit_price_vnd"] = item.unit_price_vnd
        terms[f"item.{number}.cost_vnd"] = item.quantity * item.unit_price_vnd
    return terms


def item_pairs(terms: Mapping[str, object]) -> Pairs:
    """The items' numbers as each language writes them, under the paths of the terms."""
    numbers = {path: value for path, value in terms.items() if path.startswith("item.") and isinstance(value, int)}
    return {path: whole_pair(value) for path, value in numbers.items()}


class Timed(Protocol):
    """Facts of works that have days of a beginning and an end, and then months of warranty."""

    @property
    def start_on(self) -> str: ...
    @property
    def finish_by(self) -> str: ...
    @property
    def warranty_months(self) -> int: ...


def check_times(facts: Timed, not_before: datetime.date) -> None:
    """They begin on that day or later, end no earlier than they begin, and are warranted.

    Raises:
        InputError, RuleError: they do not; names the field.
    """
    check_day(facts.finish_by, "finish_by", not_before=check_day(facts.start_on, "start_on", not_before=not_before))
    check_whole(facts.warranty_months, "warranty_months", least=1, most=120)


def _warranty_ends(facts: Timed) -> datetime.date:
    return months_later(check_day(facts.finish_by, "finish_by"), facts.warranty_months)


def warranty_ends(frame: Frame, facts: Timed) -> int:
    """The first second after the warranty, when a contract on works is no longer in force."""
    return day_begins(_warranty_ends(facts), frame.time_zone)


def time_terms(facts: Timed) -> dict[str, object]:
    """Terms of the times that were checked."""
    return {
        "works.finish_by": facts.finish_by,
        "works.start_on": facts.start_on,
        "works.warranty_ends_on": _warranty_ends(facts).isoformat(),
        "works.warranty_months": facts.warranty_months,
    }


def time_pairs(terms: Mapping[str, object]) -> Pairs:
    """The days as each language writes them."""
    return {name: day_pair(terms[f"works.{name}"]) for name in ("finish_by", "start_on", "warranty_ends_on")}
