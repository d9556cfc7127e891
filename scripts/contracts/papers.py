"""Drafting what the demo's customers sign: a contract each, then an annex of one and minutes that wind another up. Once each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.drafting import TIME_ZONE, draft_agreement
from ledger.agreements.kinds import facts_from
from ledger.agreements.kinds.amendment_annex import changes_to, consolidated
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import agreements_of
from ledger.day.people import UTILITY
from ledger.day.stage import Stage
from ledger.parties.model import Party
from ledger.parties.queries import party_by_label
from ledger.protocol.canonical import parse_canonical
from scripts.contracts.customers import Customer, contract_facts, unit_of

__all__ = ["AMENDED", "ENDED", "begins", "draft_annex", "draft_contract", "draft_minutes"]

AMENDED, ENDED = "otp", "wallet"
"""Which way its customer signs whose contract is amended, and whose is wound up."""
MONTH = timedelta(days=30)
NEW_CAPACITY_W = 9_900
LAST_READING_WH = 184_000
LAST_BILL_VND = 410_000


@dataclass(frozen=True)
class _Sides:
    """The customer, and the utility that signs last."""

    customer: Party
    utility: Party

    @property
    def both(self) -> tuple[Party, Party]:
        """In the order of signing."""
        return self.customer, self.utility


def begins(day: date) -> int:
    """The first second of a day in Vietnam, Unix seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(TIME_ZONE)).timestamp())


def draft_contract(stage: Stage, customer: Customer, day: date) -> bytes:
    """A customer's supply contract, in force from a day that may be replayed, bearing today's date; its id."""
    now = int(time.time())
    with stage.sessions.begin() as session:
        sides = _sides(session, customer)
        known = _of_kind(session, sides.customer, customer.kind)
        if known is not None:
            return known.id
        return draft_agreement(
            session,
            stage.store,
            parties=sides.both,
            kind=customer.kind,
            facts=facts_from(customer.kind, contract_facts(customer)),
            valid_from=begins(day),
            deadline=now + int(MONTH.total_seconds()),
            dated_s=now,
            unit=unit_of(session),
        ).id


def draft_annex(stage: Stage, customer: Customer) -> bytes:
    """An annex: the customer wants more power, from a month after it is drafted; its id."""
    now = int(time.time())
    starts = begins((datetime.fromtimestamp(now, UTC) + MONTH).date())
    with stage.sessions.begin() as session:
        sides = _sides(session, customer)
        known = _of_kind(session, sides.customer, "amendment-annex")
        if known is not None:
            return known.id
        contract = _contract(session, sides.customer, customer.kind)
        terms = _terms(contract)
        changes = changes_to(consolidated([terms]), {"supply.capacity_w": NEW_CAPACITY_W})
        given = {
            **_named(terms),
            "annex_number": 1,
            "reason": "capacity-change",
            "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in changes],
            "until": contract.valid_to,
        }
        return draft_agreement(
            session,
            stage.store,
            parties=sides.both,
            kind="amendment-annex",
            facts=facts_from("amendment-annex", given),
            valid_from=starts,
            deadline=starts,
            dated_s=now,
            supersedes=contract,
            unit=unit_of(session),
        ).id


def draft_minutes(stage: Stage, customer: Customer) -> bytes:
    """Minutes that wind a contract up now, by the chain's clock: the customer moves out; their id."""
    now, over = int(time.time()), stage.now()
    with stage.sessions.begin() as session:
        sides = _sides(session, customer)
        known = _of_kind(session, sides.customer, "termination-minutes")
        if known is not None:
            return known.id
        contract = _contract(session, sides.customer, customer.kind)
        terms = _terms(contract)
        given = {
            **_named(terms),
            "metering_point": terms["meter.point"],
            "address": terms["supply.address"],
            "reason": "no-longer-used",
            "meter_serial": str(terms["meter.serial"]).partition(",")[0],
            "registers": [{"obis": "1.8.0", "reading_wh": LAST_READING_WH}],
            "read_at": over,
            "final_bill_vnd": LAST_BILL_VND,
            "paid_vnd": LAST_BILL_VND,
        }
        return draft_agreement(
            session,
            stage.store,
            parties=sides.both,
            kind="termination-minutes",
            facts=facts_from("termination-minutes", given),
            valid_from=max(over, contract.valid_from),
            deadline=now + int(MONTH.total_seconds()),
            dated_s=now,
            predecessor=contract,
            unit=unit_of(session),
        ).id


def _sides(session: Session, customer: Customer) -> _Sides:
    """The parties, their rows held, so that of two demos at once one finds what the other drafted."""
    party = party_by_label(session, customer.code)
    session.execute(select(Party.id).where(Party.id == party.id).with_for_update())
    return _Sides(party, party_by_label(session, UTILITY))


def _of_kind(session: Session, party: Party, kind: str) -> AgreementRow | None:
    return next((one for one in reversed(agreements_of(session, party)) if one.kind == kind), None)


def _contract(session: Session, party: Party, kind: str) -> AgreementRow:
    return next(one for one in agreements_of(session, party) if one.kind == kind)


def _terms(row: AgreementRow) -> Mapping[str, object]:
    return {term.path: parse_canonical(term.value.encode()) for term in row.terms}


def _named(terms: Mapping[str, object]) -> dict[str, object]:
    """A contract as its annexes and minutes name it."""
    return {"contract_number": terms["contract.number"], "contract_date": terms["document.date"]}
