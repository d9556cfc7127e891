"""What staff do about signing: contacts and who vouched for them, links to sign by, certificates of companies, how far a signing is."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field
from sqlalchemy.orm import Session

from api.access import CurrentStaff, SameSite, current_staff, staff_with
from api.answers import Answer, Bytes, Bytes32, Page, Time
from api.deps import SessionAsked, WritingAsked
from api.params import AgreementId, PartyId
from api.signing_answers import Body, ChannelBody, DoneAnswer, StepAnswer, steps_of
from api.signing_desk import DeskAsked
from ledger.agreements.queries import agreement_by_id
from ledger.errors import ForbiddenError
from ledger.parties.contacts import contact_by_id, contacts_of
from ledger.parties.model import Contact
from ledger.parties.queries import party_by_id
from ledger.protocol.quantities import unhex
from ledger.services.serving import check_served
from ledger.signing.companies import certificate_digest, enrol_certificate
from ledger.signing.contacting import change_contact, vouch_by_staff
from ledger.signing.desk import wall_clock
from ledger.signing.links import send_by_hand
from ledger.signing.queries import State, events_of, progress_of

router = APIRouter(prefix="/api/v1/staff", tags=["counter"])

ContactNumber = Annotated[int, Path(ge=1, lt=2**53, description="A contact of the party's.", examples=[12])]
DESKS = ("agent", "counter")
"""Roles that may change a contact or send a link; only the counter sees an identity card."""
LARGEST_CHAIN = 65_536


class ContactBody(Body):
    """A party's new contact."""

    channel: Literal["email", "sms", "zalo"] = Field(examples=["sms"])
    address: str = Field(max_length=254, description="As people write it; it is kept in one form.", examples=["0912 345 678"])


class LinkBody(ChannelBody):
    """Who is to get a link, and where."""

    party: str = Field(max_length=66, description="A party to the agreement.", examples=["0x" + "a7" * 32])


class ChainBody(Body):
    """A company's certificate."""

    chain: str = Field(max_length=LARGEST_CHAIN, description="The certificate and its intermediates, PEM.", examples=["-----BEGIN…"])
    deadline: int = Field(ge=0, lt=2**63, description="Last second the chain takes the registration, Unix.", examples=[1_783_000_000])


class EnrolBody(ChainBody):
    """A certificate, and the signature by which its key agrees to stand for the company."""

    tax_code: str | None = Field(max_length=20, description="The company's, as the utility knows it.", examples=["0312345678"])
    signature: str = Field(max_length=10_000, description="Over the digest that was given for it.", examples=["0x" + "5c" * 64])


class HistoryAnswer(Answer):
    """A contact a party has or had; the address is personal data."""

    id: int = Field(examples=[12])
    channel: str = Field(examples=["sms"])
    address: str | None = Field(description="Null once erased.", examples=["+84912345678"])
    given_by: str = Field(examples=["staff:an.nguyen"])
    original: bool = Field(description="Of the party's first contacts; any other is a change.", examples=[False])
    since: Time
    verified: Time | None = Field(description="When a code sent there came back.")
    ended: Time | None
    vouched_how: str | None = Field(examples=["staff"])
    vouched_by: str | None = Field(examples=["binh.tran"])
    vouched: Time | None

    @classmethod
    def of(cls, one: Contact) -> HistoryAnswer:
        """From a row."""
        same = ("id", "channel", "address", "given_by", "original", "vouched_how", "vouched_by")
        times = {"since": one.since_s, "verified": one.verified_s, "ended": one.ended_s, "vouched": one.vouched_s}
        return cls.model_validate({name: getattr(one, name) for name in same} | times)


class TriedAnswer(Answer):
    """Something tried on a document, done or refused."""

    at: Time
    party: Bytes32 | None
    act: str = Field(examples=["confirm-code"])
    way: str | None = Field(examples=["sms"])
    outcome: Literal["done", "refused"] = Field(examples=["refused"])
    reason: str | None = Field(examples=["the code is wrong"])


class ProgressAnswer(Answer):
    """How far the signing of a document is, and everything tried on it."""

    state: State = Field(examples=["open"])
    reason: str | None = Field(description="Why it was declined, or why the chain refused it.", examples=[None])
    steps: list[StepAnswer]
    tried: list[TriedAnswer]


