"""Where a party gets its links: by the contact that reaches it first, by another once a link to the same document was lost there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError
from ledger.messages.model import LOST, Message
from ledger.parties.contacts import is_settled, standing_contacts
from ledger.parties.model import Contact, Party
from ledger.signing.approving import check_settled
from ledger.signing.desk import SigningDesk
from ledger.signing.model import SigningLink

__all__ = ["LINK", "REMINDER", "Unreached", "carries_a_link", "contact_for", "contact_instead", "lost_at", "unreached", "usable"]

LINK, REMINDER = "signing-link/", "signing-reminder/"
"""What the keys of messages begin with that carry a link; each makes the link before worthless."""
Place = tuple[str, str | None]
"""A channel and an address."""


def contact_for(session: Session, desk: SigningDesk, agreement: AgreementRow, party: Party) -> Contact:
    """The contact a link goes to: of those a code may go to, the first by Zalo, SMS, e-mail where no link to this document was lost before.

    One whose channel nobody carries here, or where a link was lost, is taken when there is no other.

    Raises:
        NotFoundError: no contact stands.
        RuleError: each that stands changed lately and nothing vouches for it.
    """
    standing = standing_contacts(session, party)
    if not standing:
        raise NotFoundError("its customer has no contact", field="contact", fix="record an address of the customer first")
    settled = usable(standing, now_s=desk.clock(), cooling_off_s=desk.terms.cooling_off_s)
    if not settled:
        check_settled(min(standing, key=lambda one: one.since_s), desk)
    lost = lost_at(session, [agreement.id]).get(agreement.id, ())
    return min(settled, key=lambda one: ((one.channel, one.address) in lost, one.channel not in desk.terms.carried))


def contact_instead(session: Session, desk: SigningDesk, agreement: AgreementRow, party: Party) -> Contact | None:
    """Another contact for a party whose newest link to a document was lost: one a code may go to, that somebody carries messages to, and
    where no link to it was lost; None where there is none, or the newest was not lost.
    """
    if _newest_lost(session, agreement, party) is None:
        return None
    fresh = _fresh(session, agreement, party)
    settled = usable(fresh, now_s=desk.clock(), cooling_off_s=desk.terms.cooling_off_s)
    return next((one for one in settled if one.channel in desk.terms.carried), None)


@dataclass(frozen=True)
class Unreached:
    """A party that is asked to sign and that no link reaches.

    Attributes:
        channel, reason: by which the newest link went and why it did not arrive; None where none could be sent.
        next: a contact a link goes to once it may; None where there is none.
        cools_off: whether that one was changed and nothing vouches for it.
    """

    agreement: AgreementRow
    channel: str | None
    reason: str | None
    next: Contact | None
    cools_off: bool


def unreached(session: Session, agreement: AgreementRow, party: Party) -> Unreached | None:
    """How a party is not reached that has to sign a document next; None where a link is on its way, arrived, or can be sent at once."""
    links = SigningLink.agreement_id == agreement.id, SigningLink.party_id == party.id
    invited = session.scalar(select(SigningLink.token_digest).where(*links).limit(1)) is not None
    lost = _newest_lost(session, agreement, party) if invited else None
    if invited and lost is None:
        return None
    fresh = _fresh(session, agreement, party)
    chosen = next((one for one in fresh if one.original or one.vouched_s is not None), next(iter(fresh), None))
    cools_off = chosen is not None and not chosen.original and chosen.vouched_s is None
    if lost is None:
        return None if chosen is not None and not cools_off else Unreached(agreement, None, None, chosen, cools_off)
    return Unreached(agreement, lost.channel, lost.reason, chosen, cools_off)


def _newest_lost(session: Session, agreement: AgreementRow, party: Party) -> Message | None:
    """The newest link to a document that went to a party, if it was lost."""
    theirs = and_(Contact.party_id == party.id, Contact.channel == Message.channel, Contact.address == Message.address)
    sent = select(Message).join(Contact, theirs).where(Message.about == agreement.id, carries_a_link())
    newest = session.scalars(sent.order_by(Message.id.desc()).limit(1)).one_or_none()
    return newest if newest is not None and newest.state in LOST else None


def _fresh(session: Session, agreement: AgreementRow, party: Party) -> list[Contact]:
    """A party's standing contacts where no link to a document was lost."""
    lost = lost_at(session, [agreement.id]).get(agreement.id, ())
    return [one for one in standing_contacts(session, party) if (one.channel, one.address) not in lost]


def usable(contacts: Iterable[Contact], *, now_s: int, cooling_off_s: int) -> list[Contact]:
    """Those of some contacts that links and codes may go to now, in their order."""
    return [one for one in contacts if one.ended_s is None and is_settled(one, now_s=now_s, cooling_off_s=cooling_off_s)]


def lost_at(session: Session, agreements: Collection[bytes]) -> Mapping[bytes, set[Place]]:
    """By agreement, where links to it did not arrive."""
    asked = select(Message.about, Message.channel, Message.address).where(Message.about.in_(agreements), Message.state.in_(LOST))
    found: dict[bytes, set[Place]] = {}
    for about, channel, address in session.execute(asked.where(carries_a_link())):
        found.setdefault(about or b"", set()).add((channel, address))
    return found


def carries_a_link() -> ColumnElement[bool]:
    """Of messages."""
    return or_(*(Message.key.startswith(each) for each in (LINK, REMINDER)))
