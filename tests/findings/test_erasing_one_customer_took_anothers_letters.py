"""Two customers had one telephone: erasing one took the letters of the other out of the mailbox folder, though a legal hold was on them.

A letter is its recipient's by what it is about; an address alone does not say whose a letter is.
"""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import select

from ledger.access.commands import ask_to_sign_in, send_code
from ledger.agreements.model import AgreementRow
from ledger.life.commands import lift_hold, place_hold
from ledger.messages.carriers.chosen import MAILBOX, open_carriers
from ledger.messages.commands import queue_message
from ledger.messages.delivery import deliver_due
from ledger.messages.model import Message
from ledger.office.erasing import erase_person, finish
from ledger.parties.model import Party
from ledger.settings import Settings
from ledger.signing.contacting import request_contact_check
from ledger.signing.links import send_link
from tests.ledger.signing.hall import Hall

PHONE = {"sms": "0912 345 678"}


def test_the_letters_of_who_has_the_same_telephone_stay_until_they_are_erased_themselves(hall: Hall, tmp_path: Path) -> None:
    hall.now = now = int(time.time())  # codes of another day would not be carried any more
    settings, later = Settings(state_dir=tmp_path / "state", mailbox=True), now + 7_200
    folder = settings.state_dir / MAILBOX / "+84912345678"
    with hall.sessions.begin() as session:
        gone, held = (hall.keyless(session, label, PHONE) for label in ("gone", "held"))
        rows = {one.label: hall.draft(session, one, deadline=now + 3_600) for one in (gone, held)}
        for one in (gone, held):
            send_link(session, hall.desk, rows[one.label], one, "sms")
            assert send_code(session, ask_to_sign_in(session, now_s=now), one.label, now_s=now)
        news = f"service-news/{'07' * 32}/2/{gone.id.hex()}"  # of held's request, told to gone, who was to sign for it too
        queue_message(session, key=news, channel="sms", address="+84912345678", subject="", body="…", about=b"\x07" * 32)
        hold = place_hold(session, party=held, reason="Vụ án 1", by="Pháp chế", at=now)
        people, theirs = {one.label: one.id for one in (gone, held)}, rows["held"].id
    for one in people.values():
        request_contact_check(hall.desk, one, "sms")
    with open_carriers(settings) as carriers:
        deliver_due(hall.sessions, carriers, hall.opener, limit=20)
    assert len(list(folder.iterdir())) == 7
    with hall.sessions.begin() as session:
        erase_person(session, session.get_one(Party, people["gone"]), by="Lưu trữ", at=later)
    with hall.sessions.begin() as session:
        assert finish(session, settings).letters == 4
        kept = session.scalars(select(Message).where(Message.address.is_not(None)).order_by(Message.id)).all()
        assert [one.about for one in kept] == [theirs, people["held"], people["held"]]
        assert len(list(folder.iterdir())) == 3
        lift_hold(session, session.get_one(type(hold), hold.id), reason="xong", by="Pháp chế", at=later)
    with hall.sessions.begin() as session:
        erase_person(session, session.get_one(AgreementRow, theirs).signatories[0].party, by="Lưu trữ", at=later)
    with hall.sessions.begin() as session:
        assert finish(session, settings).letters == 3
    assert not folder.exists()
