"""Telling customers what became of their request: handed back, once more when nobody answered, withdrawn at last for that, or rejected."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ledger.errors import InputError
from ledger.messages.commands import queue_words
from ledger.messages.model import Channel, Message
from ledger.messages.wording import Wording
from ledger.parties.contacts import FIRST, contacts_of, normalised
from ledger.services.acting import service_of, values_of
from ledger.services.documents import request_code
from ledger.services.model import Request, RequestAct
from ledger.services.queries import lacking
from ledger.services.reaching import WAYS

__all__ = ["AGAIN_S", "KEY", "PATIENCE_DAYS", "address_of", "key_of", "tell_due"]

KEY: Final = "service-news/"
"""What the keys of these messages begin with."""
AGAIN_S: Final = 3 * 86_400
"""How long after a request was handed back its customer is told once more."""
PATIENCE_DAYS: Final = 90
"""In how many days after that they may answer, unless the installation says otherwise."""
NEWS_S: Final = 7 * 86_400
"""An end from before that is no news."""


@dataclass(frozen=True)
class _News:
    """A request, the act its customer is told of, and whether it is said again."""

    request: Request
    act: RequestAct
    again: bool

    @property
    def key(self) -> str:
        return key_of(self.request, self.act, again=self.again)


def key_of(request: Request, act: RequestAct, *, again: bool = False) -> str:
    """The key of the message that tells of an act."""
    return f"{KEY}{request.id.hex()}/{act.version}{'/again' if again else ''}"


def tell_due(session: Session, *, public_url: str, now: int, patience_days: int = PATIENCE_DAYS) -> list[str]:
    """Queues what customers were not told yet, each thing once, where they said they can be reached; codes of the requests. Never commits.

    Args:
        public_url: where people reach the pages.
        patience_days: in how many days they may answer after they were reminded (`expiring.withdraw_unanswered`).

    Raises:
        SettingsError: messages cannot be sealed yet (`ledger.messages.sealing.prepare`).
    """
    told, waiting = [], _waiting(session, now)
    known = set(session.scalars(select(Message.key).where(Message.key.in_([news.key for news in waiting]))))
    for news in waiting:
        where = None if news.key in known else address_of(session, news.request)
        if where is None:
            continue
        words, (channel, address) = _words(news, public_url, patience_days), where
        queue_words(session, words, key=news.key, channel=channel, address=address, about=news.request.id)
        told.append(request_code(news.request))
    return told


def _waiting(session: Session, now: int) -> list[_News]:
    """Customers' requests that stand handed back, or were ended just now and not by them, each with the act that did it."""
    asked = (
        select(Request, RequestAct)
        .join(RequestAct, RequestAct.request_id == Request.id)
        .where(
            or_(
                and_(Request.state == "returned", RequestAct.verb == "hand-back"),
                and_(Request.state == "rejected", RequestAct.verb == "reject", Request.closed_s > now - NEWS_S),
                and_(
                    Request.state == "withdrawn",
                    RequestAct.verb == "withdraw",
                    RequestAct.who == "system",
                    Request.closed_s > now - NEWS_S,
                ),
            )
        )
        .order_by(Request.number, RequestAct.version)
    )
    newest = {request.id: (request, act) for request, act in session.execute(asked)}
    return [
        _News(request, act, again=request.state == "returned" and now >= act.at_s + AGAIN_S)
        for request, act in newest.values()
        if service_of(request).group == "electronic"
    ]


def address_of(session: Session, request: Request) -> tuple[Channel, str] | None:
    """Where its customer is reached: by a contact of theirs, else by what they gave with the request; None where nothing leads to them."""
    if request.party is not None:
        standing = {one.channel: one.address for one in contacts_of(session, request.party) if one.ended_s is None}
        return next(((channel, address) for channel in FIRST if (address := standing.get(channel))), None)
    values = values_of(request)
    for channel, name, _ in WAYS:
        with contextlib.suppress(InputError):
            if isinstance(given := values.get(name), str):
                return channel, normalised(channel, given)
    return None


def _words(news: _News, public_url: str, patience_days: int) -> Wording:
    request, code, service = news.request, request_code(news.request), service_of(news.request)
    address, why = f"{public_url}/my/requests/{request.number}", (news.act.note or "").partition(" (missing: ")[0]
    if request.state == "rejected":
        return Wording(
            subject_vi=f"{code}: không được chấp nhận",
            subject_en="rejected",
            text_vi=f"Yêu cầu {code}, {service.vi}, không được chấp nhận: {why}\nNếu không đồng ý, bạn có thể khiếu nại với điện lực.",
            text_en=f"The request {code}, {service.en}, was rejected: {why}\nIf you do not agree, you can complain to the utility.",
            short=f"So Nang: yeu cau {code} khong duoc chap nhan, hoi dien luc. Rejected, ask the utility. {address}",
        )
    if request.state == "withdrawn":
        return Wording(
            subject_vi=f"{code}: đã rút vì không có trả lời",
            subject_en="withdrawn, nobody answered",
            text_vi=f"Yêu cầu {code}, {service.vi}, không có trả lời nên coi như đã rút. Nếu vẫn cần, hãy gửi yêu cầu mới.",
            text_en=f"The request {code}, {service.en}, was not answered and counts as withdrawn. Ask anew if you need it.",
            short=f"So Nang: yeu cau {code} da rut vi khong co tra loi. Withdrawn, nobody answered. {address}",
        )
    fields = lacking(request)
    until_vi = f"\nQuá {patience_days} ngày kể từ tin này mà không có trả lời, yêu cầu coi như đã rút." if news.again else ""
    until_en = f"\nWithout an answer in {patience_days} days from this message it counts as withdrawn." if news.again else ""
    short = f" Sau {patience_days} ngay coi nhu rut. Withdrawn after {patience_days} days." if news.again else ""
    vi, en = ("\n".join(f"– {one.vi if wanted == 'vi' else one.en}" for one in fields) for wanted in ("vi", "en"))
    return Wording(
        subject_vi=f"{code}: cần bổ sung",
        subject_en="something is missing",
        text_vi=f"Yêu cầu {code}, {service.vi}, chờ bạn bổ sung: {why}\n{vi}\n{address}, hoặc liên hệ điện lực.{until_vi}",
        text_en=f"The request {code}, {service.en}, waits for you: {why}\n{en}\n{address}, or ask the utility.{until_en}",
        short=f"So Nang: yeu cau {code} can bo sung. Something is missing.{short} {address}",
    )
