"""One-time codes: sent to a contact, kept as a keyed hash, good once and for one thing.

Requests are counted in the database under locks, tries are committed before anybody learns what came of them: a crash, a rolled back
signature or a hundred requests at once never give a try away. Everybody locks in one order: agreement, party, code, contact.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.orm import Session

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_moment
from ledger.errors import ConflictError, LimitError, RuleError, SonangError, WrongCodeError
from ledger.messages.commands import queue_words
from ledger.messages.rules import masked
from ledger.messages.wording import Wording, grouped
from ledger.parties.model import Contact, Party
from ledger.signing.desk import SigningDesk, note
from ledger.signing.model import OneTimeCode
from ledger.signing.rules import DAY_S, HOUR_S, Binding, address_tag, check_code, code_hash, new_code

__all__ = ["CodeSent", "Telling", "claim_code", "send_code", "use_code"]

Telling = Callable[[str, int], Wording]
"""Words a code, as people read it, given when it expires."""
_AGAIN = "ask for a new code"


@dataclass(frozen=True)
class CodeSent:
    """What the person may be told of a code: where it went, as others may see it, how many digits, and until when it is good."""

    channel: str
    address: str
    digits: int
    expires_s: int


def send_code(
    session: Session, desk: SigningDesk, contact: Contact, binding: Binding, telling: Telling, *, about: bytes | None = None
) -> CodeSent:
    """Makes a code for a party and queues its message; an earlier one for the same thing is good no more.

    Args:
        contact: of any party whose address it is; `binding.party` is who will type it in.
        about: the agreement the message concerns; None for what concerns the contact's party alone.

    Raises:
        LimitError: the party or the address has had its share for the hour or the day.
        ConflictError: the contact's address was erased.
    """
    if contact.address is None:
        raise ConflictError("its address was erased", field="contact", fix="record a new contact")
    now, terms = desk.clock(), desk.terms
    tag = address_tag(desk.codes_key, contact.channel, contact.address)
    _check_shares(session, desk, binding.party, tag)
    for open_one in session.scalars(_of(binding).where(OneTimeCode.closed_s.is_(None))):
        open_one.closed_s, open_one.closed_how = now, "replaced"
    session.flush()
    digits, expires = new_code(terms.digits), now + terms.lives_s
    code = OneTimeCode(
        purpose=binding.purpose,
        party_id=binding.party,
        contact=contact,
        presentation_id=binding.presentation or None,
        bound=binding.bound,
        address_tag=tag,
        code_hash=code_hash(desk.codes_key, binding, expires, digits),
        requested_s=now,
        expires_s=expires,
        attempts=0,
    )
    session.add(code)
    session.flush()
    words, channel = telling(grouped(digits), expires), contact.channel
    key = f"one-time-code/{code.id}"
    queue_words(session, words, key=key, channel=channel, address=contact.address, about=about or contact.party_id, until_s=expires)
    return CodeSent(channel, masked(contact.address), terms.digits, expires)


def claim_code(desk: SigningDesk, binding: Binding, typed: str, *, act: str, agreement: bytes | None = None) -> int:
    """Pays for one try and says which code it was, when it was the right one; what comes of it is committed before this returns.

    Raises:
        InputError: not so many digits; this costs no try, but is kept.
        WrongCodeError: another code.
        RuleError: none was asked for, or it has expired.
        ConflictError: it was used before, or a newer one took its place.
        LimitError: it has borne all its tries.
    """
    with desk.checking(act, agreement=agreement, party=binding.party):
        typed = check_code(typed, desk.terms.digits)
    with desk.sessions.begin() as session:
        code = session.scalars(_of(binding).order_by(OneTimeCode.id.desc()).limit(1).with_for_update()).one_or_none()
        refused = _try(desk, code, binding, typed)
        found = code.id if code is not None else 0
        if refused is not None:
            way = code.contact.channel if code is not None else None
            note(session, act, at_s=desk.clock(), agreement=agreement, party=binding.party, way=way, refused=refused)
    if refused is not None:
        raise refused
    return found


def use_code(session: Session, code_id: int, *, now_s: int) -> OneTimeCode:
    """Spends a claimed code, in the transaction of what it allows; of two that come with it at once, the second is refused.

    Raises:
        ConflictError: it was spent or replaced meanwhile.
        RuleError: it expired meanwhile; no evidence names a code that was taken after its time.
    """
    asked = select(OneTimeCode).where(OneTimeCode.id == code_id).with_for_update().execution_options(populate_existing=True)
    code = session.scalars(asked).one()
    if code.closed_how not in (None, "exhausted"):  # tries that came after the right one take nothing from it
        raise _closed(code)
    if now_s >= code.expires_s:
        raise _expired()
    code.closed_s, code.closed_how = now_s, "used"
    code.contact.verified_s = code.contact.verified_s or now_s
    session.flush()
    return code


def _try(desk: SigningDesk, code: OneTimeCode | None, binding: Binding, typed: str) -> SonangError | None:
    """Counts a try and looks at it; what is wrong, or None. Everything it changes is to be committed."""
    now, most = desk.clock(), desk.terms.attempts
    if code is None:
        return RuleError("no code was asked for", field="code", fix=_AGAIN)
    if code.closed_s is not None:
        return _closed(code)
    if now >= code.expires_s:
        return _expired()
    if code.attempts >= most:
        code.closed_s, code.closed_how = now, "exhausted"
        return _closed(code)
    code.attempts += 1
    if hmac.compare_digest(code.code_hash, code_hash(desk.codes_key, binding, code.expires_s, typed)):
        return None
    left = most - code.attempts
    if left == 0:
        code.closed_s, code.closed_how = now, "exhausted"
    return WrongCodeError("the code is wrong", field="code", fix=f"type the newest code again, {left} tries are left" if left else _AGAIN)


def _expired() -> SonangError:
    return RuleError("the code has expired", field="code", fix=_AGAIN)


def _closed(code: OneTimeCode) -> SonangError:
    if code.closed_how == "exhausted":
        return LimitError("too many wrong codes", field="code", fix=_AGAIN)
    if code.closed_how == "used":
        return ConflictError("the code was used", field="code", fix="each code is good once; see whether it is done already")
    return ConflictError("a newer code took its place", field="code", fix="type the newest code")


def _check_shares(session: Session, desk: SigningDesk, party: bytes, tag: bytes) -> None:
    """Counts what was asked for, by the party and for the address, with both locked until the transaction ends."""
    session.execute(select(Party.id).where(Party.id == party).with_for_update(key_share=True))
    session.execute(text("SELECT pg_advisory_xact_lock(:tag)"), {"tag": int.from_bytes(tag[:8], "big", signed=True)})
    for whose, same in (("party", OneTimeCode.party_id == party), ("contact", OneTimeCode.address_tag == tag)):
        for share in ((desk.terms.per_hour, HOUR_S), (desk.terms.per_day, DAY_S)):
            _check_share(session, whose, same, share, desk.clock())


def _check_share(session: Session, whose: str, same: ColumnElement[bool], share: tuple[int, int], now: int) -> None:
    """A code that signed a document counts no more: nobody gets more of them than there are documents, and no guess was in it."""
    limit, window_s = share
    unsigned = or_(OneTimeCode.purpose != "approve", OneTimeCode.closed_how.is_distinct_from("used"))
    asked = select(func.count(), func.min(OneTimeCode.requested_s)).where(same, unsigned, OneTimeCode.requested_s > now - window_s)
    count, first = session.execute(asked).one()
    if count >= limit:
        wait = max(1, first + window_s - now)
        minutes = -(-wait // 60)
        problem = f"{count} codes that signed nothing were sent for this {whose} within {window_s // HOUR_S} h"
        fix = f"wait {minutes} minutes; from {local_moment(now + minutes * 60, TIME_ZONE):%H:%M %d/%m} on another can be asked for"
        raise LimitError(problem, field="code", fix=fix, retry_after_s=wait)


def _of(binding: Binding) -> Select[OneTimeCode]:
    same = OneTimeCode.party_id == binding.party, OneTimeCode.purpose == binding.purpose, OneTimeCode.bound == binding.bound
    return select(OneTimeCode).where(*same)
