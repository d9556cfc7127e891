"""The desk of a request: where people sign, opened on this app's parts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from api.deps import ChainAsked, PartsAsked
from ledger.signing.desk import SigningDesk, open_desk

__all__ = ["DeskAsked"]


def desk(parts: PartsAsked, gateway: ChainAsked) -> SigningDesk:
    """The desk; 500 when a key is missing, 503 when the chain or the database is away."""
    return open_desk(parts.settings, parts.writing(), gateway)


DeskAsked = Annotated[SigningDesk, Depends(desk)]
