"""How `sonang service` shows things: tables with bars of time, a request's timeline, a year's calendar."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from ledger.cli.answers import say_json
from ledger.cli.tables import Code, listing, show_table
from ledger.db import database
from ledger.errors import InputError
from ledger.services.acting import service_of, values_of
from ledger.services.calendar import WorkCalendar
from ledger.services.catalogue import CHANNELS, Asked, Service
from ledger.services.documents import request_code
from ledger.services.holiday import holidays_of
from ledger.services.intake import oddities
from ledger.services.model import Request
from ledger.services.queries import Timing, lacking, lanes_of, signing, timing
from ledger.services.reading import office_calendar
from ledger.services.shown import code_shown
from ledger.services.signatures import Signing, over_words, reasons_of
from ledger.services.wording import PAPERS_SHOWN, STATES_SHOWN, WHY_SHOWN, left_words, moment_of, moment_words
from ledger.settings import Settings, load_settings

__all__ = ["Opened", "asked_table", "bar", "opened", "say", "show_calendar", "show_list", "show_request", "show_service", "show_services"]

NAMING = "sonang service act {} contract --contract CODE"
WIDTH = 12
"""Cells of a bar."""


@dataclass
class Opened:
    """The installation's database, for one command."""

    session: Session
    settings: Settings

    def moment(self, text: str | None) -> int:
        """A moment somebody named, or now.

        Raises:
            InputError: not a moment.
        """
        return int(time.time()) if text is None else moment_of(office_calendar(), text)

    def happened(self, text: str | None, since: int = 0) -> int:
        """When something happened: now, or a moment somebody named that lies between what happened before it and now.

        Raises:
            InputError: it is no moment, lies ahead, or before the last act.
        """
        moment, now = self.moment(text), int(time.time())
        if text is not None and not since - since % 60 <= moment <= now:
            calendar = office_calendar()
            first = f"not before the last act, {moment_words(calendar, since)}, and " if since else ""
            raise InputError(
                f"{moment_words(calendar, moment)} is {'still to come' if moment > now else 'before the last act'}",
                field="at",
                fix=f"give a moment {first}not later than now, or leave it out",
            )
        return moment


@contextlib.contextmanager
def opened() -> Iterator[Opened]:
    """The database, committed at the end unless something failed. Whoever tells what was done commits first (`Opened.session`): a reader
    who goes away meanwhile ends this program, and must not undo it.
    """
    settings = load_settings()
    with database(settings) as sessions, sessions() as session:
        yield Opened(session, settings)
        session.commit()


def say(answer: object, shown: Callable[[Console], object], as_json: bool) -> None:
    """An answer as JSON, or shown to a person."""
    if as_json:
        say_json(answer)
    else:
        shown(Console(highlight=False))


