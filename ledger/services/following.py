"""The contract a request is about: found by the customer's code, never one that is over; and from when documents about it are in force."""

from __future__ import annotations

import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.kinds import termination_minutes
from ledger.agreements.kinds.purposes import SUPPLIES
from ledger.agreements.model import AgreementAct, AgreementRow
from ledger.agreements.queries import agreements_of, standings
from ledger.agreements.refused import off_chain
from ledger.chain.clock import chain_clock
from ledger.errors import ConflictError, RuleError
from ledger.parties.model import Party
from ledger.services.acting import Turn
from ledger.services.annexes import newest_version, terms_of, versions_of
from ledger.services.catalogue import Produced
from ledger.services.model import Request, RequestDocument
from ledger.services.reading import office_calendar
from ledger.services.rules import POINT_ENDING

__all__ = [
    "begins_at",
    "check_alone",
    "check_lasting",
    "check_one_end",
    "contract_at",
    "fallen_through",
    "handed_over",
    "is_over",
    "version_at",
]

TAKES_EFFECT_AFTER_S = 7 * 86_400
"""When an annex or a contract that replaces another begins unless a moment is named: the chain lets nothing be replaced in the past."""
ENDS_ON = "ends_on"
"""The field with the day a customer wants a contract to end."""


def contract_at(session: Session, point: str | None, party: Party | None) -> AgreementRow | None:
    """The supply contract of a metering point, as its holder's code names it; None where there is none, several, or it is another's.

    Args:
        point: as `rules.metering_point` writes it.
        party: the customer, where it is the customer who asks: others' contracts are not found for them.
    """
    code = None if point is None else point.removesuffix(POINT_ENDING)
    holder = session.scalars(select(Party).where(Party.label == code)).one_or_none()
    if holder is None or (party is not None and party.id != holder.id):
        return None
    supplied = (one for one in agreements_of(session, holder) if one.kind in SUPPLIES and one.sealed_digest is not None)
    found = [one for one in supplied if terms_of(one).get("meter.point") == point and not is_over(session, one)]
    return found[0] if len(found) == 1 else None


def check_lasting(session: Session, contract: AgreementRow) -> AgreementRow:
    """The first version of a contract that was not ended, whichever of its versions somebody named.

    Raises:
        RuleError: it is over, or its end is under way.
    """
    if is_over(session, contract):
        fix = "name the contract in force, or ask for a new supply"
        raise RuleError("the contract has ended, or its end is under way", field="contract", fix=fix)
    return versions_of(session, contract)[0]


def check_alone(session: Session, newest: AgreementRow) -> None:
    """Passes where no other document waits for signatures that would take the same version's place: the chain records only one of them.

    Raises:
        ConflictError: one does; names it.
    """
    _lock_family(session, newest)
    rivals = select(AgreementRow.lookup_code).where(AgreementRow.supersedes == newest.id, AgreementRow.sealed_digest.is_(None))
    code = session.scalar(rivals.where(AgreementRow.id.not_in(select(DraftEnding.agreement_id))).limit(1))
    if code is not None:
        fix = "have it signed first, or go back in the request it belongs to"
        raise ConflictError(f"another annex waits for signatures: {code}", field="contract", fix=fix)


def check_one_end(session: Session, contract: AgreementRow) -> None:
    """Passes where no other minutes are to wind the same contract up: its place would pass to two new holders.

    Raises:
        ConflictError: some are; names them.
    """
    _lock_family(session, contract)
    called_off = select(AgreementAct.agreement_id).where(AgreementAct.act == "terminate")
    stand = [AgreementRow.id.not_in(one) for one in (select(DraftEnding.agreement_id), called_off, fallen_through())]
    rivals = select(AgreementRow.lookup_code).where(AgreementRow.family == contract.family, AgreementRow.kind == termination_minutes.NAME)
    code = session.scalar(rivals.where(*stand).limit(1))
    if code is not None:
        fix = "have them signed first, or go back in the request they belong to, or end it"
        raise ConflictError(f"other minutes are to wind this contract up: {code}", field="contract", fix=fix)


