"""Changing a contact, and what vouches for the change: a code to the contact before, or an identity check by named staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ledger.access.staff import named
from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_moment
from ledger.errors import ConflictError, InputError, RuleError
from ledger.messages.commands import queue_words
from ledger.messages.rules import masked
from ledger.messages.wording import Wording
from ledger.parties.contacts import contact_by_id, give_contacts, held_contacts, standing_contact, vouch_for, vouchers_of
from ledger.parties.model import Contact, ContactChannel, Party
from ledger.parties.queries import party_by_id
from ledger.protocol.quantities import hex0x
from ledger.signing.codes import CodeSent, Telling, claim_code, send_code, use_code
from ledger.signing.desk import SigningDesk, note
from ledger.signing.rules import Binding, bound_to

__all__ = ["asking_to", "change_contact", "confirm_contact", "confirm_vouch", "request_contact_check", "request_vouch", "vouch_by_staff"]

STAFF_LIMIT = 100
STAFF = "staff:"
"""Before the name of a member of staff, where it stands who recorded a contact."""


def change_contact(session: Session, party: Party, channel: ContactChannel, address: str, *, by: str, now_s: int) -> Contact:
    """Records a party's new contact and tells the one before, or another where there was none, so that a theft is noticed. Never commits.

    Raises:
        InputError: the address or `by` is malformed.
    """
    before = held_contacts(session, party)
    contact = give_contacts(session, party, {channel: address}, by=by, now_s=now_s)[0]
    if before and contact not in before:
        _tell_before(session, _watchful(before, contact), contact)
    note(session, "change-contact", at_s=now_s, party=party.id, way=channel)
    return contact


def request_vouch(desk: SigningDesk, party_id: bytes, contact_id: int) -> CodeSent:
    """Sends a code to a contact from before a change, which vouches for it when it comes back.

    Raises:
        RuleError: there is no earlier contact a code may go to.
        NotFoundError, LimitError: no such contact; asked too often.
    """
    with desk.trying("request-vouch", party=party_id) as session:
        party = party_by_id(session, party_id)
        changed = contact_by_id(session, party, contact_id)
        known = vouchers_of(session, changed, now_s=desk.clock(), cooling_off_s=desk.terms.cooling_off_s)
        if not known:
            fix = "let the party show an identity card at the counter, or wait until the change has cooled off"
            raise RuleError("no earlier contact can vouch for it", field="contact", fix=fix)
        return send_code(session, desk, known[0], _vouching(party_id, contact_id), _asking(masked(changed.address)))


def confirm_vouch(desk: SigningDesk, party_id: bytes, contact_id: int, code: str) -> None:
    """Takes the code the contact before was sent; errors as `codes.claim_code`."""
    claimed = claim_code(desk, _vouching(party_id, contact_id), code, act="confirm-vouch")
    with desk.trying("confirm-vouch", party=party_id, way="previous-contact") as session:
        use_code(session, claimed, now_s=desk.clock())
        changed = contact_by_id(session, party_by_id(session, party_id), contact_id)
        vouch_for(session, changed, "previous-contact", now_s=desk.clock())


def vouch_by_staff(session: Session, contact: Contact, *, staff: str, now_s: int) -> None:
    """A member of staff has checked the person's identity and vouches for the change; the id stays in the evidence. Never commits.

    Raises:
        InputError: nobody is named.
        RuleError: who vouches recorded the change: one person alone does not redirect a customer's codes.
        ConflictError: the contact ended, or is vouched for already otherwise.
    """
    if not 0 < len(staff.strip()) <= STAFF_LIMIT or not staff.isprintable():
        raise InputError("nobody is named", field="staff", fix="give the id of the member of staff who checked the identity")
    if contact.given_by.startswith(STAFF) and named(staff, contact.given_by.removeprefix(STAFF)):
        fix = "let a colleague see the identity card and vouch"
        raise RuleError("who recorded the change cannot vouch for it", field="staff", fix=fix)
    if contact.vouched_s is not None and not named(staff, contact.vouched_by or ""):
        by = contact.vouched_by or "a code to the contact before"
        raise ConflictError(f"it is vouched for already, by {by}", field="contact", fix="codes go there now")
    vouch_for(session, contact, "staff", by=staff.strip(), now_s=now_s)
    note(session, "vouch", at_s=now_s, party=contact.party_id, way="staff")


def request_contact_check(desk: SigningDesk, party_id: bytes, channel: str) -> CodeSent:
    """Sends a code to a contact to see that it reaches the party; allowed while it cools off, since nothing is signed by it."""
    with desk.trying("request-contact-check", party=party_id, way=channel) as session:
        contact = standing_contact(session, party_by_id(session, party_id), channel)
        return send_code(session, desk, contact, _verifying(party_id, contact.id), _asking(masked(contact.address)))


def confirm_contact(desk: SigningDesk, party_id: bytes, channel: str, code: str) -> None:
    """Takes the code that shows a contact to reach the party; errors as `codes.claim_code`."""
    with desk.sessions() as session:
        contact_id = standing_contact(session, party_by_id(session, party_id), channel).id
    claimed = claim_code(desk, _verifying(party_id, contact_id), code, act="confirm-contact")
    with desk.trying("confirm-contact", party=party_id, way=channel) as session:
        use_code(session, claimed, now_s=desk.clock())


def _vouching(party: bytes, contact: int) -> Binding:
    return Binding("vouch", party, bound_to("vouch", hex0x(party), contact))


def _verifying(party: bytes, contact: int) -> Binding:
    return Binding("verify", party, bound_to("verify", hex0x(party), contact))


def asking_to(what_vi: str, what_en: str, plain: str = "xac nhan") -> Telling:
    """Words a code that allows something other than signing a document; `plain` is for an SMS, without marks."""

    def words(code: str, expires_s: int) -> Wording:
        until = f"{local_moment(expires_s, TIME_ZONE):%H:%M}"
        return Wording(
            subject_vi="Mã xác nhận",
            subject_en="Your code",
            text_vi=f"Mã xác nhận: {code}, hiệu lực đến {until}, để {what_vi}.\n"
            "Nếu bạn không yêu cầu, đừng đưa mã cho ai và báo ngay cho điện lực.",
            text_en=f"Your code: {code}, good until {until}, to {what_en}.\n"
            "If you did not ask for it, give it to nobody and tell the utility at once.",
            short=f"So Nang: {code} la ma {plain}, den {until}. Khong yeu cau? Bao dien luc. Code to {what_en}. Not you? Tell the utility.",
        )

    return words


def _asking(address: str) -> Telling:
    return asking_to(f"xác nhận liên hệ {address}", f"confirm the contact {address}")


def _watchful(before: Sequence[Contact], after: Contact) -> Contact:
    """Whom a change is told: the contact it replaces, else the oldest that stands, else the newest there was."""
    replaced = next((one for one in before if one.id == after.replaces_id), None)
    return replaced or next((one for one in before if one.ended_s is None), before[-1])


def _tell_before(session: Session, before: Contact, after: Contact) -> None:
    if before.address is None:
        return
    new = masked(after.address)
    vi, en, short = (
        ("có thêm", "has another address", "co them") if after.replaces_id is None else ("đã đổi thành", "was changed to", "da doi thanh")
    )
    words = Wording(
        subject_vi="Liên hệ của bạn đã đổi",
        subject_en="Your contact was changed",
        text_vi=f"Liên hệ của bạn {vi} {new}. Nếu không phải bạn đổi, hãy báo ngay cho điện lực.",
        text_en=f"Your contact {en}: {new}. If you did not do this, tell the utility at once.",
        short=f"So Nang: lien he cua ban {short} {new}. Khong phai ban? Bao dien luc. Not you? Tell the utility.",
    )
    queue_words(session, words, key=f"contact-changed/{after.id}", channel=before.channel, address=before.address, about=before.party_id)
