"""The test authority as an operating-system process: OCSP, CRLs and RFC 3161 on loopback, ended cleanly by SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from certomancer.integrations.aiohttp_animator import build_animator_app
from certomancer.registry import ArchLabel

from ledger.listening import Listening, listen
from ledger.test_authority.errors import AuthorityError
from ledger.test_authority.files import AuthorityFiles, prepare
from ledger.test_authority.hierarchy import ARCHITECTURE
from ledger.test_authority.stamping import Stamper, stamping

DEVCHAIN_ID = 31337
"""The only chain whose documents it may certify; `ledger.chain.devchain_config` has the same number."""
STOP_SECONDS = 0.2


@dataclass(frozen=True)
class AuthorityConfig:
    """What a test authority is started with.

    Attributes:
        state_dir: state folder; its files are in `test-authority` there.
        chain_id: the chain whose documents it serves.
        port: where it answers on 127.0.0.1 when it is new; 0 takes a free one.
        ready: file to write its address to once it listens, or None.
    """

    state_dir: Path
    chain_id: int
    port: int = 0
    ready: Path | None = None


def run_test_authority(config: AuthorityConfig, announce: Callable[[dict[str, object]], None]) -> None:
    """Runs the authority until SIGTERM or SIGINT; makes its keys and certificates at the first start.

    Args:
        announce: told once, when it listens: its port, process id, url, time-stamp url and root certificate.

    Raises:
        AuthorityError: not on the devchain, it runs already, or its port is taken.
    """
    refuse_outside_devchain(config.chain_id)
    files = AuthorityFiles.of(config.state_dir)
    with _alone(files):
        asyncio.run(_serve(prepare(files, config.port), config.ready, announce))


def refuse_outside_devchain(chain_id: int) -> None:
    """Raises AuthorityError on any chain but the devchain: nobody should rely on what it certifies."""
    if chain_id != DEVCHAIN_ID:
        raise AuthorityError(
            f"the test authority is for chain {DEVCHAIN_ID}, and this is chain {chain_id}",
            field="chain",
            fix="use the certificates and the time stamps of a licensed provider; docs/sealing.md says how",
        )


async def _serve(files: AuthorityFiles, ready: Path | None, announce: Callable[[dict[str, object]], None]) -> None:
    architecture = files.architecture()
    app = build_animator_app({ArchLabel(ARCHITECTURE): architecture}, with_web_ui=False, allow_time_override=False)
    app.middlewares.insert(0, stamping(Stamper.of(architecture)))
    fix = f"end what uses it, or remove {files.directory} to make a new authority"
    port, taken = int(files.record["port"]), lambda problem: AuthorityError(problem, field="port", fix=fix)
    how = Listening(port, ready, announce, taken, STOP_SECONDS)
    await listen(app, how, {"tsa": files.tsa_url, "root": str(files.root)})


@contextlib.contextmanager
def _alone(files: AuthorityFiles) -> Iterator[None]:
    files.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(files.directory.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AuthorityError("runs already", field=str(files.directory), fix="use the one that runs, or end it first") from None
        yield
    finally:
        os.close(handle)