def _lock_family(session: Session, row: AgreementRow) -> None:
    """Two requests that draft something of the same contract do so one after the other."""
    session.execute(select(AgreementRow.id).where(AgreementRow.id == row.family).with_for_update(key_share=True))


def begins_at(turn: Turn, produced: Produced, contract: AgreementRow | None, named: int | None) -> int:
    """The first second in force of a document, Unix: as named, else now, or a week from now where it replaces a version.

    Minutes that wind a contract up begin no earlier than the day the customer asked for, nor before its newest version does. A contract
    with a new holder begins with the first second the minutes with the former one are in force.

    Raises:
        RuleError: another moment is named for a new holder's contract.
    """
    passes = _passes_at(turn) if produced.relation == "contract" else None
    if passes is not None and named not in (None, passes):
        fix = f"name none, or {passes}: the new holder's contract begins when the former holder's is over"
        raise RuleError("a place would have two contracts, or none", field="begins", fix=fix)
    if passes is not None:
        return passes
    if named is not None:
        return named
    if contract is None or produced.kind != termination_minutes.NAME:
        return max(turn.at, chain_clock(turn.session)) + TAKES_EFFECT_AFTER_S if produced.relation == "supersedes" else turn.at
    if (taken_over := _taken_over_at(turn)) is not None:
        return taken_over
    wanted = turn.values.get(ENDS_ON)
    asked = turn.at if wanted is None else office_calendar().moment(datetime.date.fromisoformat(str(wanted)), 0)
    return max(turn.at, asked, newest_version(turn.session, contract).valid_from)


def _passes_at(turn: Turn) -> int | None:
    """When what its request winds up is over; None where it winds nothing up."""
    rows = [one.agreement for one in turn.request.documents if not one.dropped]
    return next((row.valid_from for row in reversed(rows) if row.kind == termination_minutes.NAME), None)


def _taken_over_at(turn: Turn) -> int | None:
    """When the new holder's contract begins, where both sides have signed it already and the minutes are drafted anew."""
    rows = [one.agreement for one in turn.request.documents if not one.dropped]
    return next((row.valid_from for row in rows if row.kind in SUPPLIES and row.sealed_digest is not None), None)


def handed_over() -> Select[bytes]:
    """Ids of minutes of a winding-up whose contract may end: the new holder's is on chain, or no request makes one."""
    theirs, other = aliased(RequestDocument), aliased(RequestDocument)
    asked = select(theirs.request_id).where(theirs.agreement_id == AgreementRow.id)
    made = aliased(AgreementRow)
    new = select(other.request_id).join(made, made.id == other.agreement_id)
    new = new.where(made.kind.in_(SUPPLIES), made.sealed_digest.is_not(None), made.id.not_in(off_chain()), ~other.dropped)
    minutes = select(AgreementRow.id).where(AgreementRow.kind == termination_minutes.NAME)
    return minutes.where(or_(~asked.exists(), asked.where(~theirs.dropped, theirs.request_id.in_(new)).exists()))


def fallen_through() -> Select[bytes]:
    """Ids of minutes both sides signed of a change of holder that was given up after all."""
    over = select(RequestDocument.agreement_id).join(Request, Request.id == RequestDocument.request_id)
    over = over.join(AgreementRow, AgreementRow.id == RequestDocument.agreement_id).where(RequestDocument.dropped)
    sealed = AgreementRow.kind == termination_minutes.NAME, AgreementRow.sealed_digest.is_not(None)
    return over.where(*sealed, Request.state.in_(("rejected", "withdrawn")), AgreementRow.id.not_in(select(DraftEnding.agreement_id)))


def version_at(session: Session, contract: AgreementRow, moment: int) -> AgreementRow:
    """The version of a contract that a document follows which begins at a moment: the last that began by then, else the first."""
    versions = versions_of(session, contract)
    return next((one for one in reversed(versions) if one.valid_from <= moment), versions[0])


def is_over(session: Session, contract: AgreementRow) -> bool:
    """Whether a contract was terminated or revoked, or was asked to be."""
    newest = newest_version(session, contract)
    asked = any(one.act == "terminate" and one.intent.state != "failed" for one in newest.acts)
    return asked or standings(session, [newest.id])[newest.id].status in ("terminated", "revoked")
