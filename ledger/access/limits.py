"""How often somebody may ask, counted in the database, so that every process and every restart counts on."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from ledger.access.model import AskedOften
from ledger.access.rules import Limit, bucket
from ledger.errors import LimitError

EVERYBODY = "*"


def spend(sessions: sessionmaker[Session], limits: Sequence[Limit], *subjects: str, now_s: int | None = None) -> None:
    """Counts one more of something, committed before anything is done: whatever becomes of it later, it was asked.

    When the database is away this raises, so nothing is done uncounted.

    Args:
        subjects: for whom each limit counts, in the order of `limits`; the last limit is everybody's.

    Raises:
        LimitError: too often; says when to come back.
    """
    now = int(time.time()) if now_s is None else now_s
    for limit, subject in zip(limits, (*subjects, EVERYBODY), strict=True):
        with sessions.begin() as session:
            count = _counted(session, limit, subject, now)
        if count > limit.times:
            wait = limit.window_s - now % limit.window_s
            raise LimitError("asked too often", field="client", fix=f"wait {-(-wait // 60)} min and ask again", retry_after_s=wait)


def _counted(session: Session, limit: Limit, subject: str, now: int) -> int:
    ends = now - now % limit.window_s + limit.window_s
    first = insert(AskedOften).values(bucket=bucket(limit, subject), ends_s=ends, count=1)
    again = first.on_conflict_do_update(index_elements=["bucket", "ends_s"], set_={"count": AskedOften.count + 1})
    count = int(session.scalars(again.returning(AskedOften.count)).one())
    if count == 1:
        session.execute(delete(AskedOften).where(AskedOften.ends_s <= now))
    return count
