"""How a party is reached: addresses in one form, recorded, changed and vouched for; nothing is ever edited.

Whoever can change a contact can receive the party's codes. So a changed contact is *cooling* for a while (`cooling_off_s`, 72 hours unless
set otherwise) and gets no signing code until then, unless something else the party has vouched for the change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, InputError, NotFoundError
from ledger.parties.model import CHANNELS, Contact, ContactChannel, Party, Vouch

__all__ = [
    "COOLING_OFF_S",
    "contact_by_id",
    "contacts_of",
    "end_contact",
    "forget_contacts",
    "give_contacts",
    "held_contacts",
    "in_order",
    "is_settled",
    "normalised",
    "standing_contact",
    "standing_contacts",
    "vouch_for",
    "vouchers_of",
]

FIRST: Final[tuple[ContactChannel, ...]] = ("zalo", "sms", "email")
"""Channels in the order a party is reached by them."""
COOLING_OFF_S = 72 * 3_600
"""How long a change cools unless the installation says otherwise."""
EMAIL_LIMIT, BY_LIMIT = 254, 100
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SPACING = str.maketrans("", "", " .-()\u00a0\t")
_FOREIGN = re.compile(r"\+[1-9][0-9]{7,14}")
_MOBILE = re.compile(r"\+84[35789][0-9]{8}")


def normalised(channel: str, address: str) -> str:
    """An address in the one form it is kept in: an e-mail's domain in lower case and ASCII, a telephone number as E.164.

    Vietnamese numbers are taken as people write them (0912 345 678, 84912345678, 0084…) and must be mobile, since codes go there.

    Raises:
        InputError: no such channel, or no address of it; the address is not repeated.
    """
    if channel not in CHANNELS:
        raise InputError(f"no channel {channel!r}", field="channel", fix=f"give one of {', '.join(CHANNELS)}")
    text = unicodedata.normalize("NFKC", address).strip()
    return _email(text) if channel == "email" else _phone(text)


def give_contacts(session: Session, party: Party, addresses: Mapping[ContactChannel, str], *, by: str, now_s: int) -> list[Contact]:
    """Records addresses, one a channel; the one that stood before ends. An address that stands already stays as it is.

    What a party gives first, in one call, is original; everything later is a change.

    Args:
        by: who records it, such as `staff:an.nguyen`.
        now_s: Unix seconds.

    Raises:
        InputError: an address or `by` is malformed.
    """
    if not 0 < len(by) <= BY_LIMIT or not by.isprintable():
        raise InputError("empty, too long or not printable", field="by", fix=f"say who records it in 1 to {BY_LIMIT} characters")
    wanted = {channel: normalised(channel, address) for channel, address in addresses.items()}
    before = held_contacts(session, party)
    given = []
    for channel, address in wanted.items():
        standing = next((one for one in before if one.channel == channel and one.ended_s is None), None)
        if standing is not None and standing.address == address:
            given.append(standing)
            continue
        if standing is not None:
            end_contact(session, standing, now_s=now_s)
        contact = Contact(party_id=party.id, channel=channel, address=address, given_by=by, original=not before, since_s=now_s)
        contact.replaces_id = standing.id if standing else None
        session.add(contact)
        given.append(contact)
    session.flush()
    return given


def end_contact(session: Session, contact: Contact, *, now_s: int) -> None:
    """Ends a contact; again, it changes nothing."""
    contact.ended_s = contact.ended_s or now_s
    session.flush()


def contacts_of(session: Session, party: Party) -> Sequence[Contact]:
    """Every contact a party ever had, oldest first: the history of changes."""
    return session.scalars(select(Contact).where(Contact.party_id == party.id).order_by(Contact.id)).all()


def held_contacts(session: Session, party: Party) -> Sequence[Contact]:
    """As `contacts_of`, read anew, and nobody else changes them until the transaction ends."""
    session.execute(select(Party.id).where(Party.id == party.id).with_for_update(key_share=True))
    session.flush()
    theirs = select(Contact).where(Contact.party_id == party.id).order_by(Contact.id)
    return session.scalars(theirs.execution_options(populate_existing=True)).all()


def contact_by_id(session: Session, party: Party, contact_id: int) -> Contact:
    """A contact of a party.

    Raises:
        NotFoundError: it has none of this number.
    """
    contact = session.get(Contact, contact_id)
    if contact is None or contact.party_id != party.id:
        raise NotFoundError(f"{party.label} has no contact {contact_id}", field="contact", fix="take one from its history")
    return contact


def standing_contact(session: Session, party: Party, channel: str) -> Contact:
    """Where a party is reached on a channel now.

    Raises:
        NotFoundError: nowhere.
    """
    standing = Contact.party_id == party.id, Contact.channel == channel, Contact.ended_s.is_(None)
    contact = session.scalars(select(Contact).where(*standing)).one_or_none()
    if contact is None:
        problem = f"{party.label} has no {channel} contact"
        raise NotFoundError(problem, field="channel", fix="record its contact first, or use another channel")
    return contact


def standing_contacts(session: Session, party: Party) -> list[Contact]:
    """Where a party is reached now, whichever reaches it first before the others."""
    return in_order(one for one in contacts_of(session, party) if one.ended_s is None)


def in_order(contacts: Iterable[Contact]) -> list[Contact]:
    """Contacts in the order they are tried."""
    return sorted(contacts, key=lambda one: FIRST.index(one.channel))


def is_settled(contact: Contact, *, now_s: int, cooling_off_s: int = COOLING_OFF_S) -> bool:
    """Whether codes for signing may go there: original, changed long enough ago, or vouched for."""
    return contact.original or contact.vouched_s is not None or now_s - contact.since_s >= cooling_off_s


def vouchers_of(session: Session, contact: Contact, *, now_s: int, cooling_off_s: int = COOLING_OFF_S) -> list[Contact]:
    """The party's contacts a code may go to that vouches for a changed one: those that stand first, then the newest.

    They are settled themselves, and stand or ended so lately that their end may be what is in question; so a thief who changes a contact
    twice cannot vouch for the second by the first.
    """
    found = [
        one
        for one in contacts_of(session, contact.party)
        if one.id != contact.id
        and one.address is not None
        and is_settled(one, now_s=now_s if one.ended_s is None else one.ended_s, cooling_off_s=cooling_off_s)
        and (one.ended_s is None or now_s - one.ended_s < cooling_off_s)
    ]
    return sorted(found, key=lambda one: (one.ended_s is not None, -one.id))


def vouch_for(session: Session, contact: Contact, how: Vouch, *, by: str | None = None, now_s: int) -> None:
    """Records the second factor for a change; the first one stays.

    Raises:
        ConflictError: the contact ended.
        InputError: staff that are not named.
    """
    if contact.ended_s is not None:
        raise ConflictError("it does not stand any more", field="contact", fix="vouch for the contact that took its place")
    if how == "staff" and not (by or "").strip():
        raise InputError("nobody is named", field="by", fix="give the id of the member of staff who checked the person's identity")
    if contact.vouched_s is None:
        contact.vouched_how, contact.vouched_by, contact.vouched_s = how, by, now_s
    session.flush()


def forget_contacts(session: Session, party: Party, *, now_s: int) -> None:
    """Erases every address of a party; when and how they changed remains."""
    for contact in contacts_of(session, party):
        end_contact(session, contact, now_s=now_s)
        contact.address = None
    session.flush()


def _email(text: str) -> str:
    local, _, domain = text.rpartition("@")
    try:
        domain = domain.lower().encode("idna").decode() if domain else ""
    except UnicodeError:
        domain = ""
    if not _LOCAL.fullmatch(local) or len(local) > 64 or not _DOMAIN.fullmatch(domain) or len(local) + len(domain) >= EMAIL_LIMIT:
        raise InputError("not an e-mail address", field="address", fix="give one such as an@example.vn")
    return f"{local}@{domain}"


def _phone(text: str) -> str:
    digits = text.translate(_SPACING)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+84" + digits[1:]
    elif digits.startswith("84"):
        digits = "+" + digits
    if digits.startswith("+840"):
        digits = "+84" + digits[4:]
    if not digits.isascii() or not (_MOBILE if digits.startswith("+84") else _FOREIGN).fullmatch(digits):
        raise InputError("not a mobile number", field="address", fix="give one such as 0912 345 678, or with + and its country")
    return digits
