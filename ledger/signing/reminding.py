"""Reminding customers who have a link and have not signed: once some days after it, once shortly before the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.kinds import kind_named
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.rules import local_moment
from ledger.errors import NotFoundError, RuleError
from ledger.messages.commands import queue_words
from ledger.messages.model import Message
from ledger.messages.wording import Wording
from ledger.parties.model import Contact
from ledger.signing.commands import lock_draft
from ledger.signing.desk import SigningDesk
from ledger.signing.links import new_token
from ledger.signing.model import SigningLink
from ledger.signing.reaching import REMINDER, contact_for

__all__ = ["RemindReport", "remind_signers"]

Occasion = Literal["first", "last"]


@dataclass(frozen=True)
class RemindReport:
    """Ids of the documents a reminder was queued about, and of those whose customer nobody can reach now."""

    queued: tuple[bytes, ...]
    nowhere: tuple[bytes, ...]


def remind_signers(session: Session, desk: SigningDesk) -> RemindReport:
    """Queues what is due, each reminder once, with a new link since only hashes of the old ones are kept. Never commits."""
    queued, nowhere = [], []
    for row, turn, linked_s in _waiting(session, desk.clock()):
        occasion = _due(row, linked_s, desk)
        key = f"{REMINDER}{row.id.hex()}/{turn.place}/{occasion}"
        if occasion is None or _known(session, key):
            continue
        try:
            lock_draft(session, row.id)  # another office may be reminding of it just now
            if _known(session, key):
                continue
            contact = contact_for(session, desk, row, turn.party)
        except (NotFoundError, RuleError):
            nowhere.append(row.id)
            continue
        _queue(session, desk, turn, contact, key)
        queued.append(row.id)
    return RemindReport(tuple(queued), tuple(nowhere))


def _known(session: Session, key: str) -> bool:
    return session.scalar(select(Message.id).where(Message.key == key)) is not None


def _due(row: AgreementRow, linked_s: int, desk: SigningDesk) -> Occasion | None:
    """Which reminder is due; the last takes the place of a first that was not sent, and none comes within a day of the link."""
    now, terms = desk.clock(), desk.terms
    if now >= row.deadline - terms.remind_before_s:
        return "last" if now >= linked_s + terms.remind_before_s else None
    return "first" if now >= linked_s + terms.remind_after_s else None


def _waiting(session: Session, now: int) -> list[tuple[AgreementRow, Signatory, int]]:
    """Open documents whose next signature is that of somebody with a link, and when they got the first."""
    linked = (
        select(AgreementRow, SigningLink.party_id, func.min(SigningLink.created_s))
        .join(SigningLink, SigningLink.agreement_id == AgreementRow.id)
        .where(AgreementRow.sealed_digest.is_(None), AgreementRow.deadline >= now, AgreementRow.id.not_in(select(DraftEnding.agreement_id)))
        .group_by(AgreementRow.id, SigningLink.party_id)
        .order_by(AgreementRow.deadline, AgreementRow.id)
    )
    found = []
    for row, party, since in session.execute(linked).all():
        turn = next((one for one in row.signatories if one.signature is None), None)
        if turn is not None and turn.party_id == party:
            found.append((row, turn, since))
    return found


def _queue(session: Session, desk: SigningDesk, turn: Signatory, contact: Contact, key: str) -> None:
    row, token = turn.agreement, new_token(session, desk, turn.agreement, turn.party)
    address, kind = f"{desk.terms.public_url}/sign#{token}", kind_named(row.kind)
    until = f"{local_moment(row.deadline, TIME_ZONE):%d/%m/%Y %H:%M}"
    words = Wording(
        subject_vi=f"{kind.title_vi}: nhắc ký",
        subject_en=f"{kind.title_en}: still to be signed",
        text_vi=f"{kind.title_vi}, mã tra cứu {row.lookup_code}, đang chờ bạn ký đến {until}.\n{address}\n"
        "Đường dẫn này thay cho đường dẫn trước, chỉ dành cho bạn. Nếu không đồng ý, bạn có thể từ chối ở đó.",
        text_en=f"{kind.title_en}, look-up code {row.lookup_code}, waits for your signature until {until}.\n{address}\n"
        "This link takes the place of the one before and is for you alone. If you do not agree, you can decline there.",
        short=f"So Nang: cho ky den / sign until {until} {row.lookup_code}: {address}",
    )
    queue_words(session, words, key=key, channel=contact.channel, address=contact.address or "", about=row.id, until_s=row.deadline)
