"""Ends everything that runs from this folder's `.sonang`: our own processes, the devchain and the embedded PostgreSQL. For `make clean`."""

from __future__ import annotations

import sys
from pathlib import Path

from ledger.chain.devchain import Devchain
from ledger.embedded import stop_server
from ledger.running import stop_recorded
from ledger.settings import Settings


def stop_all(root: Path) -> list[str]:
    """Names of what was running; the order lets each process finish with the database and the chain still there."""
    settings = Settings(project_root=root, state_dir=root / ".sonang")
    stopped = stop_recorded(settings.state_dir)
    devchain = Devchain.of(settings)
    if devchain.pid is not None:
        devchain.down()
        stopped.append("devchain")
    if stop_server(settings.state_dir / "postgres"):
        stopped.append("PostgreSQL")
    return stopped


if __name__ == "__main__":
    for name in stop_all(Path(__file__).resolve().parent.parent):
        print(f"stopped {name}", file=sys.stderr)
