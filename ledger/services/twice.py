"""What was asked for already: a second request for one service at one place is taken, and both say so to who asks and to the desk."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import object_session

from ledger.services.documents import request_code
from ledger.services.model import Request

__all__ = ["alike", "alike_words"]


def alike(request: Request, *, customers: bool = False) -> Sequence[Request]:
    """Other running requests for the same service at the same metering point, of the same customer as far as both are known; oldest first.

    Args:
        customers: those of the very same customer only, who may read them.
    """
    session = object_session(request)
    if session is None or request.step is None or request.metering_point is None:
        return ()
    same = Request.metering_point == request.metering_point, Request.service == request.service, Request.id != request.id
    rows = session.scalars(select(Request).where(Request.step.is_not(None), *same).order_by(Request.number)).all()
    known = (request.party_id,) if customers else (request.party_id, None)
    return [one for one in rows if one.party_id in known or (request.party_id is None and not customers)]


def alike_words(request: Request, *, customers: bool = False) -> list[tuple[str, str]]:
    """The same in words, Vietnamese and English; a hint, since the second may be meant."""
    codes = [request_code(one) for one in alike(request, customers=customers)]
    return [
        (
            f"Yêu cầu {code} cho cùng dịch vụ và điểm đo này cũng đang mở; nếu thừa, hãy rút một yêu cầu",
            f"The request {code} for the same service and metering point is open too; withdraw one if both are not meant",
        )
        for code in codes
    ]
