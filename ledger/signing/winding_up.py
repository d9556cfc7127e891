"""Minutes that wind a contract up end it on chain: by the utility's signature, once both sides have signed them and they are sealed.

Where the contract passes to a new holder, the end waits until somebody says that the new holder's contract is on chain: a place is never
without a contract. Where it will never be, the minutes themselves are ended and the contract lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.commands import REGISTRY, terminate, termination_of
from ledger.agreements.kinds import termination_minutes
from ledger.agreements.model import AgreementAct, AgreementRow, AgreementTerm
from ledger.agreements.refused import off_chain, record_refused
from ledger.chain.model import OutboxIntent
from ledger.errors import RuleError, SonangError
from ledger.protocol.typed_data import digest
from ledger.signing.desk import SigningDesk

__all__ = ["WoundUp", "call_off", "call_off_due", "wind_up", "wind_up_due"]

PATIENCE_S = 30 * 86_400
"""How long the chain may take to hear of it."""


@dataclass(frozen=True)
class WoundUp:
    """Ids of the minutes whose contracts' ends, or whose own, are queued now, and why others were not."""

    done: tuple[bytes, ...]
    refused: Mapping[bytes, SonangError]


def wind_up(session: Session, desk: SigningDesk, minutes: AgreementRow) -> OutboxIntent:
    """Queues the end of what minutes wind up: the contract's newest version is over from their first second in force. Never commits.

    Raises:
        RuleError: they are no such minutes, are not sealed, or the utility's signer is another than this key's.
    """
    if minutes.kind != termination_minutes.NAME or minutes.predecessor is None or minutes.sealed_digest is None:
        raise RuleError("it winds no contract up", field="agreement", fix="give sealed minutes of a winding-up")
    contract = _newest_version(session, session.get_one(AgreementRow, minutes.predecessor))
    return _end(session, desk, contract, minutes.valid_from)


def call_off(session: Session, desk: SigningDesk, minutes: AgreementRow) -> OutboxIntent:
    """Queues the end of minutes that will wind nothing up, from now on: what they would have ended lasts. Never commits.

    Raises:
        RuleError: the utility's signer is another than this key's.
    """
    return _end(session, desk, minutes, desk.clock())


def _end(session: Session, desk: SigningDesk, row: AgreementRow, effective_at: int) -> OutboxIntent:
    utility = row.signatories[-1].party
    if utility.signing_key() != desk.utility.signer:
        fix = "set SONANG_UTILITY_KEY to the key that stands for the utility"
        raise RuleError(f"{utility.label} signs with another key than this installation has", field="signer", fix=fix)
    deadline = max(desk.clock(), effective_at) + PATIENCE_S
    message = termination_of(row, utility, effective_at=effective_at, deadline=deadline)
    signature = desk.utility.sign(digest(desk.deployment.domain(REGISTRY), message))
    return terminate(session, desk.calls, row, utility, effective_at=effective_at, deadline=deadline, signature=signature)


def wind_up_due(desk: SigningDesk, *, limit: int = 100, handed_over: Select[bytes] | None = None) -> WoundUp:
    """Ends what sealed minutes wind up, each in a transaction of its own; one that is refused does not stop the others.

    Args:
        handed_over: ids of minutes of a change of holder whose time has come; without it all of those wait.
    """
    return _each(desk, _unended(handed_over), wind_up, limit)


def call_off_due(desk: SigningDesk, fallen_through: Select[bytes], *, limit: int = 100) -> WoundUp:
    """Calls minutes off, each in a transaction of its own, once the chain has them.

    Args:
        fallen_through: ids of sealed minutes of a change of holder that will not come about.
    """
    asked = select(AgreementAct.agreement_id).where(AgreementAct.act == "terminate")
    wanted = AgreementRow.id.in_(fallen_through), AgreementRow.id.not_in(asked), AgreementRow.id.not_in(off_chain())
    return _each(desk, select(AgreementRow.id).where(AgreementRow.sealed_digest.is_not(None), *wanted), call_off, limit)


def _each(
    desk: SigningDesk, wanted: Select[bytes], work: Callable[[Session, SigningDesk, AgreementRow], OutboxIntent], limit: int
) -> WoundUp:
    done, refused = [], {}
    with desk.sessions() as session:
        due = list(session.scalars(wanted.order_by(AgreementRow.created_s, AgreementRow.id).limit(limit)))
    for minutes in due:
        try:
            with desk.sessions.begin() as session:
                if _taken(session, minutes, wanted):
                    work(session, desk, session.get_one(AgreementRow, minutes))
                    done.append(minutes)
        except SonangError as wrong:
            refused[minutes] = wrong
    return WoundUp(tuple(done), refused)


def _taken(session: Session, minutes: bytes, wanted: Select[bytes]) -> bool:
    """Takes minutes for this transaction; False where another office has them, or had them since they were found due."""
    free = select(AgreementRow.id).where(AgreementRow.id == minutes).with_for_update(skip_locked=True, key_share=True)
    return session.scalar(free) is not None and session.scalar(wanted.where(AgreementRow.id == minutes)) is not None


def _unended(handed_over: Select[bytes] | None) -> Select[bytes]:
    """Sealed minutes of a winding-up whose contract was not asked to end; what the chain refused is left to a person."""
    ended = select(AgreementRow.family).join(AgreementAct, AgreementAct.agreement_id == AgreementRow.id)
    ended = ended.where(AgreementAct.act == "terminate", AgreementRow.kind != termination_minutes.NAME)
    sealed = AgreementRow.kind == termination_minutes.NAME, AgreementRow.sealed_digest.is_not(None), AgreementRow.family.not_in(ended)
    said = and_(AgreementTerm.agreement_id == AgreementRow.id, AgreementTerm.path == "termination.reason")
    passes = select(AgreementTerm.path).where(said, AgreementTerm.value == orjson.dumps("holder-change").decode()).exists()
    ready = ~passes if handed_over is None else or_(~passes, AgreementRow.id.in_(handed_over))
    return select(AgreementRow.id).where(*sealed, AgreementRow.id.not_in(record_refused()), ready)


def _newest_version(session: Session, contract: AgreementRow) -> AgreementRow:
    """The last sealed document of a contract's versions: what the chain is asked to end."""
    while True:
        later = select(AgreementRow).where(AgreementRow.supersedes == contract.id, AgreementRow.sealed_digest.is_not(None))
        later = later.where(AgreementRow.id.not_in(record_refused()))
        newer = session.scalars(later.order_by(AgreementRow.created_s.desc()).limit(1)).one_or_none()
        if newer is None:
            return contract
        contract = newer
