"""The price limits simulated owners sign: pure, the same for the same home, spread between the utility's two prices."""

from __future__ import annotations

from hashlib import sha256

from ledger.protocol.typed_data import Step

EVERYTHING_WH = 2**64 - 1
BASE_LOAD_WH = 150
"""The part of a home's half-hour it insists on covering locally; the rest it buys only when cheaper."""


def _share_permille(label: str, side: str) -> int:
    """A home's place between the two prices, 0 to 999, fixed by its label."""
    return int.from_bytes(sha256(f"{label}/{side}".encode()).digest()[:4], "big") % 1000


def sell_steps(label: str, published_price: int, retail_price: int) -> tuple[Step, ...]:
    """Limits of an owner who sells: never below what the utility pays anyway, prices in đ/kWh."""
    span = max(retail_price - published_price, 0)
    first = published_price + span * _share_permille(label, "sell") // 2000
    return (Step(2_000, first), Step(EVERYTHING_WH, first + span // 20))


def buy_steps(label: str, published_price: int, retail_price: int) -> tuple[Step, ...]:
    """Limits of a home that buys: never above the retail price it would pay anyway, prices in đ/kWh."""
    span = max(retail_price - published_price, 0)
    first = retail_price - span * _share_permille(label, "buy") // 2000
    return (Step(BASE_LOAD_WH, first), Step(EVERYTHING_WH, max(first - span // 20, published_price)))
