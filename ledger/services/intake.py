"""Taking a request in: what it is about, who asks, whether that can be; and what is odd about who asks and what for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import agreement_by_lookup_code
from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.parties.model import Party, Unit
from ledger.protocol.quantities import new_id
from ledger.services import rules
from ledger.services.acting import Turn, service_of
from ledger.services.catalogue import Service, catalogue
from ledger.services.model import Request
from ledger.services.reading import office_calendar
from ledger.services.twice import alike_words

__all__ = [
    "asker_of",
    "check_channel",
    "check_contract_known",
    "contract_with_code",
    "holder_of",
    "oddities",
    "place_of",
    "received",
    "theirs_to_change",
    "usual_channel",
]

ORDERED = "internal"
"""The channel of a review: nobody asks for one from outside."""


def usual_channel(service: str, otherwise: str) -> str:
    """How a request for a service, by its code, comes in where nobody says how: a review is ordered internally."""
    return ORDERED if any(one.code == service and one.group == "review" for one in catalogue()) else otherwise


def check_channel(entry: Service, channel: str) -> None:
    """Passes where requests for it come in by such a channel.

    Raises:
        InputError: it is a review, and those are ordered internally.
    """
    if entry.group == "review" and channel != ORDERED:
        raise InputError(f"{entry.code} is ordered internally, not by {channel}", field="channel", fix="give internal, or leave it out")


def received(entry: Service, days: int, channel: str, at: int) -> Request:
    """A request as it comes in; nobody was named yet."""
    calendar = office_calendar()
    return Request(
        id=new_id(),
        service=entry.code,
        service_from=entry.valid_from,
        state="open",
        channel=channel,
        received_s=at,
        clock_s=calendar.clock_start(at),
        deadline_days=days,
        due_s=calendar.due(at, days),
        step_due_s=calendar.clock_start(at),
        changed_s=at,
        version=0,
    )


def place_of(service: Service, point: str | None, unit: Unit | None) -> str | None:
    """The metering point a request is about, where it is about one.

    Raises:
        InputError: the place is missing, or is none.
    """
    if service.place == "metering-point":
        if point is None:
            fix = "give the customer's code as on a bill, or the contract that names it"
            raise InputError("no metering point", field="metering_point", fix=fix)
        return rules.metering_point(point)
    if unit is None:
        raise InputError("no unit", field="unit", fix="choose the unit that serves the place")
    return rules.metering_point(point) if point else None


def asker_of(service: Service, contract: AgreementRow | None, party: Party | None) -> Party | None:
    """The customer of a request: who is named, else the holder of its contract; where they change what they have, nobody but the holder.

    Raises:
        ConflictError: the contract is somebody else's.
    """
    holder = holder_of(service, contract)
    if party is not None and holder is not None and party.id != holder.id:
        problem = f"the contract is not {party.label}'s"
        raise ConflictError(problem, field="contract", fix="name a contract of this customer, or leave the customer out")
    return party or holder


def holder_of(service: Service, contract: AgreementRow | None) -> Party | None:
    """The customer of a contract, unless the service makes somebody else the holder."""
    return contract.owner if contract is not None and service.named_by == "customer_name" else None


def theirs_to_change(turn: Turn, contract: AgreementRow) -> None:
    """Passes where a contract may be named for a request: of one a customer sent in, only theirs.

    Raises:
        ConflictError: it is another customer's.
    """
    holder, asker = holder_of(turn.service, contract), turn.request.party
    if turn.request.acts[0].who == "customer" and holder is not None and asker is not None and holder.id != asker.id:
        problem = f"the contract is not {asker.label}'s, who asks"
        raise ConflictError(problem, field="contract", fix="name a contract of this customer, or reject the request")


def check_contract_known(turn: Turn) -> None:
    """Passes where a request about a contract has one.

    Raises:
        RuleError: none is known; says why, and how to name it.
    """
    request = turn.request
    if not turn.service.of_contract or request.contract is not None:
        return
    bearer = _bearer(turn.session, request)
    if bearer is not None and request.party is not None and bearer.id != request.party.id:
        problem = f"the metering point is {bearer.label}'s, and {request.party.label} asks"
        raise RuleError(problem, field="contract", fix=f"reject it, or name a contract of who asks: {naming(request)}")
    raise RuleError(
        "no contract of this metering point is known", field="contract", fix=f"name it: {naming(request)}; or reject the request"
    )


def naming(request: Request) -> str:
    """The command that names the contract of a request."""
    return f"sonang service act {request.number} contract --contract CODE"


def oddities(request: Request) -> list[tuple[str, str]]:
    """What staff should look at before they go on with a request, Vietnamese and English: it was asked for twice, or who asks is not whose
    point or contract it is.
    """
    session, service, found = object_session(request), service_of(request), alike_words(request)
    if session is None or request.step is None or not service.of_contract:
        return found
    point = request.metering_point
    bearer, same_holder = _bearer(session, request), service.named_by == "customer_name"
    if same_holder and bearer is not None and request.party is not None and bearer.id != request.party.id:
        vi = f"Điểm đo {point} là của {bearer.label}, không phải của {request.party.label} là người yêu cầu"
        found.append((vi, f"The metering point {point} is {bearer.label}'s, not {request.party.label}'s, who asks"))
    if point is not None and bearer is None:
        found.append((f"Không có khách hàng nào ở điểm đo {point}", f"Nobody here has the metering point {point}"))
    if request.contract is None:
        found.append(
            ("Chưa biết hợp đồng: nêu hợp đồng trước khi nhận hồ sơ", "No contract is known: name it before the request is accepted")
        )
    return found


def contract_with_code(session: Session, code: str) -> AgreementRow:
    """A contract somebody named by its look-up code.

    Raises:
        InputError, NotFoundError: as `agreement_by_lookup_code`, naming the contract.
    """
    try:
        return agreement_by_lookup_code(session, code)
    except (InputError, NotFoundError) as wrong:
        raise type(wrong)(wrong.problem, field="contract", fix=wrong.fix) from None


def _bearer(session: Session, request: Request) -> Party | None:
    """Who bears the customer code of its metering point."""
    if request.metering_point is None:
        return None
    code = request.metering_point.removesuffix(rules.POINT_ENDING)
    return session.scalars(select(Party).where(Party.label == code)).one_or_none()
