"""Reading the queue."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.sealing.model import IssueJob


def job_of(session: Session, agreement: bytes) -> IssueJob | None:
    """The job of an agreement, by its id; None when nobody asked for its issued file."""
    return session.get(IssueJob, agreement)


def waiting(session: Session, limit: int | None = None) -> Sequence[IssueJob]:
    """Every job that is not done, the longest waiting first."""
    order = (IssueJob.asked_s, IssueJob.agreement_id)
    return session.scalars(select(IssueJob).where(IssueJob.state == "waiting").order_by(*order).limit(limit)).all()


def counts(session: Session) -> dict[str, int]:
    """How many jobs are in each state; a state without jobs is left out."""
    return dict(session.execute(select(IssueJob.state, func.count()).group_by(IssueJob.state)).all())
