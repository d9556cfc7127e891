"""Emptying what campaigns keep about a customer."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ledger.agreements.model import Signatory
from ledger.campaigns.model import CampaignMember
from ledger.parties.model import Party


def forget_member(session: Session, party: Party) -> None:
    """Takes a party out of the campaigns it was chosen for; that a place was served stays. Call it before the party's label is gone."""
    session.execute(delete(CampaignMember).where(CampaignMember.label == party.label, CampaignMember.agreement_id.is_(None)))
    theirs = select(Signatory.agreement_id).where(Signatory.party_id == party.id)
    emptied = {"label": f"erased-{party.id.hex()[:16]}", "kwh_per_month": 0, "invitation": None, "problem": None}
    session.execute(update(CampaignMember).where(CampaignMember.agreement_id.in_(theirs)).values(**emptied))
