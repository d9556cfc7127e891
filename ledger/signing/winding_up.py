"""Minutes that wind a contract up end it on chain: by the utility's signature, once both sides have signed them and they are sealed.

Where the contract passes to a new holder, the end waits until somebody says that the new holder's contract is on chain: a place is never
without a contract. Where it will never be, the minutes themselves are ended and the contract lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import orjson
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.agreements.commands import REGISTRY, terminate, termination_of
from ledger.agreements.kinds import termination_minutes
from ledger.agreements.model import AgreementAct, AgreementRow, AgreementTerm
from ledger.agreements.refused import off_chain, record_refused
from ledger.chain.model import OutboxIntent
from ledger.errors import RuleError, SonangError
from ledger.protocol.typed_data import digest
from ledger.signing.desk import SigningDesk
from ledger.signing.rounds import each_in_turn

__all__ = ["WoundUp", "call_off", "call_off_due", "wind_up", "wind_up_due"]

PATIENCE_S = 30 * 86_400
"""How long the chain may take to hear of it."""


@dataclass(frozen=True)
class WoundUp:
    """Ids of the minutes whose contracts' ends, or whose own, are queued now, and why others were not."""

    done: tuple[bytes, ...]
    refused: Mapping[bytes, SonangError]


def wind_up(session: Session, desk: SigningDesk, minutes: AgreementRow) -> OutboxIntent:
    """Queues the end of what minutes wind up: from their first second in force no version of the contract is. Never commits.

    Returns:
        The end of the newest version, where that was not asked for already; one whose successor begins later is ended beside it.

    Raises:
        RuleError: they are no such minutes, are not sealed, nothing is left to end, or the utility's signer is another than this key's.
    """
    if minutes.kind != termination_minutes.NAME or minutes.predecessor is None or minutes.sealed_digest is None:
        raise RuleError("it winds no contract up", field="agreement", fix="give sealed minutes of a winding-up")
    versions = _versions(session, session.get_one(AgreementRow, minutes.predecessor))
    lasting = [one for one, after in pairwise(versions) if after.valid_from > minutes.valid_from] + versions[-1:]
    ends = [_end(session, desk, one, minutes.valid_from) for one in lasting if not _ends_by(one, minutes.valid_from)]
    if not ends:
        raise RuleError("its contract ends as early already", field="agreement", fix="nothing is left to do")
    return ends[-1]


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
    """Ends what sealed minutes wind up, each in a transaction of its own; those that are refused do not hold up the others.

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
    order = (AgreementRow.created_s, AgreementRow.id)
    return WoundUp(*each_in_turn(desk, wanted.order_by(*order), lambda session, row: work(session, desk, row), limit=limit))


def _unended(handed_over: Select[bytes] | None) -> Select[bytes]:
    """Sealed minutes of a winding-up whose contract was not asked to end as early; what the chain refused is left to a person."""
    contract = aliased(AgreementRow)
    ended = select(AgreementAct.id).join(contract, AgreementAct.agreement_id == contract.id)
    ended = ended.where(AgreementAct.act == "terminate", AgreementAct.effective_at <= AgreementRow.valid_from)
    ended = ended.where(contract.family == AgreementRow.family, contract.kind != termination_minutes.NAME)
    sealed = AgreementRow.kind == termination_minutes.NAME, AgreementRow.sealed_digest.is_not(None), ~ended.exists()
    said = and_(AgreementTerm.agreement_id == AgreementRow.id, AgreementTerm.path == "termination.reason")
    passes = select(AgreementTerm.path).where(said, AgreementTerm.value == orjson.dumps("holder-change").decode()).exists()
    ready = ~passes if handed_over is None else or_(~passes, AgreementRow.id.in_(handed_over))
    return select(AgreementRow.id).where(*sealed, AgreementRow.id.not_in(record_refused()), ready)


def _versions(session: Session, contract: AgreementRow) -> list[AgreementRow]:
    """A contract's sealed versions from the given one on, each the successor of the one before, as the chain has or gets them."""
    found = [contract]
    while True:
        later = select(AgreementRow).where(AgreementRow.supersedes == found[-1].id, AgreementRow.sealed_digest.is_not(None))
        later = later.where(AgreementRow.id.not_in(record_refused()))
        newer = session.scalars(later.order_by(AgreementRow.created_s.desc()).limit(1)).one_or_none()
        if newer is None:
            return found
        found.append(newer)


def _ends_by(version: AgreementRow, moment: int) -> bool:
    """Whether the chain was asked to end a version by then, and did not refuse."""
    asked = [one for one in version.acts if one.act == "terminate" and one.intent.state != "failed"]
    return any((one.effective_at or 0) <= moment for one in asked)
