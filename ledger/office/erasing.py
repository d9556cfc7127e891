"""Erasing, in every room at once: the rooms that keep something of a person are named here, for whoever erases."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.campaigns.forgetting import forget_member
from ledger.chain.clock import chain_clock
from ledger.life import commands
from ledger.life.forgetting import ForgetParty
from ledger.life.model import Erasure
from ledger.life.retention import Retention, due_for_erasure
from ledger.messages.emptying import empty_mailbox
from ledger.parties.model import Party
from ledger.services.attachments import Vault, sweep
from ledger.services.expiring import forget_unmet
from ledger.services.holding import on_request_of
from ledger.services.returns import forget_party as forget_requests
from ledger.settings import Settings

__all__ = ["Finished", "due_now", "erase_family", "erase_person", "finish"]

ROOMS: Final[tuple[ForgetParty, ...]] = (forget_member, forget_requests)
"""What rooms above `ledger.life` keep of a person; that room names those below itself."""


@dataclass(frozen=True)
class Finished:
    """What was still to do after erasures.

    Attributes:
        destroyed: documents whose files went, and the log says so.
        forgotten: people who went after their documents, once nothing was under way for them.
        swept: files of attachments that lost their row.
        emptied: requests that led to nothing, whose time is over.
        letters: files of the mailbox folder whose recipient, or whose document, was erased.
    """

    destroyed: int
    forgotten: int
    swept: int
    emptied: int
    letters: int


def due_now(session: Session, at: int) -> list[Retention]:
    """`ledger.life.retention.due_for_erasure`, with the holds of every room."""
    return due_for_erasure(session, at, on_request_of)


def erase_family(session: Session, agreement: AgreementRow, *, reason: str, by: str, at: int) -> list[Erasure]:
    """`ledger.life.commands.erase`, reaching every room."""
    return commands.erase(session, agreement, reason=reason, by=by, at=at, on_request=on_request_of, others=ROOMS)


def erase_person(session: Session, party: Party, *, by: str, at: int) -> list[Erasure]:
    """`ledger.life.commands.erase_party`, reaching every room."""
    return commands.erase_party(session, party, by=by, at=at, on_request=on_request_of, others=ROOMS)


def finish(session: Session, settings: Settings) -> Finished:
    """Destroys the files of what is erased, forgets who was kept for something that has ended meanwhile, and empties requests that led to
    nothing long ago. Again, it changes nothing.

    Call it in a transaction after the erasure's own: files are not brought back when a transaction is.
    """
    at = chain_clock(session) or int(time.time())
    forgotten = commands.forget_waiting(session, at=at, others=ROOMS)
    destroyed = commands.finish_erasures(session, DocumentStore.of(settings), [settings.state_dir / "evidence"])
    emptied = forget_unmet(session, at=int(time.time()), days=settings.request_retention_days)
    swept = sweep(session, Vault.of(settings), int(time.time()))
    return Finished(len(destroyed), len(forgotten), swept, emptied, empty_mailbox(session, settings))
