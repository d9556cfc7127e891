"""Taking back a standing order: whoever holds its party's signature may bring it, here as on the chain."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from api.answers import Answer, Bytes32, Time, Transaction
from api.deps import ChainAsked, WritingAsked
from api.params import OrderDigest
from api.signing_answers import Body
from ledger.chain.model import OutboxIntent
from ledger.errors import NotFoundError
from ledger.market.commands import cancel_order
from ledger.market.model import StandingOrder
from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.typed_data import CancelOrder

router = APIRouter(prefix="/api/v1/orders", tags=["market"])


class CancellationBody(Body):
    """The party's word that it takes the order back."""

    deadline: int = Field(ge=0, lt=2**63, description="Last second the chain takes it, Unix.", examples=[1_783_000_000])
    signature: str = Field(
        max_length=40_000,
        description="By the party's key over `CancelOrder(party, orderDigest, deadline)` in the Exchange's domain (docs/protocol.md).",
        examples=["0x" + "5c" * 65],
    )


class CancelledAnswer(Answer):
    """An order that was taken back."""

    order: Bytes32
    cancelled: Time = Field(description="Since when no further unit is committed with it; units committed before keep it.")
    transaction: Transaction | None = Field(description="The transaction that tells the chain.")


@router.post("/{order}/cancellation")
def cancel(session: WritingAsked, gateway: ChainAsked, order: OrderDigest, body: CancellationBody) -> CancelledAnswer:
    """Takes an order back at its party's wish, signed by the party's key. Needs no sign-in: the signature is what counts."""
    row = session.get(StandingOrder, order)
    if row is None:
        raise NotFoundError(f"no order {hex0x(order)}", field="order", fix="give the digest of a standing order")
    message = CancelOrder(row.party_id, row.digest, body.deadline)
    now = gateway.block("latest").timestamp
    done = cancel_order(session, gateway.calls, message, unhex(body.signature, "signature"), now=now)
    intent = None if done.cancel_intent_id is None else session.get_one(OutboxIntent, done.cancel_intent_id)
    return CancelledAnswer.model_validate({"order": done.digest, "cancelled": done.cancelled_s, "transaction": intent})
