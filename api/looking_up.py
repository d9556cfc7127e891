"""A document found by the code on its pages: what may be told to whoever holds the code, and whether a file is that document."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import File, Form, Request, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import client_of
from api.deps import Parts
from api.own_documents import State, becomes, chain_time, state_of_document
from api.verifying import verdict_on
from ledger.access.limits import spend
from ledger.access.rules import LOOK_UP
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementAct, AgreementRow
from ledger.agreements.queries import agreement_by_lookup_code, standings
from ledger.agreements.refused import record_refused
from ledger.agreements.rules import check_lookup_code
from ledger.errors import NotFoundError
from ledger.evidence.container import SIZE_LIMIT
from ledger.evidence.findings import Answer
from ledger.life.model import Erasure
from ledger.life.rules import lookup_digest
from ledger.protocol.quantities import hex0x
from ledger.sealing.model import IssueJob

__all__ = ["CodeAsked", "FileAsked", "FileVerdict", "Found", "look_up"]

FileVerdict = Literal["authentic", "altered", "another-document", "unrecognised"]
CodeAsked = Annotated[str, Form(max_length=100, description="The code at the foot of every page.", examples=["7K3M-9QWX-2BTD-4ZHR-V8NC"])]
FileAsked = Annotated[UploadFile | None, File(description="A file that claims to be this document; it is not kept.")]


@dataclass(frozen=True)
class Found:
    """What whoever holds the code is told; nothing of it names anybody.

    Attributes:
        ended: first second no longer in force for another reason than its term, Unix; None when there is none.
        then: what it becomes at `ended`, while that is to come.
        file: what the given file is; None when none was given.
    """

    kind: str
    valid_from: int
    valid_to: int
    state: State
    ended: int | None
    then: State | None
    file: FileVerdict | None


def look_up(parts: Parts, request: Request, code: str, file: UploadFile | None) -> Found:
    """Finds a document by its code.

    A code that was mistyped is refused by its check character, before anything is counted or asked of the database.

    Raises:
        InputError: not a code.
        LimitError: asked too often, by this client or by all.
        NotFoundError: no document has it.
        UnavailableError: the database is away, so nothing was counted and nothing is told; or a file needs the node, and it is away.
    """
    code = check_lookup_code(code)
    spend(parts.writing(), LOOK_UP, client_of(request))
    with parts.sessions()() as session:
        row, erased = _row(session, code)
        standing = standings(session, [row.id])[row.id]
        refused = session.scalar(record_refused().where(AgreementAct.agreement_id == row.id).limit(1)) is not None
        ending = session.scalar(select(DraftEnding.how).where(DraftEnding.agreement_id == row.id))
        state = state_of_document(row, standing, erased=erased, refused=refused, now_s=chain_time(session), ending=ending)
        issued = session.scalar(select(IssueJob.issued_digest).where(IssueJob.agreement_id == row.id))
    verdict = None if file is None or not file.size else _file_is(parts, file, row, issued)
    return Found(row.kind, row.valid_from, row.valid_to, state, standing.ended_at, becomes(state, standing), verdict)


def _row(session: Session, code: str) -> tuple[AgreementRow, bool]:
    try:
        return agreement_by_lookup_code(session, code), False
    except NotFoundError:
        gone = session.scalars(select(Erasure).where(Erasure.lookup_digest == lookup_digest(code))).one_or_none()
        if gone is None:
            raise NotFoundError("no document has this code", field="code", fix="see that the document is of this utility") from None
        return gone.agreement, True


def _file_is(parts: Parts, file: UploadFile, row: AgreementRow, issued: bytes | None) -> FileVerdict:
    """By our own record when it is a file we made; else by what verification finds in it."""
    digest = sha256(file.file.read(SIZE_LIMIT + 1)).digest()
    file.file.seek(0)
    if digest in (row.sealed_digest, issued):
        return "authentic"
    report = verdict_on(parts, file, None, "").report
    if report.answer in (Answer.UNRECOGNISED, Answer.UNANCHORED):
        return "unrecognised"  # its sealed part may be ours, and whose seal is on it, nobody here can say
    if report.answer == Answer.ALTERED:
        return "altered"
    return "authentic" if report.facts.get("agreement") == hex0x(row.id) else "another-document"
