"""Links to sign by: a token nobody can guess, sent to one party for one document; only its hash is kept.

The token stands behind the `#` of the address, so that no server, proxy or log on the way ever sees it; the page sends it in a header.
A link shows the document to its holder and nothing more: signing takes a code to a contact, a passkey or another key besides.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.orm import Session

from ledger.access.rules import token_hash
from ledger.agreements.kinds import kind_named
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import agreement_by_id
from ledger.errors import ConflictError, LinkError, RuleError
from ledger.messages.commands import queue_words
from ledger.messages.model import Message
from ledger.messages.wording import Wording
from ledger.parties.contacts import standing_contact
from ledger.parties.model import Party
from ledger.parties.queries import party_by_id
from ledger.signing.approving import check_settled
from ledger.signing.commands import lock_draft
from ledger.signing.desk import SigningDesk, note
from ledger.signing.model import SigningLink
from ledger.signing.reaching import LINK

__all__ = ["Opened", "new_token", "open_link", "send_by_hand", "send_link"]

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Opened:
    """What a link is for."""

    agreement: AgreementRow
    party: Party


def send_link(session: Session, desk: SigningDesk, agreement: AgreementRow, party: Party, channel: str) -> Message:
    """Sends a party a link to read and sign a document; earlier links to it are good no more. Never commits.

    Raises:
        RuleError: not a party to it, the draft ended, or the contact changed lately.
        NotFoundError: the party has no such contact.
    """
    contact = standing_contact(session, party, channel)
    check_settled(contact, desk)
    token = new_token(session, desk, agreement, party)
    address, kind = f"{desk.terms.public_url}/sign#{token}", kind_named(agreement.kind)
    words = Wording(
        subject_vi=f"{kind.title_vi}: mời ký",
        subject_en=f"{kind.title_en}: please sign",
        text_vi=f"Mời bạn đọc và ký: {kind.title_vi}, mã tra cứu {agreement.lookup_code}.\n{address}\n"
        "Đường dẫn chỉ dành cho bạn; đừng chuyển cho ai.",
        text_en=f"Please read and sign: {kind.title_en}, look-up code {agreement.lookup_code}.\n{address}\n"
        "The link is for you alone; do not pass it on.",
        short=f"So Nang: moi ky / please sign {agreement.lookup_code}: {address}",
    )
    key, until = f"{LINK}{sha256(token.encode()).hexdigest()[:32]}", desk.clock() + desk.terms.link_lives_s
    return queue_words(session, words, key=key, channel=contact.channel, address=contact.address or "", about=agreement.id, until_s=until)


def send_by_hand(session: Session, desk: SigningDesk, agreement: AgreementRow, party: Party, channel: str) -> Message:
    """As `send_link`, when staff send it: nobody is asked to sign what they have signed. Never commits.

    Raises:
        ConflictError: the party has signed.
        RuleError, NotFoundError: as `send_link`.
    """
    if any(one.party_id == party.id and one.signature is not None for one in agreement.signatories):
        fix = f"tell them to sign in at {desk.terms.public_url}/my, where they see it and how far the others are"
        raise ConflictError(f"{party.label} has signed", field="party", fix=fix)
    return send_link(session, desk, agreement, party, channel)


def new_token(session: Session, desk: SigningDesk, agreement: AgreementRow, party: Party) -> str:
    """A new token for a party and a document, for whoever knows that it is the party who gets it. Never commits.

    Raises:
        RuleError: not a party to it, or the draft ended.
    """
    row, now = lock_draft(session, agreement.id), desk.clock()
    if all(one.party_id != party.id for one in row.signatories):
        raise RuleError(f"{party.label} is not a party to this agreement", field="party", fix="send the link to one of its parties")
    earlier = SigningLink.agreement_id == row.id, SigningLink.party_id == party.id, SigningLink.revoked_s.is_(None)
    session.execute(update(SigningLink).where(*earlier).values(revoked_s=now))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = SigningLink(token_digest=token_hash(token), agreement_id=row.id, party_id=party.id, created_s=now)
    link.expires_s = now + desk.terms.link_lives_s
    session.add(link)
    note(session, "link", at_s=now, agreement=row.id, party=party.id)
    return token


def open_link(session: Session, token: str, *, now_s: int) -> Opened:
    """What a link is for.

    Raises:
        LinkError: no such link, it expired, or a newer one took its place; which of these is not told.
    """
    link = session.get(SigningLink, token_hash(token))
    if link is None or link.revoked_s is not None or now_s >= link.expires_s:
        raise LinkError("this link is not good any more", field="link", fix="use the newest link, or ask the utility for another")
    return Opened(agreement_by_id(session, link.agreement_id), party_by_id(session, link.party_id))
