"""A customer's own documents: each with its state in plain words, the file there is of it, and the messages sent about it."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.kinds import KINDS
from ledger.agreements.model import AgreementAct, AgreementRow, Signatory
from ledger.agreements.queries import agreements_of, standings
from ledger.agreements.refused import record_refused
from ledger.agreements.states import Standing
from ledger.agreements.store import DocumentStore
from ledger.chain.clock import chain_clock
from ledger.errors import NotFoundError
from ledger.life.model import Erasure
from ledger.messages.model import Message
from ledger.messages.queries import messages_about
from ledger.parties.contacts import contacts_of
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x
from ledger.sealing.model import IssueJob
from ledger.signing.queries import Progress, progress_of

__all__ = [
    "ENDS",
    "FILES",
    "ROLES",
    "WORDS",
    "FileState",
    "OwnDocument",
    "State",
    "all_files",
    "becomes",
    "chain_time",
    "file_name",
    "own_document",
    "own_documents",
    "own_file",
    "state_of_document",
    "titles",
]

Unrecorded = Literal["unsigned", "declined", "lapsed", "unrecorded", "refused"]
State = Literal[Unrecorded, "not-yet", "in-force", "expired", "superseded", "terminated", "revoked", "erased"]
FileState = Literal["draft", "sealed", "issued"]

WORDS: dict[State, str] = {
    "unsigned": "Chờ ký · Waiting for signatures",
    "declined": "Một bên đã từ chối ký · A party declined to sign it",
    "lapsed": "Đã quá hạn ký · The time to sign it is over",
    "unrecorded": "Đã ký, chờ ghi lên chuỗi · Signed, on its way to the chain",
    "refused": "Đã ký, chuỗi không ghi nhận; điện lực sẽ xử lý · Signed, but the chain refused it; the utility sees to it",
    "not-yet": "Đã ký, chưa đến ngày hiệu lực · Signed, not in force yet",
    "in-force": "Đang có hiệu lực · In force",
    "expired": "Đã hết hạn · Its term is over",
    "superseded": "Đã được thay thế · Superseded",
    "terminated": "Đã chấm dứt · Terminated",
    "revoked": "Đã bị thu hồi · Revoked",
    "erased": "Đã xoá theo luật · Lawfully erased",
}
YOU_DECLINED = "Bạn đã từ chối ký · You declined to sign it"
ENDS: dict[State, str] = {
    "superseded": "sau đó được văn bản khác thay thế · then superseded",
    "terminated": "sau đó chấm dứt · then terminated",
    "revoked": "sau đó bị thu hồi · then revoked",
}
"""What is said of an end that was recorded and is still to come."""
ROLES = {"owner": "Chủ mái nhà · Owner", "customer": "Khách hàng · Customer", "utility": "Điện lực · Utility"}
FILES: dict[FileState, str] = {
    "issued": "Bản phát hành, có chữ ký số và dấu thời gian · Issued, with the utility's seal and time stamp",
    "sealed": "Bản đã ký, đang chờ đóng dấu thời gian · Signed by all; the utility's seal and time stamp are still to come",
    "draft": "Bản dự thảo, chưa đủ chữ ký · Draft, not signed by all",
}
MISSING: dict[FileState | None, str] = {
    "sealed": "Bản có đủ chữ ký; bản phát hành bị mất tệp, điện lực phải khôi phục"
    " · Signed by all; the issued file is missing, and the utility must restore it",
    None: "Tệp bị mất, điện lực phải khôi phục · The file is missing, and the utility must restore it",
}
"""What is said where the best file is gone, by what there is in its place."""


@dataclass(frozen=True)
class OwnDocument:
    """One document of a customer.

    Attributes:
        waits: whether the issued file is asked for and not there yet.
        missing: whether the best file there was of it is gone from where it was stored, though nobody erased it.
        progress: how far its signing is; None once it is sealed.
        my_turn: whether it waits for this customer's signature, and may still be signed.
        customer: whose it is, by the id.
        messages: sent about it to this customer's own addresses.
    """

    row: AgreementRow
    state: State
    standing: Standing
    file: FileState | None
    waits: bool
    missing: bool
    messages: Sequence[Message]
    progress: Progress | None
    my_turn: bool
    customer: bytes

    @property
    def words(self) -> str:
        """How it stands, said to the customer: who declined it is told so."""
        mine = self.state == "declined" and self.progress is not None and self.progress.ended_by == self.customer
        return YOU_DECLINED if mine else WORDS[self.state]

    @property
    def file_words(self) -> str | None:
        """What its file is; where the best one is gone, that. None when it was erased."""
        if self.missing:
            return MISSING.get(self.file, MISSING[None])
        return None if self.file is None else FILES[self.file]

    @property
    def then(self) -> State | None:
        """What it becomes at its recorded end, while that is still to come."""
        return becomes(self.state, self.standing)

    @property
    def id(self) -> str:
        """As paths have it."""
        return hex0x(self.row.id)


def titles(kind: str) -> tuple[str, str]:
    """What a kind of document is called, in Vietnamese and English."""
    known = KINDS.get(kind)
    return (kind, kind) if known is None else (known.title_vi, known.title_en)


def own_documents(session: Session, store: DocumentStore, customer: Party) -> list[OwnDocument]:
    """Everything a customer is a party to, newest first."""
    return _told(session, store, customer, list(agreements_of(session, customer))[::-1])


def own_document(session: Session, store: DocumentStore, customer: Party, agreement: bytes) -> OwnDocument:
    """One of them.

    Raises:
        NotFoundError: there is none, or it is not theirs: the answer is the same.
    """
    named = select(AgreementRow).join(AgreementRow.signatories).where(AgreementRow.id == agreement, Signatory.party_id == customer.id)
    row = session.scalars(named).one_or_none()
    if row is None:
        raise NotFoundError("no such document of yours", field="agreement", fix="take one from your list, /my")
    return _told(session, store, customer, [row])[0]


def own_file(store: DocumentStore, document: OwnDocument) -> bytes:
    """The best file there is of it: issued, else sealed, else the draft.

    Raises:
        NotFoundError: there is none any more.
    """
    if document.file is None:
        if document.missing:
            raise NotFoundError("its file is missing", field="agreement", fix="tell the utility, which restores it from its backup")
        raise NotFoundError("there is no file of it any more", field="agreement", fix="it was erased; its proofs remain")
    return store.read_issued(document.row.id) if document.file == "issued" else store.read(document.row.id)


def file_name(document: OwnDocument) -> str:
    """Under which a customer keeps that file: the kind, the code on its pages, and what it is unless it is the issued one."""
    unfinished = "" if document.file == "issued" else f"-{document.file}"
    return f"{document.row.kind}-{document.row.lookup_code}{unfinished}.pdf"


def all_files(store: DocumentStore, documents: Sequence[OwnDocument]) -> bytes:
    """A ZIP archive of the best file there is of each; empty when there is none."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for one in documents:
            if one.file is not None:
                packed.writestr(file_name(one), own_file(store, one))
    return archive.getvalue()


