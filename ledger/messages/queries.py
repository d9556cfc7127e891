"""Reading how far messages have come; addresses are shown masked, texts never."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from ledger.messages.model import STATES, Message

__all__ = ["counts", "due", "messages_about", "troubled"]


def counts(session: Session, about: Select[bytes] | None = None) -> dict[str, int]:
    """How many messages are in each state; of those about some agreements, by id, when given."""
    counted = session.execute(select(Message.state, func.count()).where(_among(about)).group_by(Message.state)).all()
    return dict.fromkeys(STATES, 0) | {str(state): int(count) for state, count in counted}


def due(session: Session, now_s: int) -> int:
    """How many could be tried now."""
    waiting = select(func.count()).select_from(Message).where(Message.state == "queued", Message.next_try_s <= now_s)
    return int(session.scalar(waiting) or 0)


def troubled(session: Session, limit: int = 100, about: Select[bytes] | None = None) -> Sequence[Message]:
    """What is queued, failed or given up: queued first, each newest first; `about` as for `counts`."""
    wanted = select(Message).where(Message.state.in_(("queued", "failed", "expired")), _among(about))
    return session.scalars(wanted.order_by(Message.state != "queued", Message.id.desc()).limit(limit)).all()


def messages_about(session: Session, agreements: Collection[bytes]) -> Sequence[Message]:
    """Every message about some agreements, oldest first."""
    return session.scalars(select(Message).where(Message.about.in_(agreements)).order_by(Message.id)).all()


def _among(about: Select[bytes] | None) -> ColumnElement[bool]:
    return true() if about is None else Message.about.in_(about)
