"""`sonang devchain`: the local chain as a background service."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from ledger.agreements.kinds.days import check_day, day_begins
from ledger.chain.devchain import Devchain, DevchainStatus
from ledger.cli.answers import JsonOption, say, say_json
from ledger.errors import RuleError
from ledger.life.rules import TIME_ZONE
from ledger.settings import load_settings

PortOption = Annotated[int | None, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one. Default: devchain.toml's.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DAY", help="The first second of this day in Vietnam instead: 2032-12-31.")]

FORWARD = (
    "Đồng hồ chỉ chạy tới: trong thư mục này không chạy lại được những ngày trước ngày này; dùng thư mục khác bằng SONANG_STATE_DIR.\n"
    "A clock only moves forward: days before this one can no longer be run in this folder; take another with SONANG_STATE_DIR."
)
devchain = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Starts, stops and describes the local chain. Its clock stands still until a day is run, or `now`.\n\n"
    "[bold]Example:[/bold] sonang devchain up",
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


@devchain.command()
def now(*, to: ToOption = None, as_json: JsonOption = False) -> None:
    """Moves the chain's clock to the present, so that what begins today is in force; days before can then be run no more.

    With --to a day that is yet to come, to try what happens years later; nothing brings the present back.

    [bold]Example:[/bold] sonang devchain now
    """
    moment = int(time.time()) if to is None else day_begins(check_day(to, "--to"), TIME_ZONE)
    settings = load_settings()
    if settings.rpc_url is not None:
        fix = "only the devchain's clock can be moved: unset SONANG_RPC_URL"
        raise RuleError("another chain is in use", field="SONANG_RPC_URL", fix=fix)
    found = Devchain.of(settings).move_to(moment)
    _answer(found, as_json)
    if not as_json:
        say(FORWARD)


def _answer(found: DevchainStatus, as_json: bool) -> None:
    if as_json:
        say_json(found.as_json())
        return
    vi, en = "Chuỗi thử đang tắt", "The devchain is down"
    if found.running:
        vi, en = f"Chuỗi thử chạy ở {found.url} (tiến trình {found.pid})", f"The devchain runs on {found.url} (process {found.pid})"
    if found.block_number is None or found.block_timestamp is None:
        head = "chưa có trạng thái", "it has no state yet"
    else:
        at = f"{datetime.fromtimestamp(found.block_timestamp, UTC):%Y-%m-%d %H:%M:%S} UTC"
        head = f"khối mới nhất {found.block_number}, lúc {at}", f"newest block {found.block_number} of {at}"
    say(f"{vi}; {head[0]}.\n{en}; {head[1]}.")
