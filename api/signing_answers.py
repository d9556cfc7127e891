"""What the signing routes answer and take."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.answers import Answer, Bytes, Bytes32, Time
from ledger.agreements.drafts import REASON_LIMIT
from ledger.messages.rules import masked
from ledger.parties.contacts import contacts_of, is_settled
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x
from ledger.signing.codes import CodeSent
from ledger.signing.desk import SigningDesk
from ledger.signing.model import Approval
from ledger.signing.queries import Progress, State

OPTIONS = {"challenge": "FEwm7Q…", "rpId": "localhost", "userVerification": "required"}
CREDENTIAL = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30"}}
Key = Literal["none", "wallet", "passkey", "certificate"]


class Body(BaseModel):
    """What a request says."""

    model_config = ConfigDict(extra="forbid")


class ChannelBody(Body):
    """Where a code is to go."""

    channel: Literal["email", "sms", "zalo"] = Field(description="A channel the party has a contact on.", examples=["sms"])


class CodeBody(Body):
    """A code as it was typed."""

    code: str = Field(max_length=40, description="The digits of the newest message.", examples=["482913"])


class CredentialBody(Body):
    """What `navigator.credentials` answered."""

    credential: dict[str, Any] = Field(description="Its `toJSON()`.", examples=[CREDENTIAL])


class SignatureBody(Body):
    """A signature."""

    signature: str = Field(max_length=40_000, description="0x and hexadecimal digits.", examples=["0x" + "5c" * 65])


class AddressBody(Body):
    """A wallet's account."""

    address: str = Field(max_length=42, description="0x and 40 hexadecimal digits.", examples=["0x" + "5c" * 20])


class WalletBody(AddressBody, SignatureBody, CodeBody):
    """A wallet that is to stand for the party: the code that allows it, and its signature over its registration."""

    deadline: int = Field(ge=0, lt=2**53, description="As the registration has it, Unix seconds.", examples=[1_782_838_800])


class ReasonBody(Body):
    """Why somebody declines."""

    reason: str = Field(max_length=REASON_LIMIT, description="In the party's own words; every party sees it.", examples=["Sai số công tơ"])


class StepAnswer(Answer):
    """A party's part in signing."""

    party: Bytes32
    role: str = Field(examples=["customer"])
    signed: bool = Field(description="Whether it has signed.", examples=[False])
    signed_at: Time | None = Field(description="When, where it signed here.")
    way: str | None = Field(description="How, where it signed here.", examples=["otp"])


class ContactAnswer(Answer):
    """A contact of the party who asks."""

    id: int = Field(examples=[12])
    channel: str = Field(examples=["sms"])
    address: str = Field(description="As others may see it.", examples=["+84…678"])
    settled: bool = Field(description="Whether codes for signing may go there now.", examples=[True])


class SigningAnswer(Answer):
    """A document to sign, as its party sees it."""

    agreement: Bytes32
    kind: str = Field(examples=["supply-residential"])
    title_vi: str = Field(examples=["Hợp đồng mua bán điện"])
    title_en: str = Field(examples=["Electricity supply contract"])
    lookup_code: str = Field(examples=["4Q7X-9D2K-M3PA-7RTB-0WZ5"])
    base_length: int = Field(description="Bytes of the document.", examples=[61_440])
    base_digest: Bytes32 = Field(description="SHA-256 of the document that is shown; compare it with what arrived.")
    digest: Bytes32 = Field(description="The EIP-712 digest every party signs.")
    deadline: Time
    party: Bytes32
    role: str = Field(examples=["customer"])
    key: Key = Field(description="What the party signs with; with `none` it approves by code.", examples=["none"])
    state: State | Literal["held"] = Field(
        description="Held: its file is not the one that was shown; nobody signs it until the utility restores it.", examples=["open"]
    )
    my_turn: bool = Field(examples=[True])
    shown: bool = Field(description="Whether it can be fetched; one that ended before it was opened cannot.", examples=[True])
    reason: str | None = Field(description="Why it was declined.", examples=[None])
    ended_by: Bytes32 | None = Field(description="Who declined it.")
    sign_in_as: str = Field(description="The code its party signs in with to see and download it.", examples=["PE15000123456"])
    steps: list[StepAnswer]
    contacts: list[ContactAnswer]


class CodeSentAnswer(Answer):
    """Where a code went."""

    channel: str = Field(examples=["sms"])
    address: str = Field(description="As others may see it.", examples=["+84…678"])
    digits: int = Field(examples=[6])
    expires: Time

    @classmethod
    def of(cls, sent: CodeSent) -> CodeSentAnswer:
        """From what was sent."""
        return cls.model_validate({"channel": sent.channel, "address": sent.address, "digits": sent.digits, "expires": sent.expires_s})


class ApprovalAnswer(Answer):
    """That a party has signed."""

    way: str = Field(examples=["otp"])
    signed_at: Time
    evidence: Bytes32 | None = Field(description="Of a code: SHA-256 of the evidence, which the utility attests on chain.")

    @classmethod
    def of(cls, approval: Approval) -> ApprovalAnswer:
        """From how it signed."""
        return cls.model_validate({"way": approval.way, "signed_at": approval.signed_s, "evidence": approval.evidence})


class DoneAnswer(Answer):
    """That something was done."""

    done: bool = Field(examples=[True])


class OptionsAnswer(Answer):
    """Options for `navigator.credentials`."""

    options: dict[str, Any] = Field(description="For `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.", examples=[OPTIONS])


class TypedDataAnswer(Answer):
    """A message for a wallet."""

    typed_data: dict[str, Any] = Field(description="For `eth_signTypedData_v4`.", examples=[{"primaryType": "Agreement"}])
    signer: Bytes = Field(description="The wallet that is to sign.")


class RegistrationAnswer(TypedDataAnswer):
    """A registration for a wallet."""

    deadline: Time = Field(description="Until when the chain takes it; to be given back with the signature.")


def key_of(party: Party, desk: SigningDesk) -> Key:
    """What kind of key a party signs with."""
    if party.signer is None:
        return "none"
    if len(party.signer) == 20:
        return "wallet"
    return "passkey" if party.signer[:20] == desk.deployment.verifiers.webauthn else "certificate"


def steps_of(progress: Progress) -> list[dict[str, object]]:
    """Each party's part, for `StepAnswer`."""
    return [
        {"party": hex0x(one.party), "role": one.role, "signed": one.signed, "signed_at": one.signed_s, "way": one.way}
        for one in progress.steps
    ]


def contacts_shown(session: Session, desk: SigningDesk, party: Party) -> list[dict[str, object]]:
    """The party's standing contacts, for `ContactAnswer`."""
    now, cooling = desk.clock(), desk.terms.cooling_off_s
    return [
        {
            "id": one.id,
            "channel": one.channel,
            "address": masked(one.address),
            "settled": is_settled(one, now_s=now, cooling_off_s=cooling),
        }
        for one in contacts_of(session, party)
        if one.ended_s is None
    ]
