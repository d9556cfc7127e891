"""What the log is known to have been by somebody other than this database, which may have been put back from an older backup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import RuleError
from ledger.protocol.log import tree_root
from ledger.transparency.model import LogEntry

PUT_BACK = "put the newer database back, see docs/keeping.md; until then nothing is signed"


@dataclass(frozen=True)
class SignedBefore:
    """A size and root the log had, and `where` that is known, in words."""

    where: str
    size: int
    root: bytes


def refuse_another_history(leaves: Sequence[bytes], before: Iterable[SignedBefore]) -> None:
    """Passes when every size and root known elsewhere is a beginning of these leaf hashes.

    Raises:
        RuleError: entries are missing here, or are others.
    """
    told: dict[tuple[int, bytes], list[str]] = {}
    for one in before:
        told.setdefault((one.size, one.root), []).append(one.where)
    for (size, root), who in sorted(told.items(), reverse=True):
        if size > len(leaves):
            problem = (
                f"only {len(leaves)} entries are here, {size} were signed according to {', '.join(who)}: this database is older, or was cut"
            )
            raise RuleError(problem, field="log", fix=PUT_BACK)
        if tree_root(leaves[:size]) != root:
            problem = (
                f"the first {size} entries are others than were signed according to {', '.join(who)}: this database has another history"
            )
            raise RuleError(problem, field="log", fix=PUT_BACK)


def refuse_older_log(session: Session, before: Sequence[SignedBefore]) -> None:
    """The same of the log as it is stored, which is read only when somebody knows it; errors as `refuse_another_history`."""
    if before:
        refuse_another_history(session.scalars(select(LogEntry.leaf_hash).order_by(LogEntry.index)).all(), before)
