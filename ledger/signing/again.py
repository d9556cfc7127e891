"""Putting before the chain again what it refused, once somebody has put right why."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.commands import seal_and_record
from ledger.agreements.kinds import termination_minutes
from ledger.agreements.model import AgreementAct, AgreementRow
from ledger.agreements.refused import refused_of
from ledger.chain.model import OutboxIntent
from ledger.errors import RuleError
from ledger.signing.desk import SigningDesk, note
from ledger.signing.winding_up import call_off, wind_up

__all__ = ["put_again"]


def put_again(session: Session, desk: SigningDesk, agreement: AgreementRow) -> OutboxIntent:
    """Queues a document's record anew, or the end of a contract with a fresh signature of the utility. Never commits.

    Raises:
        RuleError: the chain refused nothing of it, it may still be mined, or only another document helps.
    """
    found = refused_of(session, agreement.id)
    if found is None:
        raise RuleError("the chain refused nothing of it", field="agreement", fix="see `sonang signing refused`")
    if not found.may_go_again:
        raise RuleError(f"it cannot be put again: {found.why[1]}", field="agreement", fix=found.fix[1])
    if found.act == "record":
        intent = seal_and_record(session, desk.calls, desk.store, agreement)
    elif agreement.kind == termination_minutes.NAME:
        intent = call_off(session, desk, agreement)
    else:
        intent = wind_up(session, desk, _minutes_of(session, agreement))
    note(session, "again", at_s=desk.clock(), agreement=agreement.id)
    return intent


def _minutes_of(session: Session, contract: AgreementRow) -> AgreementRow:
    """The sealed minutes that wind a contract up, by which the utility asked for its end."""
    called_off = select(AgreementAct.agreement_id).where(AgreementAct.act == "terminate")
    sealed = AgreementRow.sealed_digest.is_not(None), AgreementRow.id.not_in(called_off)
    wanted = AgreementRow.family == contract.family, AgreementRow.kind == termination_minutes.NAME, *sealed
    minutes = session.scalars(select(AgreementRow).where(*wanted).order_by(AgreementRow.created_s.desc()).limit(1)).one_or_none()
    if minutes is None:
        raise RuleError("its end was signed by a party, not by minutes", field="agreement", fix="have that party sign the termination anew")
    return minutes
