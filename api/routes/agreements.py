"""Agreements: what was signed, how it stands on chain, the document, and the bundle that proves it offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.answers import Answer, Bytes, Bytes32, Page, Time, Transaction
from api.deps import ChainAsked, Documents, SessionAsked
from api.downloads import BUNDLE, PDF, attachment
from api.own_documents import chain_time
from api.paging import PageAsked, page_of
from api.params import LATEST_S, AgreementId, PartyId
from api.seeing import Sight, SightAsked
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.queries import agreement_by_id, state_of
from ledger.agreements.states import Status
from ledger.errors import NotFoundError
from ledger.evidence.build import agreement_bundle
from ledger.life.queries import FamilyDocument, Relation, family_of, version_in_force
from ledger.parties.queries import party_by_id

router = APIRouter(prefix="/api/v1", tags=["agreements"])
STATUS = (
    "As the chain was last seen to have it. An end is said once it is recorded, be it still to come: `ended` is when it begins to hold."
)


class SignatoryAnswer(Answer):
    """A party to an agreement, in the order of signing."""

    party: Bytes32
    signer: Bytes | None = Field(description="ERC-7913 bytes of the key that signed; null before it signed.")


class MoveAnswer(Answer):
    """Something asked of the chain about an agreement."""

    act: Literal["record", "supersede", "terminate"] = Field(examples=["record"])
    transaction: Transaction


class AgreementAnswer(Answer):
    """An agreement, and how it stands on chain; its fields and names are in the document only."""

    id: Bytes32
    kind: str = Field(examples=["rooftop-surplus-sale"])
    parties: list[SignatoryAnswer]
    base_digest: Bytes32 = Field(description="SHA-256 of the unsigned PDF, a byte prefix of the sealed one.")
    sealed_digest: Bytes32 | None = Field(description="SHA-256 of the sealed PDF; null until every party has signed.")
    terms_root: Bytes32
    valid_from: Time
    valid_to: Time
    supersedes: Bytes32 | None = Field(description="The agreement it replaces.", examples=[None])
    status: Status = Field(description=STATUS, examples=["recorded"])
    ended: Time | None = Field(description="First second no longer in force for another reason than `valid_to`.", examples=[None])
    superseded_by: Bytes32 | None = Field(description="The agreement that took its place.", examples=[None])
    reason: str | None = Field(description="Public code of a revocation.", examples=[None])
    moves: list[MoveAnswer]

    @classmethod
    def of(cls, session: Session, row: AgreementRow) -> AgreementAnswer:
        """What may be said of an agreement."""
        state = state_of(session, row)
        own = ("id", "kind", "base_digest", "sealed_digest", "terms_root", "valid_from", "valid_to", "supersedes")
        return cls.model_validate(
            {name: getattr(row, name) for name in own}
            | {
                "parties": [{"party": one.party_id, "signer": one.signer} for one in row.signatories],
                "status": state.standing.status,
                "ended": state.standing.ended_at,
                "superseded_by": state.standing.superseded_by,
                "reason": state.standing.reason,
                "moves": [{"act": move.act, "transaction": move.intent} for move in state.moves],
            }
        )


class FamilyMember(Answer):
    """A document among its family."""

    id: Bytes32
    kind: str = Field(examples=["amendment-annex"])
    relation: Relation = Field(description="The first, a version that replaces another, or beside the versions.", examples=["version"])
    predecessor: Bytes32 | None = Field(description="The document it replaces or follows; null for the first.")
    version: Bytes32 = Field(description="Itself when it binds for a while; of minutes the version they followed.")
    valid_from: Time
    valid_to: Time
    state: str = Field(description="draft, erased, unrecorded, or the chain's status.", examples=["recorded"])

    @classmethod
    def of(cls, one: FamilyDocument) -> FamilyMember:
        """The answer about one."""
        same = {name: getattr(one, name) for name in ("relation", "predecessor", "version", "state")}
        return cls.model_validate({name: getattr(one.row, name) for name in ("id", "kind", "valid_from", "valid_to")} | same)


class FamilyAnswer(Answer):
    """A contract and all that came of it, and which version is in force at a moment."""

    at: Time
    in_force: Bytes32 | None = Field(description="As `versionAt` of the AgreementRegistry answers; null when none is.")
    documents: list[FamilyMember] = Field(description="Each before what came of it.")


AtAsked = Annotated[
    int | None, Query(ge=0, le=LATEST_S, description="Unix seconds; the chain's time without it.", examples=[1_464_170_400])
]


@router.get("/parties/{party}/agreements")
def agreements_of_party(session: SessionAsked, sight: SightAsked, paging: PageAsked, party: PartyId) -> Page[AgreementAnswer]:
    """The agreements a party is named in, oldest first."""
    sight.check_party(party_by_id(session, party).id)
    named = select(Signatory.agreement_id).where(Signatory.party_id == party)
    wanted = sight.of_documents(select(AgreementRow).where(AgreementRow.id.in_(named)))
    rows, following = page_of(session, wanted, [AgreementRow.valid_from, AgreementRow.created_s, AgreementRow.id], paging)
    return _page(session, rows, following)


@router.get("/agreements")
def list_agreements(session: SessionAsked, sight: SightAsked, paging: PageAsked) -> Page[AgreementAnswer]:
    """Every agreement that is theirs to see, by id."""
    return _page(session, *page_of(session, sight.of_documents(select(AgreementRow)), [AgreementRow.id], paging))


@router.get("/agreements/{agreement}")
def one_agreement(session: SessionAsked, sight: SightAsked, agreement: AgreementId) -> AgreementAnswer:
    """One agreement."""
    return AgreementAnswer.of(session, _seen(session, sight, agreement))


@router.get("/agreements/{agreement}/family")
def family(session: SessionAsked, sight: SightAsked, agreement: AgreementId, at: AtAsked = None) -> FamilyAnswer:
    """Every document of the same contract that is theirs to see, and the version in force at a moment."""
    row = _seen(session, sight, agreement)
    moment = chain_time(session) if at is None else at
    seen = set(session.scalars(sight.of_documents(select(AgreementRow.id).where(AgreementRow.family == row.family))))
    found = version_in_force(session, row.id, moment)
    return FamilyAnswer.model_validate(
        {
            "at": moment,
            "in_force": None if found is None or found.id not in seen else found.id,
            "documents": [FamilyMember.of(one) for one in family_of(session, row) if one.row.id in seen],
        }
    )


@router.get("/agreements/{agreement}/document", response_class=Response, responses=PDF)
def document(session: SessionAsked, sight: SightAsked, store: Documents, agreement: AgreementId) -> Response:
    """The PDF as it stands: sealed, or the draft. It holds personal data."""
    row = _seen(session, sight, agreement)
    try:
        content = store.read(row.id)
    except NotFoundError:
        raise NotFoundError(
            "the document is missing here", field="agreement", fix="restore the folder of agreements from its backup"
        ) from None
    return attachment(content, "application/pdf", f"agreement-{row.id.hex()[:12]}.pdf")


@router.get("/agreements/{agreement}/bundle", response_class=Response, responses=BUNDLE)
def bundle(session: SessionAsked, sight: SightAsked, gateway: ChainAsked, store: Documents, agreement: AgreementId) -> Response:
    """The evidence that proves the agreement offline, with the PDF in it."""
    row = _seen(session, sight, agreement)
    return attachment(agreement_bundle(session, gateway, store, row), "application/zip", f"agreement-{row.id.hex()[:12]}.zip")


def _seen(session: Session, sight: Sight, agreement: bytes) -> AgreementRow:
    row = agreement_by_id(session, agreement)
    sight.check_document(row.id)
    return row


def _page(session: Session, rows: Sequence[AgreementRow], following: str | None) -> Page[AgreementAnswer]:
    return Page(items=[AgreementAnswer.of(session, row) for row in rows], next=following)
