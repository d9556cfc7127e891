"""`sonang`, the one command-line program: every verb a utility, a developer or an auditor types.

One file a command. This file only wires them and turns this project's errors into one line on standard error.
"""

from __future__ import annotations

import sys

import typer
from click.exceptions import ClickException
from rich.console import Console

from ledger.cli.day import day
from ledger.cli.deploy import deploy
from ledger.cli.devchain import devchain
from ledger.cli.import_readings import import_readings
from ledger.cli.oracle import oracle
from ledger.cli.serve import serve
from ledger.cli.verify import verify
from ledger.cli.worker import worker
from ledger.errors import SonangError

app = typer.Typer(
    name="sonang",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Sổ Nắng, the sun ledger: signed agreements and rooftop-solar trade, each claim with a proof you can check offline.",
)

app.add_typer(devchain, name="devchain")
app.command("deploy")(deploy)
app.command("import-readings")(import_readings)
app.command("day")(day)
app.command("verify")(verify)
app.command("serve")(serve)
app.command("worker")(worker)
app.command("oracle")(oracle)


def main() -> None:
    """Runs the program; exit code 0 only on success, an error is one line on standard error that says what to do."""
    try:
        code = app(standalone_mode=False)
    except SonangError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"sonang: {error}", style="red", markup=False)
        sys.exit(1)
    except ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        Console(stderr=True).print("sonang: stopped – run the same command again to go on", markup=False)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
