"""The outbox: saying on chain what a command decided, in the same database transaction as the command's own rows.

Nothing is sent here. When the caller's transaction commits, the intent and the decision exist together and the worker wakes; when it rolls
back, neither ever was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ledger.chain.model import CHANNEL, OutboxIntent
from ledger.errors import ConflictError

__all__ = ["Encoder", "enqueue"]


class Encoder(Protocol):
    """Whatever turns a call into calldata from the ABI: `ledger.chain.calls.Calls`."""

    def encode(self, contract: str, function: str, args: Sequence[Any]) -> bytes:
        """Selector and encoded arguments."""
        ...


def enqueue(session: Session, calls: Encoder, *, key: str, contract: str, function: str, args: Sequence[Any]) -> OutboxIntent:
    """Records that `contract.function(*args)` is to happen on chain, once, however often this is called with the same key.

    An intent that failed without any transaction of its own left that could still be mined is put back in the queue, with the new
    arguments: doing the command again is the way to try again.

    Args:
        key: the caller's own stable name for this call; by convention `<verb>/<ids>`.

    Returns:
        The intent; the caller keeps its `id`.

    Raises:
        ConflictError: the key is taken by another call.
        ProtocolError: the arguments do not fit the ABI.
    """
    calldata = calls.encode(contract, function, args)
    values = {"key": key, "contract": contract, "function": function, "calldata": calldata, "state": "queued"}
    wake = func.pg_notify(CHANNEL, "")
    adding = insert(OutboxIntent).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(OutboxIntent, wake)
    added = session.execute(adding).one_or_none()
    if added is not None:
        intent: OutboxIntent = added[0]
        return intent
    known = session.scalars(select(OutboxIntent).where(OutboxIntent.key == key).with_for_update()).one()
    if known.state == "failed" and known.nonce is None:
        known.contract, known.function, known.calldata = contract, function, calldata
        known.state, known.error, known.tx_hash, known.gas_used = "queued", None, None, None
        known.block_number, known.block_hash = None, None
        session.flush()
        session.execute(select(wake))
    elif (known.contract, known.function, known.calldata) != (contract, function, calldata):
        raise ConflictError(
            f"already asks for another call, {known.contract}.{known.function}, which is {known.state}",
            field=key,
            fix="use another key for another call",
        )
    return known
