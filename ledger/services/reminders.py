"""Reminders: the unit's desk of what is late, or about to be, has come to nothing or reaches nobody; once for a step and day."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ledger.messages.commands import queue_message
from ledger.services.acting import service_of
from ledger.services.calendar import WorkCalendar
from ledger.services.documents import request_code
from ledger.services.model import Request, RequestReminder, UnitDesk
from ledger.services.queries import lanes_of, running, timing
from ledger.services.reading import office_calendar
from ledger.services.signatures import Signing, over_words, signing_of
from ledger.services.wording import left_words, moment_words

__all__ = ["ReminderReport", "remind_due"]

SOON_S = 4 * 3600
"""Working time before a step's due moment from which the desk is reminded of it."""


@dataclass(frozen=True)
class ReminderReport:
    """What was queued, and which units' requests reach nobody.

    Attributes:
        queued: codes of the requests a message was queued about, in order of their due moments.
        nowhere: codes of units that have no desk, or `-` for requests that have no unit yet.
        waiting: codes of requests that were reminded of today already, or wait for offices to open, in the same order.
        until: first second of the day they are reminded of again, Unix.
    """

    queued: tuple[str, ...]
    nowhere: tuple[str, ...]
    waiting: tuple[str, ...]
    until: int


def remind_due(session: Session, now: int) -> ReminderReport:
    """Queues what is to be said today; again on the same day it queues nothing new. On a day offices are closed nobody is reminded.

    Raises:
        SettingsError: messages cannot be sealed yet (`ledger.messages.sealing.prepare`).
    """
    calendar = office_calendar()
    queued, nowhere, waiting, works = [], set(), [], calendar.is_working(calendar.day_of(now))
    for request in running(session):
        signing = _signing(session, request)
        stuck = signing is not None and bool(signing.over or signing.unreached or signing.changed)
        if not (stuck or _pressing(request, now, calendar)):
            continue
        desk = session.get(UnitDesk, request.unit_id) if request.unit_id is not None else None
        if desk is None:
            nowhere.add(request.unit.code if request.unit else "-")
        elif not works or not _first_today(session, request, now, calendar):
            waiting.append(request_code(request))
        else:
            subject, body = _told(request, signing, now, calendar)
            key = f"service-reminder/{request.id.hex()}/{len(request.steps)}/{calendar.day_of(now)}"
            queue_message(session, key=key, channel=desk.channel, address=desk.address, subject=subject, body=body)
            queued.append(request_code(request))
    session.flush()
    until = calendar.moment(calendar.day_of(calendar.clock_start(now)), 0)
    return ReminderReport(tuple(queued), tuple(sorted(nowhere)) if works else (), tuple(waiting), until)


def _pressing(request: Request, now: int, calendar: WorkCalendar) -> bool:
    """Whether the clock runs and the step or the whole is late, or nearly."""
    seen = now if request.paused_s is None else request.paused_s
    late = min(request.due_s, request.step_due_s) < seen
    near = request.paused_s is None and calendar.working_seconds(now, min(request.due_s, request.step_due_s)) <= SOON_S
    return late or near


def _first_today(session: Session, request: Request, now: int, calendar: WorkCalendar) -> bool:
    row = insert(RequestReminder).values(
        request_id=request.id, place=len(request.steps) - 1, day=calendar.day_of(now), whom=request.unit.code if request.unit else "-"
    )
    return session.scalar(row.on_conflict_do_nothing().returning(RequestReminder.place)) is not None


def _signing(session: Session, request: Request) -> Signing | None:
    """How far its documents are, where it waits for signatures."""
    signs = request.step is not None and service_of(request).step(request.step).does == "sign"
    return signing_of(session, request) if signs else None


def _standing(signing: Signing | None) -> str:
    if signing is not None and signing.over:
        return "hồ sơ không thành · a document came to nothing"
    if signing is not None and signing.changed:
        return "văn bản đã khác lúc trình ký · a document changed since it was shown"
    if signing is not None and signing.unreached:
        return "chưa mời ký được · the customer is not reached"
    return "sắp đến hạn · due soon"


def _told(request: Request, signing: Signing | None, now: int, calendar: WorkCalendar) -> tuple[str, str]:
    """What the desk reads: no name, no address, nothing of the customer."""
    service, whole = service_of(request), timing(request, now)
    lane = next(lane for lane in lanes_of(request, now) if lane.ended_s is None and lane.timing is not None)
    assert lane.timing is not None  # noqa: S101 - chosen so
    day_s, code = calendar.office_on(calendar.day_of(now)).seconds_a_day, request_code(request)
    late = whole.late or lane.timing.late
    (step_vi, step_en), (whole_vi, whole_en) = left_words(lane.timing, day_s), left_words(whole, day_s)
    subject = f"{code}: {'quá hạn · late' if late else _standing(signing)}"
    lines = (
        f"{code}: {service.vi} · {service.en}",
        f"Bước · Step: {lane.step.vi} · {lane.step.en}",
        f"Hạn của bước · Step due: {moment_words(calendar, lane.timing.due_s)} ({step_vi} · {step_en})",
        f"Hạn của yêu cầu · Request due: {moment_words(calendar, whole.due_s)} ({whole_vi} · {whole_en})",
        *(() if signing is None else over_words(signing)),
        f"sonang service show {request.number}",
    )
    return subject, "\n".join(lines)
