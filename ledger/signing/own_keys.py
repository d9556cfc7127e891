"""Parties with a key of their own: how a key comes to stand for a party, and the one way all of them sign a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.commands import sign_agreement
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementAct, Signatory
from ledger.chain.model import OutboxIntent
from ledger.errors import RuleError
from ledger.parties.commands import register_party, registration_of
from ledger.parties.contacts import standing_contact
from ledger.parties.model import Party
from ledger.parties.queries import party_by_id
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import RegisterParty, digest
from ledger.signing.approving import check_keyless, check_settled
from ledger.signing.codes import CodeSent, claim_code, send_code, use_code
from ledger.signing.commands import presentation_of, ready_to_sign, signed_by
from ledger.signing.contacting import asking_to
from ledger.signing.desk import SigningDesk
from ledger.signing.model import Approval, Presentation, Way
from ledger.signing.rules import Binding, bound_to

__all__ = [
    "YEAR_S",
    "Signed",
    "adopt_key",
    "check_adoptable",
    "claim_enrolment",
    "registration_digest",
    "request_enrolment",
    "sign_as_party",
    "use_enrolment",
]

PARTY_REGISTRY = "PartyRegistry"
ON_CHAIN = ("mined", "final")
YEAR_S = 366 * 86_400
"""How long a key's registration may wait for the chain, whose clock may be behind or ahead of ours."""


@dataclass(frozen=True)
class Signed:
    """A signature over the digest: by which way, whether the signer's contract accepted it, and what else is kept of it."""

    signature: bytes
    way: Way
    accepted: bool = False
    details: dict[str, object] = field(default_factory=dict)


def sign_as_party(desk: SigningDesk, presentation_id: int, way: Way, produce: Callable[[Session, Presentation, bytes], Signed]) -> Approval:
    """Signs what was shown with the party's own key, in a transaction of its own.

    Args:
        produce: gives the signature over the EIP-712 digest, or refuses.

    Raises:
        ProtocolError: the signature does not hold.
        RuleError, ConflictError: as `commands.ready_to_sign`; or the party has no key.
    """
    with desk.sessions() as session:
        shown = presentation_of(session, presentation_id)
        agreement, party = shown.agreement_id, shown.party_id
    with desk.trying("sign", agreement=agreement, party=party, way=way) as session:
        shown, now = presentation_of(session, presentation_id), desk.clock()
        row, message = ready_to_sign(session, desk.store, desk.deployment, shown, now_s=now)
        shown.party.signing_key()
        signed = produce(session, shown, message)
        sign_agreement(session, desk.deployment, row, shown.party, signature=signed.signature, accepted=signed.accepted)
        return signed_by(session, row, shown.party, signed.way, now_s=now, **signed.details)


def request_enrolment(desk: SigningDesk, party_id: bytes, channel: str) -> CodeSent:
    """Sends the code that lets a party enrol a key of its own: as much as it needs to sign, since the key signs from then on.

    Raises:
        RuleError: it has a key, or the contact changed lately.
        NotFoundError, LimitError: no such contact; asked too often.
    """
    with desk.trying("request-enrolment", party=party_id, way=channel) as session:
        party = party_by_id(session, party_id)
        check_adoptable(session, party)
        contact = standing_contact(session, party, channel)
        check_settled(contact, desk)
        telling = asking_to("đăng ký khoá riêng để ký", "enrol a key of your own to sign with")
        return send_code(session, desk, contact, _enrolling(party_id), telling)


def claim_enrolment(desk: SigningDesk, party_id: bytes, code: str, *, act: str) -> int:
    """Pays for one try at that code; which code it was, for `use_enrolment`.

    Raises:
        WrongCodeError, RuleError, ConflictError, LimitError, InputError: as `codes.claim_code`.
    """
    return claim_code(desk, _enrolling(party_id), code, act=act)


def use_enrolment(session: Session, desk: SigningDesk, claimed: int) -> None:
    """Spends it, in the transaction of what it allows.

    Raises:
        ConflictError: it was spent or replaced meanwhile.
        RuleError: the contact it went to changed lately.
    """
    check_settled(use_code(session, claimed, now_s=desk.clock()).contact, desk)


def registration_digest(desk: SigningDesk, party: Party, signer: bytes, deadline: int) -> bytes:
    """What a new key signs to stand for a party that has none: the EIP-712 digest of its registration."""
    return digest(desk.deployment.domain(PARTY_REGISTRY), RegisterParty(party.id, signer, 0, deadline))


def adopt_key(
    session: Session, desk: SigningDesk, party: Party, signer: bytes, *, deadline: int, signature: bytes, accepted: bool = False
) -> OutboxIntent:
    """Makes a key the party's signer, here and in the PartyRegistry. It never goes back to approving by code.

    Raises:
        ProtocolError: the signature over `registration_digest` does not hold.
        RuleError: the party has a key, or an approval by code of its own is not on chain yet.
    """
    check_adoptable(session, party)
    party.signer = signer
    if registration_of(party, deadline).signer != signer:
        raise RuleError("the key does not stand", field="signer", fix="begin the enrolment again")
    return register_party(session, desk.calls, party, deadline=deadline, signature=signature, accepted=accepted)


def check_adoptable(session: Session, party: Party) -> None:
    """Passes when a party may get a key: the chain refuses a code's approval once its party has one.

    Raises:
        RuleError: it has one, or an approval by code waits to be recorded.
    """
    check_keyless(session, party)
    recorded = select(AgreementAct.agreement_id).join(AgreementAct.intent)
    recorded = recorded.where(AgreementAct.act == "record", OutboxIntent.state.in_(ON_CHAIN))
    mine = select(Signatory.agreement_id).where(Signatory.party_id == party.id, Signatory.evidence.is_not(None))
    ended = select(DraftEnding.agreement_id)
    waiting = mine.where(Signatory.agreement_id.not_in(recorded), Signatory.agreement_id.not_in(ended)).limit(1)
    if session.scalar(waiting) is not None:
        fix = "wait until the document it approved by code is recorded, then enrol the key"
        raise RuleError("an approval by code is not recorded yet", field="party", fix=fix)


def _enrolling(party: bytes) -> Binding:
    return Binding("enrol", party, bound_to("enrol", hex0x(party)))
