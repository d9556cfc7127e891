"""The chain an audit asks: this installation's, or the node and the record an auditor names."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ledger.agreements.kinds import KINDS
from ledger.agreements.rules import kind_id
from ledger.chain.gateway import Gateway
from ledger.errors import ChainError, NotFoundError, SettingsError, UnavailableError
from ledger.life.rules import has_term
from ledger.settings import Settings
from ledger.transparency.chain import OnChain, read_chain
from ledger.transparency.queries import origin_of

__all__ = ["ask_chain"]

TERMLESS = frozenset(kind_id(kind) for kind in KINDS if not has_term(kind))
NODE = "name a node you trust by --rpc URL"
RECORD = "name the deployment record the utility publishes, deployments/<chain id>.json, by --deployment FILE"


def ask_chain(
    settings: Settings, rpc: str | None = None, deployment: Path | None = None, *, elsewhere: bool = False
) -> tuple[str, OnChain]:
    """The log's name, and what the chain holds.

    Args:
        rpc, deployment: what the auditor named; where not given, this installation's.
        elsewhere: the audit is of somebody else's log, so that nobody is told how to run a chain of their own.

    Raises:
        UnavailableError, NotFoundError, ChainError, SettingsError: as `Gateway.connect` and `Gateway.logs`.
    """
    named = {name: value for name, value in (("rpc_url", rpc), ("deployment_file", deployment)) if value is not None}
    try:
        with contextlib.closing(Gateway.connect(settings.model_copy(update=named))) as gateway:
            return origin_of(gateway.deployment), read_chain(gateway, TERMLESS)
    except (UnavailableError, NotFoundError, ChainError, SettingsError) as wrong:
        if elsewhere or named:
            wrong.fix = _advice(wrong, str(deployment))
        raise


def _advice(wrong: UnavailableError | NotFoundError | ChainError | SettingsError, record: str) -> str:
    """What an auditor does, who runs neither the chain nor the contracts."""
    if isinstance(wrong, UnavailableError):
        return NODE
    if isinstance(wrong, ChainError):
        return f"{NODE}, of the log's own chain, or {RECORD}"
    if isinstance(wrong, NotFoundError) or wrong.field == record or wrong.field.endswith(".json"):
        return RECORD
    return wrong.fix
