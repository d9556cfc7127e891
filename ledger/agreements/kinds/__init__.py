"""One file and one template per kind of document; a new kind is a new pair and a line here."""

from __future__ import annotations

from ledger.agreements.kinds import rooftop_surplus_sale
from ledger.agreements.kinds.frame import Frame, Kind, Named
from ledger.agreements.kinds.rooftop_surplus_sale import SaleFacts
from ledger.errors import InputError

__all__ = ["KINDS", "Frame", "Kind", "Named", "SaleFacts", "kind_named"]

KINDS: dict[str, Kind[SaleFacts]] = {rooftop_surplus_sale.NAME: rooftop_surplus_sale.KIND}


def kind_named(name: str) -> Kind[SaleFacts]:
    """A kind of document.

    Raises:
        InputError: no such kind.
    """
    if name not in KINDS:
        raise InputError(f"no kind of document {name!r}", field="kind", fix=f"give one of {', '.join(KINDS)}")
    return KINDS[name]
