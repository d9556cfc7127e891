"""What a request's step needs, shown to people: the fields it records, the facts its documents lack, whose signature it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from ledger.agreements.kinds import KINDS, kind_named
from ledger.agreements.kinds.told import Fact, facts_told
from ledger.cli.answers import JsonOption
from ledger.cli.service_tables import asked_table, say, show_request
from ledger.cli.tables import Code, listing, show_table
from ledger.parties.contacts import contacts_of
from ledger.services.acting import service_of
from ledger.services.documents import facts_lacking
from ledger.services.model import Request
from ledger.services.queries import signing
from ledger.services.verbs import verbs_of

__all__ = ["facts", "show_whole"]

WAITS = {"customer": "khách hàng ký · the customer's signature", "utility": "điện lực ký · the utility's signature"}


def facts(kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS))], *, as_json: JsonOption = False) -> None:
    """Lists what a kind of document says: each fact with its sort, whether it must be given, its unit and choices; groups with theirs.

    [bold]Example:[/bold] sonang service facts connection-plan
    """
    found = kind_named(kind)
    told = facts_told(found.facts)

    def shown(console: Console) -> None:
        console.print(f"[bold]{found.name}[/]: {found.title_vi} · {found.title_en}")
        table = _table("Dữ kiện · Fact")
        _rows(table, told, "")
        show_table(console, table)

    say([asdict(one) for one in told], shown, as_json)


def show_whole(console: Console, session: Session, request: Request, now: int) -> None:
    """One request in full, and last what it needs to go on."""
    show_request(console, session, request, now)
    _show_needs(console, session, request, now)


def _show_needs(console: Console, session: Session, request: Request, now: int) -> None:
    """What the step a request stands at needs to go on; nothing of one that has ended."""
    if request.step is None:
        return
    step = service_of(request).step(request.step)
    acts = ", ".join(verbs_of(request))
    console.print(f"[bold]Bước này · This step[/] {step.code}: {step.vi} · {step.en}; có thể · may {acts}")
    if step.records:
        show_table(console, asked_table("Ghi bằng · Record with --value", step.records))
    lacking = facts_lacking(request, step, now)
    if lacking:
        table = _table("Còn thiếu, đưa bằng · Missing, give with --facts")
        for kind, names in lacking.items():
            told = {fact.name: fact for fact in facts_told(kind_named(kind).facts)}
            table.add_row(kind, "", "" if names else "đủ · complete", "")
            _rows(table, [replace(told[name], required=True) for name in names], "  ")
        show_table(console, table)
    _show_waiting(console, session, request)


def _show_waiting(console: Console, session: Session, request: Request) -> None:
    signed = signing(session, request)
    if not signed.open or signed.waits_for is None:
        return
    if signed.over:
        console.print("[yellow]Chờ điện lực xử lý như trên · Waits for the desk to do as said above[/]")
        return
    console.print(f"[yellow]Chờ · Waits for {WAITS[signed.waits_for]}[/]")
    reached = request.party is None or any(one.ended_s is None for one in contacts_of(session, request.party))
    if signed.waits_for == "customer" and not reached:
        console.print("[yellow]Khách hàng chưa có địa chỉ liên hệ · No link can be sent: the customer has no contact[/]")


def _table(title: str) -> Table:
    return listing(Code(title), "Loại · Sort", "", "Là gì · What")


def _rows(table: Table, told: Sequence[Fact], indent: str) -> None:
    for one in told:
        need = "cần · required" if one.required else "không bắt buộc · optional"
        table.add_row(indent + one.name, one.sort, need, escape(one.what))
        _rows(table, one.fields, f"{indent}  ")
