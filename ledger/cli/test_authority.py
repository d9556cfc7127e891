"""`sonang test-authority`: the devchain's certificates, revocation answers and time stamps as a process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.answers import ListensOption, tell
from ledger.sealing.sealer import chain_id_of
from ledger.settings import load_settings
from ledger.test_authority.process import AuthorityConfig, run_test_authority

PortOption = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1 when it is new; 0 takes a free one. It keeps its port.")
]
ReadyOption = Annotated[Path | None, typer.Option(help="File to write its address to once it listens; removed when it ends.")]


def test_authority(*, port: PortOption = 0, ready: ReadyOption = None, as_json: ListensOption = False) -> None:  # noqa: PT028 - no test
    """Runs the devchain's test authority until Ctrl-C or SIGTERM: certificates, OCSP, CRLs and stamps nobody else trusts.

    Its keys and certificates are made at the first start, in test-authority in the state folder. It refuses any chain but the devchain.

    [bold]Example:[/bold] sonang test-authority, then sonang seal in another terminal
    """
    settings = load_settings()
    config = AuthorityConfig(settings.state_dir, chain_id_of(settings), port, ready)
    run_test_authority(config, lambda line: tell(line, _in_words(line), as_json, indented=False))


def _in_words(line: dict[str, object]) -> str:
    return (
        "Tổ chức chứng thực THỬ, không dùng thật · TEST authority, not for real use:\n"
        f"dấu thời gian ở · time stamps at {line['tsa']}; chứng thư gốc · its root is {line['root']}. Ctrl-C dừng · ends it."
    )
