"""What customers are called: one born of a request bears its number until a contract names their code, which they sign in with."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import ConflictError
from ledger.parties.model import Party
from ledger.services.annexes import terms_of
from ledger.services.model import Request

__all__ = ["call_by_code", "called_now", "hand_code_on", "provisional"]

_PROVISIONAL = re.compile(r"request-\d{1,10}", re.ASCII)


def provisional(request: Request) -> str:
    """What a customer is called before their code is known."""
    return f"request-{request.number}"


def called_now(session: Session, label: str) -> str:
    """The name of the customer who asked in the request of this provisional name, which a contract has renamed since; any other stays."""
    if _PROVISIONAL.fullmatch(label.casefold()) is None:
        return label
    number = int(label.rpartition("-")[2])
    asked = select(Party.label).join(Request, Request.party_id == Party.id).where(Request.number == number)
    return session.scalar(asked) or label


def call_by_code(session: Session, request: Request, customer: Party, code: object) -> None:
    """Lets a customer born of a request be called by the code their contract is drafted with; one who has a name of their own keeps it.

    A code that the holder of the contract so far bears passes on when the new contract is sealed (`hand_code_on`).

    Raises:
        ConflictError: another customer bears it.
    """
    if not isinstance(code, str) or customer.label == code or not _born_here(request, customer):
        return
    bearer = session.scalars(select(Party).where(Party.label == code)).one_or_none()
    if bearer is None:
        customer.label = code
        session.flush()
    elif request.contract is None or bearer.id != request.contract.owner.id:
        fix = f'give the code of this customer, or submit a request with "party": "{code}" if it is the same one'
        raise ConflictError(f"{code} is another customer's", field="customer_code", fix=fix)


def hand_code_on(session: Session, request: Request, former: Party | None, code: object) -> None:
    """Once a new holder's contract is sealed: the code is theirs, and the former holder is called by it and the request's number."""
    customer = request.party
    if customer is None or former is None or former.id == customer.id or former.label != code or not _born_here(request, customer):
        return
    former.label = f"{code}/{request.number}"
    session.flush()
    customer.label = code
    session.flush()


def _born_here(request: Request, customer: Party) -> bool:
    """Whether its name is none of its own: a request's number, or the code of a draft that was dropped."""
    drafted = {terms_of(one.agreement).get("customer.code") for one in request.documents if one.dropped}
    return _PROVISIONAL.fullmatch(customer.label) is not None or customer.label in drafted
