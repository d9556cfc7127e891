"""Reading how far a document's signing has come, and what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.kinds import kind_named
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.refused import refused_of
from ledger.signing.model import Approval, Presentation, SigningEvent

State = Literal["open", "declined", "expired", "signed", "sealed", "refused"]


@dataclass(frozen=True)
class Step:
    """A party's part in signing a document.

    Attributes:
        role: what it signs as.
        presented_s, fetched_s, signed_s: when it was shown, fetched and signed here; None before, or where that was elsewhere.
        way: how it signed, of `model.WAYS`; None before, or where that was elsewhere.
        signed: whether it has signed.
    """

    party: bytes
    place: int
    role: str
    presented_s: int | None
    fetched_s: int | None
    signed_s: int | None
    way: str | None
    signed: bool


@dataclass(frozen=True)
class Progress:
    """How far a document's signing has come.

    Attributes:
        steps: one a party, in the order of signing.
        ended_s, ended_by: of a draft that was declined or expired.
        reason: why it was declined; of a sealed document whose record the chain refused, why.
    """

    state: State
    steps: tuple[Step, ...]
    ended_s: int | None = None
    ended_by: bytes | None = None
    reason: str | None = None

    @property
    def turn(self) -> Step | None:
        """Whose turn it is; None when nobody signs any more."""
        return next((step for step in self.steps if not step.signed), None) if self.state == "open" else None


def progress_of(session: Session, agreement: AgreementRow) -> Progress:
    """How far the signing of an agreement has come."""
    shown = {one.party_id: one for one in session.scalars(select(Presentation).where(Presentation.agreement_id == agreement.id))}
    signed = {one.party_id: one for one in session.scalars(select(Approval).where(Approval.agreement_id == agreement.id))}
    roles = kind_named(agreement.kind).roles(len(agreement.signatories))
    steps = []
    for one in agreement.signatories:
        showing, approval = shown.get(one.party_id), signed.get(one.party_id)
        steps.append(
            Step(
                party=one.party_id,
                place=one.place,
                role=roles[one.place],
                presented_s=showing.presented_s if showing else None,
                fetched_s=showing.fetched_s if showing else None,
                signed_s=approval.signed_s if approval else None,
                way=approval.way if approval else None,
                signed=one.signature is not None,
            )
        )
    given_back = refused_of(session, agreement.id)
    if given_back is not None and given_back.act == "record":
        return Progress("refused", tuple(steps), reason=given_back.words)
    ending = session.get(DraftEnding, agreement.id)
    if ending is not None:
        state: State = "declined" if ending.how == "declined" else "expired"
        return Progress(state, tuple(steps), ending.at_s, ending.party_id, ending.reason)
    if agreement.sealed_digest is not None:
        return Progress("sealed", tuple(steps))
    return Progress("signed" if all(step.signed for step in steps) else "open", tuple(steps))


def showing_of(session: Session, agreement: bytes, party: bytes) -> Presentation | None:
    """What a party was shown of an agreement, by their ids; None when nothing yet."""
    return session.scalars(select(Presentation).where(Presentation.agreement_id == agreement, Presentation.party_id == party)).one_or_none()


def approvals_of(session: Session, agreement: bytes) -> Sequence[Approval]:
    """How each party signed an agreement here, by its id, in the order of signing."""
    same = and_(Signatory.agreement_id == Approval.agreement_id, Signatory.party_id == Approval.party_id)
    return session.scalars(select(Approval).join(Signatory, same).where(Approval.agreement_id == agreement).order_by(Signatory.place)).all()


def events_of(session: Session, agreement: bytes) -> Sequence[SigningEvent]:
    """Everything tried on an agreement, by its id, oldest first."""
    return session.scalars(select(SigningEvent).where(SigningEvent.agreement_id == agreement).order_by(SigningEvent.id)).all()
