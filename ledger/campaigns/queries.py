"""How far a campaign has come, and who is stuck and why; everything but a problem is read from the documents themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow, Signatory
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.errors import NotFoundError
from ledger.messages.model import Message
from ledger.sealing.model import IssueJob
from ledger.signing.reminding import KEY

STAGES = ("chosen", "drafted", "invited", "signed", "sealed", "issued", "stuck")
"""In the order a document comes through them; `stuck` is anywhere before the end."""


@dataclass(frozen=True)
class Stuck:
    """A member that does not move by itself: `why` says what to do."""

    label: str
    stage: str
    why: str


@dataclass(frozen=True)
class CampaignReport:
    """A campaign as it stands.

    Attributes:
        counts: members at each of `STAGES`; each member is in one.
        stuck: the first of those that need somebody, by place.
        reminded: members who were reminded to sign.
    """

    name: str
    kind: str
    total: int
    counts: Mapping[str, int]
    stuck: Sequence[Stuck]
    reminded: int = 0

    @property
    def done(self) -> int:
        """Members whose document is issued and logged."""
        return self.counts["issued"]


def campaigns(session: Session) -> Sequence[Campaign]:
    """Every campaign, the newest first."""
    return session.scalars(select(Campaign).order_by(Campaign.id.desc())).all()


def campaign_named(session: Session, name: str) -> Campaign:
    """The campaign of that name.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalars(select(Campaign).where(Campaign.name == name)).one_or_none()
    if found is None:
        raise NotFoundError(f"no campaign {name!r}", field="name", fix="`sonang campaign list` names them")
    return found


def report_of(session: Session, campaign: Campaign, *, most: int = 50) -> CampaignReport:
    """How far a campaign has come, with at most so many of its stuck members."""
    rows = _standing(campaign).subquery()
    counted: dict[str, int] = dict(session.execute(select(rows.c.stage, func.count()).group_by(rows.c.stage)).all())
    stuck = session.execute(select(rows.c.label, rows.c.at, rows.c.why).where(rows.c.stage == "stuck").order_by(rows.c.place).limit(most))
    return CampaignReport(
        name=campaign.name,
        kind=campaign.kind,
        total=sum(counted.values()),
        counts={stage: counted.get(stage, 0) for stage in STAGES},
        stuck=[Stuck(*row) for row in stuck],
        reminded=_reminded(session, campaign),
    )


def _reminded(session: Session, campaign: Campaign) -> int:
    theirs = select(CampaignMember.agreement_id).where(CampaignMember.campaign_id == campaign.id)
    asked = select(func.count(Message.about.distinct())).where(Message.about.in_(theirs), Message.key.startswith(KEY))
    return session.scalar(asked) or 0


def _standing(campaign: Campaign) -> Select[tuple[int, str, str, str, str]]:
    """One row a member: place, label, stage, how far it came before it stuck, and why it is stuck."""
    customer = aliased(Signatory)
    failed = and_(Message.state.in_(("failed", "expired")), Message.key == CampaignMember.invitation)
    at = case(
        (IssueJob.state == "issued", "issued"),
        (AgreementRow.sealed_digest.is_not(None), "sealed"),
        (customer.signature.is_not(None), "signed"),
        (CampaignMember.invitation.is_not(None), "invited"),
        (CampaignMember.agreement_id.is_not(None), "drafted"),
        else_="chosen",
    )
    refused = and_(IssueJob.state == "waiting", IssueJob.reason.is_not(None))
    why = case(
        (CampaignMember.problem.is_not(None), CampaignMember.problem),
        (DraftEnding.how == "declined", func.concat("declined: ", DraftEnding.reason, " – speak to the customer")),
        (DraftEnding.how == "expired", "not signed before the deadline – begin another campaign"),
        (refused, func.concat("issuing waits: ", IssueJob.reason)),
        (and_(failed, customer.signature.is_(None)), func.concat("the link did not arrive: ", Message.reason, " – correct the contact")),
        else_=None,
    )
    stuck = or_(CampaignMember.problem.is_not(None), why.is_not(None))
    return (
        select(
            CampaignMember.place.label("place"),
            CampaignMember.label.label("label"),
            case((stuck, "stuck"), else_=at).label("stage"),
            at.label("at"),
            why.label("why"),
        )
        .outerjoin(AgreementRow, AgreementRow.id == CampaignMember.agreement_id)
        .outerjoin(customer, and_(customer.agreement_id == AgreementRow.id, customer.place == 0))
        .outerjoin(DraftEnding, DraftEnding.agreement_id == AgreementRow.id)
        .outerjoin(IssueJob, IssueJob.agreement_id == AgreementRow.id)
        .outerjoin(Message, failed)
        .where(CampaignMember.campaign_id == campaign.id)
    )
