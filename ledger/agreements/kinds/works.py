"""A list of works with what each costs: quantities and đồng are whole numbers, the total is their sum and nothing is rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.agreements.kinds.checks import LARGEST, check_count, check_texts, check_whole
from ledger.agreements.kinds.figures import whole_pair
from ledger.agreements.kinds.frame import Pairs
from ledger.errors import InputError

MOST_ITEMS = 40


@dataclass(frozen=True)
class WorkItem:
    """One line of a list of works.

    Attributes:
        name, unit: what is delivered or done, and what it is counted in (`m`, `cái`, `gói`).
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
