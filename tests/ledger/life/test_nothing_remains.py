"""After an erasure the whole database is read, every table of it: nothing in it says who the customer was."""

from __future__ import annotations

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.campaigns.forgetting import forget_member
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.life.commands import erase_party, finish_erasures
from ledger.models import metadata
from ledger.services.returns import forget_party as forget_requests
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.model import Approval
from tests.ledger.signing.conftest import hall
from tests.ledger.signing.hall import NOON, Hall

__all__ = ["hall"]


def everything(session: Session) -> str:
    """Every row of every table as PostgreSQL writes it; bytes are hexadecimal there."""
    rows = [session.scalars(select(cast(func.row_to_json(table.table_valued()), Text))).all() for table in metadata.tables.values()]
    return "\n".join(line for table in rows for line in table)


def test_nothing_in_the_database_says_who_was_erased(hall: Hall) -> None:
    agreement, shown = hall.shown(deadline=NOON + 3_600)
    request_code(hall.desk, shown, "sms")
    confirm_code(hall.desk, shown, hall.code())
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        owner, utility = row.signatories[0].party, row.signatories[1].party
        times = {"valid_from": NOON, "deadline": NOON}
        campaign = Campaign(name="big", kind=row.kind, utility_id=utility.id, over_kwh=3_000, file_name="f", file_digest=bytes(32), **times)
        session.add(campaign)
        session.flush()
        session.add(CampaignMember(campaign_id=campaign.id, place=0, label=owner.label, kwh_per_month=3_456, agreement_id=agreement))
    with hall.sessions.begin() as session:
        owner = session.get_one(AgreementRow, agreement).signatories[0].party
        needles = [
            "Nguyễn Thị Hoà",
            "912345678",
            "hoa@example.vn",
            owner.label,
            session.get_one(AgreementRow, agreement).lookup_code,
            "3456",
        ]
        evidence = session.scalars(select(Approval.evidence_json).where(Approval.evidence_json.is_not(None))).one()
        assert evidence is not None
        needles += [(owner.salt_key or b"").hex(), evidence.hex()]
        before = everything(session)
        assert [needle for needle in needles if needle not in before] == []
        assert len(erase_party(session, owner, by="Lưu trữ", at=NOON + 3_601, others=(forget_member, forget_requests))) == 1
    with hall.sessions.begin() as session:
        finish_erasures(session, hall.store)
        after = everything(session)
        for needle in needles:
            assert needle not in after, needle
            assert needle.encode().hex() not in after, needle
    assert not list(hall.store.path(agreement).parent.glob(f"*{agreement.hex()}*"))
