"""A customer's own contacts: where their codes go, which of them may get codes for signing now, and what they may do about it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.deps import Parts
from ledger.access.limits import spend
from ledger.access.rules import CHANGE_CONTACT
from ledger.errors import ConflictError, NotFoundError
from ledger.messages.rules import masked
from ledger.parties.contacts import contacts_of, is_settled, normalised, vouchers_of
from ledger.parties.model import Contact, ContactChannel, Party
from ledger.protocol.quantities import hex0x
from ledger.signing.contacting import change_contact

__all__ = ["OwnContact", "change_own", "check_new", "own_contact", "own_contacts"]


@dataclass(frozen=True)
class OwnContact:
    """A contact that stands.

    Attributes:
        address: as others may see it: whoever sits before a browser left open learns no more of it.
        settled: whether codes for signing, and for signing in, may go there now.
        settles_s: when they may at the latest.
        verified: whether a code sent there came back.
        voucher: the contact a code may go to that vouches for it; None when there is none, or no need.
    """

    id: int
    channel: str
    address: str
    settled: bool
    settles_s: int
    verified: bool
    voucher: str | None


def own_contacts(session: Session, customer: Party, cooling_off_s: int) -> list[OwnContact]:
    """The customer's standing contacts, in the order they came."""
    standing = [one for one in contacts_of(session, customer) if one.ended_s is None]
    return [_told(session, one, cooling_off_s) for one in standing]


def own_contact(session: Session, customer: Party, contact: int) -> Contact:
    """One that stands.

    Raises:
        NotFoundError: there is none, it ended, or it is somebody else's: the answer is the same.
    """
    row = session.get(Contact, contact)
    if row is None or row.party_id != customer.id or row.ended_s is not None:
        raise NotFoundError("no such contact of yours", field="contact", fix="take one from your list, /my/contacts")
    return row


def change_own(parts: Parts, session: Session, customer: Party, channel: ContactChannel, address: str) -> Contact:
    """Records the customer's new contact; those who were reached before are told.

    Raises:
        InputError: no address of that channel.
        ConflictError: it stands already.
        LimitError: changed too often.
    """
    spend(parts.writing(), CHANGE_CONTACT, hex0x(customer.id))
    check_new(session, customer, channel, address)
    return change_contact(session, customer, channel, address, by="party", now_s=int(time.time()))


def check_new(session: Session, party: Party, channel: ContactChannel, address: str) -> None:
    """Passes where an address would change something.

    Raises:
        InputError: no address of that channel.
        ConflictError: it is the party's contact on that channel already.
    """
    standing = {(one.channel, one.address) for one in contacts_of(session, party) if one.ended_s is None}
    if (channel, normalised(channel, address)) in standing:
        raise ConflictError("it is the contact in use already", field="address", fix="give another address, or leave it as it is")


def _told(session: Session, one: Contact, cooling_off_s: int) -> OwnContact:
    now = int(time.time())
    settled = is_settled(one, now_s=now, cooling_off_s=cooling_off_s)
    known = [] if settled else vouchers_of(session, one, now_s=now, cooling_off_s=cooling_off_s)
    voucher = masked(known[0].address) if known else None
    return OwnContact(one.id, one.channel, masked(one.address), settled, one.since_s + cooling_off_s, one.verified_s is not None, voucher)
