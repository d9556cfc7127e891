"""Four customers sign four ways; the utility countersigns, seals, issues, logs; then one contract is amended and one wound up. Once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementAct, AgreementRow
from ledger.day import ground
from ledger.day.people import UTILITY, register_utility
from ledger.day.processes import start
from ledger.day.stage import Stage
from ledger.errors import UnavailableError
from ledger.messages.sealing import prepare
from ledger.office.checkpoints import publish_checkpoint
from ledger.parties.model import Party
from ledger.protocol.checkpoint import NoteSigner, parse_note
from ledger.sealing.batch import BatchSealer
from ledger.sealing.commands import issue_due, request_issue
from ledger.sealing.model import IssueJob
from ledger.sealing.sealer import open_sealer
from ledger.signing.countersigning import countersign_due
from ledger.signing.desk import SigningDesk, open_desk
from ledger.signing.winding_up import wind_up_due
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.running import running_test_authority
from ledger.transparency.model import LogCheckpoint
from ledger.transparency.queries import checkpoints, size_of_log
from scripts.contracts.customers import CUSTOMERS, Customer, party_of
from scripts.contracts.papers import AMENDED, ENDED, draft_annex, draft_contract, draft_minutes
from scripts.contracts.pens import Pens
from scripts.contracts.watchers import Watchers, last_signed, log_signer

__all__ = ["Signed", "keep_office", "signed"]

SIGNED = "Khách hàng ký · Customers sign"
SEALED = "Điện lực ký, niêm phong · Countersigned and sealed"
RECORDED = "Hợp đồng lên chuỗi · Contracts on chain"
ISSUED = "Phát hành PAdES B-LTA · Issued as PAdES B-LTA"
LOGGED = "Nhật ký: ký, làm chứng, neo · Log signed, witnessed, anchored"
AT_ONCE = 200


@dataclass(frozen=True)
class Signed:
    """What came of it.

    Attributes:
        agreements: ids of the customers' documents, in the order they were signed.
        sales: ids of the day's surplus-sale agreements, which are issued too.
        authority: whose root the signatures lead to.
        log_key: what the log's checkpoints are signed with; whoever audits it trusts that and the witnesses' keys.
        watchers: the witnesses.
    """

    agreements: Sequence[bytes]
    sales: Sequence[bytes]
    authority: AuthorityFiles
    log_key: str
    watchers: Watchers


@contextlib.contextmanager
def signed(stage: Stage, day: date) -> Iterator[Signed]:
    """Does what is not done yet; the test authority and the witnesses stay up while the block runs.

    Args:
        day: the first one the contracts are in force; it may be one that is replayed.

    Raises:
        UnavailableError: a process did not start, or an authority did not answer.
        ChainError: the chain refused something.
        ConflictError: another run is at it.
    """
    signer = log_signer(stage.settings, stage.gateway.deployment)
    watchers = Watchers(stage, signer.key().text())
    ground.start_worker(stage)
    with running_test_authority(stage.settings.state_dir, stage.gateway.chain_id) as authority:
        desk = open_desk(stage.settings, stage.sessions, stage.gateway)
        with stage.sessions.begin() as session:
            opener = prepare(session, stage.settings)
        pens = Pens(stage.settings, stage.sessions, desk, opener, authority)
        with ground.alone(stage.settings):
            agreements = _papers(stage, pens, day)
            sales = _issued(stage, agreements)
            _published(stage, signer, watchers)
        yield Signed(agreements, sales, authority, signer.key().text(), watchers)


def keep_office(stage: Stage, made: Signed) -> None:
    """Starts the back office, so that what people do next in the app is delivered, countersigned, issued and logged."""
    asked = [word for url in made.watchers.urls() for word in ("--witness", url)]
    stage.children.append(start("office", "ledger.cli", ["office", *asked], stage.settings))


def _papers(stage: Stage, pens: Pens, day: date) -> list[bytes]:
    """Every document signed, sealed and on chain; their ids."""
    with stage.sessions() as session:
        known = session.scalars(select(Party.id).where(Party.label == UTILITY)).one_or_none()
    intents = [] if known else register_utility(stage)
    with stage.sessions.begin() as session:
        for customer in CUSTOMERS:
            party_of(session, customer, now_s=int(time.time()))
    total = len(CUSTOMERS) + 2
    contracts: list[bytes] = []
    for customer in CUSTOMERS:
        stage.step(SIGNED, len(contracts), total)
        pens.enrol(customer)
        contracts.append(draft_contract(stage, customer, day))
        pens.sign(customer, contracts[-1])
    _countersigned(pens.desk, contracts)
    annex, minutes = draft_annex(stage, _who(AMENDED)), draft_minutes(stage, _who(ENDED))
    pens.sign(_who(AMENDED), annex)
    pens.sign(_who(ENDED), minutes)
    stage.step(SIGNED, total, total)
    everything = [*contracts, annex, minutes]
    _countersigned(pens.desk, everything)
    stage.step(SEALED, total, total)
    refused = wind_up_due(pens.desk).refused
    if minutes in refused:
        raise refused[minutes]
    with stage.sessions() as session:
        intents += session.scalars(select(AgreementAct.intent_id).where(AgreementAct.agreement_id.in_(everything)))
    stage.wait(intents, step=RECORDED)
    return everything


def _who(way: str) -> Customer:
    return next(customer for customer in CUSTOMERS if customer.way == way)


def _countersigned(desk: SigningDesk, agreements: Sequence[bytes]) -> None:
    """The utility signs what waits for it and seals; raises what keeps it from one of ours."""
    done = countersign_due(desk, then=request_issue, limit=AT_ONCE)
    for agreement in agreements:
        if agreement in done.refused:
            raise done.refused[agreement]


def _issued(stage: Stage, agreements: Sequence[bytes]) -> list[bytes]:
    """Issues the customers' documents and then the day's sale agreements; the ids of those.

    Raises:
        UnavailableError: not all of them could be; the queue says why.
    """
    with stage.sessions() as session:
        sales = list(session.scalars(select(AgreementRow.id).where(*_sales()).order_by(AgreementRow.created_s, AgreementRow.id)))
    sealer, total = BatchSealer(open_sealer(stage.settings)), len(agreements) + len(sales)
    _issue(stage, sealer, agreements, 0, total)
    with stage.sessions.begin() as session:
        for sale in sales:
            request_issue(session, session.get_one(AgreementRow, sale))
    _issue(stage, sealer, sales, len(agreements), total)
    return sales


def _issue(stage: Stage, sealer: BatchSealer, wanted: Sequence[bytes], before: int, total: int) -> None:
    with stage.sessions() as session:
        waiting = _waiting(session, wanted)
    if waiting:
        told = [before + len(wanted) - waiting]

        def tell(_job: IssueJob) -> None:
            told[0] = min(told[0] + 1, before + len(wanted))
            stage.step(ISSUED, told[0], total)

        report = issue_due(stage.sessions, stage.store, sealer, limit=AT_ONCE, told=tell)
        with stage.sessions() as session:
            waiting = _waiting(session, wanted)
        if waiting:
            why = report.unavailable or next(iter(report.refused.values()), "put off before")
            fix = "see `sonang seal --queue`, then run the same command again"
            raise UnavailableError(f"{waiting} documents wait to be issued: {why}", field="seal", fix=fix)
    stage.step(ISSUED, before + len(wanted), total)


def _sales() -> tuple[ColumnElement[bool], ...]:
    return AgreementRow.kind == "rooftop-surplus-sale", AgreementRow.sealed_digest.is_not(None)


def _waiting(session: Session, agreements: Sequence[bytes]) -> int:
    return len(
        session.scalars(select(IssueJob.agreement_id).where(IssueJob.agreement_id.in_(agreements), IssueJob.state == "waiting")).all()
    )


def _published(stage: Stage, signer: NoteSigner, watchers: Watchers) -> None:
    """The log signed as it stands, cosigned by every witness, and anchored; a checkpoint that says it all stays as it is.

    Raises:
        UnavailableError: a witness did not cosign.
    """
    with stage.sessions() as session:
        known = next(reversed(checkpoints(session)), None)
        current = known is not None and _says_all(session, known, len(watchers.keys))
    stage.step(LOGGED, 1, 3)
    if not current:
        done = publish_checkpoint(stage.sessions, stage.gateway, signer, last_signed(stage.settings), watchers.urls())
        if not done.enough:
            fix = "read the witnesses' logs, then run the same command again"
            raise UnavailableError("; ".join(done.trouble), field="witness", fix=fix)
    stage.step(LOGGED, 2, 3)
    with stage.sessions() as session:
        intents = session.scalars(select(LogCheckpoint.intent_id).order_by(LogCheckpoint.size.desc()).limit(1)).all()
    stage.wait(intents)
    stage.step(LOGGED, 3, 3)


def _says_all(session: Session, checkpoint: LogCheckpoint, witnesses: int) -> bool:
    whole = checkpoint.size == size_of_log(session) and checkpoint.intent_id is not None
    return whole and len(parse_note(checkpoint.note).signatures) > witnesses
