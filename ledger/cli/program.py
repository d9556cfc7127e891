"""The commands, wired together.

A command's file is imported when that command runs, so that help is quick and an auditor's `sonang verify` needs no database.
This project's errors become one line on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from ledger.cli import AGAIN, COMMANDS, LASTING, STOPPED, end_in_order, loading
from ledger.invocation import as_called
from ledger.logs import log_as_json
from ledger.protocol.errors import SonangError


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
    app.callback()(_options)
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


def run(given: Sequence[str]) -> NoReturn:
    """Runs one command line; see `main`."""
    command = next((word for word in given if not word.startswith("-")), "")
    end_in_order()
    try:
        log_as_json("warning")  # an answer stands alone on standard output; what runs on chooses its own level
        with loading("sonang"):
            app = build(command)
        with _on_record(command, given):
            code = app(given, standalone_mode=False)
    except SonangError as error:
        _say(str(error))
        sys.exit(1)
    except typer.TyperException as error:
        if error.format_message():  # empty when help was shown instead
            _say(f"{error.format_message().rstrip('.')} – see `{' '.join(['sonang', *_asked(error), '--help'])}`")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads any more: Python would complain once more as it ends
        sys.exit(1)
    except OSError as error:
        _say(f"{error.filename or 'a file'}: {error.strerror or error} – check that it is there and that you may use it")
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    if code == STOPPED:
        _say(AGAIN)
    sys.exit(code if isinstance(code, int) else 0)


def _asked(error: typer.TyperException) -> list[str]:
    """The names of the command it is about, its group first; none of the program itself."""
    names: list[str] = []
    at = getattr(error, "ctx", None)
    while at is not None and at.parent is not None:
        names.insert(0, str(at.info_name))
        at = at.parent
    return names


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sonang {version('sonang')}")
        raise typer.Exit


def _options(
    _version: Annotated[bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=_tell_version)] = False,
) -> None:
    """Options of the program itself, before any command."""


def _on_record(command: str, given: Sequence[str]) -> AbstractContextManager[None]:
    if command not in LASTING or "--help" in given:
        return nullcontext()
    from ledger.running import recorded  # noqa: PLC0415 - the other commands start quicker without
    from ledger.settings import load_settings  # noqa: PLC0415

    return recorded(load_settings().state_dir, command)


def _say(line: str) -> None:
    text = " ".join(f"sonang: {as_called(line)}".split())
    Console(stderr=True, soft_wrap=True, highlight=False).print(text, style="red", markup=False)


def _elsewhere() -> NoReturn:
    raise AssertionError("unreachable: the command that runs is the one that was imported")
