"""Who of a campaign has a document of its kind already, or is about to get one, from whichever way it came."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.kinds import KINDS
from ledger.agreements.model import AgreementAct, AgreementRow, Signatory
from ledger.agreements.queries import REGISTRY
from ledger.agreements.refused import record_refused
from ledger.agreements.states import ENDINGS
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.chain.clock import chain_clock
from ledger.chain.model import ChainEvent, OutboxIntent
from ledger.parties.model import Party

__all__ = ["already"]


def already(session: Session, campaign: Campaign, *, now_s: int) -> Mapping[str, str]:
    """Members in the order of their codes, with the look-up code of such a document, or else the name of such a campaign.

    A document counts while it can be signed, or is sealed and reaches beyond the campaign's first second: not declined, lapsed, refused by
    the chain, or ended by then. A contract that an annex amended goes on in the annex. Of other campaigns those count that can still draft.

    Args:
        now_s: the present moment, Unix seconds.
    """
    now = max(now_s, chain_clock(session))
    mine = select(CampaignMember.label).where(CampaignMember.campaign_id == campaign.id)
    elsewhere = (
        select(CampaignMember.label, literal(True), Campaign.name)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(Campaign.kind == campaign.kind, Campaign.id != campaign.id, Campaign.deadline >= now)
        .where(Campaign.cancelled_s.is_(None), CampaignMember.agreement_id.is_(None), CampaignMember.label.in_(mine))
    )
    found: dict[str, str] = {}
    for one in sorted(session.execute(union_all(_documents(campaign, now), elsewhere)).all()):
        found.setdefault(one[0], f"campaign {one[2]}" if one[1] else one[2])
    return found


def _documents(campaign: Campaign, now: int) -> Select[str, bool, str]:
    """Documents of members that stand or may still come to stand, of the campaign's kind or following one that was."""
    member = and_(CampaignMember.campaign_id == campaign.id, CampaignMember.label == Party.label)
    first = aliased(AgreementRow)
    of_kind = exists().where(first.family == AgreementRow.family, first.kind == campaign.kind)
    follows = and_(AgreementRow.kind.in_([kind.name for kind in KINDS.values() if campaign.kind in kind.replaces]), of_kind)
    return (
        select(Party.label, literal(False), AgreementRow.lookup_code)
        .join(CampaignMember, member)
        .join(Signatory, Signatory.party_id == Party.id)
        .join(AgreementRow, AgreementRow.id == Signatory.agreement_id)
        .where(or_(AgreementRow.kind == campaign.kind, follows), AgreementRow.valid_to > campaign.valid_from)
        .where(or_(AgreementRow.sealed_digest.is_not(None), AgreementRow.deadline >= now))
        .where(~exists().where(DraftEnding.agreement_id == AgreementRow.id), AgreementRow.id.not_in(record_refused()))
        .where(~_ended_on_chain(campaign.valid_from), ~_end_under_way(campaign.valid_from))
    )


def _ended_on_chain(moment: int) -> ColumnElement[bool]:
    return exists().where(
        ChainEvent.contract == REGISTRY,
        ChainEvent.args["id"].astext == literal("0x").concat(func.encode(AgreementRow.id, "hex")),
        ChainEvent.event.in_(tuple(ENDINGS)),
        cast(ChainEvent.args["endedAt"].astext, BigInteger) <= moment,
    )


def _end_under_way(moment: int) -> ColumnElement[bool]:
    asked = exists().where(AgreementAct.agreement_id == AgreementRow.id, AgreementAct.act == "terminate")
    return asked.where(AgreementAct.effective_at <= moment, OutboxIntent.id == AgreementAct.intent_id, OutboxIntent.state != "failed")
