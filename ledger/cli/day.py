"""`sonang day`: the main job, from agreements to a report whose every line can be checked."""

from __future__ import annotations

import json
import time
from datetime import date as Date  # noqa: N812 - the command's own option is called date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ledger.chain.deployment import record_to_name
from ledger.day import ground
from ledger.day.period import combined, file_name, left_out
from ledger.day.progress import bars
from ledger.day.run import Asked, traded
from ledger.day.summary import page_beside, print_summary, summary, write_report
from ledger.errors import InputError
from ledger.settings import load_settings

ZoneOption = Annotated[str, typer.Option(help="Zone whose readings were imported.", show_default=False)]
DateOption = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day, or the first of several.", show_default=False)]
ReportOption = Annotated[
    Path | None,
    typer.Option(dir_okay=False, help="Where the JSON goes, the page beside it. Default: reports/ZONE-DATE.json in the state folder."),
]
DaysOption = Annotated[int, typer.Option(min=1, max=366, help="How many days in a row.")]
MonthOption = Annotated[bool, typer.Option("--month", help="The whole month of that day.")]
LoseOption = Annotated[bool, typer.Option("--lose-an-oracle", help="Kill one of the four oracles half-way; the day still completes.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with the summary as JSON on standard output.")]


def day(
    *,
    zone: ZoneOption,
    date: DateOption,
    report: ReportOption = None,
    days: DaysOption = 1,
    month: MonthOption = False,
    lose_an_oracle: LoseOption = False,
    as_json: JsonOption = False,
) -> None:
    """Runs a day of trade in one zone: agreements, readings, clearing, settlement, proofs and a report.

    Starts what it needs – the devchain, a worker, four oracles – and ends it again. A second run changes nothing and answers the same;
    stopped half-way, it goes on where it stopped. The report names files below the current folder from there, others in full.

    One folder is one chain and its clock only moves forward: run days in order, and use another folder (SONANG_STATE_DIR=…) for another
    story, also for another zone on the same day.

    [bold]Example:[/bold] sonang day --zone demo --date 2016-05-25 --report out.json
    """
    first = _parsed(date)
    if month and days != 1:
        raise InputError("both --days and --month", field="--month", fix="give one of them")
    asked = Asked.month(zone, first, lose_an_oracle=lose_an_oracle) if month else Asked(zone, first, days, lose_an_oracle)
    settings, console, started = load_settings(), Console(stderr=True), time.monotonic()
    file = report or settings.state_dir / "reports" / file_name(zone, asked.dates)
    page_beside(file)
    with bars(console, quiet=as_json) as step, ground.database(settings) as sessions, traded(settings, sessions, asked, step) as done:
        whole = combined(done.reports, asked.dates)
        write_report(whole, file)
    if missing := left_out(whole):
        console.print(f"sonang: {missing}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(summary(whole, file), ensure_ascii=False, indent=2))
        return
    print_summary(Console(highlight=False), whole, file, record=record_to_name(settings, done.stage.gateway.chain_id))
    console.print(f"{time.monotonic() - started:.1f} s", style="dim", highlight=False)


def _parsed(text: str) -> Date:
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text[:40]!r} is no date", field="--date", fix="write it as in 2016-05-25") from None
