"""Doing one thing for all that waits for it, each in a transaction of its own: what is refused holds nobody else up."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import SonangError
from ledger.signing.desk import SigningDesk

__all__ = ["each_in_turn"]

MOST_TRIED = 20
"""So many times as many tries as there may be successes end a round: then something is wrong with all, and they are tried again later."""


def each_in_turn(
    desk: SigningDesk, waiting: Select[bytes], work: Callable[[Session, AgreementRow], object], *, limit: int
) -> tuple[tuple[bytes, ...], dict[bytes, SonangError]]:
    """Ids of the agreements it was done for, at most `limit`, and why it was refused for others.

    Args:
        waiting: ids of agreements that wait, in the order they are taken; asked again of each before it is worked on.
        work: does it for one, in the transaction it is given; what another office is at is left to it.
    """
    done: list[bytes] = []
    refused: dict[bytes, SonangError] = {}
    tried: set[bytes] = set()
    while len(done) < limit and len(tried) < MOST_TRIED * limit:
        with desk.sessions() as session:
            found = session.scalars(waiting.where(AgreementRow.id.not_in(tried)).limit(limit - len(done))).all()
        if not found:
            break
        tried.update(found)
        for one in found:
            try:
                with desk.sessions.begin() as session:
                    if taken := _taken(session, one, waiting):
                        work(session, session.get_one(AgreementRow, one))
            except SonangError as wrong:
                refused[one] = wrong
            else:
                done += [one] if taken else []
    return tuple(done), refused


def _taken(session: Session, one: bytes, waiting: Select[bytes]) -> bool:
    """Takes an agreement for this transaction; False where another office has it, or had it since it was found waiting."""
    free = select(AgreementRow.id).where(AgreementRow.id == one).with_for_update(skip_locked=True, key_share=True)
    return session.scalar(free) is not None and session.scalar(waiting.where(AgreementRow.id == one)) is not None
