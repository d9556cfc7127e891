"""`sonang service unit`: the utility's units, which places they serve, and where they read reminders."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select

from ledger.cli.answers import JsonOption
from ledger.cli.service_tables import Opened, opened, say
from ledger.cli.tables import Code, listing, show_table
from ledger.errors import NotFoundError
from ledger.parties.commands import draft_unit
from ledger.parties.model import Unit
from ledger.services.model import ServedPlace, UnitDesk
from ledger.services.routing import desk, serve, unit_by_code

unit = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Names units, the places they serve, and where they read reminders.\n\n[bold]Example:[/bold] sonang service unit list",
)


@unit.command()
def add(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The unit's code, six characters of a customer code: PA01HH.")],
    *,
    name: Annotated[str | None, typer.Option(help="What it is called; needed once.")] = None,
    serves: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="A prefix, customer or metering point it serves from now on.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="From this moment on, YYYY-MM-DDTHH:MM in Vietnam. Default: now.")
    ] = None,
    address: Annotated[str | None, typer.Option("--desk", metavar="ADDRESS", help="Where it reads its reminders.")] = None,
    channel: Annotated[str, typer.Option(help="How it reads them: email, sms or zalo.")] = "email",
    as_json: JsonOption = False,
) -> None:
    """Names a unit, or says what is new of one that is known. Codes with its own prefix it serves unless somebody else is named for them.

    [bold]Example:[/bold] sonang service unit add PA01HH --name "Điện lực Hồng Hà" --desk dieuhanh@example.vn
    """
    with opened() as held:
        found = _known(held, code, name)
        for place in serves or []:
            serve(held.session, place, found, held.moment(since))
        if address is not None:
            desk(held.session, found, channel=channel, address=address)
        answer = _listed(held)
    say(answer, lambda console: _show(console, answer), as_json)


@unit.command("list")
def list_units(*, as_json: JsonOption = False) -> None:
    """Lists units, the places they serve beside their own prefix, and their desks.

    [bold]Example:[/bold] sonang service unit list
    """
    with opened() as held:
        answer = _listed(held)
    say(answer, lambda console: _show(console, answer), as_json)


def _known(held: Opened, code: str, name: str | None) -> Unit:
    try:
        return unit_by_code(held.session, code)
    except NotFoundError:
        if name is None:
            raise
        return draft_unit(held.session, code=code.strip().upper(), name=name)


def _listed(held: Opened) -> list[dict[str, object]]:
    desks = {one.unit_id: f"{one.channel} {one.address}" for one in held.session.scalars(select(UnitDesk))}
    places: dict[bytes, list[str]] = {}
    for one in held.session.scalars(select(ServedPlace).order_by(ServedPlace.place, ServedPlace.since_s)):
        places.setdefault(one.unit_id, []).append(one.place)
    units = held.session.scalars(select(Unit).order_by(Unit.code))
    return [{"code": one.code, "name": one.name, "serves": places.get(one.id, []), "desk": desks.get(one.id)} for one in units]


def _show(console: Console, units: list[dict[str, object]]) -> None:
    if not units:
        console.print("Chưa có đơn vị nào · No units yet: sonang service unit add CODE --name NAME", markup=False)
        return
    table = listing(Code("Mã · Code"), "Đơn vị · Unit", "Phục vụ thêm · Serves also", Code("Nơi nhận nhắc việc · Desk"))
    for one in units:
        places = one["serves"]
        table.add_row(str(one["code"]), str(one["name"]), ", ".join(places) if isinstance(places, list) else "", str(one["desk"] or "–"))
    show_table(console, table)
