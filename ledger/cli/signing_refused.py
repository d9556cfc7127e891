"""`sonang signing refused` and `again`: what the chain refused of signed documents, why, what to do; and putting it again."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ledger.agreements.queries import agreement_by_lookup_code
from ledger.agreements.refused import Refused, refused
from ledger.chain.gateway import Gateway
from ledger.cli.answers import JsonOption, say, say_json
from ledger.cli.tables import Code, listing, show_table
from ledger.db import database
from ledger.protocol.quantities import hex0x
from ledger.settings import load_settings
from ledger.signing.again import put_again
from ledger.signing.desk import open_desk

ACTS = {"record": ("ghi", "record"), "terminate": ("chấm dứt", "end")}


def list_refused(*, as_json: JsonOption = False) -> None:
    """Lists signed documents whose record, or whose end, the chain refused: why, and what to do.

    [bold]Example:[/bold] sonang signing refused
    """
    with database(load_settings()) as sessions, sessions() as session:
        found = refused(session)
        told, rows = [_told(one) for one in found], [_row(one) for one in found]
    if as_json:
        say_json(told)
    elif not rows:
        say("Chuỗi không từ chối văn bản nào · The chain refused no document")
    else:
        table = listing(Code("Mã tra cứu · Code"), "Việc · Act", "Vì sao · Why", "Làm gì · What to do")
        for row in rows:
            table.add_row(*map(escape, row))
        show_table(Console(highlight=False), table)


def again(code: Annotated[str, typer.Argument(metavar="CODE", help="The look-up code on the document's pages.")]) -> None:
    """Puts a refused record, or a contract's end, before the chain again, once what was wrong is put right.

    [bold]Example:[/bold] sonang signing again 4Q7X-9D2K-M3PA-7RTB-0WZ5
    """
    settings = load_settings()
    with database(settings) as sessions, contextlib.closing(Gateway.connect(settings)) as gateway, sessions.begin() as session:
        row = agreement_by_lookup_code(session, code)
        put_again(session, open_desk(settings, sessions, gateway), row)
        line = f"{row.lookup_code}: chờ chuỗi · queued for the chain"
    say(line)


def _told(one: Refused) -> dict[str, object]:
    own: dict[str, object] = {"agreement": hex0x(one.agreement.id), "lookup_code": one.agreement.lookup_code, "kind": one.agreement.kind}
    own |= {"act": one.act, "why": list(one.why), "fix": list(one.fix), "error": one.error}
    return own | {"may_go_again": one.may_go_again, "ended": one.ended}


def _row(one: Refused) -> tuple[str, ...]:
    act, why, fix = (" · ".join(words) for words in (ACTS[one.act], one.why, one.fix))
    return one.agreement.lookup_code, act, f"{why}\n{one.error}", fix
