"""Queueing a message in the transaction that decided it, and taking in what carriers report. Nothing commits; delivery is `delivery.py`."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

import orjson
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, InputError, NotFoundError, SignatureError
from ledger.messages.model import FINAL, STATES, Channel, Message
from ledger.messages.rules import CODE, KEY_LIMIT, check_address, check_text, moves_on
from ledger.messages.sealing import newest_key, seal
from ledger.messages.signatures import REPORT, signature_of
from ledger.messages.wording import Wording
from ledger.parties.model import Contact

__all__ = [
    "NEWS",
    "Gateway",
    "ReportOutcome",
    "accept_report",
    "call_back",
    "forget_addresses",
    "forget_recipient",
    "queue_message",
    "queue_words",
]

WINDOW_S = 300
"""How far a report's time stamp may be from ours."""
REPORT_LIMIT = 16_384
"""Bytes."""
NEWS = "service-news/"
"""Begins the key of what is told about a request, which ends with the id of a party where that is not the one who asked."""
_REFERENCE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


@dataclass(frozen=True)
class Gateway:
    """Who reports: the channel it carries and the secret we share with it."""

    channel: Channel
    secret: bytes

    def __repr__(self) -> str:
        return f"Gateway({self.channel!r})"


@dataclass(frozen=True)
class ReportOutcome:
    """What a report did: the message's state now, and whether the report moved it."""

    state: str
    moved: bool


def queue_message(
    session: Session,
    *,
    key: str,
    channel: Channel,
    address: str,
    subject: str,
    body: str,
    about: bytes | None = None,
    until_s: int | None = None,
) -> Message:
    """Records that a message is to be sent, once, however often this is called with the same key; nothing leaves before the commit.

    Args:
        key: the caller's own stable name for this message, by convention `<occasion>/<ids>`; it is shown to staff, so no secret and no
            personal data in it.
        address: an e-mail address, or a telephone number with its country such as +84912345678.
        subject: one line, of an e-mail; not encrypted, so no secret in it. Other channels have none.
        body: the text; sealed at once and wiped once a carrier has it.
        about: id of the agreement or the request it concerns, or of the party where it concerns nothing else of theirs.
        until_s: not worth sending after this moment, Unix seconds: a code that has expired, say.

    Returns:
        The message; one queued before under this key is returned as it is, whatever became of it.

    Raises:
        InputError: the channel, the address or the text cannot be delivered; nothing of them is repeated.
        ConflictError: the key belongs to a message to another address.
        SettingsError: this installation has no key to seal texts to yet (`sealing.prepare`).
    """
    if not 0 < len(key) <= KEY_LIMIT or not key.isprintable():
        raise InputError("empty, too long or not printable", field="key", fix=f"name the message in 1 to {KEY_LIMIT} characters")
    address, (subject, body) = check_address(channel, address), check_text(channel, subject, body)
    values = {"key": key, "channel": channel, "address": address, "subject": subject, "about": about, "until_s": until_s}
    return _inserted(session, values, body) or _known(session, key, channel, address)


def queue_words(
    session: Session, words: Wording, *, key: str, channel: Channel, address: str, about: bytes | None = None, until_s: int | None = None
) -> Message:
    """As `queue_message`, in the words there are for the channel."""
    said = {"subject": words.subject(), "body": words.body(channel)}
    return queue_message(session, key=key, channel=channel, address=address, about=about, until_s=until_s, **said)


def accept_report(
    session: Session, gateway: Gateway, body: bytes, signature: str, timestamp: str, *, now_s: int | None = None
) -> ReportOutcome:
    """Takes in what a gateway says became of a message. Late, repeated and reordered reports are fine: a message never goes back.

    Args:
        body: JSON with `id` (ours) or `reference` (the gateway's), `state` (sent, delivered, failed, expired) and a `code` that says why.
        signature: `v1=` and the hexadecimal HMAC-SHA-256 of `signatures.signature_of`.
        timestamp: the Unix seconds that were signed with it.

    Raises:
        SignatureError: not signed with our secret, or too long ago; nothing in it was looked at.
        InputError: signed, but not a report.
        NotFoundError: signed, but about no message of this gateway's channel.
        ConflictError: signed, but its reference names several, or another message than its id.
    """
    _check_signed(gateway, body, signature, timestamp, int(time.time()) if now_s is None else now_s)
    report = _read(body)
    named = Message.handle == report["id"] if "id" in report else Message.reference == report["reference"]
    found = session.scalars(select(Message).where(named, Message.channel == gateway.channel).with_for_update()).all()
    fix = "report the id that came with the message, to the channel it came by"
    if not found:
        raise NotFoundError("no such message", field="id", fix=fix)
    if len(found) > 1:
        raise ConflictError(f"{len(found)} messages have this reference", field="reference", fix=fix)
    message = found[0]
    _check_one(session, message, report.get("reference"))
    told = report["state"]
    if not moves_on(message.state, told):
        return ReportOutcome(message.state, False)
    now = int(time.time()) if now_s is None else now_s
    message.state, message.body, message.sent_s = told, None, message.sent_s or now
    message.ended_s = now if told in FINAL else None
    message.reason = None if told in ("sent", "delivered") else f"{gateway.channel}: {report.get('code', 'no reason given')}"
    message.reference = message.reference or report.get("reference")
    session.flush()
    return ReportOutcome(message.state, True)


