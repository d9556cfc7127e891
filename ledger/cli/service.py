"""`sonang service`: services and the requests for them, from the first paper to the last signature."""

from __future__ import annotations

import datetime
from typing import Annotated

import typer

from ledger.cli import service_acts, service_attachments, service_needs, service_units
from ledger.cli.answers import JsonOption
from ledger.cli.service_needs import show_whole
from ledger.cli.service_tables import Opened, opened, say, show_calendar, show_list, show_service, show_services
from ledger.errors import InputError
from ledger.parties.model import Unit
from ledger.services.catalogue import service_on, services_on, unverified_on
from ledger.services.queries import number_of, request_by_number, requests_where
from ledger.services.queries import overdue as overdue_requests
from ledger.services.reading import office_calendar
from ledger.services.routing import unit_by_code
from ledger.services.shown import briefs, described, full

UnitOption = Annotated[str | None, typer.Option("--unit", metavar="CODE", help="Of this unit only.")]
AtOption = Annotated[str | None, typer.Option("--at", metavar="TIME", help="As of this moment, YYYY-MM-DDTHH:MM in Vietnam. Default: now.")]
DateOption = Annotated[str | None, typer.Option("--date", metavar="DAY", help="As offered on this day, YYYY-MM-DD. Default: today.")]

service = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Takes requests for the electronic services and internal reviews, moves them on step by step, and reminds of what is late."
    "\n\n[bold]Example:[/bold] sonang service list, then sonang service describe low-voltage-supply",
)
service.add_typer(service_units.unit, name="unit")
for _verb in (service_acts.submit, service_acts.act, service_acts.follow, service_acts.remind):
    service.command()(_verb)
service.command("attach")(service_attachments.attach_files)
service.command()(service_needs.facts)


@service.command("list")
def list_services(*, date: DateOption = None, as_json: JsonOption = False) -> None:
    """Lists every service and review with its deadline and the documents it makes.

    [bold]Example:[/bold] sonang service list
    """
    day = _day(date)
    found = services_on(day)
    say([described(one) for one in found], lambda console: show_services(console, found, unverified_on(day)), as_json)


@service.command()
def describe(code: Annotated[str, typer.Argument(metavar="SERVICE")], *, date: DateOption = None, as_json: JsonOption = False) -> None:
    """Says what a service asks for, its steps with their share of the deadline, and what each makes.

    [bold]Example:[/bold] sonang service describe termination
    """
    found = service_on(code, _day(date))
    say(described(found), lambda console: show_service(console, found), as_json)


@service.command()
def show(
    number: Annotated[str | None, typer.Argument(metavar="[REQUEST]", help="Its code or number; without it, all of a state.")] = None,
    *,
    unit: UnitOption = None,
    state: Annotated[str | None, typer.Option(help="open, returned, closed, rejected, withdrawn or all. Default: what runs.")] = None,
    of: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Of this service only.")] = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists requests with their time as bars, or shows one: what was given, its steps, its documents, who did what, what its step needs.

    [bold]Example:[/bold] sonang service show --unit PA01HH, then sonang service show 12
    """
    with opened() as held:
        now = held.moment(at)
        if number is not None:
            request = request_by_number(held.session, number_of(number))
            say(full(held.session, request, now), lambda console: show_whole(console, held.session, request, now), as_json)
            return
        wanted = requests_where(unit=_unit(held, unit), service=of, state=state)
        found = sorted(held.session.scalars(wanted), key=lambda one: (one.due_s, one.number))
        say(
            briefs(found, now),
            lambda console: show_list(console, briefs(found, now), NONE),
            as_json,
        )


@service.command()
def overdue(*, unit: UnitOption = None, at: AtOption = None, as_json: JsonOption = False) -> int:
    """Lists requests that are late, as a whole or at their step. Exit code 3 when there are any.

    [bold]Example:[/bold] sonang service overdue --unit PA01HH
    """
    with opened() as held:
        now = held.moment(at)
        found = briefs(overdue_requests(held.session, now, _unit(held, unit)), now)
        say(found, lambda console: show_list(console, found, "Không có yêu cầu quá hạn · Nothing is late"), as_json)
    return LATE if found else 0


@service.command()
def calendar(year: Annotated[int, typer.Argument(metavar="YEAR")], *, as_json: JsonOption = False) -> None:
    """Lists the days of a year on which offices are closed or open against the week, and whether the Government has decided them.

    [bold]Example:[/bold] sonang service calendar 2027
    """
    days = office_calendar()
    odd = show_calendar(None, days, year)
    answer = {"year": year, "decided": days.decided(year), "days": [{"day": day, "working": works, "why": why} for day, works, why in odd]}
    say(answer, lambda console: show_calendar(console, days, year), as_json)


LATE = 3
NONE = "Không có yêu cầu nào · No requests"


def _unit(held: Opened, code: str | None) -> Unit | None:
    return unit_by_code(held.session, code) if code else None


def _day(text: str | None) -> datetime.date:
    if text is None:
        return office_calendar().day_of(int(datetime.datetime.now(datetime.UTC).timestamp()))
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day", field="date", fix="give it as YYYY-MM-DD") from None
