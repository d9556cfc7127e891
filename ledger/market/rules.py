"""What an order must be, which orders count for a unit, and how metered energy meets an order's steps. Pure: no session, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from ledger.errors import RuleError
from ledger.market.model import Side
from ledger.protocol.typed_data import Order, Step

EVERYTHING_WH = 2**64 - 1
"""A step of this quantity takes all the rest."""
MOST_STEPS = 16


class Standing(Protocol):
    """What choosing among orders looks at; `StandingOrder` has it."""

    @property
    def digest(self) -> bytes: ...
    @property
    def meter_id(self) -> bytes: ...
    @property
    def side(self) -> int: ...
    @property
    def nonce(self) -> int: ...


OrderT = TypeVar("OrderT", bound=Standing)


def check_order(order: Order) -> None:
    """An order's own shape: a side, 1 to 16 steps, quantities above zero, sell prices rising and buy prices falling, a time to be valid.

    Raises:
        RuleError: the first rule broken, naming the field.
    """
    if order.side not in (Side.SELL, Side.BUY):
        raise RuleError(f"side {order.side}", field="side", fix="0 sells, 1 buys")
    if not 1 <= len(order.steps) <= MOST_STEPS:
        raise RuleError(f"{len(order.steps)} steps", field="steps", fix=f"give 1 to {MOST_STEPS}")
    for place, step in enumerate(order.steps):
        if step.quantity_wh < 1:
            raise RuleError("a step without energy", field=f"steps[{place}].quantity_wh", fix="leave it out, or 2^64-1 for all the rest")
        if step.quantity_wh == EVERYTHING_WH and place + 1 < len(order.steps):
            raise RuleError(
                "nothing is left for the next step", field=f"steps[{place}].quantity_wh", fix="take all the rest in the last step"
            )
    for place, (step, following) in enumerate(pairwise(order.steps), start=1):
        ahead = following.price_vnd_per_kwh - step.price_vnd_per_kwh
        if (ahead if order.side == Side.SELL else -ahead) <= 0:
            wanted = "rise" if order.side == Side.SELL else "fall"
            got = f"{following.price_vnd_per_kwh} after {step.price_vnd_per_kwh}"
            raise RuleError(got, field=f"steps[{place}].price_vnd_per_kwh", fix=f"let prices {wanted} from step to step")
    if order.valid_from >= order.valid_to:
        raise RuleError(f"from {order.valid_from} to {order.valid_to}", field="valid_to", fix="let it end after it begins")


def standing(orders: Iterable[OrderT]) -> list[OrderT]:
    """The orders that speak: per meter and side the one with the highest nonce, by rising digest. Their place here is their index."""
    speaking: dict[tuple[bytes, int], OrderT] = {}
    for order in orders:
        chosen = speaking.setdefault((order.meter_id, order.side), order)
        if order.nonce > chosen.nonce:
            speaking[order.meter_id, order.side] = order
    return sorted(speaking.values(), key=lambda order: order.digest)


def allocate(steps: Sequence[Step], metered_wh: int) -> list[tuple[int, int]]:
    """Metered energy over an order's steps in their order: (price, Wh above zero) pairs; what exceeds the last step is not offered."""
    offered = []
    for step in steps:
        taken = min(step.quantity_wh, metered_wh)
        if taken == 0:
            break
        offered.append((step.price_vnd_per_kwh, taken))
        metered_wh -= taken
    return offered
