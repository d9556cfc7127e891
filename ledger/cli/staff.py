"""`sonang staff`: who works here, in which unit, and the token they sign in with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from ledger.access.model import Staff
from ledger.access.staff import add_staff, remove_staff, staff_list
from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_moment
from ledger.cli.answers import JsonOption, say, say_json
from ledger.cli.moments import day
from ledger.cli.tables import Code, listing, show_table
from ledger.db import database
from ledger.parties.queries import unit_by_code
from ledger.settings import load_settings

NameArgument = Annotated[str, typer.Argument(help="The name that stands beside what they do.")]
UnitOption = Annotated[str | None, typer.Option(metavar="CODE", help="Code of their unit; only an admin may have none, and sees all.")]
RoleOption = Annotated[str, typer.Option(metavar="ROLE", help="agent, counter, inspector or admin.")]

staff = typer.Typer(
    help="Adds, lists and removes members of staff; a token is shown once, when it is made.\n\n"
    "[bold]Example:[/bold] sonang staff add an.nguyen --unit PA01HH --role counter",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@staff.command("add")
def add(name: NameArgument, *, unit: UnitOption = None, role: RoleOption = "agent", as_json: JsonOption = False) -> None:
    """Makes a token for somebody and shows it, this once."""
    with _session() as session:
        made, token = add_staff(session, name=name, role=role, unit=None if unit is None else unit_by_code(session, unit))
        answer = _answer(made)
    if as_json:
        say_json(answer | {"token": token}, indented=False)
        return
    say(f"{made.name}: {made.role}, {answer['unit'] or 'mọi đơn vị · every unit'}")
    say(f"Mã truy cập, chỉ hiện lần này · Token, shown this once: {token}")


@staff.command("list")
def listed(*, as_json: JsonOption = False) -> None:
    """Shows who works here."""
    with _session() as session:
        members = staff_list(session)
        rows, since_days = [_answer(one) for one in members], [day(one.created_s) for one in members]
    if as_json:
        say_json(rows)
    elif not rows:
        say("Chưa có nhân viên nào · No staff yet: sonang staff add NAME --unit CODE")
    else:
        table = listing(Code("Tên · Name"), "Vai trò · Role", Code("Đơn vị · Unit"), "Từ · Since")
        for row, since in zip(rows, since_days, strict=True):
            table.add_row(row["name"], row["role"], row["unit"] or "tất cả · all", since)
        show_table(Console(highlight=False), table)


@staff.command("remove")
def remove(name: NameArgument) -> None:
    """Ends somebody's access at once; what they did keeps their name."""
    with _session() as session:
        gone = remove_staff(session, name)
    say(f"{gone.name}: đã thôi quyền truy cập · has no access any more")


@contextmanager
def _session() -> Iterator[Session]:
    with database(load_settings()) as sessions, sessions.begin() as session:
        yield session


def _answer(one: Staff) -> dict[str, str | None]:
    since = local_moment(one.created_s, TIME_ZONE).date().isoformat()
    return {"name": one.name, "role": one.role, "unit": None if one.unit is None else one.unit.code, "since": since}
