"""One file and one template per kind of document; a new kind is a new pair and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.agreements.kinds import (
    after_meter_wiring,
    amendment_annex,
    connection_agreement,
    connection_plan,
    meter_minutes,
    purpose_share_minutes,
    rooftop_surplus_sale,
    shared_meter_minutes,
    supply_non_residential,
    supply_residential,
    termination_minutes,
    works_investment,
)
from ledger.agreements.kinds.frame import Frame, Kind, Named
from ledger.agreements.kinds.given import built
from ledger.agreements.kinds.rooftop_surplus_sale import SaleFacts
from ledger.errors import InputError

__all__ = ["KINDS", "Frame", "Kind", "Named", "SaleFacts", "facts_from", "kind_named"]

_ALL: tuple[Kind[Any], ...] = (
    supply_residential.KIND,
    supply_non_residential.KIND,
    connection_plan.KIND,
    meter_minutes.KIND,
    connection_agreement.KIND,
    works_investment.KIND,
    amendment_annex.KIND,
    purpose_share_minutes.KIND,
    shared_meter_minutes.KIND,
    termination_minutes.KIND,
    after_meter_wiring.KIND,
    rooftop_surplus_sale.KIND,
)
KINDS: dict[str, Kind[Any]] = {one.name: one for one in _ALL}
"""Every kind, by its name."""


def kind_named(name: str) -> Kind[Any]:
    """A kind of document.

    Raises:
        InputError: no such kind.
    """
    if name not in KINDS:
        raise InputError(f"no kind of document {name!r}", field="kind", fix=f"give one of {', '.join(KINDS)}")
    return KINDS[name]


def facts_from(kind: str, given: Mapping[str, object]) -> object:
    """The facts of a document of a kind, from plain values by name: text, whole numbers, lists and mappings of them.

    Raises:
        InputError: no such kind, or a fact is missing, unknown or of another type; names the field.
    """
    return built(kind_named(kind).facts, given)
