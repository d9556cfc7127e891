"""The evidence package of a customer's own document, as `sonang evidence` writes it: whoever may have the file may have its proof."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.deps import Parts
from api.own_documents import OwnDocument, own_file
from ledger.chain.gateway import Gateway
from ledger.errors import InputError, NotFoundError, RuleError, UnavailableError
from ledger.evidence.packaging import package_here

__all__ = ["evidence_name", "own_evidence"]


def own_evidence(parts: Parts, session: Session, gateway: Gateway, document: OwnDocument) -> bytes:
    """The ZIP.

    Raises:
        NotFoundError: its file is gone.
        RuleError: it was not issued yet, or its proof by the log is still to come.
        ChainError, UnavailableError: the chain does not answer, or this installation lacks roots or the log's key.
    """
    own_file(parts.store, document)
    if document.file != "issued":
        raise RuleError("it was not issued yet", field="agreement", fix="ask again once your list, /my, shows the issued file")
    try:
        return package_here(parts.settings, session, gateway, document.row)
    except NotFoundError as wrong:
        if wrong.field not in ("log", "checkpoint"):
            raise
        fix = "ask again in some minutes, after the next checkpoint"
        raise RuleError("its proof by the log is still to come", field="log", fix=fix) from wrong
    except (InputError, RuleError) as lacking:
        fix = "tell the utility: its server lacks roots of certificates or the log's key"
        raise UnavailableError("the package cannot be made here", field="evidence", fix=fix) from lacking


def evidence_name(document: OwnDocument) -> str:
    """Under which a customer keeps it."""
    return f"{document.row.kind}-{document.row.lookup_code}-evidence.zip"
