"""Telling customers what became of their request: handed back, once more when nobody answered, and that it ended, unless they ended it.

Of an end everybody is told who was asked to sign something for it, such as the former holder of a contract that was to pass on.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.model import Signatory
from ledger.errors import InputError
from ledger.messages.commands import NEWS, queue_words
from ledger.messages.model import Channel, Message
from ledger.messages.wording import Wording
from ledger.parties.contacts import FIRST, contacts_of, normalised
from ledger.parties.model import Party
from ledger.services.acting import service_of, values_of
from ledger.services.documents import request_code
from ledger.services.following import is_over
from ledger.services.model import Request, RequestAct, RequestDocument
from ledger.services.news_words import ended_words, lacking_words, others_words
from ledger.services.reaching import WAYS
from ledger.signing.model import Presentation, SigningLink

__all__ = ["AGAIN_S", "KEY", "PATIENCE_DAYS", "address_of", "key_of", "tell_due"]

KEY: Final = NEWS
"""What the keys of these messages begin with."""
AGAIN_S: Final = 3 * 86_400
"""How long after a request was handed back its customer is told once more."""
PATIENCE_DAYS: Final = 90
"""In how many days after that they may answer, unless the installation says otherwise."""
NEWS_S: Final = 7 * 86_400
"""An end from before that is no news."""
ENDED: Final = {"rejected": "reject", "withdrawn": "withdraw"}
"""How a request ends without what it asked for, with the verb that did it."""


@dataclass(frozen=True)
class _News:
    """A request, the act somebody is told of, and whether it is said again.

    Attributes:
        other: who was asked to sign something for it; None for its own customer.
    """

    request: Request
    act: RequestAct
    again: bool = False
    other: Party | None = None

    @property
    def key(self) -> str:
        own = key_of(self.request, self.act, again=self.again)
        return own if self.other is None else f"{own}/{self.other.id.hex()}"


def key_of(request: Request, act: RequestAct, *, again: bool = False) -> str:
    """The key of the message that tells its customer of an act."""
    return f"{KEY}{request.id.hex()}/{act.version}{'/again' if again else ''}"


def tell_due(session: Session, *, public_url: str, now: int, patience_days: int = PATIENCE_DAYS) -> list[str]:
    """Queues what was not told yet, each thing once, where people said they can be reached; codes of the requests. Never commits.

    The messages are about the request, so emptying it forgets where they went; erasing one of those people does too.

    Args:
        public_url: where people reach the pages.
        patience_days: in how many days they may answer after they were reminded (`expiring.withdraw_unanswered`).

    Raises:
        SettingsError: messages cannot be sealed yet (`ledger.messages.sealing.prepare`).
    """
    told, waiting = [], _waiting(session, now)
    known = set(session.scalars(select(Message.key).where(Message.key.in_([news.key for news in waiting]))))
    for news in waiting:
        where = None if news.key in known else _address(session, news)
        if where is None:
            continue
        words, (channel, address) = _words(session, news, public_url, patience_days), where
        queue_words(session, words, key=news.key, channel=channel, address=address, about=news.request.id)
        told.append(request_code(news.request))
    return told


def _waiting(session: Session, now: int) -> list[_News]:
    """What customers' requests that stand handed back, or ended just now, have for whom."""
    ended = [and_(Request.state == state, RequestAct.verb == verb, Request.closed_s > now - NEWS_S) for state, verb in ENDED.items()]
    asked = (
        select(Request, RequestAct)
        .join(RequestAct, RequestAct.request_id == Request.id)
        .where(or_(and_(Request.state == "returned", RequestAct.verb == "hand-back"), *ended))
        .order_by(Request.number, RequestAct.version)
    )
    newest = {request.id: (request, act) for request, act in session.execute(asked)}
    others, found = _others(session, [one for one, (request, _) in newest.items() if request.state in ENDED]), list[_News]()
    for request, act in newest.values():
        if service_of(request).group != "electronic":
            continue
        if act.who != "customer":  # else they did it themselves
            found.append(_News(request, act, again=request.state == "returned" and now >= act.at_s + AGAIN_S))
        found += [_News(request, act, other=party) for party in others[request.id] if party.id.hex() != act.actor]
    return found


def _others(session: Session, requests: Collection[bytes]) -> Mapping[bytes, list[Party]]:
    """By request, who beside its customer was invited to sign a document of it, looked at one, or signed one."""
    theirs = (Signatory.agreement_id, Signatory.party_id)
    invited = select(SigningLink.token_digest).where(SigningLink.agreement_id == theirs[0], SigningLink.party_id == theirs[1])
    looked = select(Presentation.id).where(Presentation.agreement_id == theirs[0], Presentation.party_id == theirs[1])
    asked = (
        select(RequestDocument.request_id, Party)
        .join(Request, Request.id == RequestDocument.request_id)
        .join(Signatory, Signatory.agreement_id == RequestDocument.agreement_id)
        .join(Party, Party.id == Signatory.party_id)
        .where(RequestDocument.request_id.in_(requests), Party.role != "utility", Party.id.is_distinct_from(Request.party_id))
        .where(or_(Signatory.signature.is_not(None), invited.exists(), looked.exists()))
        .order_by(RequestDocument.place, Signatory.place)
    )
    found = defaultdict[bytes, list[Party]](list)
    for request, party in session.execute(asked):
        if party not in found[request]:
            found[request].append(party)
    return found


def _address(session: Session, news: _News) -> tuple[Channel, str] | None:
    return address_of(session, news.request) if news.other is None else _contact(session, news.other)


def address_of(session: Session, request: Request) -> tuple[Channel, str] | None:
    """Where its customer is reached: by a contact of theirs, else by what they gave with the request; None where nothing leads to them."""
    if request.party is not None:
        return _contact(session, request.party)
    values = values_of(request)
    for channel, name, _ in WAYS:
        with contextlib.suppress(InputError):
            if isinstance(given := values.get(name), str):
                return channel, normalised(channel, given)
    return None


def _contact(session: Session, party: Party) -> tuple[Channel, str] | None:
    standing = {one.channel: one.address for one in contacts_of(session, party) if one.ended_s is None}
    return next(((channel, address) for channel in FIRST if (address := standing.get(channel))), None)


def _words(session: Session, news: _News, public_url: str, patience_days: int) -> Wording:
    request = news.request
    if news.other is not None:
        contract = request.contract
        lasts = contract is not None and contract.owner.id == news.other.id and not is_over(session, contract)
        return others_words(request, f"{public_url}/my", lasts=lasts)
    address = f"{public_url}/my/requests/{request.number}"
    if request.state in ENDED:
        return ended_words(request, news.act, address)
    return lacking_words(request, news.act, address, patience_days if news.again else None)
