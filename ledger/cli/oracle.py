"""`sonang oracle`: one oracle node as a process, or its key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger.chain.deployment import deployment_path
from ledger.chain.devchain import Devchain
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.cli.answers import ListensOption, tell
from ledger.errors import SettingsError
from ledger.settings import Settings, load_settings
from oracle.keys import KeyKind
from oracle.process import NodeConfig, make_key, run_node

KeyOption = Annotated[Path, typer.Option(help="File with the node's private key, mode 0600.", show_default=False)]
NewKeyOption = Annotated[KeyKind | None, typer.Option("--new-key", help="Make that file, with a key of this kind, and end.")]
JournalOption = Annotated[Path | None, typer.Option(help="Folder of the node's own copy of the signed data. Default: beside the key.")]
RpcOption = Annotated[str | None, typer.Option(help="The node's own endpoint of the chain. Default: SONANG_RPC_URL, else the devchain.")]
DeploymentOption = Annotated[Path | None, typer.Option(help="The published deployment file. Default: deployments/31337.json.")]
PortOption = Annotated[int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")]
ReadyOption = Annotated[Path | None, typer.Option(help="File to write the port to once the node listens; removed when it ends.")]


def oracle(
    *,
    key: KeyOption,
    new: NewKeyOption = None,
    journal: JournalOption = None,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    port: PortOption = 0,
    ready: ReadyOption = None,
    as_json: ListensOption = False,
) -> None:
    """Runs one oracle node until Ctrl-C or SIGTERM: it takes signed load profiles, validates them, and signs each day's root once.

    [bold]Example:[/bold] sonang oracle --key north.key --new-key eoa, then sonang oracle --key north.key --port 9001
    """
    settings = load_settings()
    contracts = deployment or deployment_path(settings, DEVCHAIN_ID)
    if new is not None:
        made = make_key(key, new, contracts)
        signer = made.get("signer", "biết sau khi triển khai hợp đồng · known once the contracts are deployed")
        words = f"{key}: khoá mới, chỉ dành cho bạn · a new {new.value} key, for your eyes only.\n"
        words += f"Bên ký, đưa quản trị oracle · Its signer, for the oracle admin: {signer}"
        tell(made, words, as_json, indented=False)
        return
    config = NodeConfig(
        key=key,
        journal=journal or key.with_suffix(".journal"),
        rpc=rpc or _endpoint(settings),
        deployment=contracts,
        port=port,
        ready=ready,
    )
    run_node(
        config,
        lambda line: tell(
            line, f"Oracle {line['signer']}: nghe ở · listens on {line['url']}; Ctrl-C dừng · ends it.", as_json, indented=False
        ),
    )


def _endpoint(settings: Settings) -> str:
    url = settings.rpc_url or Devchain.of(settings).url
    if url is None:
        raise SettingsError("no chain is named and the devchain is down", field="--rpc", fix="`sonang devchain up`, or name an endpoint")
    return url
