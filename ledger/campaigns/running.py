"""Running a campaign: every step for everybody who is ready for it, each member in transactions of its own.

Whatever stops it – a signal, a crash, an authority that is away – the next run goes on from what is committed. A document and the row that
says whose it is are committed together, so a member never gets a second one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ledger.campaigns.cancelling import check_going, hold_going
from ledger.campaigns.commands import draft_for
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.campaigns.queries import CampaignReport, report_of, uninvited
from ledger.errors import SonangError
from ledger.sealing.commands import issue_due, request_issue
from ledger.sealing.seal import Issuer
from ledger.services.signatures import held_back
from ledger.signing.countersigning import countersign_due
from ledger.signing.desk import SigningDesk
from ledger.signing.links import send_link
from ledger.signing.reaching import contact_for
from ledger.signing.winding_up import wind_up_due

AT_ONCE = 50
LOOK_S = 2.0

Told = Callable[[CampaignReport], object]


@dataclass(frozen=True)
class Runner:
    """Who runs a campaign.

    Attributes:
        desk: where documents are signed.
        issuer: makes issued files; a `BatchSealer` where there are many.
        deliver: sends queued messages, or does nothing where another process does (`sonang messages --watch`).
        told: hears how far it is, after every round.
    """

    desk: SigningDesk
    issuer: Issuer
    deliver: Callable[[], object]
    told: Told

    def run(self, campaign_id: int, stop: threading.Event, *, watch: bool = False) -> CampaignReport:
        """Does all that can be done now; with `watch`, goes on until every member is done or stuck, or `stop` is set.

        Raises:
            RuleError: the campaign was cancelled, before or meanwhile; what was done for a member until then is whole.
        """
        while True:
            with self.desk.sessions() as session:
                check_going(session.get_one(Campaign, campaign_id))
            moved = self._round(campaign_id, stop)
            with self.desk.sessions() as session:
                cooling, now = self.desk.terms.cooling_off_s, self.desk.clock()
                report = report_of(session, session.get_one(Campaign, campaign_id), cooling_off_s=cooling, now_s=now)
            self.told(report)
            if stop.is_set() or (not moved and (not watch or report.done + report.counts["stuck"] == report.total)):
                return report
            if not moved:
                stop.wait(LOOK_S)

    def _round(self, campaign_id: int, stop: threading.Event) -> int:
        moved = 0
        for step in (self._draft_one, self._invite_one):
            for _ in range(AT_ONCE):
                if stop.is_set() or not step(campaign_id):
                    break
                moved += 1
        self.deliver()
        moved += len(countersign_due(self.desk, then=request_issue, limit=AT_ONCE, held_back=held_back()).done)
        wind_up_due(self.desk, limit=AT_ONCE)
        if not stop.is_set():
            moved += len(issue_due(self.desk.sessions, self.desk.store, self.issuer, limit=AT_ONCE, stop=stop.is_set).issued)
        return moved

    def _draft_one(self, campaign_id: int) -> bool:
        """Drafts the next document; False when nobody waits for one."""
        return self._for_next(campaign_id, CampaignMember.agreement_id.is_(None), self._draft)

    def _invite_one(self, campaign_id: int) -> bool:
        """Sends the next link; False when nobody waits for one."""
        return self._for_next(campaign_id, uninvited(), self._invite)

    def _draft(self, session: Session, member: CampaignMember) -> None:
        campaign = session.get_one(Campaign, member.campaign_id)
        draft_for(session, self.desk.store, campaign, member, now_s=self.desk.clock())

    def _invite(self, session: Session, member: CampaignMember) -> None:
        agreement = member.agreement
        if agreement is None:
            return
        customer = agreement.owner
        contact = contact_for(session, self.desk, agreement, customer)
        member.invitation = send_link(session, self.desk, agreement, customer, contact.channel).key

    def _for_next(self, campaign_id: int, waiting: ColumnElement[bool], work: Callable[[Session, CampaignMember], None]) -> bool:
        """Does one step for the first member that waits for it and is free; a refusal is kept as that member's problem."""
        place, refused = -1, None
        try:
            with self.desk.sessions.begin() as session:
                if not hold_going(session, campaign_id):
                    return False
                asked = select(CampaignMember).where(CampaignMember.campaign_id == campaign_id, CampaignMember.problem.is_(None), waiting)
                member = session.scalars(asked.order_by(CampaignMember.place).limit(1).with_for_update(skip_locked=True)).one_or_none()
                if member is None:
                    return False
                place = member.place
                work(session, member)
        except SonangError as wrong:
            refused = wrong
        if refused is not None:
            with self.desk.sessions.begin() as session:
                session.get_one(CampaignMember, (campaign_id, place)).problem = str(refused)
        return True