def bar(percent: int, late: bool, paused: bool) -> str:
    """Time used, as a bar: full at the deadline."""
    full = min(WIDTH, percent * WIDTH // 100)
    colour = "red" if late else "yellow" if percent >= 75 else "green"
    stands = " ‖" if paused else ""
    return f"[{colour}]{'█' * full}[/][dim]{'░' * (WIDTH - full)}[/] {percent:>3} %{stands}"


def show_services(console: Console, services: Sequence[Service], stale: Sequence[Service]) -> None:
    """Services as a table."""
    table = listing(Code("Mã · Code"), "Dịch vụ · Service", "Ngày làm việc · Working days", Code("Hồ sơ · Documents"))
    for one in services:
        days = ", ".join(dict.fromkeys(f"≤ {deadline.days}" for deadline in reversed(one.deadlines)))
        table.add_row(one.code, f"{one.vi}\n[dim]{one.en}[/]", days, "\n".join(one.kinds()) or "–")
    show_table(console, table)
    for one in stale:
        by = f"{one.verify_by:%d/%m/%Y}"
        console.print(f"[yellow]{one.code}: lẽ ra đã phải xem lại quy định trước {by} ·[/]")
        console.print(f"[yellow]{one.code}: somebody should have looked at its rules again by {by}[/]")


def show_service(console: Console, service: Service) -> None:
    """One service in full."""
    console.print(
        f"[bold]{service.code}[/]: {service.vi} · {service.en}", f"[dim]{service.reference_vi} · {service.reference_en}[/]", sep="\n"
    )
    for deadline in service.deadlines:
        console.print(f"≤ {deadline.days} ngày làm việc · working days {f'– {deadline.vi} · {deadline.en}' if deadline.vi else ''}")
    show_table(console, asked_table("Cần có · Asked for", service.inputs))
    table = listing(Code("Bước · Step"), "", "Phần · Share", Code("Ghi · Records"), Code("Hồ sơ · Documents"))
    for step in service.steps:
        records = "\n".join(one.field.name + ("" if one.required else "?") for one in step.records)
        kinds = "\n".join(document.kind for document in step.documents)
        names = f"{step.vi}\n[dim]{step.en}{' – khách hàng · customer' if step.by == 'customer' else ''}[/]"
        table.add_row(step.code, names, f"{step.share} %" if step.share else "–", records or "–", kinds or "–")
    show_table(console, table)


def show_list(console: Console, requests: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Requests with their time as bars."""
    if not requests:
        console.print(empty)
        return
    calendar = office_calendar()
    table = listing(Code("Mã · Code"), "Dịch vụ, bước · Service, step", Code("Thời gian, hạn · Time, due"))
    for one in requests:
        used = one["time"]
        state, channel = STATES_SHOWN[one["state"]], CHANNELS[one["channel"]]
        step = one["step_names"] if one["step"] else state
        (vi, en), names = (f"{state[at]}, {channel[at]}" for at in (0, 1)), one["service_names"]
        where = f"{names[0]}: {step[0]}\n{names[1]}: {step[1]}\n[dim]{vi} · {en}[/]"
        where += "\n[red]bước quá hạn · step late[/]" if one["step_late"] else ""
        due = moment_words(calendar, used["due_s"])
        drawn = bar(used["percent"], used["late"], used["paused"])
        table.add_row(one["code"], where, f"{drawn}\n[{'red' if used['late'] else 'dim'}]{due}[/]")
    show_table(console, table)


def show_request(console: Console, session: Session, request: Request, now: int) -> None:
    """One request in full."""
    service, calendar, whole = service_of(request), office_calendar(), timing(request, now)
    day_s = calendar.office_on(calendar.day_of(request.clock_s)).seconds_a_day
    vi, en = left_words(whole, day_s)
    state_vi, state_en = STATES_SHOWN[request.state]
    console.print(f"[bold]{request_code(request)}[/] (số · no. {request.number}): {service.vi} · {service.en}")
    console.print(f"{state_vi} · {state_en}; {CHANNELS[request.channel][0]} · {CHANNELS[request.channel][1]}; version {request.version}")
    console.print(f"Hạn · Due {moment_words(calendar, whole.due_s)}: {vi} · {en}", bar(whole.percent, whole.late, whole.paused))
    if request.paused_s is not None:
        why = WHY_SHOWN[request.pauses[-1].why]
        console.print(f"[yellow]‖ {why[0]} · {why[1]}[/] từ · since {moment_words(calendar, request.paused_s)}")
    wanting = lacking(request) if request.step else ()
    if wanting:
        console.print("[yellow]Còn thiếu · Missing:[/] " + ", ".join(f"{one.vi} ({one.name})" for one in wanting))
    if request.party is not None or request.metering_point is not None:
        asker = "–" if request.party is None else request.party.label
        console.print(f"Người yêu cầu · Who asks: {asker}; điểm đo · metering point: {request.metering_point or '–'}", markup=False)
    for vi_odd, en_odd in oddities(request):
        console.print(f"[yellow]{escape(vi_odd)} · {escape(en_odd)}[/]")
    if request.contract is not None:
        console.print(f"Hợp đồng · Contract: {code_shown(request.contract)} ({request.contract.kind})", markup=False)
    elif request.step is not None and service.of_contract:
        console.print("[yellow]Chưa rõ hợp đồng · No contract is known:[/] " + escape(NAMING.format(request.number)))
    _show_values(console, request, service)
    _show_steps(console, request, now, calendar)
    _show_documents(console, request, signing(session, request))
    table = listing("Lúc · At", "Việc · Act", "Ai · Who", "Kênh · Channel", "Ghi chú · Note")
    for act in request.acts:
        table.add_row(
            moment_words(calendar, act.at_s), act.verb, f"{act.who} {escape(act.actor[:24])}", act.channel, escape(act.note or "")
        )
    show_table(console, table)


def _show_values(console: Console, request: Request, service: Service) -> None:
    fields = {field.name: field for field in service.fields()}
    table = listing("Thông tin · Given", "")
    values = values_of(request)
    for name, value in ((name, values[name]) for name in fields if name in values):
        shown = {True: "có · yes", False: "không · no"}[value] if isinstance(value, bool) else str(value)
        table.add_row(f"{fields[name].vi} [dim]({name})[/]", escape(f"{shown} {fields[name].unit}".strip()))
    show_table(console, table)


def _show_steps(console: Console, request: Request, now: int, calendar: WorkCalendar) -> None:
    table = listing(Code("Bước · Step"), "", "Từ · From", Code("Thời gian · Time"), "Hạn · Due")
    for lane in lanes_of(request, now):
        found: Timing | None = lane.timing
        if found is None or lane.began_s is None:
            table.add_row(f"[dim]{lane.step.code}[/]", f"[dim]{lane.step.vi} · {lane.step.en}[/]", "", "", "")
            continue
        due = moment_words(calendar, found.due_s) if found.allowed_s else ""
        drawn = bar(found.percent, found.late, found.paused) if found.allowed_s else ""
        table.add_row(lane.step.code, f"{lane.step.vi} · {lane.step.en}", moment_words(calendar, lane.began_s), drawn, due)
    show_table(console, table)


def _show_documents(console: Console, request: Request, found: Signing) -> None:
    if not request.documents:
        return
    for line in [*over_words(found), *(f"lý do · why: {one}" for one in reasons_of(found))]:
        console.print(f"[red]{escape(line)}[/]")
    table = listing("Hồ sơ · Document", Code("Mã tra cứu · Code"), "Đã ký · Signed")
    for one in request.documents:
        signed = sum(place.signature is not None for place in one.agreement.signatories)
        vi, en = PAPERS_SHOWN[found.paper(one)]
        state = {"recorded": "✓", "unsigned": f"{signed}/{len(one.agreement.signatories)}"}.get(found.paper(one), f"{vi} · {en}")
        table.add_row(one.agreement.kind, code_shown(one.agreement), state)
    show_table(console, table)


def asked_table(title: str, asked: Sequence[Asked]) -> Table:
    """Fields with their sort, choices or unit, and when they are needed."""
    table = listing(Code(title), "", "Loại · Sort", "")
    for one in asked:
        need = "" if one.required else "không bắt buộc · optional"
        when = f"khi · if {one.when.field} = {', '.join(map(str, one.when.values))}" if one.when else ""
        sort = ", ".join(one.field.choices) or ", ".join(map(str, one.field.among)) or f"{SORTS[one.field.sort]} {one.field.unit}".strip()
        table.add_row(one.field.name, f"{one.field.vi}\n[dim]{one.field.en}[/]", sort, need or when)
    return table


SORTS = {
    "text": "chữ · text",
    "count": "số · count",
    "date": "ngày · date",
    "choice": "lựa chọn · choice",
    "flag": "có/không · yes/no",
    "phone": "điện thoại · phone",
    "email": "e-mail",
    "tax-code": "mã số thuế · tax code",
    "identity": "số căn cước, mã số thuế · identity",
}
WEEKDAYS = ("thứ hai · Mon", "thứ ba · Tue", "thứ tư · Wed", "thứ năm · Thu", "thứ sáu · Fri", "thứ bảy · Sat", "chủ nhật · Sun")


def show_calendar(console: Console | None, calendar: WorkCalendar, year: int) -> list[tuple[str, bool, str]]:
    """The days of a year that are not as the week has them: which, whether they are worked, why."""
    names, found = holidays_of(year), []
    day = datetime.date(year, 1, 1)
    while day.year == year:
        usual = day.isoweekday() in calendar.office_on(day).weekdays
        if calendar.is_working(day) != usual or (day in names and usual):
            found.append((day.isoformat(), calendar.is_working(day), names.get(day, "quyết định của Chính phủ")))
        day += datetime.timedelta(days=1)
    if console is not None:
        table = listing("Ngày · Day", "", "Lý do · Why")
        for iso, works, why in found:
            table.add_row(
                f"{iso} {WEEKDAYS[datetime.date.fromisoformat(iso).weekday()]}", "làm bù · worked" if works else "nghỉ · off", why
            )
        show_table(console, table)
        if not calendar.decided(year):
            console.print(f"[yellow]Chưa có quyết định của Chính phủ cho năm {year}: ngày làm bù có thể đổi (calendar.toml) ·[/]")
            console.print(f"[yellow]The Government's decision for {year} is not configured: days off in lieu may change (calendar.toml)[/]")
    return found
