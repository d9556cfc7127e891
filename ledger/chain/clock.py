"""The chain's clock, as far as its blocks were taken in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.model import IndexedBlock

__all__ = ["chain_clock"]


def chain_clock(session: Session) -> int:
    """The time of the newest block taken in, Unix seconds; 0 before there is one.

    The next block is no earlier: what a contract takes only until a moment before this, it takes no more.
    """
    return session.scalar(select(IndexedBlock.timestamp).order_by(IndexedBlock.number.desc()).limit(1)) or 0
