"""What a transaction offers to pay: pure arithmetic in wei per gas."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fees", "base_fee_wei", "market_fees", "raised"]

CEILING = 20
"""A stuck transaction is never raised above this many times what the market asks: beyond that the chain, not the fee, is the trouble."""


@dataclass(frozen=True)
class Fees:
    """The most a transaction pays per gas, and the part of it the block's maker keeps."""

    max_fee_wei: int
    tip_wei: int


def market_fees(base_fee_wei: int, tip_wei: int) -> Fees:
    """Fees that stay good while the base fee doubles, which takes six full blocks."""
    return Fees(2 * base_fee_wei + tip_wei, tip_wei)


def base_fee_wei(market: Fees) -> int:
    """The base fee that `market_fees` started from: who offers less is not mined at all."""
    return (market.max_fee_wei - market.tip_wei) // 2


def raised(last: Fees, market: Fees) -> Fees | None:
    """Fees with which a node accepts a replacement: both parts an eighth higher (nodes ask for a tenth), and no less than the market.

    None when that would pass the ceiling; then the same bytes are sent again instead.
    """
    higher = Fees(max(_eighth_more(last.max_fee_wei), market.max_fee_wei), max(_eighth_more(last.tip_wei), market.tip_wei))
    return higher if higher.max_fee_wei <= CEILING * max(market.max_fee_wei, 1) else None


def _eighth_more(wei: int) -> int:
    return wei + wei // 8 + 1
