"""Beginning a campaign, and what is done for one member at a time. Nothing commits the session."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from ledger.agreements.casting import render_fast
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import facts_from
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.campaigns.already import already
from ledger.campaigns.cancelling import check_going
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.campaigns.queries import lost_places
from ledger.campaigns.rules import Chosen
from ledger.errors import ConflictError, InputError, RuleError
from ledger.parties.commands import draft_party, hold_label
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Party, Unit
from ledger.services.routing import unit_of
from ledger.services.rules import metering_point

NAME_LIMIT = 60
SHOWN = 3
Served = Literal["refuse", "leave-out", "again"]


def start_campaign(
    session: Session, campaign: Campaign, chosen: Sequence[Chosen], *, served: Served = "refuse", now_s: int | None = None
) -> Mapping[str, str]:
    """Keeps a campaign and its members; drafts nothing yet. Two that begin at once see each other.

    Args:
        campaign: a new one, not yet added.
        chosen: `rules.read_list`, in the order their documents are drafted in.
        served: what becomes of customers who have such a document already, or are about to get one (`already.already`).
        now_s: Unix; the clock's when not given.

    Returns: who was left out, with where they have it.

    Raises:
        InputError: no name, or nobody is in the segment.
        ConflictError: the name is taken; customers have such a document already, or all of them where they are left out.
    """
    if not 0 < len(campaign.name) <= NAME_LIMIT or not campaign.name.isprintable():
        raise InputError("empty, too long or not printable", field="name", fix=f"give 1 to {NAME_LIMIT} characters")
    if not chosen:
        raise InputError("nobody in the list belongs to the segment", field="over_kwh", fix="lower the bound, or check the list")
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("campaign start"))))
    if session.scalar(select(Campaign.id).where(Campaign.name == campaign.name)) is not None:
        raise ConflictError(f"{campaign.name!r} is taken", field="name", fix="go on with it (`sonang campaign run`), or take another name")
    session.add(campaign)
    session.flush()
    members = [
        {"campaign_id": campaign.id, "place": place, "label": one.label, "kwh_per_month": one.kwh_per_month, "given": dict(one.given)}
        for place, one in enumerate(chosen)
    ]
    session.execute(insert(CampaignMember), members)
    have = {} if served == "again" else already(session, campaign, now_s=int(time.time()) if now_s is None else now_s)
    if have and (served == "refuse" or len(have) == len(members)):
        raise _served_before(campaign.kind, have, len(members))
    theirs = delete(CampaignMember).where(CampaignMember.campaign_id == campaign.id, CampaignMember.label.in_(have))
    session.execute(theirs)
    return have


def draft_for(session: Session, store: DocumentStore, campaign: Campaign, member: CampaignMember, *, now_s: int) -> AgreementRow:
    """Drafts a member's document; the facts it was given are forgotten here, for the document holds them now.

    Raises:
        InputError, RuleError: a fact or a name does not do.
        ConflictError: its customer code belongs to a party of another role or name.
    """
    if member.given is None:
        raise RuleError("it has a document", field="member", fix="nothing is left to draft")
    given = member.given
    customer = _customer(session, member.label, given["name"])
    give_contacts(session, customer, given["contacts"], by=f"campaign:{campaign.name}", now_s=now_s)
    row = draft_agreement(
        session,
        store,
        parties=(customer, campaign.utility),
        kind=campaign.kind,
        facts=facts_from(campaign.kind, given["facts"]),
        valid_from=campaign.valid_from,
        deadline=campaign.deadline,
        dated_s=now_s,
        unit=_unit_of(session, member.label, now_s),
        renderer=render_fast,
    )
    member.agreement, member.given, member.problem = row, None, None
    session.flush()
    return row


def retry(session: Session, campaign: Campaign) -> int:
    """Forgets the problems of members and links that did not arrive, so that the next run tries again; returns how many there were.

    Raises:
        RuleError: the campaign was cancelled.
    """
    check_going(campaign)
    stuck = or_(CampaignMember.problem.is_not(None), CampaignMember.place.in_(lost_places(session, campaign)))
    again = update(CampaignMember).where(CampaignMember.campaign_id == campaign.id, stuck).values(problem=None, invitation=None)
    return len(session.scalars(again.returning(CampaignMember.place)).all())


def _served_before(kind: str, have: Mapping[str, str], total: int) -> ConflictError:
    few = ", ".join(f"{label} ({where})" for label, where in list(have.items())[:SHOWN])
    problem = f"{len(have)} of {total} customers have an open or standing {kind}, or are about to get one: {few}"
    fix = "give --leave-out to go on without them, or --again to give them another one"
    return ConflictError(problem + (", …" if len(have) > SHOWN else ""), field="customer_code", fix=fix)


def _unit_of(session: Session, label: str, now_s: int) -> Unit | None:
    """The unit that serves a customer, as of a request of theirs; None where the label is no customer code or nobody serves it."""
    try:
        return unit_of(session, metering_point(label), now_s)
    except InputError:
        return None


def _customer(session: Session, label: str, name: str) -> Party:
    hold_label(session, label)  # another campaign may be at the same customer
    known = session.scalars(select(Party).where(Party.label == label)).one_or_none()
    if known is None:
        return draft_party(session, label=label, role="customer", name=name, signer=None)
    if known.role not in ("customer", "owner") or known.name != name:
        raise ConflictError(f"{label} is known under another name or role", field="name", fix="correct the list, or the customer's name")
    return known
