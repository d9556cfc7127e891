"""Ends what runs from a state folder – our processes, the devchain, the embedded PostgreSQL – and removes it. For `make clean`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ledger.chain.devchain import Devchain
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.embedded import stop_server
from ledger.errors import InputError
from ledger.running import stop_recorded
from ledger.settings import Settings, load_settings
from scripts.ending import ended

MARKS = ("run", "devchain", "postgres", "postgres.lock", "postgres.users")
"""At least one of them is in every folder an installation ever used."""


def stop_all(settings: Settings) -> list[str]:
    """Names of what was running; the order lets each process finish with the database and the chain still there."""
    stopped = stop_recorded(settings.state_dir)
    devchain = Devchain.of(settings)
    if devchain.pid is not None:
        devchain.down()
        stopped.append("devchain")
    if stop_server(settings.state_dir / "postgres"):
        stopped.append("PostgreSQL")
    return stopped


def remove(settings: Settings) -> None:
    """Stops what runs from the state folder, then removes it, and the deployment file of its devchain.

    Raises:
        InputError: the folder holds no installation, or other things as well.
    """
    state = settings.state_dir
    if not state.is_dir():
        return
    fix = "set SONANG_STATE_DIR to the installation's own folder, or unset it for .sonang"
    root = settings.project_root or Path.cwd()
    if any(one.resolve().is_relative_to(state) for one in (Path.home(), root)):
        raise InputError(f"{state} holds more than an installation", field="SONANG_STATE_DIR", fix=fix)
    if not settings.in_default_state and any(state.iterdir()) and not any((state / mark).exists() for mark in MARKS):
        raise InputError(f"{state} holds no installation", field="SONANG_STATE_DIR", fix=fix)
    for name in stop_all(settings):
        print(f"stopped {name}", file=sys.stderr)
    shutil.rmtree(state)
    if settings.in_default_state:
        (root / "deployments" / f"{DEVCHAIN_ID}.json").unlink(missing_ok=True)
    print(f"removed {state}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(ended("clean", lambda: remove(load_settings())))
