"""Issuing: asked for once a document is sealed, done as soon as every authority answers, never at a lower level than promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.model import AgreementRow
from ledger.agreements.sealed import read_sealed
from ledger.agreements.store import DocumentStore
from ledger.errors import NotFoundError, RuleError, SonangError
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.levels import SignatureLevel, check_issued
from ledger.sealing.model import IssueJob
from ledger.sealing.queries import now
from ledger.sealing.renewal import good_until_s
from ledger.sealing.rules import ROLE_WORDS, Approval, means_of, pause_s
from ledger.sealing.seal import Issuer
from ledger.transparency.commands import log_event

_RECHECK = "check that file against its backup, move it away, and run `sonang seal` again"


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
        moment = now(session)
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
    """Issues what is due, one transaction a job; any number of workers may do so at once, none takes what another holds.

    An authority that does not answer ends the round and puts off everything that is due, with the reason; the rest goes on later.

    Args:
        limit: the most jobs to take.
        told: hears of each job once its transaction is over.
        stop: asked before each job; true ends the round.
    """
    report = IssueReport()
    for _ in range(limit):
        if stop():
            break
        with sessions.begin() as session:
            job = _next(session)
            if job is None:
                break
            try:
                _issue(session, store, sealer, job)
                report.issued.append(job.agreement_id)
            except AuthorityUnavailableError as away:
                report.unavailable = str(away)
                _put_off_all(session, job, str(away))
            except SonangError as refused:
                report.refused[job.agreement_id] = str(refused)
                _put_off(session, job, str(refused))
        told(job)
        if report.unavailable is not None:
            break
    return report


def _next(session: Session) -> IssueJob | None:
    due = select(IssueJob).where(IssueJob.state == "waiting", IssueJob.next_try_s <= now(session))
    order = (IssueJob.next_try_s, IssueJob.asked_s, IssueJob.agreement_id)
    return session.scalars(due.order_by(*order).limit(1).with_for_update(skip_locked=True, of=IssueJob)).one_or_none()


def _issue(session: Session, store: DocumentStore, sealer: Issuer, job: IssueJob) -> None:
    agreement = job.agreement
    sealed = store.read(agreement.id)
    if sha256(sealed).digest() != agreement.sealed_digest:
        raise SealingError("the stored document was changed", field=str(store.path(agreement.id)), fix="restore the file from its backup")
    issued, levels = _kept(store, sealer, agreement.id, sealed) or _made(store, sealer, agreement, sealed)
    moment, digest = now(session), sha256(issued).digest()
    job.state, job.reason, job.tries, job.issued_s = "issued", None, job.tries + 1, moment
    job.issued_digest, job.level = digest, min(one.level for one in levels).value
    job.good_until_s = good_until_s(issued)
    session.flush()
    log_event(session, unit=_unit(agreement), event="issued", document=agreement.id, digest=digest)


def _made(store: DocumentStore, sealer: Issuer, agreement: AgreementRow, sealed: bytes) -> tuple[bytes, list[SignatureLevel]]:
    issued, levels = sealer.issue_and_read(sealed, approvals_of(agreement, sealed))
    store.write_issued(agreement.id, issued)
    return issued, levels


def _kept(store: DocumentStore, sealer: Issuer, agreement: bytes, sealed: bytes) -> tuple[bytes, list[SignatureLevel]] | None:
    """A file that was written before a crash forgot it: it is the issued file, and no second one may come to be."""
    try:
        issued = store.read_issued(agreement)
    except NotFoundError:
        return None
    try:
        return issued, check_issued(issued, sealed, sealer.trust_roots)
    except SonangError as wrong:
        raise SealingError(f"another file is in its place: {wrong}", field=str(store.issued_path(agreement)), fix=_RECHECK) from None


def approvals_of(agreement: AgreementRow, sealed: bytes) -> list[Approval]:
    """How each party approved, in the order of signing, from the signatures the sealed file holds."""
    content = read_sealed(sealed).content
    return [
        Approval(ROLE_WORDS[one.party.role], means_of(signer, signature, attested=content.evidence_of(place) is not None))
        for place, (one, signer, signature) in enumerate(zip(agreement.signatories, content.signers, content.signatures, strict=True))
    ]


def _unit(agreement: AgreementRow) -> bytes:
    """The unit that keeps a document, else the utility that is its party."""
    return agreement.unit_id or next(one.party_id for one in agreement.signatories if one.party.role == "utility")


def _put_off(session: Session, job: IssueJob, reason: str) -> None:
    moment = now(session)
    job.tries += 1
    job.reason, job.next_try_s = reason, moment + pause_s(job.tries)
    session.flush()


def _put_off_all(session: Session, job: IssueJob, reason: str) -> None:
    """What one job waits for, all wait for: asking again for each of ten thousand would help nobody."""
    _put_off(session, job, reason)
    free = select(IssueJob.agreement_id).where(IssueJob.state == "waiting", IssueJob.next_try_s <= now(session))
    others = free.with_for_update(skip_locked=True).scalar_subquery()
    session.execute(
        update(IssueJob).where(IssueJob.agreement_id.in_(others)).values(reason=reason, next_try_s=job.next_try_s),
        execution_options={"synchronize_session": False},
    )
