"""Reading how far messages have come; addresses are shown masked, texts never."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.messages.model import STATES, Message

__all__ = ["counts", "due", "messages_about", "troubled"]


def counts(session: Session) -> dict[str, int]:
    """How many messages are in each state."""
    counted = session.execute(select(Message.state, func.count()).group_by(Message.state)).all()
    return dict.fromkeys(STATES, 0) | {str(state): int(count) for state, count in counted}


def due(session: Session, now_s: int) -> int:
    """How many could be tried now."""
    waiting = select(func.count()).select_from(Message).where(Message.state == "queued", Message.next_try_s <= now_s)
    return int(session.scalar(waiting) or 0)


def troubled(session: Session, limit: int = 100) -> Sequence[Message]:
    """What is queued, failed or given up: queued first, each newest first."""
    wanted = select(Message).where(Message.state.in_(("queued", "failed", "expired")))
    return session.scalars(wanted.order_by(Message.state != "queued", Message.id.desc()).limit(limit)).all()


def messages_about(session: Session, agreements: Collection[bytes]) -> Sequence[Message]:
    """Every message about some agreements, oldest first."""
    return session.scalars(select(Message).where(Message.about.in_(agreements)).order_by(Message.id)).all()
