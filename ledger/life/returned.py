"""Files of erased documents that are there again: a backup outlives an erasure, and its folder was put back."""

from __future__ import annotations

import os

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.store import DocumentStore
from ledger.life.model import Erasure
from ledger.life.shredding import shred_documents


def shred_returned(session: Session, store: DocumentStore) -> list[str]:
    """Destroys them again and returns their documents' ids in hex; what is erased but not destroyed yet is left to `finish_erasures`."""
    if not store.directory.is_dir():
        return []
    with os.scandir(store.directory) as entries:
        here = {one.name[:64] for one in entries}
    erased = session.scalars(select(Erasure.agreement_id).where(Erasure.destroyed_s.is_not(None)))
    back = sorted(here & {one.hex() for one in erased})
    for name in back:
        shred_documents(store, bytes.fromhex(name))
    return back
