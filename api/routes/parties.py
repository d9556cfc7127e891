"""Parties by their pseudonyms: themselves and staff see them, without labels and names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select

from api.answers import Answer, Bytes, Bytes32, Page, Time
from api.deps import SessionAsked
from api.paging import PageAsked, page_of
from api.params import PartyId
from api.seeing import SightAsked
from ledger.parties.model import Party, Role
from ledger.parties.queries import party_by_id

router = APIRouter(prefix="/api/v1/parties", tags=["parties"])


class PartyAnswer(Answer):
    """A party as the chain may know it."""

    id: Bytes32
    role: Role = Field(examples=["owner"])
    signer: Bytes | None = Field(description="ERC-7913 bytes of the key that signs for it now; null when it approves by one-time codes.")
    erased: bool = Field(description="Its salt key was destroyed: its salted records cannot be opened any more.", examples=[False])
    created: Time

    @classmethod
    def of(cls, party: Party) -> PartyAnswer:
        """What may be said of a party."""
        return cls.model_validate(
            {"id": party.id, "role": party.role, "signer": party.signer, "erased": party.salt_key is None, "created": party.created_s}
        )


@router.get("")
def list_parties(
    session: SessionAsked,
    sight: SightAsked,
    paging: PageAsked,
    role: Annotated[Role | None, Query(description="Of this role only.", examples=["owner"])] = None,
) -> Page[PartyAnswer]:
    """Every party that is theirs to see, by id."""
    wanted = select(Party) if role is None else select(Party).where(Party.role == role)
    rows, following = page_of(session, sight.of_parties(wanted, Party.id), [Party.id], paging)
    return Page(items=[PartyAnswer.of(row) for row in rows], next=following)


@router.get("/{party}")
def one_party(session: SessionAsked, sight: SightAsked, party: PartyId) -> PartyAnswer:
    """One party."""
    row = party_by_id(session, party)
    sight.check_party(row.id)
    return PartyAnswer.of(row)
