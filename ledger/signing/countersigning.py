"""The utility signs last, for itself, and what everybody has signed is sealed and sent to be recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ledger.agreements.commands import seal_and_record, sign_agreement
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow, Signatory
from ledger.errors import SonangError
from ledger.parties.model import Party
from ledger.signing.approving import check_attests
from ledger.signing.commands import present, ready_to_sign, signed_by
from ledger.signing.desk import REASON_LIMIT, SigningDesk, note
from ledger.signing.model import Approval, SigningEvent
from ledger.signing.rounds import each_in_turn

__all__ = ["CountersignReport", "countersign", "countersign_due"]

ACT = "countersign"
Then = Callable[[Session, AgreementRow], object]
"""What else is to happen in the transaction that seals, such as asking for the issued file."""


@dataclass(frozen=True)
class CountersignReport:
    """Ids of what was sealed, and why others were not."""

    done: tuple[bytes, ...]
    refused: Mapping[bytes, SonangError]


def countersign(session: Session, desk: SigningDesk, agreement: AgreementRow) -> Approval:
    """The utility signs a document everybody else has signed; it is sealed and its record queued. Never commits.

    Raises:
        RuleError: it is not the utility's turn, the draft ended or was changed, or its signer is another than this key's.
        ConflictError: it has signed.
    """
    party, now = agreement.signatories[-1].party, desk.clock()
    shown = present(session, desk.store, agreement, party, now_s=now)
    row, message = ready_to_sign(session, desk.store, desk.deployment, shown, now_s=now)
    check_attests(row, desk)
    sign_agreement(session, desk.deployment, row, party, signature=desk.utility.sign(message))
    approval = signed_by(session, row, party, "utility", now_s=now)
    seal_and_record(session, desk.calls, desk.store, row)
    return approval


def countersign_due(
    desk: SigningDesk, *, then: Then | None = None, limit: int = 100, held_back: Select[bytes] | None = None
) -> CountersignReport:
    """Countersigns what waits for the utility, each in a transaction of its own; those that are refused do not hold up the others.

    Args:
        held_back: ids of documents the utility does not sign yet, whoever else has.
    """

    def work(session: Session, row: AgreementRow) -> None:
        countersign(session, desk, row)
        note(session, ACT, at_s=desk.clock(), agreement=row.id, way="utility")
        if then is not None:
            then(session, row)

    done, refused = each_in_turn(desk, _awaiting_utility(desk, held_back), work, limit=limit)
    for agreement, wrong in refused.items():
        _note_once(desk, agreement, wrong)
    return CountersignReport(done, refused)


def _note_once(desk: SigningDesk, agreement: bytes, wrong: SonangError) -> None:
    """Keeps a refusal, unless it is the last thing kept: this is tried again every few seconds."""
    last = select(SigningEvent).where(SigningEvent.agreement_id == agreement).order_by(SigningEvent.id.desc()).limit(1)
    with desk.sessions.begin() as session:
        known = session.scalars(last).one_or_none()
        if known is None or (known.act, known.reason) != (ACT, wrong.problem[:REASON_LIMIT]):
            note(session, ACT, at_s=desk.clock(), agreement=agreement, way="utility", refused=wrong)


def _awaiting_utility(desk: SigningDesk, held_back: Select[bytes] | None) -> Select[bytes]:
    """Open documents that everybody but the utility has signed, the longest waiting for their deadline last; without those held back.

    Those of a utility with another key than this desk's come after all others.
    """
    unsigned = select(func.count()).where(Signatory.agreement_id == AgreementRow.id, Signatory.signature.is_(None)).scalar_subquery()
    parties = select(func.count()).where(Signatory.agreement_id == AgreementRow.id).scalar_subquery()
    ended = select(DraftEnding.agreement_id)
    open_to_it = AgreementRow.sealed_digest.is_(None), AgreementRow.deadline >= desk.clock(), AgreementRow.id.not_in(ended)
    wanted = [*open_to_it, unsigned == 1, parties > 1, *([] if held_back is None else [AgreementRow.id.not_in(held_back)])]
    others = select(Signatory.party_id).join(Signatory.party).where(Party.signer != desk.utility.signer)
    others = others.where(Signatory.agreement_id == AgreementRow.id, Signatory.signature.is_(None))
    return select(AgreementRow.id).where(*wanted).order_by(others.exists(), AgreementRow.deadline, AgreementRow.id)
