"""`sonang deploy`: the contracts onto the chain, once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ledger.chain.deploying import Deployed, OracleSet
from ledger.chain.deploying import deploy as deploy_contracts
from ledger.chain.gateway import Gateway
from ledger.cli.answers import JsonOption, say_json
from ledger.cli.tables import Code, listing, show_table
from ledger.day.ground import database
from ledger.day.memory import only_once
from ledger.protocol.quantities import hex0x, unhex
from ledger.settings import load_settings

OracleOption = Annotated[
    list[str] | None,
    typer.Option(help="An oracle's signer, 0x…, once for each. Default on the devchain: four placeholders.", show_default=False),
]
FaultyOption = Annotated[int, typer.Option(min=0, max=255, help="How many of the oracles may be faulty: fewer than a third.")]
OTHER_SOURCES = (
    "{names}: biên dịch từ mã nguồn khác, vẫn dùng tiếp vì mọi bản ghi nằm ở đó; muốn bản mới thì lập nơi khác (docs/keeping.md) · "
    "compiled from other sources, and go on to serve, since the records are theirs; today's need another installation (docs/keeping.md)"
)
GuardianOption = Annotated[str | None, typer.Option(help="Address of the guardian, when its key is kept elsewhere.")]


def deploy(
    *, oracle: OracleOption = None, max_faulty: FaultyOption = 1, guardian: GuardianOption = None, as_json: JsonOption = False
) -> None:
    """Puts the contracts on the chain and writes where they are; does nothing when they are there already.

    Compiles them first when a source changed. Contracts in place that came from other sources are named, and go on to serve. The file is
    deployments/<chain id>.json, which an auditor needs too; that of the devchain of another state folder lies in that folder.

    [bold]Example:[/bold] sonang devchain up, then sonang deploy
    """
    signers = tuple(unhex(text, "--oracle") for text in oracle or ())
    watcher = None if guardian is None else unhex(guardian, "--guardian", 20)
    console = Console(stderr=True)
    with Progress(console=console, disable=as_json or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("Deploying", total=None)
        made = deploy_contracts(
            load_settings(),
            oracles=OracleSet(signers, max_faulty) if signers else None,
            guardian=watcher,
            report=lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
            guard=_only_once,
        )
    _answer(made, as_json)


def _only_once(gateway: Gateway, record: Path) -> None:
    """Refuses a second deployment on a devchain that this installation's database remembers."""
    settings = load_settings()
    if not gateway.is_devchain or (settings.database_url is None and not (settings.state_dir / "postgres").is_dir()):
        return
    with database(settings) as sessions:
        only_once(settings, sessions)(gateway, record)


def _answer(made: Deployed, as_json: bool) -> None:
    deployment = made.deployment
    if as_json:
        answer = {
            "chain_id": deployment.chain_id,
            "file": str(made.path),
            "fresh": made.fresh,
            "gas_used": made.gas_used,
            "other_sources": list(made.other_sources),
            "contracts": {name: hex0x(each.address) for name, each in deployment.contracts.items()},
        }
        say_json(answer)
        return
    table = listing(Code("Hợp đồng · Contract"), Code("Địa chỉ · Address"), "Khối · Block")
    for name, each in deployment.contracts.items():
        table.add_row(name, hex0x(each.address), str(each.block))
    console = Console(soft_wrap=True, highlight=False)
    show_table(console, table)
    vi, en = "Đã triển khai từ trước, mã băm của mã khớp", "Already deployed, code hashes match"
    if made.fresh:
        vi, en = f"Đã triển khai, {made.gas_used:,} gas", f"Deployed for {made.gas_used:,} gas"
    if made.other_sources:
        vi, en = "Đã triển khai từ trước, không thay gì", "Already deployed, nothing was replaced"
    console.print(f"{vi} · {en}: chuỗi · chain {deployment.chain_id}, {made.path}", markup=False)
    if made.other_sources:
        console.print(OTHER_SOURCES.format(names=", ".join(made.other_sources)), markup=False)
