"""Transactions signed and not yet mined: which there are, and which of them need help."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, extract, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from ledger.chain.fees import Fees, base_fee_wei, raised
from ledger.chain.model import OutboxIntent, SentTransaction

__all__ = ["Patience", "Remedy", "UnderWay", "remedy", "under_way"]


@dataclass(frozen=True)
class Patience:
    """How long a transaction may go unseen before its bytes are sent again, and unmined before its fee is raised; seconds."""

    resend_s: float = 3.0
    raise_s: float = 45.0


@dataclass(frozen=True)
class UnderWay:
    """One intent that is *sent*, with its best-paying signed bytes.

    Attributes:
        sender: the account that signed it, which is not the worker's any more once the operator's key has changed.
        age_s: seconds since those bytes were signed.
        error: why the node did not take them when they were last sent; None when it did.
    """

    intent_id: int
    contract: str
    calldata: bytes
    gas_limit: int
    sender: bytes
    nonce: int
    tx_hash: bytes
    raw: bytes
    fees: Fees
    age_s: float
    error: str | None


@dataclass(frozen=True)
class Remedy:
    """What to do for one transaction: `give_up` its number, pay `fees` for it, or, with neither, send the same bytes again."""

    give_up: bool = False
    fees: Fees | None = None


def under_way(session: Session) -> list[UnderWay]:
    """Every intent that is *sent*, in the order of transaction numbers."""
    same = and_(
        SentTransaction.intent_id == OutboxIntent.id,
        SentTransaction.sender == OutboxIntent.sender,
        SentTransaction.nonce == OutboxIntent.nonce,
    )
    age = extract("epoch", func.now() - SentTransaction.signed_at)
    best_first = (OutboxIntent.sender, OutboxIntent.nonce, SentTransaction.max_fee_wei.desc())
    rows = session.execute(
        select(OutboxIntent, SentTransaction, age)
        .join(SentTransaction, same)
        .where(OutboxIntent.state == "sent")
        .order_by(*best_first)
        .ext(distinct_on(OutboxIntent.sender, OutboxIntent.nonce))
    )
    return [
        UnderWay(
            intent_id=intent.id,
            contract=intent.contract,
            calldata=intent.calldata,
            gas_limit=intent.gas_limit or 0,
            sender=sent.sender,
            nonce=sent.nonce,
            tx_hash=sent.tx_hash,
            raw=sent.raw,
            fees=Fees(sent.max_fee_wei, sent.tip_wei),
            age_s=float(seconds),
            error=intent.error,
        )
        for intent, sent, seconds in rows
    ]


def remedy(each: UnderWay, *, ours: bool, counted: int, settled: int, market: Fees, patience: Patience) -> Remedy | None:
    """What one transaction needs; None when it was sent a moment ago, or is in a block already and the indexer will say so.

    Args:
        ours: whether the key that signed it is at hand; without it no fee can be raised.
        counted: how many transactions of its account the chain has at its head.
        settled: how many it had `confirmations` blocks before that.
        market: fees a new transaction would offer now.
    """
    if each.age_s < patience.resend_s:
        return None
    if each.nonce < settled:
        return Remedy(give_up=True)
    if each.nonce < counted:
        return None
    held_up = each.nonce == counted or each.fees.max_fee_wei < base_fee_wei(market)
    return Remedy(fees=raised(each.fees, market) if ours and held_up and each.age_s > patience.raise_s else None)
