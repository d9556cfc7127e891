"""Reading requests: lists for a unit's staff, one request with its timeline, what is overdue, how long it all took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ledger.errors import InputError, NotFoundError
from ledger.parties.model import Party, Unit
from ledger.services import rules
from ledger.services.acting import pauses_of, service_of, values_of
from ledger.services.calendar import WorkCalendar
from ledger.services.catalogue import Field, Service, Step
from ledger.services.model import RUNNING, STATES, Request
from ledger.services.reading import office_calendar
from ledger.services.signatures import Signing, signing_of

__all__ = [
    "Lane",
    "Timing",
    "lacking",
    "lanes_of",
    "number_of",
    "overdue",
    "request_by_id",
    "request_by_number",
    "requests_of_party",
    "requests_where",
    "running",
    "step_late",
    "timing",
]


@dataclass(frozen=True)
class Timing:
    """A request's time: working seconds used and allowed, of the whole deadline or of one step.

    Attributes:
        due_s: when it is over; while the clock stands still, as of when it stopped.
        late: whether it was over before it ended, or is over now; a clock that stood still in time is not.
    """

    used_s: int
    allowed_s: int
    due_s: int
    paused: bool
    late: bool

    @property
    def left_s(self) -> int:
        """Working seconds left; below 0 when late."""
        return self.allowed_s - self.used_s

    @property
    def percent(self) -> int:
        """The part used, rounded down; may pass 100."""
        return self.used_s * 100 // self.allowed_s if self.allowed_s else 0


@dataclass(frozen=True)
class Lane:
    """A step a request stood at, or one still ahead of it (`began_s` is None then)."""

    step: Step
    began_s: int | None
    ended_s: int | None
    ended_as: str | None
    timing: Timing | None


def request_by_id(session: Session, request_id: bytes) -> Request:
    """The request with this id, and all that hangs on it.

    Raises:
        NotFoundError: there is none.
    """
    return _one(session, Request.id == request_id)


def request_by_number(session: Session, number: int) -> Request:
    """The request people call by this number; errors as `request_by_id`."""
    return _one(session, Request.number == number)


def number_of(text: str) -> int:
    """A request's number from what people call it: `12`, or its code `PA01HH-2026-000012`.

    Raises:
        InputError: neither.
    """
    last = text.strip().rpartition("-")[2]
    if not (last.isascii() and last.isdecimal() and len(last) <= 15):
        raise InputError(f"{text[:40]!r} is no request", field="request", fix="give its number, or its code such as PA01HH-2026-000012")
    return int(last)


def requests_where(*, unit: Unit | None = None, service: str | None = None, state: str | None = None) -> Select[Request]:
    """Requests of a unit, of a service, in a state: those that run when none is named, all for `all`. Without an order.

    Raises:
        InputError: no such state.
    """
    if state is not None and state not in (*STATES, "all"):
        raise InputError(f"no state {state!r}", field="state", fix=f"give one of {', '.join(STATES)}, or all")
    wanted = select(Request).options(selectinload(Request.pauses), joinedload(Request.unit))
    if state != "all":
        wanted = wanted.where(Request.state.in_(RUNNING) if state is None else Request.state == state)
    if unit is not None:
        wanted = wanted.where(Request.unit_id == unit.id)
    if service is not None:
        wanted = wanted.where(Request.service == service)
    return wanted


def running(session: Session, unit: Unit | None = None) -> Sequence[Request]:
    """Requests that run, the first due first."""
    return session.scalars(requests_where(unit=unit).order_by(Request.due_s, Request.number)).all()


def requests_of_party(session: Session, party: Party) -> Sequence[Request]:
    """Everything a customer asked for, newest first."""
    return session.scalars(select(Request).where(Request.party_id == party.id).order_by(Request.number.desc())).all()


def overdue(session: Session, now: int, unit: Unit | None = None) -> Sequence[Request]:
    """Requests whose deadline, or whose step's share of it, is over; the latest first. A clock that stood still in time is never late."""
    seen = func.least(now, func.coalesce(Request.paused_s, now))
    late: ColumnElement[bool] = or_(Request.due_s < seen, Request.step_due_s < seen)
    return session.scalars(requests_where(unit=unit).where(late).order_by(Request.due_s, Request.number)).all()


def timing(request: Request, now: int, calendar: WorkCalendar | None = None) -> Timing:
    """The whole request's time as of a moment."""
    calendar = calendar or office_calendar()
    end = request.closed_s if request.closed_s is not None else now
    allowed = request.deadline_days * calendar.office_on(calendar.day_of(request.clock_s)).seconds_a_day
    used = rules.used_s(calendar, pauses_of(request), request.clock_s, end)
    seen = end if request.paused_s is None else request.paused_s
    return Timing(used, allowed, request.due_s, request.paused_s is not None, request.due_s < seen)


def step_late(request: Request, now: int) -> bool:
    """Whether the step it stands at took longer than its share, as of a moment; a clock that stood still in time is not late."""
    seen = now if request.paused_s is None else request.paused_s
    return request.step is not None and request.step_due_s < seen


def lanes_of(request: Request, now: int, calendar: WorkCalendar | None = None) -> list[Lane]:
    """Every step it stood at with its time, then those still ahead."""
    calendar = calendar or office_calendar()
    service, pauses = service_of(request), pauses_of(request)
    lanes = []
    for row in request.steps:
        end = row.ended_s if row.ended_s is not None else now
        start = max(row.began_s, request.clock_s)
        used = rules.used_s(calendar, pauses, start, end)
        known = [pause for pause in pauses if pause.began < end]
        due = rules.due(calendar, known, start, row.allowance_s)
        stands = row.ended_s is None and request.paused_s is not None
        late = due < (request.paused_s if stands and request.paused_s is not None else end)
        lanes.append(Lane(service.step(row.code), row.began_s, row.ended_s, row.ended_as, Timing(used, row.allowance_s, due, stands, late)))
    return lanes + [Lane(step, None, None, None, None) for step in _ahead(service, request)]


def lacking(request: Request) -> tuple[Field, ...]:
    """What the customer has not given yet."""
    return rules.missing(service_of(request).inputs, values_of(request))


def signing(session: Session, request: Request) -> Signing:
    """How far its documents are."""
    return signing_of(session, request)


def counts(session: Session, now: int) -> Mapping[str, int]:
    """How many requests are in each state, and how many are overdue."""
    found = dict.fromkeys(STATES, 0)
    found.update((state, count) for state, count in session.execute(select(Request.state, func.count()).group_by(Request.state)))
    return found | {"overdue": len(overdue(session, now))}


def _ahead(service: Service, request: Request) -> list[Step]:
    if request.step is None:
        return []
    order = [step.code for step in service.steps]
    here = order.index(request.step)
    return [step for step in service.applicable(values_of(request)) if order.index(step.code) > here]


def _one(session: Session, condition: ColumnElement[bool]) -> Request:
    options = (selectinload(Request.inputs), selectinload(Request.steps), selectinload(Request.pauses), selectinload(Request.acts))
    found = session.scalars(select(Request).where(condition).options(*options)).one_or_none()
    if found is None:
        raise NotFoundError("no such request", field="request", fix="take a number from `sonang service show`")
    return found
