"""Reading the queue."""

from __future__ import annotations

from collections.abc import Sequence, Set

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.refused import record_refused
from ledger.agreements.store import DocumentStore
from ledger.errors import NotFoundError
from ledger.sealing.model import IssueJob

OPEN = IssueJob.agreement_id.not_in(select(DraftEnding.agreement_id))
"""Whether a job is still wanted: a document the chain refused may have been given up."""


def job_of(session: Session, agreement: bytes) -> IssueJob | None:
    """The job of an agreement, by its id; None when nobody asked for its issued file."""
    return session.get(IssueJob, agreement)


def issued_file(session: Session, store: DocumentStore, agreement: bytes) -> bytes:
    """The issued file of an agreement, by its id.

    Raises:
        NotFoundError: it was not issued yet; or it was, and is not where it was stored.
    """
    try:
        return store.read_issued(agreement)
    except NotFoundError as away:
        job, field, waits = job_of(session, agreement), away.field, away.fix
    if job is None or job.issued_digest is None:
        raise NotFoundError("was not issued yet", field=field, fix=waits)
    digest = f"its SHA-256 is {job.issued_digest.hex()}, or its beginning's where its stamp was renewed since"
    raise NotFoundError("was issued and is gone", field=field, fix=f"restore it from the backup of the state folder; {digest}")


def waiting(session: Session, limit: int | None = None) -> Sequence[IssueJob]:
    """Every job that is wanted and not done, with its agreement, the longest waiting first."""
    order = (IssueJob.asked_s, IssueJob.agreement_id)
    asked = select(IssueJob).where(IssueJob.state == "waiting", OPEN).options(joinedload(IssueJob.agreement))
    return session.scalars(asked.order_by(*order).limit(limit)).all()


def count_waiting(session: Session) -> int:
    """How many jobs are wanted and not done."""
    return session.scalar(select(func.count()).where(IssueJob.state == "waiting", OPEN)) or 0


def held(session: Session) -> Set[bytes]:
    """Agreements whose issued files wait because the chain refused their records: nobody gets a file of what it does not know."""
    return set(session.scalars(record_refused()))


def counts(session: Session) -> dict[str, int]:
    """How many wanted jobs are in each state; a state without jobs is left out."""
    wanted = or_(IssueJob.state != "waiting", OPEN)
    return dict(session.execute(select(IssueJob.state, func.count()).where(wanted).group_by(IssueJob.state)).all())
