"""A request's time drawn: spans of its steps and of the times its clock stood still, as parts of the whole that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.services.model import Request
from ledger.services.queries import Lane, Timing, lanes_of, timing
from ledger.services.reading import office_calendar
from ledger.services.wording import WHY_SHOWN, left_words, moment_words, work_words

__all__ = ["Bar", "Drawn", "Row", "Span", "bar_of", "drawn"]

LEFT = ("go-back", "reject", "withdraw")
"""Verbs that end a step without its being done."""


@dataclass(frozen=True)
class Span:
    """A part of the picture: where it begins and how wide it is, in per cent with two places, and what it says."""

    left: str
    width: str
    kind: str
    title: str


@dataclass(frozen=True)
class Row:
    """One step: its names, its span when it began, its time in words, and whether it is done, or was later than its share."""

    vi: str
    en: str
    span: Span | None
    used: str
    ahead: bool
    done: bool = False
    late: bool = False


@dataclass(frozen=True)
class Drawn:
    """The whole picture.

    Attributes:
        pauses: spans in which the clock stood still.
        due: where the deadline lies, as a left edge.
        first, last: the moments at its edges.
    """

    rows: Sequence[Row]
    pauses: Sequence[Span]
    due: str
    first: str
    last: str


@dataclass(frozen=True)
class Bar:
    """Time used of a deadline: how full, of which colour, in words."""

    percent: int
    kind: str
    words_vi: str
    words_en: str
    due: str


def bar_of(found: Timing) -> Bar:
    """The bar of a request or a step."""
    calendar = office_calendar()
    vi, en = left_words(found, calendar.office_on(calendar.day_of(found.due_s)).seconds_a_day)
    kind = "late" if found.late else "still" if found.paused else "near" if found.percent >= 75 else "good"
    return Bar(min(100, found.percent), kind, vi, en, moment_words(calendar, found.due_s))


def done_words(lane: Lane, found: Timing) -> str:
    """Of a step that is over: how it ended, and the working time it took against its share where it has one."""
    calendar = office_calendar()
    day_s = calendar.office_on(calendar.day_of(found.due_s)).seconds_a_day
    (used_vi, used_en), (all_vi, all_en) = work_words(found.used_s, day_s), work_words(found.allowed_s, day_s)
    vi, en = ("↩ dừng", "left") if lane.ended_as in LEFT else ("✓ xong", "done")
    if not found.allowed_s:
        return f"{vi} · {en}"
    late_vi, late_en = (", quá hạn", ", late") if found.late else ("", "")
    return f"{vi}{late_vi}, {used_vi} trên {all_vi} · {en}{late_en}, {used_en} of {all_en}"


def drawn(request: Request, now: int) -> Drawn:
    """A request's steps over the time from its receipt to its deadline, or to now when that is later."""
    calendar = office_calendar()
    end = request.closed_s if request.closed_s is not None else now
    whole = timing(request, now)
    first, last = request.received_s, max(end, whole.due_s)
    scale = max(1, last - first)

    def span(began: int, ended: int, kind: str, title: str) -> Span:
        return Span(_part(began - first, scale), _part(max(ended - began, scale // 200), scale), kind, title)

    def row(lane: Lane) -> Row:
        found = lane.timing
        if found is None or lane.began_s is None:
            return Row(lane.step.vi, lane.step.en, None, "", True)
        ended = end if lane.ended_s is None else lane.ended_s
        bar, done = bar_of(found), lane.ended_s is not None
        words = done_words(lane, found) if done else f"{bar.words_vi} · {bar.words_en}" if found.allowed_s else ""
        title = f"{moment_words(calendar, lane.began_s)} – {moment_words(calendar, ended)}"
        kind = "good" if not found.allowed_s or (done and not found.late) else bar.kind
        late, step = bool(found.allowed_s) and found.late, lane.step
        return Row(step.vi, step.en, span(lane.began_s, ended, kind, title), words, False, done, late)

    still = [
        span(one.began_s, end if one.ended_s is None else one.ended_s, "still", " · ".join(WHY_SHOWN[one.why])) for one in request.pauses
    ]
    edges = moment_words(calendar, first), moment_words(calendar, last)
    return Drawn([row(lane) for lane in lanes_of(request, now)], still, _part(whole.due_s - first, scale), *edges)


def _part(part: int, whole: int) -> str:
    hundredths = max(0, min(10_000, part * 10_000 // whole))
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
