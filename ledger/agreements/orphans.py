"""Files no row has: written just before a crash that took the row, under a random name nobody knows.

They hold personal data, so they may not lie there for ever; and a row may be missing because the database is the wrong one, or an old copy,
so they are not destroyed at once. They are set aside, put back should their row come back, and destroyed after thirty days.
What the chain has recorded was no draft: its row is lost, and the file, the only thing left of a contract, stays where it is.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import REGISTRY
from ledger.agreements.store import DocumentStore
from ledger.chain.model import ChainEvent
from ledger.errors import ConflictError
from ledger.protocol.quantities import hex0x, unhex
from ledger.whole_files import HALF_WRITTEN, tell_disk

GRACE_S: Final = 3_600
"""How old a file without a row must be to be no document that is drafted just now."""
KEPT_S: Final = 30 * 86_400
"""How long a file is set aside before it is destroyed."""
DOUBT: Final = 20
"""From so many on, more files without a row than with one are a database that does not belong to the folder."""
ASIDE: Final = "without-row"
LOST: Final = "this database is older than these documents: put the newer one back, see docs/keeping.md; they are left where they are"
_OURS: Final = re.compile(rf"([0-9a-f]{{64}})(?:\.issued)?\.pdf(?:\.\d+{re.escape(HALF_WRITTEN)})?")
_AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Swept:
    """What became of the files no row has, by name.

    Attributes:
        set_aside: moved to `folder` now; `put_back`: whose row is there again.
        destroyed: set aside thirty days ago, or half-written when their program died.
        contracts: the chain has recorded them, so this database is older than they are; left where they are.
    """

    folder: Path
    set_aside: tuple[str, ...] = ()
    put_back: tuple[str, ...] = ()
    destroyed: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()

    def words(self) -> dict[str, object]:
        """What was done, by name, as the office tells it; empty when there was nothing."""
        moved = f"no row names them: moved to {self.folder}, destroyed {KEPT_S // 86_400} days later unless their row comes back"
        told: dict[str, object] = {"set_aside": list(self.set_aside), "put_back": list(self.put_back), "destroyed": list(self.destroyed)}
        told = {name: files for name, files in told.items() if files}
        if self.set_aside:
            told["why"] = moved
        if self.contracts:
            told |= {"recorded_on_chain": list(self.contracts), "fix": LOST}
        return told


def sweep_orphans(session: Session, store: DocumentStore, now_s: int) -> Swept:
    """Sets aside what was written more than an hour ago and has no row; again, it changes nothing.

    Raises:
        ConflictError: most files have no row; nothing was moved.
    """
    folder, aside = store.directory, store.directory / ASIDE
    if not folder.is_dir():
        return Swept(aside)
    here, there = _named(folder), _named(aside)
    known = _known(session, {_id(name) for name in (*here, *there)})
    lost = _recorded(session, {_id(name) for name in (*here, *there)} - known)
    known |= lost
    documents, halves = _without_row(folder, here, known, now_s)
    back = [name for name in there if _id(name) in known and not (folder / name).exists()]
    over = [name for name in there if _id(name) not in known and _age_s(aside / name, now_s) > KEPT_S]
    _move(documents, folder, aside, now_s)
    _move(back, aside, folder, now_s)
    for path in (*(folder / name for name in halves), *(aside / name for name in over)):
        path.unlink(missing_ok=True)
    if documents or back or halves or over:
        for touched in (one for one in (folder, aside) if one.is_dir()):
            tell_disk(touched)
    contracts = tuple(sorted({name for name in (*here, *back) if _id(name) in lost}))
    return Swept(aside, tuple(documents), tuple(back), tuple(sorted((*halves, *over))), contracts)


def _without_row(folder: Path, names: Sequence[str], known: set[bytes], now_s: int) -> tuple[list[str], list[str]]:
    """Documents no row has, and files that were never whole, of more than an hour ago."""
    halves = [name for name in names if name.endswith(HALF_WRITTEN) and _age_s(folder / name, now_s) > GRACE_S]
    whole = [name for name in names if not name.endswith(HALF_WRITTEN)]
    lost = [name for name in whole if _id(name) not in known and _age_s(folder / name, now_s) > GRACE_S]
    if len(lost) > DOUBT and 2 * len(lost) > len(whole):
        problem = f"{len(lost)} of {len(whole)} documents have no row in this database"
        raise ConflictError(problem, field=str(folder), fix="check SONANG_DATABASE_URL and SONANG_STATE_DIR: do they belong together?")
    return lost, halves


def _named(folder: Path) -> list[str]:
    """The files of ours in a folder; what else lies there is left alone."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if _OURS.fullmatch(one.name))


def _id(name: str) -> bytes:
    return bytes.fromhex(name[:64])


def _known(session: Session, ids: Iterable[bytes]) -> set[bytes]:
    asked, known = list(ids), set[bytes]()
    for at in range(0, len(asked), _AT_ONCE):
        known.update(session.scalars(select(AgreementRow.id).where(AgreementRow.id.in_(asked[at : at + _AT_ONCE]))))
    return known


def _recorded(session: Session, ids: Iterable[bytes]) -> set[bytes]:
    """Those of some ids that the chain has recorded, as far as it was heard."""
    asked, recorded = [hex0x(one) for one in ids], set[bytes]()
    said = ChainEvent.args["id"].astext
    for at in range(0, len(asked), _AT_ONCE):
        heard = select(said).where(
            ChainEvent.contract == REGISTRY, ChainEvent.event == "AgreementRecorded", said.in_(asked[at : at + _AT_ONCE])
        )
        recorded.update(unhex(one, "id", 32) for one in session.scalars(heard))
    return recorded


def _age_s(path: Path, now_s: int) -> float:
    """How long ago a file was written or moved; 0 when it is gone."""
    try:
        return now_s - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _move(names: Sequence[str], source: Path, target: Path, now_s: int) -> None:
    if names:
        target.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        with contextlib.suppress(FileNotFoundError):  # another office was faster
            os.utime(source / name, (now_s, now_s))
            (source / name).replace(target / name)
