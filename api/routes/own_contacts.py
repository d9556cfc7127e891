"""A customer's own contacts: seen, changed, tried by a code, and vouched for by a code to a contact from before."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field

from api.access import CurrentCustomer, SameSite, current_customer
from api.answers import Answer, Page, Time
from api.deps import PartsAsked, SessionAsked, WritingAsked
from api.own_contacts import OwnContact, change_own, own_contact, own_contacts
from api.signing_answers import Body, CodeBody, CodeSentAnswer, DoneAnswer
from api.signing_desk import DeskAsked
from ledger.signing.contacting import confirm_contact, confirm_vouch, request_contact_check, request_vouch

__all__ = ["ContactAsked", "router"]

router = APIRouter(prefix="/api/v1/my/contacts", tags=["access"])

ContactAsked = Annotated[int, Path(ge=1, lt=2**53, description="One of the customer's own contacts.", examples=[12])]


class NewContact(Body):
    """Where the customer wants to be reached."""

    channel: Literal["email", "sms", "zalo"] = Field(examples=["sms"])
    address: str = Field(max_length=254, description="As people write it; it is kept in one form.", examples=["0912 345 678"])


class OwnContactAnswer(Answer):
    """A contact that stands, of the customer who is signed in."""

    id: int = Field(examples=[12])
    channel: Literal["email", "sms", "zalo"] = Field(examples=["sms"])
    address: str = Field(description="In part.", examples=["+84…678"])
    settled: bool = Field(description="Whether codes for signing, and for signing in, may go there now.", examples=[False])
    settles: Time | None = Field(description="When they may at the latest; null when they may now.")
    verified: bool = Field(description="Whether a code sent there came back.", examples=[True])
    voucher: str | None = Field(
        description="The contact from before, in part, to which `…/vouching-code` sends; null when there is none, or no need.",
        examples=["h…@example.vn"],
    )

    @classmethod
    def of(cls, one: OwnContact) -> OwnContactAnswer:
        """The answer about one."""
        said = {name: value for name, value in vars(one).items() if name != "settles_s"}
        return cls.model_validate(said | {"settles": None if one.settled else one.settles_s})


@router.get("")
def my_contacts(session: SessionAsked, parts: PartsAsked, customer: CurrentCustomer) -> Page[OwnContactAnswer]:
    """Where the customer's codes go."""
    found = own_contacts(session, customer, parts.settings.contact_cooling_off_s)
    return Page(items=[OwnContactAnswer.of(one) for one in found], next=None)


@router.post("", dependencies=[SameSite])
def change_my_contact(request: Request, session: WritingAsked, parts: PartsAsked, body: NewContact) -> OwnContactAnswer:
    """Records a new contact, which takes the place of the one on its channel; who was reached before is told, and the new one cools off."""
    customer = current_customer(request, session)
    made = change_own(parts, session, customer, body.channel, body.address)
    found = own_contacts(session, customer, parts.settings.contact_cooling_off_s)
    return OwnContactAnswer.of(next(one for one in found if one.id == made.id))


@router.post("/{contact}/checking-code", dependencies=[SameSite])
def request_my_check(desk: DeskAsked, session: SessionAsked, customer: CurrentCustomer, contact: ContactAsked) -> CodeSentAnswer:
    """Sends a code to the contact itself, to see that it reaches the customer; also while it cools off."""
    return CodeSentAnswer.of(request_contact_check(desk, customer.id, own_contact(session, customer, contact).channel))


@router.post("/{contact}/checking", dependencies=[SameSite])
def confirm_my_check(
    desk: DeskAsked, session: SessionAsked, customer: CurrentCustomer, contact: ContactAsked, body: CodeBody
) -> DoneAnswer:
    """Takes that code."""
    confirm_contact(desk, customer.id, own_contact(session, customer, contact).channel, body.code)
    return DoneAnswer(done=True)


@router.post("/{contact}/vouching-code", dependencies=[SameSite])
def request_my_vouching(desk: DeskAsked, session: SessionAsked, customer: CurrentCustomer, contact: ContactAsked) -> CodeSentAnswer:
    """Sends a code to a contact from before, which vouches for this one."""
    return CodeSentAnswer.of(request_vouch(desk, customer.id, own_contact(session, customer, contact).id))


@router.post("/{contact}/vouching", dependencies=[SameSite])
def confirm_my_vouching(
    desk: DeskAsked, session: SessionAsked, customer: CurrentCustomer, contact: ContactAsked, body: CodeBody
) -> DoneAnswer:
    """Takes that code: codes for signing may go to the contact from now on."""
    confirm_vouch(desk, customer.id, own_contact(session, customer, contact).id, body.code)
    return DoneAnswer(done=True)
