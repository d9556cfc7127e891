"""After an erasure the whole database and every file are read: nothing in them says who the customer was."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Text, cast, exists, func, or_, select, text
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.life.model import ErasedParty
from ledger.messages.carriers.chosen import MAILBOX, open_carriers
from ledger.messages.commands import queue_message
from ledger.messages.delivery import deliver_due
from ledger.models import metadata
from ledger.office.erasing import erase_family, erase_person, finish
from ledger.parties.commands import draft_unit
from ledger.parties.model import Party
from ledger.services.acting import Actor
from ledger.services.attachments import Vault, attach, content_of
from ledger.services.commands import submit
from ledger.services.model import Request
from ledger.services.returns import withdraw
from ledger.settings import Settings
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.model import Approval
from tests.ledger.sealing import uploads
from tests.ledger.services.conftest import HOUSEHOLD
from tests.ledger.signing.hall import NOON, Hall


def everything(session: Session) -> str:
    """Every row of every table as PostgreSQL writes it; bytes are hexadecimal there."""
    rows = [session.scalars(select(cast(func.row_to_json(table.table_valued()), Text))).all() for table in metadata.tables.values()]
    return "\n".join(line for table in rows for line in table)


def columns_with(session: Session, needles: Iterable[str]) -> set[tuple[str, str]]:
    """The columns in which one of these stands, as text or in hexadecimal."""
    wanted = [f"%{one}%" for needle in needles for one in (needle, needle.encode().hex())]
    found = set()
    for table in metadata.tables.values():
        for column in table.columns:
            holds = or_(*(cast(column, Text).like(one) for one in wanted))
            if session.scalar(select(exists().where(holds).select_from(table))):
                found.add((table.name, column.name))
    return found


def uncounted(session: Session) -> set[tuple[str, str]]:
    """The columns of which PostgreSQL keeps no sample of values."""
    asked = text("SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attstattarget = 0 AND attnum > 0")
    return {(table, column) for table, column in session.execute(asked)}


def every_file(folder: Path) -> str:
    """All names and bytes under a folder, as hexadecimal."""
    return "\n".join(f"{str(path).encode().hex()} {path.read_bytes().hex()}" for path in folder.rglob("*") if path.is_file())


def asked(session: Session, vault: Vault, party: Party) -> Request:
    """A request with everything a customer gives with it, and a letter about it."""
    unit, actor = draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"), Actor("customer", "0x" + party.id.hex(), "web")
    given = HOUSEHOLD | {"customer_name": party.name, "identity_number": "001080777001", "phone": "0912345678"}
    request = submit(session, service="low-voltage-supply", given=given, actor=actor, at=NOON, unit=unit, party=party)
    row = attach(session, vault, request, name="số đỏ bà Hoà.pdf", data=uploads.plain(), actor=actor, at=NOON)
    assert content_of(vault, row) == uploads.plain()
    queue_message(session, key="to-the-telephone", channel="sms", address="+84912345678", subject="", body="…")
    queue_message(session, key="about-a-request", channel="email", address="hoa@example.vn", subject="Gửi bà Hoà", body="…")
    return request


def test_nothing_in_the_database_or_the_files_says_who_was_erased(hall: Hall, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", mailbox=True)
    hall.town.store, vault = DocumentStore.of(settings), Vault.of(settings)
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
        session.add(CampaignMember(campaign_id=campaign.id, place=0, label=owner.label, kwh_per_month=34_567_890, agreement_id=agreement))
    with hall.sessions.begin() as session:
        owner = session.get_one(AgreementRow, agreement).signatories[0].party
        request = asked(session, vault, owner)
        withdraw(session, request.id, Actor("customer", "0x", "web"), NOON + 1, seen=request.version, reason="bà Hoà đổi ý")
        needles = [
            "Nguyễn Thị Hoà",
            "bà Hoà",
            "001080777001",
            HOUSEHOLD["supply_address"],
            "912345678",
            "hoa@example.vn",
            owner.label,
            session.get_one(AgreementRow, agreement).lookup_code,
            "34567890",
        ]
        evidence = session.scalars(select(Approval.evidence_json).where(Approval.evidence_json.is_not(None))).one()
        assert evidence is not None
        needles += [(owner.salt_key or b"").hex(), evidence.hex()]
        before = everything(session)
        assert [needle for needle in needles if str(needle) not in before] == []
        assert columns_with(session, map(str, needles)) - uncounted(session) == set(), "the planner's statistics would keep samples of them"
    with open_carriers(settings) as carriers:
        deliver_due(hall.sessions, carriers, hall.opener, limit=10)
    letters = every_file(settings.state_dir / MAILBOX)
    assert [one for one in ("+84912345678", "hoa@example.vn") if one.encode().hex() not in letters] == []
    with hall.sessions.begin() as session:
        owner = session.get_one(AgreementRow, agreement).signatories[0].party
        assert len(erase_person(session, owner, by="Lưu trữ", at=NOON + 3_601)) == 1
    with hall.sessions.begin() as session:
        done = finish(session, settings)
        assert (done.destroyed, done.letters, finish(session, settings).letters) == (1, 2, 0)
        after, files = everything(session), every_file(tmp_path)
        for needle in map(str, needles):
            assert needle not in after, needle
            assert needle.encode().hex() not in after, needle
            assert needle.encode().hex() not in files, needle
        assert uploads.plain().hex()[:200] not in files, "the file they gave lies there encrypted, and its key is gone"
    assert not list((settings.state_dir / MAILBOX).iterdir()), "a folder there is named by an address"
    assert not list(hall.store.path(agreement).parent.glob(f"*{agreement.hex()}*"))


def test_who_still_asks_for_something_is_forgotten_once_that_has_ended(hall: Hall, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", mailbox=True)
    hall.town.store = DocumentStore.of(settings)
    agreement, _ = hall.shown(deadline=NOON + 3_600)
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        party, request = row.signatories[0].party_id, asked(session, Vault.of(settings), row.signatories[0].party).id
        erase_family(session, row, reason="retention-ended", by="Lưu trữ", at=NOON + 3_601)
    with hall.sessions.begin() as session:
        done = finish(session, settings)
        assert (done.destroyed, done.forgotten) == (1, 0)
        assert session.get_one(Party, party).name == "Nguyễn Thị Hoà"
        row = session.get_one(Request, request)
        withdraw(session, request, Actor("customer", "0x", "web"), NOON + 9, seen=row.version, reason="thôi")
    with hall.sessions.begin() as session:
        assert finish(session, settings).forgotten == 1
        assert session.get_one(ErasedParty, party).by == "Lưu trữ"
    with hall.sessions.begin() as session:
        assert finish(session, settings).forgotten == 0
        assert session.get_one(Party, party).name is None
        assert "001080777001" not in everything(session)
