"""What the chain said about documents, for the log: it has an end only once the chain has, which may refuse what it is asked for.

A party may also end its agreement by itself, and a guardian's entry may be lost.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.commands import log_document_event
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import REGISTRY
from ledger.chain.model import ChainEvent
from ledger.protocol.quantities import unhex
from ledger.transparency.chain import SAID
from ledger.transparency.queries import is_logged


def log_what_was_heard(session: Session) -> int:
    """Logs every event of a document of ours that the indexed chain has and the log has not; returns how many.

    Run it before a checkpoint: an audit misses what the chain says and the log does not.
    """
    heard = select(ChainEvent).where(ChainEvent.contract == REGISTRY, ChainEvent.event.in_(SAID))
    logged = 0
    for event in session.scalars(heard.order_by(ChainEvent.block_number, ChainEvent.log_index)):
        document, said = unhex(event.args["id"], "id", 32), SAID[event.event]
        agreement = None if is_logged(session, document, said) else session.get(AgreementRow, document)
        if agreement is not None:
            log_document_event(session, agreement, said)
            logged += 1
    return logged
