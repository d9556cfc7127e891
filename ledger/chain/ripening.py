"""The devchain's missing blocks: where only a transaction makes a block, the last transaction would wait for confirmations for ever."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent
from ledger.chain.rpc import NodeError

__all__ = ["ripen"]


def ripen(gateway: Gateway, session: Session) -> int:
    """Adds the blocks that what is mined still needs to be final; returns how many.

    Only on the devchain, only while it makes a block for every transaction, and only when nothing of ours is queued or on its way: then
    nobody else will add them. Time does not move. A transaction whose number somebody else has used waits for blocks too, until it is given
    a new one.
    """
    if not gateway.is_devchain:
        return 0
    still_open = select(OutboxIntent.state, func.max(OutboxIntent.block_number)).group_by(OutboxIntent.state)
    newest = dict(session.execute(still_open.where(OutboxIntent.state.in_(("queued", "sent", "mined")))).all())
    if not newest or "queued" in newest or ("sent" in newest and not _overtaken(gateway, session)):
        return 0
    head = gateway.block("latest").number
    missing = gateway.confirmations if "sent" in newest else (newest["mined"] or 0) + gateway.confirmations - head
    if missing <= 0 or not _mines_on_every_transaction(gateway):
        return 0
    gateway.mine(missing)
    return missing


def _mines_on_every_transaction(gateway: Gateway) -> bool:
    try:
        return bool(gateway.rpc.ask("anvil_getAutomine"))
    except NodeError:
        return False  # another program's devchain


def _overtaken(gateway: Gateway, session: Session) -> bool:
    """Whether the chain has counted past our first transaction under way."""
    first = select(OutboxIntent.sender, OutboxIntent.nonce).where(OutboxIntent.state == "sent").order_by(OutboxIntent.nonce).limit(1)
    sender, nonce = session.execute(first).one()
    return sender is not None and nonce is not None and gateway.nonce(sender) > nonce
