"""A contact on a channel the party had none on took no other's place, so nobody was told of it: after the cooling off it received codes.

Only a contact that was replaced got a message. Now a change is told to the one replaced, else to the oldest that stands.
"""

from __future__ import annotations

from sqlalchemy import select

from ledger.messages.model import Message
from ledger.parties.contacts import end_contact, standing_contact
from ledger.signing.contacting import change_contact
from tests.ledger.signing.hall import Hall

NEW = "0987 654 321"


def test_a_contact_that_is_added_is_told_to_one_that_stands_and_the_last_one_that_ended_to_that(hall: Hall) -> None:
    with hall.sessions.begin() as session:
        party = hall.keyless(session)
        change_contact(session, party, "zalo", NEW, by="party", now_s=hall.now)
        change_contact(session, party, "zalo", NEW, by="party", now_s=hall.now)
        (told,) = session.scalars(select(Message)).all()
        assert (told.channel, told.address) == ("sms", "+84912345678")
        for channel in ("sms", "email", "zalo"):
            end_contact(session, standing_contact(session, party, channel), now_s=hall.now)
        change_contact(session, party, "sms", "0987 654 322", by="party", now_s=hall.now)
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert last is not None
        assert (last.channel, last.address) == ("zalo", "+84987654321")
    assert "co them +84…321" in hall.letters()[0]
