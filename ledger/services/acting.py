"""One act on a request: locked, held against what the actor saw, written down, and the time reckoned anew. The verbs are in `commands`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.services import rules
from ledger.services.calendar import WorkCalendar
from ledger.services.catalogue import CHANNELS, Service, Step, service_by_code
from ledger.services.model import RUNNING, WHO, Request, RequestAct, RequestInput, RequestPause, RequestStep
from ledger.services.reading import office_calendar
from ledger.services.rules import Pause, Value

__all__ = ["OPEN", "SYSTEM", "Actor", "Turn", "drafted", "facts_given", "pauses_of", "service_of", "take_turn", "values_of"]

OPEN = ("open",)
FACTS = "facts:"
"""Begins the names under which facts of a kind of document are kept beside the values of fields."""


@dataclass(frozen=True)
class Actor:
    """Who acts, and through which channel.

    Attributes:
        who: customer, staff or system.
        name: the staff member's account, the customer's pseudonym, or the part of the program.
        channel: one of `CHANNELS`.
        role: of a member of staff; None of who acts at the installation's own command line without being one.
    """

    who: str
    name: str
    channel: str
    role: str | None = None

    def __post_init__(self) -> None:
        for given, known, name in ((self.who, WHO, "who"), (self.channel, tuple(CHANNELS), "channel")):
            if given not in known:
                raise InputError(f"no {name} {given!r}", field=name, fix=f"give one of {', '.join(known)}")
        if not self.name.strip():
            raise InputError("nobody acts", field="actor", fix="say who acts: an account, or a customer's id")


SYSTEM = Actor("system", "sonang", "internal")
"""What the program does by itself."""


def service_of(request: Request) -> Service:
    """The entry a request follows."""
    return service_by_code(request.service, request.service_from)


def values_of(request: Request) -> dict[str, Value]:
    """Everything given and written down so far."""
    return {one.name: orjson.loads(one.value) for one in request.inputs if not one.name.startswith(FACTS)}


def facts_given(request: Request) -> dict[str, dict[str, object]]:
    """What staff gave for documents beyond the fields, by kind of document."""
    return {one.name.removeprefix(FACTS): orjson.loads(one.value) for one in request.inputs if one.name.startswith(FACTS)}


def drafted(request: Request) -> bool:
    """Whether a document that counts was drafted from what was given."""
    return any(not one.dropped for one in request.documents)


def pauses_of(request: Request) -> list[Pause]:
    """When its clock stood still, in order."""
    return [Pause(one.began_s, one.ended_s) for one in request.pauses]


@dataclass
class Turn:
    """An act under way on a locked request.

    Attributes:
        at: when it happens, Unix seconds; never before the act ahead of it.
    """

    session: Session
    request: Request
    service: Service
    actor: Actor
    at: int
    calendar: WorkCalendar = field(default_factory=office_calendar)

    @property
    def step(self) -> Step:
        """The step it stands at.

        Raises:
            RuleError: it has ended.
        """
        if self.request.step is None:
            raise RuleError(f"request {self.request.number} has ended", field="request", fix="submit a new request")
        return self.service.step(self.request.step)

    @property
    def values(self) -> dict[str, Value]:
        """Everything given and written down so far."""
        return values_of(self.request)

    def by_itself(self) -> Turn:
        """This turn as the program's own."""
        return self if self.actor == SYSTEM else replace(self, actor=SYSTEM)

    def by_staff(self) -> Turn:
        """This turn, if staff take it.

        Raises:
            RuleError: somebody else does.
        """
        if self.actor.who != "staff":
            raise RuleError("staff do this", field="actor", fix="give what is missing, sign, or withdraw the request")
        return self

    def by_its_role(self) -> Turn:
        """This turn, if the step is not kept for staff of another role; one that is kept for a role is nobody's without.

        Raises:
            RuleError: it is.
        """
        wanted, role = self.step.role, self.actor.role
        if wanted and role is None:
            fix = f"name who does it: --actor NAME, {wanted} or admin"
            raise RuleError(f"{self.step.code} is not for who has no role", field="role", fix=fix)
        if wanted and role not in (wanted, "admin"):
            fix = f"ask a member of staff who is {wanted} or admin; who is examined does not conclude"
            raise RuleError(f"{self.step.code} is not for the role {role}", field="role", fix=fix)
        return self

    def standing_at(self, does: str) -> Turn:
        """This turn, if the request stands at a step of a sort.

        Raises:
            RuleError: it stands at another; says which.
        """
        if self.step.does != does:
            step, words = self.step, {"sign": "its documents wait for signatures, or for the chain", "route": "assign it to a unit"}
            fix = words.get(step.does, f"{step.does} it")
            raise RuleError(f"it stands at {step.code}: {step.vi} · {step.en}", field="step", fix=fix)
        return self

    def keep(self, values: Mapping[str, object], step: str | None) -> None:
        """Keeps values, the newest of a name."""
        held = {one.name: one for one in self.request.inputs}
        for name, value in values.items():
            text = orjson.dumps(value).decode()
            if name in held:
                held[name].value, held[name].step = text, step
            else:
                self.request.inputs.append(RequestInput(name=name, value=text, step=step))

    def tell(self, verb: str, note: str | None = None) -> None:
        """Writes the act down, and the step it was done at."""
        code = self.request.step or self.request.steps[-1].code
        self.request.version += 1
        self.request.changed_s = self.at
        self.request.acts.append(
            RequestAct(
                version=self.request.version,
                verb=verb,
                step=code,
                who=self.actor.who,
                actor=self.actor.name,
                channel=self.actor.channel,
                at_s=self.at,
                note=note,
            )
        )

    def enter(self, step: Step) -> None:
        """Begins a step."""
        row = RequestStep(place=len(self.request.steps), code=step.code, began_s=self.at, allowance_s=0)
        self.request.steps.append(row)
        self.request.step = step.code
        if step.by == "customer":
            self.pause("customer-step")

    def leave(self, verb: str) -> None:
        """Ends the step it stands at; the clock runs again."""
        self.resume()
        here = self.request.steps[-1]
        here.ended_s, here.ended_as = self.at, verb

    def move_on(self, verb: str) -> None:
        """Ends the step and begins the next that applies."""
        code = self.step.code
        self.leave(verb)
        self.enter(rules.following(self.service, code, self.values))

    def end(self, verb: str, state: str) -> None:
        """Ends the request."""
        self.leave(verb)
        self.request.state, self.request.step, self.request.closed_s = state, None, self.at

    def pause(self, why: str) -> None:
        """Stops the clock, where the service says that this stops it."""
        if why in self.service.pauses and self.request.paused_s is None:
            self.request.pauses.append(RequestPause(why=why, began_s=self.at))
            self.request.paused_s = self.at

    def resume(self, since: int | None = None) -> None:
        """Lets the clock run again: from a moment since it stopped, else from now on."""
        if self.request.paused_s is not None:
            known = since is not None and self.request.paused_s <= since <= self.at
            self.request.pauses[-1].ended_s = since if known else self.at
            self.request.paused_s = None

    def reckon(self) -> None:
        """Reckons anew when the deadline and the step's share of it are over; of an ended request nothing changes any more."""
        request, values, pauses = self.request, self.values, pauses_of(self.request)
        if request.step is None:
            return
        request.deadline_days = self.service.deadline(values).days
        here = request.steps[-1]
        here.allowance_s = rules.allowance_s(self.calendar, self.service, self.step, values, request.clock_s)
        total = request.deadline_days * self.calendar.office_on(self.calendar.day_of(request.clock_s)).seconds_a_day
        request.due_s = rules.due(self.calendar, pauses, request.clock_s, total)
        request.step_due_s = rules.due(self.calendar, pauses, max(here.began_s, request.clock_s), here.allowance_s)

    def done(self) -> Request:
        """The request after the act."""
        self.reckon()
        self.session.flush()
        return self.request


def take_turn(session: Session, request_id: bytes, actor: Actor, at: int, *, seen: int | None, states: tuple[str, ...] = RUNNING) -> Turn:
    """Locks a request for one act.

    Args:
        seen: the version the actor looked at; None for the program itself, which looks under the lock.

    Raises:
        NotFoundError: no such request.
        ConflictError: somebody acted since.
        RuleError: its state allows no such act.
    """
    session.flush()
    known = session.get(Request, request_id)
    if known is not None:
        session.expire(known)  # with all that hangs on it: another session may have acted
    request = session.scalars(select(Request).where(Request.id == request_id).with_for_update()).one_or_none()
    if request is None:
        raise NotFoundError("no such request", field="request", fix="take its number from `sonang service show`")
    if seen is not None and request.version != seen:
        last = request.acts[-1]
        raise ConflictError(
            f"{'the customer' if last.who == 'customer' else last.actor} acted on request {request.number} meanwhile",
            field="seen",
            fix=f"look at it again (version {request.version}), then act on what is there now",
        )
    if request.state not in states:
        raise RuleError(f"request {request.number} is {request.state}", field="request", fix=f"only {' or '.join(states)} ones allow this")
    return Turn(session, request, service_of(request), actor, max(at, request.changed_s))
