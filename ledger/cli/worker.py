"""`sonang worker`: the process that sends what was decided and writes down what the chain did with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ledger.cli.answers import tell
from ledger.endings import stoppable
from ledger.logs import log_as_json
from ledger.settings import load_settings
from ledger.worker import Report, run_worker

OnceOption = Annotated[bool, typer.Option("--once", help="End as soon as nothing is queued or under way; fail at the first trouble.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Say what was done as one JSON line at the end.")]


def worker(*, once: OnceOption = False, as_json: JsonOption = False) -> None:
    """Sends queued transactions and follows the chain until Ctrl-C or SIGTERM; logs are JSON lines on standard error.

    Any number may run: one works, the others stand by.

    [bold]Example:[/bold] sonang worker, or sonang worker --once --json after a batch of commands
    """
    settings = load_settings()
    log_as_json(settings.log_level)
    with stoppable() as stop:
        report = run_worker(settings, stop, once=once)
    tell(asdict(report), _in_words(report), as_json, indented=False)


def _in_words(report: Report) -> str:
    refused = report.refused + report.failed
    return (
        f"Sent {report.signed}, mined {report.mined}, final {report.final}, refused {refused}; "
        f"{report.events} events up to block {max(report.head, 0)}; {report.waiting} still under way."
    )
