"""`sonang devchain`: the local chain as a background service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer
from rich.console import Console

from ledger.chain.devchain import Devchain, DevchainStatus
from ledger.settings import load_settings

PortOption = Annotated[int | None, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one. Default: devchain.toml's.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]

devchain = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Starts, stops and describes the local chain.\n\n[bold]Example:[/bold] sonang devchain up",
)


@devchain.command()
def up(*, port: PortOption = None, as_json: JsonOption = False) -> None:
    """Starts the chain where it stopped, or finds it running, and returns once it answers.

    [bold]Example:[/bold] sonang devchain up --port 8545
    """
    _answer(Devchain.of(load_settings()).up(port=port), as_json)


@devchain.command()
def down(*, as_json: JsonOption = False) -> None:
    """Stops the chain and keeps its state.

    [bold]Example:[/bold] sonang devchain down
    """
    _answer(Devchain.of(load_settings()).down(), as_json)


@devchain.command()
def status(*, as_json: JsonOption = False) -> None:
    """Says whether the chain runs, where, and its newest block.

    [bold]Example:[/bold] sonang devchain status --json
    """
    _answer(Devchain.of(load_settings()).status(), as_json)


@devchain.command()
def reset(*, as_json: JsonOption = False) -> None:
    """Forgets the chain's state, with every contract and record on it; `make clean` forgets the database as well.

    [bold]Example:[/bold] sonang devchain reset
    """
    _answer(Devchain.of(load_settings()).reset(), as_json)


def _answer(found: DevchainStatus, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode())
        return
    where = f"The devchain runs on {found.url} (process {found.pid})" if found.running else "The devchain is down"
    if found.block_number is None or found.block_timestamp is None:
        head = "it has no state yet"
    else:
        head = f"newest block {found.block_number} of {datetime.fromtimestamp(found.block_timestamp, UTC):%Y-%m-%d %H:%M:%S} UTC"
    Console(soft_wrap=True, highlight=False).print(f"{where}; {head}.", markup=False)
