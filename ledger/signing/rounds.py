"""Doing one thing for all that waits for it, each in a transaction of its own: what is refused holds nobody else up."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import SonangError
from ledger.signing.desk import SigningDesk

__all__ = ["each_in_turn"]

MOST_TRIED = 20
"""So many times as many tries as there may be successes end a round: then something is wrong with all, and they are tried again later."""


def each_in_turn(
    desk: SigningDesk, waiting: Select[bytes], work: Callable[[Session, bytes], bool], *, limit: int
) -> tuple[tuple[bytes, ...], dict[bytes, SonangError]]:
    """Ids of the agreements it was done for, at most `limit`, and why it was refused for others.

    Args:
        waiting: ids of agreements that wait, in the order they are taken.
        work: does it for one, in the transaction it is given; False when there was nothing left to do.
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
                    mine = work(session, one)
            except SonangError as wrong:
                refused[one] = wrong
            else:
                done += [one] if mine else []
    return tuple(done), refused
