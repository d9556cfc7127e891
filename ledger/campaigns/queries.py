"""How far a campaign has come, and who is stuck and why; everything but a problem is read from the documents themselves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.refused import record_refused
from ledger.campaigns.advice import Unreached, advice_for
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.errors import NotFoundError
from ledger.messages.model import LOST, Message
from ledger.parties.contacts import COOLING_OFF_S
from ledger.sealing.model import IssueJob
from ledger.signing.changed import changed
from ledger.signing.reaching import REMINDER, carries_a_link

STAGES = ("chosen", "drafted", "invited", "signed", "sealed", "issued", "stuck", "cancelled")
"""In the order a document comes through them; `stuck` is anywhere before the end, `cancelled` is the end of what a cancelled campaign
did not come to."""


@dataclass(frozen=True)
class Stuck:
    """A member that does not move by itself: `why` says what to do; `lookup_code` is its document's, where it has one.

    `message` says what became of the newest link where it did not arrive, with the gateway's code if it gave one.
    """

    label: str
    lookup_code: str | None
    stage: str
    why: str
    message: str | None = None


@dataclass(frozen=True)
class Cancelled:
    """When a campaign was given up, Unix seconds, by whom and why."""

    at_s: int
    by: str
    why: str


@dataclass(frozen=True)
class CampaignReport:
    """A campaign as it stands.

    Attributes:
        counts: members at each of `STAGES`; each member is in one.
        stuck: the first of those that need somebody, by place.
        reminded: members who were reminded to sign.
        cancelled: that it was given up, if it was.
    """

    name: str
    kind: str
    total: int
    counts: Mapping[str, int]
    stuck: Sequence[Stuck]
    reminded: int = 0
    cancelled: Cancelled | None = None

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


def report_of(
    session: Session, campaign: Campaign, *, most: int = 50, cooling_off_s: int = COOLING_OFF_S, now_s: int | None = None
) -> CampaignReport:
    """How far a campaign has come, with at most so many of its stuck members.

    Args:
        cooling_off_s: how long a changed contact cools off here. `now_s`: Unix; the clock's when not given.
    """
    rows = _standing(campaign).subquery()
    counted: dict[str, int] = dict(session.execute(select(rows.c.stage, func.count()).group_by(rows.c.stage)).all())
    stuck = session.execute(select(rows).where(rows.c.stage == "stuck").order_by(rows.c.place).limit(most)).all()
    unreached = {one.agreement_id: Unreached(one.label, one.customer_id, one.problem, one.lost) for one in stuck if one.unreached}
    advice = advice_for(session, campaign.name, unreached, cooling_off_s=cooling_off_s, now_s=int(time.time()) if now_s is None else now_s)
    return CampaignReport(
        name=campaign.name,
        kind=campaign.kind,
        total=sum(counted.values()),
        counts={stage: counted.get(stage, 0) for stage in STAGES},
        stuck=[Stuck(one.label, one.lookup_code, one.at, advice.get(one.agreement_id) or one.why, one.message) for one in stuck],
        reminded=_reminded(session, campaign),
        cancelled=_cancelled(campaign),
    )


def lost_places(session: Session, campaign: Campaign) -> Sequence[int]:
    """Places of the members whose link did not arrive and who can still sign."""
    rows = _standing(campaign).subquery()
    return session.scalars(select(rows.c.place).where(rows.c.unreached, rows.c.problem.is_(None))).all()


def uninvited() -> ColumnElement[bool]:
    """Of members: whose document nobody has a link to, neither by the campaign nor by hand."""
    newest = select(Message.state).where(Message.about == CampaignMember.agreement_id, carries_a_link())
    state = newest.order_by(Message.id.desc()).limit(1).scalar_subquery()
    unsigned = CampaignMember.agreement.has(AgreementRow.sealed_digest.is_(None))
    return and_(CampaignMember.invitation.is_(None), unsigned, func.coalesce(state, LOST[0]).in_(LOST))


def _cancelled(campaign: Campaign) -> Cancelled | None:
    at, by, why = campaign.cancelled_s, campaign.cancelled_by, campaign.cancelled_why
    return None if at is None or by is None or why is None else Cancelled(at, by, why)


def _reminded(session: Session, campaign: Campaign) -> int:
    theirs = select(CampaignMember.agreement_id).where(CampaignMember.campaign_id == campaign.id)
    asked = select(func.count(Message.about.distinct())).where(Message.about.in_(theirs), Message.key.startswith(REMINDER))
    return session.scalar(asked) or 0


def _newest_links(campaign: Campaign) -> Subquery:
    """The newest message with a link to each document, whoever sent it; the links before are good no more."""
    theirs = select(CampaignMember.agreement_id).where(CampaignMember.campaign_id == campaign.id)
    asked = select(Message.about, Message.state, Message.reason).where(Message.about.in_(theirs), carries_a_link())
    return asked.ext(distinct_on(Message.about)).order_by(Message.about, Message.id.desc()).subquery()


def _standing(campaign: Campaign) -> Select[Any]:
    """One row a member: who it is, how far it came before it stuck, its stage, why it is stuck, and whether that is for want of a link.

    `problem` is the member's own, unless a link is on its way or there already; `lost` says why the newest link did not arrive.
    """
    customer, link = aliased(Signatory), _newest_links(campaign)
    linked = and_(link.c.state.is_not(None), link.c.state.not_in(LOST))
    problem = case((linked, None), else_=CampaignMember.problem)
    lost = case((and_(link.c.state.in_(LOST), CampaignMember.invitation.is_not(None)), link.c.reason), else_=None)
    drafted, signed = CampaignMember.agreement_id.is_not(None), customer.signature.is_not(None)
    unreached = and_(drafted, DraftEnding.how.is_(None), ~signed, or_(problem.is_not(None), lost.is_not(None)))
    at = _reached(signed, or_(CampaignMember.invitation.is_not(None), linked), drafted)
    over = and_(literal(campaign.cancelled_s is not None), or_(~drafted, DraftEnding.how.is_not(None)))
    why = case((over, None), else_=_reason(problem, unreached, lost))
    return (
        select(
            CampaignMember.place,
            CampaignMember.label,
            CampaignMember.agreement_id,
            AgreementRow.lookup_code,
            customer.party_id.label("customer_id"),
            case((over, "cancelled"), (why.is_not(None), "stuck"), else_=at).label("stage"),
            at.label("at"),
            why.label("why"),
            problem.label("problem"),
            lost.label("lost"),
            case((link.c.state.in_(LOST), link.c.reason), else_=None).label("message"),
            unreached.label("unreached"),
        )
        .outerjoin(AgreementRow, AgreementRow.id == CampaignMember.agreement_id)
        .outerjoin(customer, and_(customer.agreement_id == AgreementRow.id, customer.place == 0))
        .outerjoin(DraftEnding, DraftEnding.agreement_id == AgreementRow.id)
        .outerjoin(IssueJob, IssueJob.agreement_id == AgreementRow.id)
        .outerjoin(link, link.c.about == AgreementRow.id)
        .where(CampaignMember.campaign_id == campaign.id)
    )


def _reached(signed: ColumnElement[bool], invited: ColumnElement[bool], drafted: ColumnElement[bool]) -> ColumnElement[str]:
    """The last stage a document came to."""
    issued, sealed = IssueJob.state == "issued", AgreementRow.sealed_digest.is_not(None)
    return case((issued, "issued"), (sealed, "sealed"), (signed, "signed"), (invited, "invited"), (drafted, "drafted"), else_="chosen")


def _reason(
    problem: ColumnElement[str | None], unreached: ColumnElement[bool], lost: ColumnElement[str | None]
) -> ColumnElement[str | None]:
    """Why a member does not move by itself; None where it does."""
    refused = and_(IssueJob.state == "waiting", IssueJob.reason.is_not(None))
    return case(
        (AgreementRow.id.in_(record_refused()), "the chain refused its record – see `sonang signing refused`"),
        (AgreementRow.id.in_(changed()), "its file changed since it was shown, and nobody can sign it – restore it from the backup"),
        (DraftEnding.how == "declined", func.concat("declined: ", DraftEnding.reason, " – speak to the customer")),
        (DraftEnding.how == "expired", "not signed before the deadline – begin another campaign"),
        (problem.is_not(None), problem),
        (refused, func.concat("issuing waits: ", IssueJob.reason)),
        (unreached, func.concat("the link did not arrive: ", lost)),
        else_=None,
    )
