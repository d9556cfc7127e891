"""`sonang office`: the utility's back office as one process."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.endings import stoppable
from ledger.logs import log_as_json
from ledger.office.duties import Plan
from ledger.office.run import run_office
from ledger.settings import load_settings

WitnessOption = Annotated[list[str] | None, typer.Option(metavar="URL", help="A witness to ask about every checkpoint; once for each.")]
EveryOption = Annotated[int, typer.Option(min=0, max=86_400, help="Seconds between checkpoints of the log; 0 signs none.")]
SealsOption = Annotated[bool, typer.Option("--seals/--no-seals", help="Issue documents here; else `sonang seal --watch` does elsewhere.")]


def office(*, witness: WitnessOption = None, checkpoint_every: EveryOption = 3_600, seals: SealsOption = True) -> None:
    """Runs the back office until Ctrl-C or SIGTERM: it signs for the utility, seals, sends, reminds, and signs the log.

    Logs are JSON lines on standard error. Any number may run.

    [bold]Example:[/bold] sonang office --witness http://127.0.0.1:9101
    """
    settings = load_settings()
    log_as_json(settings.log_level)
    with stoppable() as stop:
        run_office(settings, Plan(tuple(witness or ()), checkpoint_every, seals), stop)
