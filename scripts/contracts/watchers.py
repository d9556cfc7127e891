"""Who looks over the utility's shoulder in the demo: two witnesses of the log, each a process with a key of its own."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from ledger.chain.deployment import Deployment
from ledger.day.processes import Child, start
from ledger.day.stage import Stage
from ledger.errors import UnavailableError
from ledger.note_keys import load_note_key, new_note_key
from ledger.office.signed_before import LastSigned
from ledger.protocol.checkpoint import WITNESS, NoteSigner
from ledger.settings import Settings
from ledger.transparency.queries import origin_of

__all__ = ["Watchers", "log_signer"]

NAMES = {"witness-press": "press.example", "witness-university": "university.example"}
"""By the process's name, the witness's in its cosignatures."""
START_S = 60.0
POLL_S = 0.02


@dataclass(frozen=True)
class Watcher:
    """A witness: its process, the file that says where it listens, and its published key."""

    child: Child
    ready: Path
    key: str


class Watchers:
    """The witnesses; they start at once, are waited for when first asked, and end with the stage.

    Args:
        log_key: the published key of the log they watch.
    """

    def __init__(self, stage: Stage, log_key: str) -> None:
        folder = stage.settings.state_dir / "witnesses"
        self._watchers = []
        for name, shown in NAMES.items():
            key, ready = folder / f"{name}.key", folder / f"{name}.ready"
            signer = _signer(key, shown)
            ready.unlink(missing_ok=True)
            words = ["witness", "--key", str(key), "--name", shown, "--log", log_key, "--ready", str(ready)]
            child = start(name, "ledger.cli", words, stage.settings)
            stage.children.append(child)
            self._watchers.append(Watcher(child, ready, signer.key(WITNESS).text()))

    @property
    def keys(self) -> tuple[str, ...]:
        """Their published keys."""
        return tuple(one.key for one in self._watchers)

    def urls(self) -> tuple[str, ...]:
        """Where they listen, once they do.

        Raises:
            UnavailableError: one ended or stayed silent.
        """
        return tuple(_url(one) for one in self._watchers)


def log_signer(settings: Settings, deployment: Deployment) -> NoteSigner:
    """The key of this installation's log, made when there is none, as by `sonang checkpoint --new-key`."""
    return _signer(settings.state_dir / "log.key", origin_of(deployment))


def last_signed(settings: Settings) -> LastSigned:
    """What that key signed last."""
    return LastSigned(settings.state_dir / "log.key")


def _signer(path: Path, name: str) -> NoteSigner:
    return load_note_key(path, name) if path.exists() else new_note_key(path, name)


def _url(watcher: Watcher) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        watcher.child.check()
        with contextlib.suppress(OSError, ValueError, KeyError):
            return str(orjson.loads(watcher.ready.read_bytes())["url"])
        time.sleep(POLL_S)
    fix = f"read {watcher.child.log}, then run the same command again"
    raise UnavailableError(f"did not start within {START_S:.0f} s", field=watcher.child.name, fix=fix)