class DigestAnswer(Answer):
    """The 32 bytes a company's key is to sign."""

    digest: Bytes = Field(description="P-256 signs it as it is, RSA its SHA-256 (PKCS#1 v1.5).")


@router.get("/parties/{party}/contacts")
def list_contacts(session: SessionAsked, staff: CurrentStaff, party: PartyId) -> Page[HistoryAnswer]:
    """Every contact a party has or had, oldest first."""
    row = check_served(session, staff_with(staff, *DESKS), party_by_id(session, party))
    return Page(items=[HistoryAnswer.of(one) for one in contacts_of(session, row)], next=None)


@router.post("/parties/{party}/contacts", dependencies=[SameSite])
def record_contact(request: Request, session: WritingAsked, party: PartyId, body: ContactBody) -> HistoryAnswer:
    """Records a contact; the one before is told, and the new one cools off before it gets a code for signing."""
    staff = staff_with(current_staff(request, session), *DESKS)
    row = check_served(session, staff, party_by_id(session, party))
    made = change_contact(session, row, body.channel, body.address, by=f"staff:{staff.name}", now_s=wall_clock())
    return HistoryAnswer.of(made)


@router.post("/parties/{party}/contacts/{contact}/vouching", dependencies=[SameSite])
def vouch_for_contact(request: Request, session: WritingAsked, party: PartyId, contact: ContactNumber) -> HistoryAnswer:
    """Says that the person's identity card was seen. Who recorded the change cannot vouch for it."""
    staff = staff_with(current_staff(request, session), "counter")
    one = contact_by_id(session, check_served(session, staff, party_by_id(session, party)), contact)
    vouch_by_staff(session, one, staff=staff.name, now_s=wall_clock())
    return HistoryAnswer.of(one)


@router.post("/agreements/{agreement}/links", dependencies=[SameSite])
def send_signing_link(desk: DeskAsked, request: Request, session: WritingAsked, agreement: AgreementId, body: LinkBody) -> DoneAnswer:
    """Sends a party a link to read and sign; an earlier link is good no more."""
    staff = staff_with(current_staff(request, session), *DESKS)
    row = agreement_by_id(session, agreement)
    _own_unit(staff.sees(row.unit_id))
    send_by_hand(session, desk, row, party_by_id(session, unhex(body.party, "party", 32)), body.channel)
    return DoneAnswer(done=True)


@router.get("/agreements/{agreement}/signing")
def signing_progress(session: SessionAsked, staff: CurrentStaff, agreement: AgreementId) -> ProgressAnswer:
    """How far the signing is, and everything tried on it."""
    row = agreement_by_id(session, agreement)
    _own_unit(staff.sees(row.unit_id))
    progress = progress_of(session, row)
    tried = [
        {"at": one.at_s, "party": one.party_id, "act": one.act, "way": one.way, "outcome": one.outcome, "reason": one.reason}
        for one in events_of(session, row.id)
    ]
    return ProgressAnswer.model_validate({"state": progress.state, "reason": progress.reason, "steps": steps_of(progress), "tried": tried})


@router.post("/parties/{party}/certificate/digest", dependencies=[SameSite])
def digest_for_certificate(desk: DeskAsked, request: Request, session: SessionAsked, party: PartyId, body: ChainBody) -> DigestAnswer:
    """What a company's key signs to stand for the company; the certificate is checked first."""
    _served(request, session, party)
    return DigestAnswer.model_validate({"digest": certificate_digest(desk, party, body.chain.encode(), deadline=body.deadline)})


@router.post("/parties/{party}/certificate", dependencies=[SameSite])
def enrol_company_certificate(desk: DeskAsked, request: Request, session: SessionAsked, party: PartyId, body: EnrolBody) -> DoneAnswer:
    """Makes a certificate's key the company's signer: from now on it signs with that, and codes are refused."""
    _served(request, session, party)
    signature = unhex(body.signature, "signature")
    enrol_certificate(desk, party, body.chain.encode(), tax_code=body.tax_code, deadline=body.deadline, signature=signature)
    return DoneAnswer(done=True)


def _served(request: Request, session: Session, party: bytes) -> None:
    check_served(session, staff_with(current_staff(request, session), *DESKS), party_by_id(session, party))


def _own_unit(seen: bool) -> None:
    if not seen:
        raise ForbiddenError("it is another unit's", field="agreement", fix="ask somebody of the unit whose document it is")
