"""Four oracle nodes as processes of their own: each with its key, its journal and its own way to the chain; three of four are enough."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import orjson

from ledger.chain import keys
from ledger.chain.deployment import Deployment, deployment_path
from ledger.chain.devchain import Devchain
from ledger.chain.gateway import Gateway
from ledger.day.processes import Child, start, stop_all
from ledger.errors import UnavailableError
from ledger.protocol.signers import Verifiers
from ledger.settings import Settings
from oracle.delivery import Anchorage, Delivery
from oracle.keys import KeyKind, load_key, new_key

__all__ = ["NAMES", "Nodes", "appoint", "oracle_signers"]

NAMES = ("oracle-north", "oracle-east", "oracle-south", "oracle-west")
MAX_FAULTY = 1
START_S = 60.0
POLL_S = 0.02
SOFTWARE_KEYS = Verifiers(bytes(20), bytes(20))
"""The nodes here hold wallet keys, whose signers need no verifier's address."""


def oracle_signers(settings: Settings) -> tuple[bytes, ...]:
    """The four nodes' signers; their keys are made when there are none."""
    found = []
    for name in NAMES:
        path = _key(settings, name)
        if not path.exists():
            new_key(path, KeyKind.EOA)
        found.append(load_key(path, SOFTWARE_KEYS).signer)
    return tuple(found)


def appoint(settings: Settings, gateway: Gateway, signers: tuple[bytes, ...]) -> None:
    """Makes the nodes the ReadingAnchor's oracles where others are, as after a plain `sonang deploy` on the devchain."""
    appointed = gateway.call("ReadingAnchor", "oracles")
    if set(appointed) != set(signers):
        key = keys.deployer_key(settings, gateway.chain_id)
        gateway.send("ReadingAnchor", "setOracles", (list(signers), MAX_FAULTY), key)


class Nodes:
    """The four processes; they start at once and are waited for when first needed.

    Args:
        children: list the processes are added to, so that whoever owns it ends them.
    """

    def __init__(self, settings: Settings, gateway: Gateway, children: list[Child]) -> None:
        self._settings, self._children = settings, children
        self._deployment: Deployment = gateway.deployment
        self._signers = oracle_signers(settings)
        self._rpc = settings.rpc_url or Devchain.of(settings).url or ""
        self._nodes: dict[str, Child] = {}
        for name in NAMES:
            self._ready(name).unlink(missing_ok=True)
            self._nodes[name] = start(name, "oracle", self._arguments(name, gateway), settings)
            children.append(self._nodes[name])

    def delivery(self) -> Delivery:
        """The way to the nodes, once they listen.

        Raises:
            UnavailableError: more nodes ended or stayed silent than may be faulty.
        """
        addresses = self._addresses()
        at = self._deployment
        anchorage = Anchorage(at.domain("ReadingAnchor"), self._signers, MAX_FAULTY, at.verifiers)
        return Delivery(addresses, anchorage)

    def lose_one(self) -> str:
        """Kills the last node as a power cut would; returns its name."""
        name = NAMES[-1]
        self._nodes[name].kill()
        return name

    def close(self) -> None:
        """Ends those that still run; their journals keep what they stated."""
        stop_all(list(self._nodes.values()))

    def _addresses(self) -> list[str]:
        deadline = time.monotonic() + START_S
        while True:
            found = {name: address for name in NAMES if (address := self._address(name))}
            waiting = [name for name in NAMES if name not in found and self._nodes[name].alive]
            if not waiting or time.monotonic() > deadline:
                break
            time.sleep(POLL_S)
        if len(found) < len(NAMES) - MAX_FAULTY:
            silent = [name for name in NAMES if name not in found]
            log = self._nodes[silent[0]].log
            raise UnavailableError(f"{', '.join(silent)} did not start", field="oracle", fix=f"read {log}, then run the same command again")
        return list(found.values())

    def _address(self, name: str) -> str | None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return str(orjson.loads(self._ready(name).read_bytes())["url"])
        return None

    def _arguments(self, name: str, gateway: Gateway) -> list[str]:
        folder = self._settings.state_dir / "oracles"
        return [
            *("--key", str(_key(self._settings, name)), "--journal", str(folder / name), "--rpc", self._rpc),
            *("--deployment", str(deployment_path(self._settings, gateway.chain_id)), "--port", "0", "--ready", str(self._ready(name))),
        ]

    def _ready(self, name: str) -> Path:
        return self._settings.state_dir / "oracles" / f"{name}.ready"


def _key(settings: Settings, name: str) -> Path:
    return settings.state_dir / "oracles" / f"{name}.key"
