"""Giving a campaign up: nobody else gets a document, what nobody has signed is withdrawn, what was signed goes its way."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.drafts import DraftEnding, reason_kept
from ledger.agreements.model import AgreementRow, Signatory
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.errors import InputError, RuleError
from ledger.messages.commands import call_back
from ledger.signing.commands import decline, lock_draft

__all__ = ["cancel", "check_going", "hold_going", "withdraw_next"]

BY_LIMIT = 100
WITHDRAWN = "its document was withdrawn · văn bản đã thôi mời ký"
"""Why a link that nobody has sent yet is not sent."""


def cancel(session: Session, campaign: Campaign, *, by: str, reason: str, now_s: int | None = None) -> bool:
    """Marks a campaign as given up and forgets the facts of members without a document; `withdraw_next` ends the documents. Never commits.

    It waits for what a run is doing for a member just now; the run does nothing for another afterwards.

    Args:
        by, reason: who decided it and why; the parties of the documents see the reason.
        now_s: Unix; the clock's when not given.

    Returns:
        False where it was given up before: then everything stays as it was told first.

    Raises:
        InputError: nobody, no reason, or too long.
    """
    by, reason = _who(by), reason_kept(reason)
    asked = select(Campaign).where(Campaign.id == campaign.id).with_for_update(key_share=True)
    row = session.scalars(asked.execution_options(populate_existing=True)).one()
    if row.cancelled_s is not None:
        return False
    row.cancelled_s, row.cancelled_by, row.cancelled_why = int(time.time()) if now_s is None else now_s, by, reason
    undrafted = CampaignMember.campaign_id == row.id, CampaignMember.agreement_id.is_(None)
    session.execute(update(CampaignMember).where(*undrafted).values(given={}, problem=None))
    session.flush()
    return True


def withdraw_next(sessions: sessionmaker[Session], campaign_id: int, after: int, *, now_s: Callable[[], int]) -> tuple[int, bool] | None:
    """Ends the next document of a cancelled campaign that nobody has signed, as the utility's refusal, in a transaction of its own.

    A link to it that nobody has sent yet is not sent.

    Args:
        after: place of the member before; -1 at first.

    Returns:
        The member's place, and whether its document was ended, or somebody has just signed or ended it; None when no more are left.
    """
    signed = exists().where(Signatory.agreement_id == AgreementRow.id, Signatory.signature.is_not(None))
    ended = exists().where(DraftEnding.agreement_id == AgreementRow.id)
    members = CampaignMember.campaign_id == campaign_id, CampaignMember.place > after
    asked = select(CampaignMember.place, AgreementRow.id).join(CampaignMember.agreement).where(*members, ~signed, ~ended)
    with sessions.begin() as session:
        found = session.execute(asked.order_by(CampaignMember.place).limit(1)).one_or_none()
        if found is None:
            return None
        return found.place, _withdraw(session, found.id, session.get_one(Campaign, campaign_id).cancelled_why or "", now_s())


def check_going(campaign: Campaign) -> None:
    """Passes where a campaign was not given up.

    Raises:
        RuleError: it was; says by whom and why.
    """
    if campaign.cancelled_s is not None:
        problem = f"{campaign.name} was cancelled by {campaign.cancelled_by}: {campaign.cancelled_why}"
        fix = "begin another campaign; what was signed in this one is finished by `sonang office`"
        raise RuleError(problem, field="name", fix=fix)


def hold_going(session: Session, campaign_id: int) -> bool:
    """Whether a campaign was not given up, and keeps it so until the transaction ends."""
    asked = select(Campaign.id).where(Campaign.id == campaign_id, Campaign.cancelled_s.is_(None))
    return session.scalar(asked.with_for_update(read=True)) is not None


def _withdraw(session: Session, agreement: bytes, reason: str, now_s: int) -> bool:
    try:
        row = lock_draft(session, agreement)
    except RuleError:
        return False
    if any(one.signature is not None for one in row.signatories):
        return False
    decline(session, row, row.signatories[-1].party, reason=reason, now_s=now_s)
    call_back(session, row.id, WITHDRAWN)
    return True


def _who(given: str) -> str:
    by = " ".join(given.split())
    if not 0 < len(by) <= BY_LIMIT or not by.isprintable():
        raise InputError("empty, too long or not printable", field="by", fix=f"say who decides it in 1 to {BY_LIMIT} characters")
    return by
