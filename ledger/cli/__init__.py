"""`sonang`, the one command-line program: every verb a utility, a developer or an auditor types.

One file a command. This file only wires them – a command's file is imported when that command runs, so that help is quick and an auditor's
`sonang verify` needs no database – and turns this project's errors into one line on standard error.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import NoReturn

import typer
from rich.console import Console

from ledger.protocol.errors import SonangError

COMMANDS = {
    "devchain": "Starts, stops and describes the local chain.",
    "deploy": "Puts the contracts on the chain and writes where they are; does nothing when they are there already.",
    "import-readings": "Imports a file of interval readings into a zone: every row, or none when one is wrong.",
    "day": "Runs a day of trade in one zone: agreements, readings, clearing, settlement, proofs and a report.",
    "verify": "Checks an agreement, a reading or a trade: authentic, altered, unrecognised, superseded, terminated or revoked.",
    "serve": "Serves the HTTP API and the report page on this machine.",
    "worker": "Sends queued transactions and follows the chain until Ctrl-C or SIGTERM; logs are JSON lines on standard error.",
    "oracle": "Runs one oracle node until Ctrl-C or SIGTERM: "
    "it takes signed load profiles, validates them, and signs each day's root once.",
}
"""Every command with its summary, in the order of a day; the summary is the first sentence of the command's own help."""

LASTING = ("day", "serve", "worker", "oracle")
"""Commands that run on; `make clean` finds them by the record they keep meanwhile."""

STOPPED = 130
ENDINGS = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
"""Asked to end, or the terminal was closed: either way everything is put away first."""


def build(wanted: str | None) -> typer.Typer:
    """The program with one command in full and the others as a name and a summary; each in full when `wanted` is None."""
    app = typer.Typer(
        name="sonang",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help="Sổ Nắng, the sun ledger: signed agreements and rooftop-solar trade, each claim with a proof you can check offline.",
    )
    for name, summary in COMMANDS.items():
        if wanted not in (None, name):
            app.command(name, help=summary)(_elsewhere)
            continue
        attribute = name.replace("-", "_")
        command = getattr(import_module(f"ledger.cli.{attribute}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the program; exit code 0 only on success, an error is one line on standard error that says what to do."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in given if not word.startswith("-")), "")
    end_in_order()
    try:
        with _on_record(command, given):
            code = build(command)(given, standalone_mode=False)
    except SonangError as error:
        _say(str(error))
        sys.exit(1)
    except typer.TyperException as error:
        if error.format_message():  # empty when help was shown instead
            _say(f"{error.format_message().rstrip('.')} – see `sonang {command + ' ' if command in COMMANDS else ''}--help`")
        sys.exit(error.exit_code)
    except OSError as error:
        _say(f"{error.filename or 'a file'}: {error.strerror or error} – check that it is there and that you may use it")
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    if code == STOPPED:
        _say("stopped – run the same command again to go on")
    sys.exit(code if isinstance(code, int) else 0)


def end_in_order() -> None:
    """Lets SIGTERM and SIGHUP unwind the program as an error would; what `nohup` ignores stays ignored."""
    for ending in ENDINGS:
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, lambda number, _frame: sys.exit(128 + number))


def _on_record(command: str, given: Sequence[str]) -> AbstractContextManager[None]:
    if command not in LASTING or "--help" in given:
        return nullcontext()
    from ledger.running import recorded  # noqa: PLC0415 - the other commands start quicker without
    from ledger.settings import load_settings  # noqa: PLC0415

    return recorded(load_settings().state_dir, command)


def _say(line: str) -> None:
    text = " ".join(f"sonang: {line}".split())
    Console(stderr=True, soft_wrap=True, highlight=False).print(text, style="red", markup=False)


def _elsewhere() -> NoReturn:
    raise AssertionError("unreachable: the command that runs is the one that was imported")
