"""Sealed agreements to issue, without a chain: rows and files as `seal_and_record` leaves them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.model import AgreementRow
from ledger.agreements.sealed import seal
from ledger.agreements.store import DocumentStore
from ledger.parties.model import Party
from ledger.sealing.commands import request_issue
from ledger.sealing.levels import SignatureLevel
from ledger.sealing.model import IssueJob
from ledger.sealing.queries import waiting
from ledger.sealing.rules import Approval
from ledger.transparency.model import LogEntry
from scripts.sample import CUSTOMER, UTILITY, row_of, signed
from tests.ledger.agreements.samples import sample

APPROVALS = (Approval("Chủ mái / Owner", "ví điện tử / wallet"), Approval("Điện lực / Utility", "ví điện tử / wallet"))


@dataclass(frozen=True)
class Issued:
    """An issued file with what it was made from."""

    sealed: bytes
    pdf: bytes
    levels: list[SignatureLevel]


@dataclass
class Office:
    """The utility's office: its database, its folder, and what it asks to be issued."""

    sessions: sessionmaker[Session]
    store: DocumentStore
    state_dir: Path

    def ask(self, count: int = 1) -> list[bytes]:
        """Seals so many agreements and asks for their issued files; returns their ids."""
        with self.sessions.begin() as session:
            parties = self._parties(session)
            return [request_issue(session, self._sealed(session, parties)).agreement_id for _ in range(count)]

    def job(self, agreement: bytes) -> IssueJob:
        """A job as it is now."""
        with self.sessions() as session:
            return session.get_one(IssueJob, agreement)

    def waits(self) -> bool:
        """Whether anything waits still."""
        with self.sessions() as session:
            return bool(waiting(session, 1))

    def make_due(self) -> None:
        """Lets the pause of every waiting job be over."""
        with self.sessions.begin() as session:
            for job in session.scalars(select(IssueJob).where(IssueJob.state == "waiting")):
                job.next_try_s = job.asked_s

    def logged(self) -> list[LogEntry]:
        """Every entry of the log that says that something was issued."""
        with self.sessions() as session:
            return list(session.scalars(select(LogEntry).where(LogEntry.event == "issued").order_by(LogEntry.index)))

    def _parties(self, session: Session) -> Sequence[Party]:
        known = session.scalars(select(Party).order_by(Party.label)).all()
        if known:
            return known
        signer = bytes(20)
        made = [
            Party(id=CUSTOMER.id, label="a", role="owner", name=CUSTOMER.name, signer=signer, salt_key=bytes(32)),
            Party(id=UTILITY.id, label="b", role="utility", name=UTILITY.name, signer=signer, salt_key=bytes(32)),
        ]
        session.add_all(made)
        session.flush()
        return made

    def _sealed(self, session: Session, parties: Sequence[Party]) -> AgreementRow:
        agreement = os.urandom(32)
        base = sample().base
        content = signed(base, sample().terms, agreement)
        sealed = seal(base, content)
        row = row_of(content, sealed, [party.id for party in parties])
        session.add(row)
        session.flush()
        self.store.write(agreement, sealed)
        return row
