"""The devchain's missing blocks: where only a transaction makes a block, some transactions would wait for the next one for ever."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent
from ledger.chain.rpc import NodeError

__all__ = ["STUCK_S", "ripen"]

STUCK_S = 1.0
"""How long nothing has moved when what lies in the pool is taken for left behind."""


def ripen(gateway: Gateway, session: Session, *, still_s: float = 0.0) -> int:
    """Adds the blocks that what is mined still needs to be final, or that what the devchain left in its pool needs to be mined.

    Only on the devchain, only while it makes a block for every transaction. Blocks on top are added when nothing of ours is queued or on
    its way: then nobody else will add them. Of many transactions at once anvil leaves some in its pool until the next block comes; they get
    one. Time does not move. A transaction whose number somebody else has used waits for blocks too, until it is given a new one.

    Args:
        still_s: for how long nothing of ours has moved.

    Returns:
        How many blocks were added.
    """
    if not gateway.is_devchain:
        return 0
    missing = _missing(gateway, session, still_s)
    if missing <= 0 or not _mines_on_every_transaction(gateway):
        return 0
    gateway.mine(missing)
    return missing


def _missing(gateway: Gateway, session: Session, still_s: float) -> int:
    still_open = select(OutboxIntent.state, func.max(OutboxIntent.block_number)).group_by(OutboxIntent.state)
    newest = dict(session.execute(still_open.where(OutboxIntent.state.in_(("queued", "sent", "mined")))).all())
    if "sent" in newest and still_s >= STUCK_S and _lies_in_pool(gateway):
        return 1
    if not newest or "queued" in newest or ("sent" in newest and not _overtaken(gateway, session)):
        return 0
    if "sent" in newest:
        return gateway.confirmations
    return (newest["mined"] or 0) + gateway.confirmations - gateway.block("latest").number


def _mines_on_every_transaction(gateway: Gateway) -> bool:
    try:
        return bool(gateway.rpc.ask("anvil_getAutomine"))
    except NodeError:
        return False  # another program's devchain


def _lies_in_pool(gateway: Gateway) -> bool:
    """Whether the node holds transactions that could be in a block and are not."""
    try:
        return int(gateway.rpc.ask("txpool_status")["pending"], 16) > 0
    except NodeError:
        return False  # as above


def _overtaken(gateway: Gateway, session: Session) -> bool:
    """Whether the chain has counted past our first transaction under way."""
    first = select(OutboxIntent.sender, OutboxIntent.nonce).where(OutboxIntent.state == "sent").order_by(OutboxIntent.nonce).limit(1)
    sender, nonce = session.execute(first).one()
    return sender is not None and nonce is not None and gateway.nonce(sender) > nonce
