"""Whose customer somebody is: a member of staff serves those of their unit, whether they ask by a page, a route or a command."""

from __future__ import annotations

import contextlib
import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.access.model import Staff
from ledger.agreements.model import AgreementRow, Signatory
from ledger.errors import ForbiddenError, InputError, NotFoundError
from ledger.parties.model import Party
from ledger.parties.queries import party_by_label
from ledger.services.intake import contract_with_code
from ledger.services.model import Request, RequestAct
from ledger.services.routing import unit_of
from ledger.services.rules import metering_point

__all__ = ["check_handled", "check_served", "contract_named", "customer_named", "serves"]


def check_handled(staff: Staff | None, request: Request) -> Request:
    """The request, when it is of the unit of who acts, or of none yet.

    Args:
        staff: as for `customer_named`.

    Raises:
        ForbiddenError: another unit handles it.
    """
    if staff is not None and request.unit_id is not None and not staff.sees(request.unit_id):
        fix = "ask somebody of the unit that handles it, or an admin of every unit"
        raise ForbiddenError(f"request {request.number} is another unit's", field="request", fix=fix)
    return request


def check_served(session: Session, staff: Staff, party: Party) -> Party:
    """The customer, when the unit of who asks serves them.

    Raises:
        ForbiddenError: another unit does.
    """
    if not serves(session, staff, party):
        fix = "ask somebody of the unit that serves the place, or an admin of every unit"
        raise ForbiddenError("it is another unit's customer", field="party", fix=fix)
    return party


def serves(session: Session, staff: Staff, party: Party) -> bool:
    """Whether a customer is one of the unit's: party to its documents, or asked it for a service, or has the code of a place it serves.

    A request that staff wrote down does not count: nobody gets at a customer by writing their code on one.
    """
    if staff.unit_id is None:
        return True
    theirs = select(AgreementRow.id).where(AgreementRow.unit_id == staff.unit_id)
    signed = select(Signatory.party_id).where(Signatory.agreement_id.in_(theirs), Signatory.party_id == party.id)
    own = select(RequestAct.request_id).where(RequestAct.version == 1, RequestAct.who == "customer")
    asked = select(Request.id).where(Request.party_id == party.id, Request.unit_id == staff.unit_id, Request.id.in_(own))
    if session.scalar(signed.limit(1)) is not None or session.scalar(asked.limit(1)) is not None:
        return True
    with contextlib.suppress(InputError):
        unit = unit_of(session, metering_point(party.label), int(time.time()))
        return unit is not None and unit.id == staff.unit_id
    return False


def customer_named(session: Session, staff: Staff | None, code: str, field: str) -> Party:
    """A customer whom a member of staff names by their code, beside a request or as who asks.

    Args:
        staff: None for who acts at the installation's own command line without being of the staff.

    Raises:
        NotFoundError: there is none, or it is another unit's: nobody learns which.
    """
    if staff is None or staff.unit_id is None:
        return party_by_label(session, code)
    found = session.scalars(select(Party).where(Party.label == code, Party.role != "utility")).one_or_none()
    if found is None or not serves(session, staff, found):
        fix = "read the code again from a bill or the contract; another unit's customers are served there"
        raise NotFoundError("no customer of this code", field=field, fix=fix)
    return found


def contract_named(session: Session, staff: Staff | None, code: str) -> AgreementRow:
    """A contract that a member of staff names by its look-up code: of their unit, or of a customer it serves.

    Args:
        staff: as for `customer_named`.

    Raises:
        InputError, NotFoundError: as `contract_with_code`; so too for another unit's.
    """
    row = contract_with_code(session, code)
    people = (one.party for one in row.signatories if one.party.role != "utility")
    if staff is not None and not staff.sees(row.unit_id) and not any(serves(session, staff, one) for one in people):
        fix = "name the metering point instead: the request goes to the unit that serves it"
        raise NotFoundError("no contract of this unit has that code", field="contract", fix=fix)
    return row
