"""What staff need not type anew for a contract: what the unit's last one says of the utility, and the code of a customer who has one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from ledger.agreements.kinds import supply_non_residential, supply_residential
from ledger.agreements.model import AgreementRow
from ledger.services.annexes import terms_of
from ledger.services.model import Request, RequestDocument

__all__ = ["proposed"]

OF_THE_UTILITY: Final[Mapping[str, str]] = {
    "contact_utility": "contact.utility",
    "utility_address": "utility.address",
    "utility_phone": "utility.phone",
    "utility_representative": "utility.representative",
    "utility_tax_code": "utility.tax_code",
}
"""Facts that are the unit's own, each with the term of a contract that says it."""
_SUPPLIES = (supply_residential.NAME, supply_non_residential.NAME)
_CODE = re.compile(r"[A-Z0-9]{13}", re.ASCII)


def proposed(request: Request, kind: str) -> dict[str, str]:
    """Facts a form for a document may begin with: nothing is known by them, and nothing is kept, before staff send it."""
    session = object_session(request)
    if session is None or kind not in _SUPPLIES:
        return {}
    last = _last(session, request, (kind,)) or _last(session, request, _SUPPLIES)
    terms = {} if last is None else terms_of(last)
    found = {name: str(terms[path]) for name, path in OF_THE_UTILITY.items() if terms.get(path)}
    asker = "" if request.party is None else request.party.label
    return found | ({"customer_code": asker} if _CODE.fullmatch(asker) else {})


def _last(session: Session, request: Request, kinds: tuple[str, ...]) -> AgreementRow | None:
    """The contract of these kinds that was drafted for the newest request of the same unit."""
    drafted = select(AgreementRow).join(RequestDocument, RequestDocument.agreement_id == AgreementRow.id)
    theirs = drafted.join(Request, Request.id == RequestDocument.request_id).where(Request.unit_id == request.unit_id)
    wanted = theirs.where(AgreementRow.kind.in_(kinds), RequestDocument.dropped.is_(False), Request.id != request.id)
    return session.scalars(wanted.order_by(Request.number.desc()).limit(1)).first()
