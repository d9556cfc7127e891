"""Signing: what the holder of a signing link may see and do. The token goes in the header `x-signing-link`, never in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from sqlalchemy.orm import Session

from api.addressing import asked_by
from api.downloads import PDF, attachment
from api.signing_answers import (
    AddressBody,
    ApprovalAnswer,
    ChannelBody,
    CodeBody,
    CodeSentAnswer,
    CredentialBody,
    DoneAnswer,
    OptionsAnswer,
    ReasonBody,
    RegistrationAnswer,
    SignatureBody,
    SigningAnswer,
    TypedDataAnswer,
    WalletBody,
    contacts_shown,
    key_of,
    steps_of,
)
from api.signing_desk import DeskAsked
from ledger.agreements.commands import digest_to_sign
from ledger.agreements.kinds import kind_named
from ledger.errors import RuleError
from ledger.protocol.quantities import unhex
from ledger.signing import approving, companies, contacting, own_keys, passkeys, wallets
from ledger.signing.changed import fetch, is_held, show
from ledger.signing.commands import CHANGED, decline, presentation_of
from ledger.signing.desk import SigningDesk
from ledger.signing.links import Opened, open_link
from ledger.signing.model import Presentation
from ledger.signing.queries import progress_of, showing_of

router = APIRouter(prefix="/api/v1/signing", tags=["signing"])

LinkToken = Annotated[str, Header(max_length=100, description="The token of a signing link.", examples=["kq3…"])]
ContactNumber = Annotated[int, Path(ge=1, lt=2**53, description="A contact of the party's.", examples=[12])]


@dataclass(frozen=True)
class Visit:
    """Who came by a link: the desk, the number of the showing, the document and the party."""

    desk: SigningDesk
    showing: int
    agreement: bytes
    party: bytes


def visit(request: Request, desk: DeskAsked, x_signing_link: LinkToken = "") -> Visit:
    """Opens a link; 401 when it is not good. The document counts as presented from now on."""
    with desk.sessions.begin() as session:
        opened = open_link(session, x_signing_link, now_s=desk.clock())
        asked_by(request, opened.party.label)
        agreement, party = opened.agreement.id, opened.party.id
        shown = showing_of(session, agreement, party)
        if shown is not None:
            return Visit(desk, shown.id, agreement, party)
    return Visit(desk, show(desk, agreement, party), agreement, party)


Visiting = Annotated[Visit, Depends(visit)]


@router.get("")
def to_sign(request: Request, desk: DeskAsked, x_signing_link: LinkToken = "") -> SigningAnswer:
    """The document, whose turn it is, and how this party signs; of one never shown that ended or changed, that it is so."""
    with desk.sessions.begin() as session:
        opened = open_link(session, x_signing_link, now_s=desk.clock())
        asked_by(request, opened.party.label)
        if progress_of(session, opened.agreement).ended_s is not None:
            return _answer(session, desk, opened)
    try:
        visited = visit(request, desk, x_signing_link)
    except RuleError as wrong:
        if wrong.problem != CHANGED:
            raise
        with desk.sessions() as session:
            return _answer(session, desk, open_link(session, x_signing_link, now_s=desk.clock()))
    with desk.sessions() as session:
        return _answer(session, desk, presentation_of(session, visited.showing))


@router.get("/document", response_class=Response, responses=PDF)
def document(visit: Visiting) -> Response:
    """The exact bytes that are signed: their SHA-256 is `base_digest`."""
    content = fetch(visit.desk, visit.showing)
    return attachment(content, "application/pdf", f"to-sign-{visit.agreement.hex()[:12]}.pdf")


@router.post("/code")
def request_code(visit: Visiting, body: ChannelBody) -> CodeSentAnswer:
    """Sends a code to sign with to a contact of the party."""
    return CodeSentAnswer.of(approving.request_code(visit.desk, visit.showing, body.channel))


@router.post("/code/confirmation")
def confirm_code(visit: Visiting, body: CodeBody) -> ApprovalAnswer:
    """Takes the code: the party has approved, and the utility attests it."""
    return ApprovalAnswer.of(approving.confirm_code(visit.desk, visit.showing, body.code))


@router.post("/contacts/{contact}/vouching-code")
def request_vouch(visit: Visiting, contact: ContactNumber) -> CodeSentAnswer:
    """Sends a code to the contact before a changed one, to vouch for the change."""
    return CodeSentAnswer.of(contacting.request_vouch(visit.desk, visit.party, contact))


@router.post("/contacts/{contact}/vouching")
def confirm_vouch(visit: Visiting, contact: ContactNumber, body: CodeBody) -> DoneAnswer:
    """Takes that code."""
    contacting.confirm_vouch(visit.desk, visit.party, contact, body.code)
    return DoneAnswer(done=True)


@router.get("/wallet")
def wallet_message(visit: Visiting) -> TypedDataAnswer:
    """What the party's wallet is to sign."""
    message = wallets.wallet_message(visit.desk, visit.showing)
    with visit.desk.sessions() as session:
        signer = presentation_of(session, visit.showing).party.signing_key()
    return TypedDataAnswer.model_validate({"typed_data": message, "signer": signer})