def call_back(session: Session, about: bytes, reason: str) -> int:
    """Gives up what is still queued about an agreement, for it is not to be said any more; returns how many.

    Args:
        reason: shown as why; no secret and no personal data in it.
    """
    ended = {"state": "expired", "body": None, "reason": reason, "ended_s": int(time.time())}
    queued = update(Message).where(Message.about == about, Message.state == "queued").values(**ended)
    return len(session.scalars(queued.returning(Message.id)).all())


def forget_addresses(session: Session, about: bytes) -> int:
    """Erases addresses, subjects and texts of every message about an agreement; what is still queued is given up. Returns how many."""
    return _forget(session, Message.about == about)


def forget_recipient(session: Session, addresses: Collection[str], whose: bytes) -> int:
    """As `forget_addresses`, for what went to a party's addresses about that party, or in its name about somebody else's request.

    Two people may have one telephone, so an address alone does not say whose a message is: what is about an agreement or a request goes
    with that. What is about nothing goes with the last party that has the address.

    Args:
        whose: the party's id.
    """
    others = select(Contact.id).where(Contact.address == Message.address, Contact.party_id != whose)
    told = Message.key.startswith(NEWS, autoescape=True) & Message.key.endswith(f"/{whose.hex()}", autoescape=True)
    theirs = or_(Message.about == whose, told, and_(Message.about.is_(None), ~others.exists()))
    return _forget(session, and_(Message.address.in_(addresses), theirs))


def _inserted(session: Session, values: Mapping[str, object], body: str) -> Message | None:
    """The new message; None when its key is taken."""
    handle, now, public = uuid4().hex, int(time.time()), newest_key(session)
    ours = {"handle": handle, "body": seal(public, handle, body), "sealed_to": public, "next_try_s": now, "queued_s": now}
    adding = insert(Message).values(state="queued", tries=0, **values, **ours).on_conflict_do_nothing(index_elements=["key"])
    return session.scalars(adding.returning(Message)).one_or_none()


def _known(session: Session, key: str, channel: str, address: str) -> Message:
    known = session.scalars(select(Message).where(Message.key == key)).one()
    if known.channel != channel or known.address not in (address, None):
        raise ConflictError("already names a message to another address", field=key, fix="use another key for another message")
    return known


def _forget(session: Session, theirs: ColumnElement[bool]) -> int:
    queued = {"state": "expired", "reason": "erased · đã xoá", "ended_s": int(time.time())}
    session.execute(update(Message).where(theirs, Message.state == "queued").values(body=None, **queued))
    wiping = update(Message).where(theirs).values(address=None, subject="").returning(Message.id)
    return len(session.scalars(wiping).all())


def _check_one(session: Session, message: Message, reference: str | None) -> None:
    """Passes unless a report's reference is known as another message's: then nobody can tell which of the two it is about."""
    if reference is None or reference == message.reference:
        return
    same = Message.reference == reference, Message.channel == message.channel, Message.id != message.id
    if session.scalar(select(Message.id).where(*same).limit(1)) is not None:
        fix = "report the id or the reference of the message it is about; nothing was changed"
        raise ConflictError("its id and its reference are of two different messages", field="reference", fix=fix)


def _check_signed(gateway: Gateway, body: bytes, signature: str, timestamp: str, now: int) -> None:
    stamped = re.fullmatch(r"[0-9]{1,12}", timestamp)
    good = hmac.compare_digest(signature_of(gateway.secret, REPORT, timestamp, body).encode(), signature.encode())
    if stamped is None or not good:
        fix = "sign `report.<timestamp>.<body>` with the shared secret"
        raise SignatureError("the report is not signed with this gateway's secret", field="X-Sonang-Signature", fix=fix)
    if abs(now - int(timestamp)) > WINDOW_S:
        fix = f"send reports within {WINDOW_S} s of signing, and set the clocks by the same source"
        raise SignatureError("the report was signed too long ago, or in the future", field="X-Sonang-Timestamp", fix=fix)


_Field = Literal["id", "reference", "state", "code"]


def _read(body: bytes) -> dict[_Field, str]:
    wrong = InputError("not a report", field="body", fix='send {"id": …, "state": "sent|delivered|failed|expired", "code": …}')
    if len(body) > REPORT_LIMIT:
        raise wrong
    try:
        given = orjson.loads(body)
    except ValueError:
        raise wrong from None
    if not isinstance(given, dict) or given.get("state") not in STATES[1:]:
        raise wrong
    found: dict[_Field, str] = {"state": str(given["state"])}
    forms: tuple[tuple[_Field, re.Pattern[str]], ...] = (("id", re.compile("[0-9a-f]{32}")), ("reference", _REFERENCE), ("code", CODE))
    for name, form in forms:
        if isinstance(given.get(name), str) and form.fullmatch(given[name]):
            found[name] = given[name]
    if "id" not in found and "reference" not in found:
        raise wrong
    return found