def state_of_document(
    row: AgreementRow, standing: Standing, *, erased: bool, refused: bool, now_s: int, ending: str | None = None
) -> State:
    """How a document stands at a moment, from what the chain was last seen to say.

    One whose end is recorded for a day to come is in force until then, as the contract's `inForce` has it.

    Args:
        refused: whether the chain refused its record.
        ending: how its draft ended without all signatures, of `drafts.ENDINGS`; None when it did not.
    """
    if erased:
        return "erased"
    if row.sealed_digest is None:
        return "unsigned" if ending is None else "declined" if ending == "declined" else "lapsed"
    if standing.status == "unrecorded":
        return "refused" if refused else "unrecorded"
    if standing.status != "recorded" and (standing.ended_at is None or now_s >= standing.ended_at):
        return standing.status
    return "not-yet" if now_s < standing.valid_from else "in-force" if now_s < standing.end else "expired"


def becomes(state: State, standing: Standing) -> State | None:
    """What a document becomes at its recorded end, while that is still to come; None for any other."""
    ends_first = standing.ended_at is not None and standing.ended_at < standing.valid_to
    return standing.status if ends_first and state in ("not-yet", "in-force") and standing.status in ENDS else None


def chain_time(session: Session) -> int:
    """The time of the newest block taken in, which decides what is in force; this machine's before there is one."""
    return chain_clock(session) or int(time.time())


def _told(session: Session, store: DocumentStore, customer: Party, rows: Sequence[AgreementRow]) -> list[OwnDocument]:
    ids = [row.id for row in rows]
    said = standings(session, ids)
    erased = set(session.scalars(select(Erasure.agreement_id).where(Erasure.agreement_id.in_(ids))))
    asked = select(IssueJob.agreement_id, IssueJob.state).where(IssueJob.agreement_id.in_(ids))
    jobs, now = dict(session.execute(asked).all()), chain_time(session)
    refused = set(session.scalars(record_refused().where(AgreementAct.agreement_id.in_(ids))))
    own = {one.address for one in contacts_of(session, customer)} - {None}
    about: dict[bytes, list[Message]] = {one: [] for one in ids}
    for message in messages_about(session, ids):
        if message.address in own and message.about is not None:
            about[message.about].append(message)
    ended = {one.agreement_id: one.how for one in session.scalars(select(DraftEnding).where(DraftEnding.agreement_id.in_(ids)))}
    signing = {row.id: progress_of(session, row) for row in rows if row.sealed_digest is None and row.id not in erased}
    return [
        OwnDocument(
            row,
            state_of_document(row, said[row.id], erased=row.id in erased, refused=row.id in refused, now_s=now, ending=ended.get(row.id)),
            said[row.id],
            None if row.id in erased else _file(store, row),
            jobs.get(row.id) == "waiting" and row.id not in refused,
            row.id not in erased and _is_missing(store, row, issued=jobs.get(row.id) == "issued"),
            about[row.id],
            signing.get(row.id),
            _may_sign(signing.get(row.id), row, customer),
            customer.id,
        )
        for row in rows
    ]


def _may_sign(progress: Progress | None, row: AgreementRow, customer: Party) -> bool:
    turn = None if progress is None else progress.turn
    return turn is not None and turn.party == customer.id and time.time() <= row.deadline


def _file(store: DocumentStore, row: AgreementRow) -> FileState | None:
    if store.issued_path(row.id).exists():
        return "issued"
    if not store.path(row.id).exists():
        return None
    return "draft" if row.sealed_digest is None else "sealed"


def _is_missing(store: DocumentStore, row: AgreementRow, *, issued: bool) -> bool:
    return not (store.issued_path(row.id) if issued else store.path(row.id)).exists()