@router.post("/wallet")
def sign_with_wallet(visit: Visiting, body: SignatureBody) -> ApprovalAnswer:
    """Takes the wallet's signature."""
    return ApprovalAnswer.of(wallets.sign_with_wallet(visit.desk, visit.showing, unhex(body.signature, "signature")))


@router.post("/certificate")
def sign_with_certificate(visit: Visiting, body: SignatureBody) -> ApprovalAnswer:
    """Takes a signature over `digest` by the company's certificate: P-256 as it is (DER or r ‖ s), RSA over its SHA-256."""
    return ApprovalAnswer.of(companies.sign_with_certificate(visit.desk, visit.showing, unhex(body.signature, "signature")))


@router.get("/passkey")
def passkey_options(visit: Visiting) -> OptionsAnswer:
    """What `navigator.credentials.get` needs to sign."""
    return OptionsAnswer(options=passkeys.passkey_options(visit.desk, visit.showing))


@router.post("/passkey")
def sign_with_passkey(visit: Visiting, body: CredentialBody) -> ApprovalAnswer:
    """Takes the passkey's assertion."""
    return ApprovalAnswer.of(passkeys.sign_with_passkey(visit.desk, visit.showing, body.credential))


@router.post("/enrolment-code")
def request_enrolment(visit: Visiting, body: ChannelBody) -> CodeSentAnswer:
    """Sends the code that lets the party enrol a key of its own: a passkey or a wallet."""
    return CodeSentAnswer.of(own_keys.request_enrolment(visit.desk, visit.party, body.channel))


@router.post("/passkey/creation-options")
def begin_enrolment(visit: Visiting, body: CodeBody) -> OptionsAnswer:
    """Takes that code; what `navigator.credentials.create` needs."""
    return OptionsAnswer(options=passkeys.begin_enrolment(visit.desk, visit.party, body.code))


@router.post("/passkey/creation")
def create_passkey(visit: Visiting, body: CredentialBody) -> OptionsAnswer:
    """Takes the new passkey; what `navigator.credentials.get` needs for it to agree to stand for the party."""
    return OptionsAnswer(options=passkeys.create_passkey(visit.desk, visit.party, body.credential))


@router.post("/passkey/enrolment")
def enrol_passkey(visit: Visiting, body: CredentialBody) -> DoneAnswer:
    """Takes that agreement: from now on the passkey signs for the party, and codes do not."""
    passkeys.enrol_passkey(visit.desk, visit.party, body.credential)
    return DoneAnswer(done=True)


@router.post("/wallet/registration")
def wallet_registration(visit: Visiting, body: AddressBody) -> RegistrationAnswer:
    """What a wallet is to sign to stand for the party."""
    signer, deadline = unhex(body.address, "address", 20), visit.desk.clock() + own_keys.YEAR_S
    message = wallets.registration_message(visit.desk, visit.party, signer, deadline)
    return RegistrationAnswer.model_validate({"typed_data": message, "signer": signer, "deadline": deadline})


@router.post("/wallet/enrolment")
def enrol_wallet(visit: Visiting, body: WalletBody) -> DoneAnswer:
    """Takes the code and that signature: from now on the wallet signs for the party, and codes do not."""
    address, signature = unhex(body.address, "address", 20), unhex(body.signature, "signature")
    wallets.enrol_wallet(visit.desk, visit.party, address, code=body.code, deadline=body.deadline, signature=signature)
    return DoneAnswer(done=True)


@router.post("/refusal")
def decline_document(visit: Visiting, body: ReasonBody) -> SigningAnswer:
    """Declines the document, which ends it for everybody."""
    with visit.desk.checking("decline", agreement=visit.agreement, party=visit.party) as session:
        shown = presentation_of(session, visit.showing)
        decline(session, shown.agreement, shown.party, reason=body.reason, now_s=visit.desk.clock())
    with visit.desk.sessions() as session:
        return _answer(session, visit.desk, presentation_of(session, visit.showing))


def _answer(session: Session, desk: SigningDesk, visited: Presentation | Opened) -> SigningAnswer:
    row, party, kind = visited.agreement, visited.party, kind_named(visited.agreement.kind)
    pinned = row if isinstance(visited, Opened) else visited
    progress = progress_of(session, row)
    held = progress.state == "open" and (isinstance(visited, Opened) or is_held(session, desk, visited))
    turn = None if held else progress.turn
    return SigningAnswer.model_validate(
        {
            "agreement": row.id,
            "kind": row.kind,
            "title_vi": kind.title_vi,
            "title_en": kind.title_en,
            "lookup_code": pinned.lookup_code,
            "base_length": pinned.base_length,
            "base_digest": pinned.base_digest,
            "digest": digest_to_sign(desk.deployment, row),
            "deadline": row.deadline,
            "party": party.id,
            "role": next(step.role for step in progress.steps if step.party == party.id),
            "key": key_of(party, desk),
            "state": "held" if held else progress.state,
            "my_turn": turn is not None and turn.party == party.id,
            "shown": isinstance(visited, Presentation),
            "reason": progress.reason,
            "ended_by": progress.ended_by,
            "sign_in_as": party.label,
            "steps": steps_of(progress),
            "contacts": contacts_shown(session, desk, party),
        }
    )
