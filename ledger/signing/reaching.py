"""Where a party gets its links: by the contact that reaches it first, by another once a link to the same document was lost there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError
from ledger.messages.model import LOST, Message
from ledger.parties.contacts import is_settled, standing_contacts
from ledger.parties.model import Contact, Party
from ledger.signing.approving import check_settled
from ledger.signing.desk import SigningDesk

__all__ = ["LINK", "REMINDER", "carries_a_link", "contact_for", "lost_at", "usable"]

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
