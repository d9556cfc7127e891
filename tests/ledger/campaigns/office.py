"""Who runs campaigns in tests, and answers for their customers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import select

from ledger.agreements.model import AgreementRow
from ledger.campaigns import commands
from ledger.campaigns.model import Campaign
from ledger.campaigns.queries import CampaignReport
from ledger.campaigns.rules import read_list
from ledger.campaigns.running import Runner
from ledger.sealing.batch import BatchSealer
from ledger.sealing.sealer import Sealer
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import present
from tests.ledger.agreements.town import FOREVER
from tests.ledger.campaigns.customers import COMMON, KIND, customer, listed
from tests.ledger.signing.hall import NOON, Hall


@dataclass
class Office:
    """Runs campaigns in a hall, and answers for its customers."""

    hall: Hall
    sealer: Sealer
    told: list[CampaignReport] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self, count: int, name: str = "large", *, served: commands.Served = "refuse") -> int:
        text = listed([customer(number) for number in range(count)])
        with self.hall.sessions.begin() as session:
            made = Campaign(
                name=name,
                kind=KIND,
                utility=self.hall.utility(session),
                valid_from=NOON,
                deadline=FOREVER,
                over_kwh=3_000,
                file_name="customers.csv",
                file_digest=sha256(text.encode()).digest(),
            )
            commands.start_campaign(session, made, read_list(text, KIND, COMMON, over_kwh=3_000), served=served, now_s=self.hall.now)
            return made.id

    def run(self, campaign: int, told: Callable[[CampaignReport], object] | None = None) -> CampaignReport:
        runner = Runner(self.hall.desk, BatchSealer(self.sealer), lambda: None, told or self.told.append)
        return runner.run(campaign, self.stop)

    def unsigned(self) -> list[bytes]:
        open_ones = select(AgreementRow.id).where(AgreementRow.sealed_digest.is_(None)).order_by(AgreementRow.created_s)
        with self.hall.sessions() as session:
            return list(session.scalars(open_ones))

    def sign(self, agreement: bytes) -> None:
        """The customer reads the document and types the code from the message."""
        with self.hall.sessions.begin() as session:
            row = session.get_one(AgreementRow, agreement)
            showing = present(session, self.hall.store, row, row.owner, now_s=self.hall.now).id
        request_code(self.hall.desk, showing, "email")
        confirm_code(self.hall.desk, showing, self.hall.code())
