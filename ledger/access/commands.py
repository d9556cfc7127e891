"""Signing in: a customer by a code sent to a settled contact, staff by their token. Nothing commits.

An asker learns nothing of who is a customer: asking writes the same row and gives the same answer for everybody, the code is looked after
once the answer has left, and every reason why a code does not sign in is the same.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.access.model import AccessSession, SignIn, Staff
from ledger.access.rules import (
    CODE_S,
    CODE_TRIES,
    CUSTOMER_SESSION_S,
    STAFF_SESSION_S,
    as_asked,
    code_hash,
    new_code,
    new_token,
    token_hash,
    wording,
)
from ledger.errors import AccessError
from ledger.messages.commands import queue_words
from ledger.messages.wording import as_typed
from ledger.parties.contacts import COOLING_OFF_S, contacts_of, is_settled
from ledger.parties.model import CHANNELS, Contact, Party

__all__ = [
    "ask_to_sign_in",
    "customer_of",
    "forget_access",
    "open_staff_session",
    "send_code",
    "sign_in",
    "sign_out",
    "staff_by_token",
    "staff_of",
]

CUSTOMERS = ("customer", "owner")
"""Roles of parties that sign in here."""
KEPT_S = 86_400
"""How long sign-ins and sessions that ended are kept."""


def ask_to_sign_in(session: Session, *, now_s: int | None = None) -> str:
    """Opens a sign-in for whoever asks.

    Returns:
        The ticket, which is needed beside the code; it is kept nowhere here.
    """
    now, ticket = _now(now_s), new_token()
    session.execute(delete(SignIn).where(SignIn.expires_s < now - KEPT_S))
    session.add(SignIn(ticket_hash=token_hash(ticket), tries=0, expires_s=now + CODE_S))
    session.flush()
    return ticket


def send_code(
    session: Session, ticket: str, label: str, *, channel: str | None = None, cooling_off_s: int = COOLING_OFF_S, now_s: int | None = None
) -> bool:
    """Queues a code to the customer of this label, if there is one and it can be reached; run it once the asker has its answer.

    Args:
        label: the customer code as typed, in capitals or not.
        channel: where the customer wants it; anywhere when None: e-mail first, since it costs nothing.
        cooling_off_s: how long a changed contact gets no code.

    Returns:
        Whether a code was queued; never tell the asker.
    """
    now = _now(now_s)
    row = session.get(SignIn, token_hash(ticket), with_for_update=True)
    contact = _reachable(session, as_asked(label), channel, cooling_off_s, now)
    if row is None or row.code_hash is not None or now >= row.expires_s or contact is None or contact.address is None:
        return False
    code = new_code()
    words = wording(code)
    row.code_hash, row.party_id, row.contact_id = code_hash(ticket, code), contact.party_id, contact.id
    key = f"sign-in/{row.ticket_hash.hex()[:32]}"
    until, about = row.expires_s, contact.party_id
    queue_words(session, words, key=key, channel=contact.channel, address=contact.address, about=about, until_s=until)
    return True


def sign_in(session: Session, ticket: str, code: str, *, now_s: int | None = None) -> str | None:
    """Tries a code. Commit whatever the answer is: a wrong try counts.

    Returns:
        The token of a new session; None when the code does not sign in, for whatever reason.
    """
    now = _now(now_s)
    row = session.get(SignIn, token_hash(ticket), with_for_update=True)
    if row is None or row.ended_s is not None or now >= row.expires_s:
        return None
    right = hmac.compare_digest(row.code_hash or bytes(32), code_hash(ticket, as_typed(code)))
    row.tries += not right
    if right or row.tries >= CODE_TRIES:
        row.ended_s = now
    party = None if row.party_id is None or not right else session.get(Party, row.party_id)
    if party is None or party.salt_key is None:
        return None
    contact = None if row.contact_id is None else session.get(Contact, row.contact_id)
    if contact is None or contact.ended_s is not None:
        return None  # withdrawn since the code was sent
    contact.verified_s = contact.verified_s or now
    return _opened(session, AccessSession(party_id=party.id), CUSTOMER_SESSION_S, now)


def customer_of(session: Session, token: str | None, *, now_s: int | None = None) -> Party:
    """The customer a session's token signs in.

    Raises:
        AccessError: not signed in, or not any more.
    """
    found = _session(session, token, now_s)
    if found is None or found.party is None or found.party.salt_key is None:
        raise AccessError("not signed in, or not any more", field="session", fix="sign in at /sign-in")
    return found.party


def staff_of(session: Session, token: str | None, *, now_s: int | None = None) -> Staff:
    """The member of staff a session's token signs in; errors as `customer_of`."""
    found = _session(session, token, now_s)
    if found is None or found.staff is None or found.staff.removed_s is not None:
        raise AccessError("not signed in as staff, or not any more", field="session", fix="sign in at /staff/sign-in with your token")
    return found.staff


def staff_by_token(session: Session, token: str) -> Staff:
    """The member of staff whose own token this is.

    Raises:
        AccessError: nobody's.
    """
    known = Staff.token_hash == token_hash(token.strip()), Staff.removed_s.is_(None)
    staff = session.scalars(select(Staff).where(*known)).one_or_none()
    if staff is None:
        raise AccessError("nobody has this token", field="token", fix="check it, or have an admin make another: `sonang staff add`")
    return staff


def open_staff_session(session: Session, staff: Staff, *, now_s: int | None = None) -> str:
    """Signs a browser in as a member of staff; returns the session's token."""
    return _opened(session, AccessSession(staff_id=staff.id), STAFF_SESSION_S, _now(now_s))


def sign_out(session: Session, token: str) -> None:
    """Ends a session; again, it changes nothing."""
    session.execute(delete(AccessSession).where(AccessSession.token_hash == token_hash(token)))


def forget_access(session: Session, party_id: bytes) -> None:
    """Ends every session and sign-in of a customer, as erasure wants it."""
    session.execute(delete(AccessSession).where(AccessSession.party_id == party_id))
    session.execute(delete(SignIn).where(SignIn.party_id == party_id))


def _opened(session: Session, row: AccessSession, lasting_s: int, now: int) -> str:
    token = new_token()
    session.execute(delete(AccessSession).where(AccessSession.expires_s < now - KEPT_S))
    row.token_hash, row.created_s, row.expires_s = token_hash(token), now, now + lasting_s
    session.add(row)
    session.flush()
    return token


def _session(session: Session, token: str | None, now_s: int | None) -> AccessSession | None:
    row = session.get(AccessSession, token_hash(token)) if token else None
    return None if row is None or _now(now_s) >= row.expires_s else row


def _reachable(session: Session, label: str, channel: str | None, cooling_off_s: int, now: int) -> Contact | None:
    """Where a code goes: a contact that stands, is settled, and whose party can still sign in."""
    known = Party.label.in_({label, label.upper()}), Party.role.in_(CUSTOMERS), Party.salt_key.is_not(None)
    party = session.scalars(select(Party).where(*known).order_by(Party.label != label).limit(1)).one_or_none()
    if party is None:
        return None
    standing: Sequence[Contact] = [one for one in contacts_of(session, party) if one.ended_s is None]
    settled = {one.channel: one for one in standing if is_settled(one, now_s=now, cooling_off_s=cooling_off_s)}
    wanted = ("email", "zalo", "sms") if channel is None else (channel,) if channel in CHANNELS else ()
    return next((settled[each] for each in wanted if each in settled), None)


def _now(now_s: int | None) -> int:
    return int(time.time()) if now_s is None else now_s
