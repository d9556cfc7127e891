"""Two who changed the contact of one channel at once: the second looked at what it had read before it waited, ended the same contact again
and failed with the database's own words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ledger.parties.contacts import contacts_of
from ledger.parties.model import Party
from ledger.signing.contacting import change_contact
from tests.ledger.signing.hall import Hall


def test_each_change_follows_the_one_before_and_the_last_one_stands(hall: Hall) -> None:
    with hall.sessions.begin() as session:
        party = hall.keyless(session).id

    def change(number: int) -> None:
        with hall.sessions.begin() as session:
            theirs = session.get_one(Party, party)
            contacts_of(session, theirs)  # as a page does that shows them first
            change_contact(session, theirs, "email", f"hoa{number}@example.vn", by="staff:an", now_s=hall.now)

    with ThreadPoolExecutor() as people:
        list(people.map(change, range(6)))
    with hall.sessions() as session:
        kept = [one for one in contacts_of(session, session.get_one(Party, party)) if one.channel == "email"]
    assert [one.ended_s is None for one in kept] == [False] * 6 + [True]
    assert [one.replaces_id for one in kept] == [None, *(one.id for one in kept[:-1])]
