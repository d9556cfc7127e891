"""Issuing: asked for once a document is sealed, done as soon as every authority answers, never at a lower level than promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload, sessionmaker

from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.refused import record_refused
from ledger.agreements.store import DocumentStore
from ledger.db import clock_s
from ledger.errors import RuleError, SonangError
from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.making import Asked, Made, make_all
from ledger.sealing.model import IssueJob
from ledger.sealing.rules import pause_s
from ledger.sealing.seal import Issuer
from ledger.transparency.commands import DocumentEvent, log_events

HELD: Final = 32
"""Jobs in a transaction where several files are made at once: the database and the log are asked once for all of them."""


@dataclass
class IssueReport:
    """What one round did.

    Attributes:
        issued: ids of the agreements whose files are there now.
        refused: what kept the others, by id.
        unavailable: the authority that did not answer and ended the round, in words; None when all did.
    """

    issued: list[bytes] = field(default_factory=list)
    refused: dict[bytes, str] = field(default_factory=dict)
    unavailable: str | None = None


def request_issue(session: Session, agreement: AgreementRow) -> IssueJob:
    """Asks for the issued file of a sealed agreement; asking again changes nothing.

    Raises:
        RuleError: it is not sealed yet.
    """
    if agreement.sealed_digest is None:
        raise RuleError("it is not sealed yet", field="agreement", fix="collect every party's signature and seal it first")
    job = session.get(IssueJob, agreement.id)
    if job is None:
        moment = clock_s(session)
        job = IssueJob(agreement_id=agreement.id, asked_s=moment, state="waiting", tries=0, next_try_s=moment)
        session.add(job)
        session.flush()
    return job


def issue_due(
    sessions: sessionmaker[Session],
    store: DocumentStore,
    sealer: Issuer,
    *,
    limit: int,
    told: Callable[[IssueJob], None] = lambda _job: None,
    stop: Callable[[], bool] = lambda: False,
) -> IssueReport:
    """Issues what is due; any number of workers may do so at once, none takes what another holds.

    As many files are made at once as the sealer can; their rows and their entries in the log are then written in one transaction. An
    authority that does not answer ends the round and puts off everything that is due, with the reason; the rest goes on later.

    Args:
        limit: the most jobs to take.
        told: hears of each job once its transaction is over.
        stop: asked before each job; true ends the round.
    """
    report, left = IssueReport(), limit
    while left > 0 and report.unavailable is None and not stop():
        with sessions.begin() as session:
            jobs = _next(session, min(left, HELD if sealer.at_once > 1 else 1))
            outcomes = dict(make_all([_asked(one) for one in jobs], store, sealer, stop, alone=not report.issued))
            ended = [job for job in jobs if isinstance(outcomes.get(job.agreement_id), Made | SonangError)]
            _settle(session, ended, outcomes, report)
        for job in ended:
            told(job)
        for outcome in outcomes.values():
            if not isinstance(outcome, Made | SonangError):
                raise outcome
        if not ended:
            break
        left -= len(ended)
    return report


def _next(session: Session, limit: int) -> Sequence[IssueJob]:
    """With all that sealing asks of them, since it asks no database. What the chain refused waits: a file that was handed out is not taken
    back.
    """
    whole = selectinload(IssueJob.agreement).selectinload(AgreementRow.signatories).joinedload(Signatory.party)
    due = select(IssueJob).where(IssueJob.state == "waiting", IssueJob.next_try_s <= clock_s(session)).options(whole)
    due = due.where(IssueJob.agreement_id.not_in(record_refused()))
    order = (IssueJob.next_try_s, IssueJob.asked_s, IssueJob.agreement_id)
    return session.scalars(due.order_by(*order).limit(limit).with_for_update(skip_locked=True, of=IssueJob)).all()


def _asked(job: IssueJob) -> Asked:
    agreement = job.agreement
    return Asked(job.agreement_id, agreement.sealed_digest or b"", tuple(one.party.role for one in agreement.signatories))


def _settle(session: Session, ended: Sequence[IssueJob], outcomes: Mapping[bytes, Made | BaseException], report: IssueReport) -> None:
    """Writes what became of each job, and of the issued ones into the log."""
    moment, until, events = clock_s(session), 0, list[DocumentEvent]()
    for job in ended:
        outcome = outcomes[job.agreement_id]
        job.tries += 1
        if isinstance(outcome, Made):
            job.state, job.reason, job.issued_s = "issued", None, moment
            job.issued_digest, job.level, job.good_until_s = outcome.digest, outcome.level, outcome.good_until_s
            job.stored_length = outcome.length
            events.append(DocumentEvent(_unit(job.agreement), "issued", job.agreement_id, outcome.digest))
            report.issued.append(job.agreement_id)
            continue
        job.reason, job.next_try_s = str(outcome), moment + pause_s(job.tries)
        if isinstance(outcome, AuthorityUnavailableError):
            report.unavailable, until = str(outcome), job.next_try_s
        else:
            report.refused[job.agreement_id] = str(outcome)
    session.flush()
    if events:
        log_events(session, events)
    if report.unavailable is not None:
        _put_off_all(session, report.unavailable, until)


def _unit(agreement: AgreementRow) -> bytes:
    """The unit that keeps a document, else the utility that is its party."""
    return agreement.unit_id or next(one.party_id for one in agreement.signatories if one.party.role == "utility")


def _put_off_all(session: Session, reason: str, next_try_s: int) -> None:
    """What one job waits for, all wait for: asking again for each of ten thousand would help nobody."""
    free = select(IssueJob.agreement_id).where(IssueJob.state == "waiting", IssueJob.next_try_s <= clock_s(session))
    others = free.with_for_update(skip_locked=True).scalar_subquery()
    session.execute(
        update(IssueJob).where(IssueJob.agreement_id.in_(others)).values(reason=reason, next_try_s=next_try_s),
        execution_options={"synchronize_session": False},
    )
