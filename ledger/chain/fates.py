"""What became of our own transactions: looked up in the blocks that hold them, and written on their intents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent, SentTransaction
from ledger.chain.rpc import NodeError

__all__ = ["Fate", "read_fates", "record_fates"]


@dataclass(frozen=True)
class Fate:
    """What a block did with one of our transactions; `error` is None when the call succeeded."""

    intent_id: int
    tx_hash: bytes
    block_number: int
    block_hash: bytes
    gas_used: int
    error: str | None


def read_fates(gateway: Gateway, sessions: sessionmaker[Session], blocks: Sequence[Mapping[str, Any]]) -> list[Fate] | None:
    """The fates of our transactions in blocks as the node answered them; None when the chain moved meanwhile.

    The open transactions are read after the blocks: bytes are stored before they are sent, so a block can hold none we do not know.
    """
    with sessions() as session:
        opened = select(SentTransaction.tx_hash, OutboxIntent.id).join(OutboxIntent).where(OutboxIntent.state == "sent")
        ours = {"0x" + tx_hash.hex(): intent_id for tx_hash, intent_id in session.execute(opened)}
    held = {tx_hash: block for block in blocks for tx_hash in block["transactions"] if tx_hash in ours}
    receipts = gateway.rpc.ask_many([("eth_getTransactionReceipt", [tx_hash]) for tx_hash in held])
    fates = []
    for (tx_hash, block), receipt in zip(held.items(), receipts, strict=True):
        if receipt is None or receipt["blockHash"] != block["hash"]:
            return None
        fates.append(
            Fate(
                intent_id=ours[tx_hash],
                tx_hash=bytes.fromhex(tx_hash[2:]),
                block_number=int(block["number"], 16),
                block_hash=bytes.fromhex(block["hash"][2:]),
                gas_used=int(receipt["gasUsed"], 16),
                error=None if int(receipt["status"], 16) else _reason(gateway, receipt),
            )
        )
    return fates


def record_fates(session: Session, fates: Sequence[Fate]) -> None:
    """Marks the intents *mined* or *failed*."""
    if fates:
        session.execute(
            update(OutboxIntent),
            [
                {
                    "id": fate.intent_id,
                    "state": "failed" if fate.error else "mined",
                    "error": fate.error,
                    "tx_hash": fate.tx_hash,
                    "block_number": fate.block_number,
                    "block_hash": fate.block_hash,
                    "gas_used": fate.gas_used,
                }
                for fate in fates
            ],
        )


def _reason(gateway: Gateway, receipt: Mapping[str, Any]) -> str:
    """Why a mined transaction reverted: the same call asked again after its block, then before it, when nothing else had changed."""
    transaction = gateway.rpc.ask("eth_getTransactionByHash", receipt["transactionHash"])
    call = {"from": transaction["from"], "to": transaction["to"], "data": transaction["input"], "gas": transaction["gas"]}
    number = int(receipt["blockNumber"], 16)
    for block in (number, number - 1):
        try:
            gateway.rpc.ask("eth_call", call, hex(block))
        except NodeError as refusal:
            if refusal.kind in ("reverted", "gas"):
                return gateway.calls.errors.explain(refusal, "").problem
    if receipt["gasUsed"] == transaction["gas"]:
        return f"ran out of gas at {int(receipt['gasUsed'], 16):,}"
    return f"reverted in block {number}; the same call no longer does"
