"""Third step: every home with PV and the utility sign a sale agreement, a real PDF, sealed and recorded on chain."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from ledger.agreements.commands import digest_to_sign, seal_and_record, sign_agreement
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import SaleFacts
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import agreements_of
from ledger.agreements.rules import offset_zone
from ledger.day.installation import capacity_w
from ledger.day.people import UTILITY, owner_of
from ledger.day.stage import Stage
from ledger.metering.model import Zone
from ledger.metering.queries import HomeData
from ledger.parties.model import Party
from ledger.parties.queries import party_by_label

__all__ = ["agree", "agreement_on"]

DEADLINE_S = 366 * 86_400
STEP = "Hợp đồng mua bán điện · Sale agreements"


def agree(stage: Stage, zone: Zone, homes: Sequence[HomeData], day_start: int) -> list[int]:
    """Has an agreement signed, sealed and sent for recording for every home with PV that has none; returns the intents.

    Each is a transaction of its own, so that what was signed stays signed. The document bears today's date, whose law applies.
    """
    roofs = [home for home in homes if capacity_w(home, zone)]
    intents = []
    for done, home in enumerate(roofs):
        stage.step(STEP, done, len(roofs))
        with stage.sessions.begin() as session:
            owner, utility = owner_of(session, zone, home.label), party_by_label(session, UTILITY)
            agreement = agreement_on(session, owner, day_start)
            if agreement is None:
                agreement = _draft(stage, session, zone=zone, home=home, owner=owner, utility=utility, day_start=day_start)
            if agreement.sealed_digest is None:
                _sign_both(stage, session, agreement)
            if agreement.sealed_digest is None or not agreement.acts or agreement.acts[0].intent.state == "failed":
                seal_and_record(session, stage.calls, stage.store, agreement)
            intents += [act.intent_id for act in agreement.acts if act.act == "record"]
    stage.step(STEP, len(roofs), len(roofs))
    return intents


def agreement_on(session: Session, owner: Party, moment: int) -> AgreementRow | None:
    """The newest agreement of an owner whose validity covers a moment, whatever has become of it since."""
    return next((one for one in reversed(agreements_of(session, owner)) if one.valid_from <= moment < one.valid_to), None)


def _draft(stage: Stage, session: Session, *, zone: Zone, home: HomeData, owner: Party, utility: Party, day_start: int) -> AgreementRow:
    today = int(time.time())
    facts = SaleFacts(
        metering_point=home.label,
        zone=zone.name,
        capacity_w=capacity_w(home, zone),
        price_vnd_per_kwh=zone.published_price_vnd_per_kwh,
        region=zone.region,
    )
    return draft_agreement(
        session,
        stage.store,
        parties=(owner, utility),
        kind="rooftop-surplus-sale",
        facts=facts,
        valid_from=day_start,
        deadline=day_start + DEADLINE_S,
        dated_s=today,
        time_zone=offset_zone(zone.utc_offset_s),
    )


def _sign_both(stage: Stage, session: Session, agreement: AgreementRow) -> None:
    """The owner signs first, the utility last."""
    for place in agreement.signatories:
        if place.signature is None:
            _, sign = stage.keyring.owner(place.party.label)
            signature = sign(digest_to_sign(stage.calls.deployment, agreement))
            sign_agreement(session, stage.calls.deployment, agreement, place.party, signature=signature)
