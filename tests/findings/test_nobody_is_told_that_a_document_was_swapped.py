"""After a document's stored file was changed, its signer's codes were refused and nobody at the utility was told: the signer's state
went on saying "open, your turn", reminders and lists kept silent, and the refused reading stood nowhere.
"""

from __future__ import annotations

from sqlalchemy import select

from ledger.messages.model import Message
from ledger.services.reminders import remind_due
from ledger.services.routing import desk as set_desk
from ledger.services.shown import full
from ledger.signing.changed import changed, fetch, is_held
from ledger.signing.commands import present
from ledger.signing.queries import showing_of
from tests.api.test_signing import Counter, certifier, counter
from tests.ledger.services.conftest import at
from tests.ledger.services.test_newcomers import Counter as Desk
from tests.ledger.services.test_newcomers import counter as desk

__all__ = ["certifier", "counter", "desk"]

CHANGED = "the document was changed since it was shown"


def test_the_signers_state_says_that_it_is_held_and_a_refused_reading_stands_among_what_was_tried(counter: Counter) -> None:
    link, hall = counter.link(), counter.hall
    assert counter.ask("GET", "", link).json()["state"] == "open"
    with hall.sessions() as session:
        agreement = session.scalars(select(Message.about).order_by(Message.id.desc())).first()
    assert agreement is not None
    base = hall.store.read(agreement)
    hall.store.write(agreement, base.replace(b"/Title", b"/Tilte", 1))
    assert counter.ask("GET", "/document", link).status_code == 409
    assert hall.refusals(agreement) == [("fetch", CHANGED)]
    told = [counter.ask("GET", "", link).json() for _ in range(2)]
    assert [(one["state"], one["my_turn"]) for one in told] == [("held", False)] * 2
    assert hall.refusals(agreement) == [("fetch", CHANGED)], "what is known is not noted again"
    hall.store.write(agreement, base)
    assert counter.ask("GET", "/document", link).content == base
    back = counter.ask("GET", "", link).json()
    assert (back["state"], back["my_turn"]) == ("open", True)


def test_a_file_that_changed_before_it_was_ever_opened_is_held_and_told_in_the_same_way(counter: Counter) -> None:
    link, hall = counter.link(), counter.hall
    with hall.sessions() as session:
        agreement = session.scalars(select(Message.about).order_by(Message.id.desc())).first()
    assert agreement is not None
    base = hall.store.read(agreement)
    hall.store.write(agreement, base.replace(b"/Title", b"/Tilte", 1))
    told = counter.ask("GET", "", link).json()
    assert (told["state"], told["my_turn"], told["shown"]) == ("held", False, False)
    assert counter.ask("GET", "/document", link).status_code == 409
    assert hall.refusals(agreement)[0] == ("present", CHANGED)
    with hall.sessions() as session:
        assert agreement in session.scalars(changed()).all(), "the desk, the report and the progress ask for these"
    hall.store.write(agreement, base)
    back = counter.ask("GET", "", link).json()
    assert (back["state"], back["my_turn"], back["shown"]) == ("open", True, True)
    with hall.sessions() as session:
        assert agreement not in session.scalars(changed()).all()


def test_the_units_desk_is_reminded_until_the_document_is_whole_again(desk: Desk) -> None:
    set_desk(desk.session, desk.unit, channel="email", address="dieuhanh@example.vn")
    request, hall = desk.surveyed(), desk.hall
    (plan,) = (one.agreement for one in request.documents)
    customer = plan.signatories[0].party
    desk.session.commit()
    with hall.sessions.begin() as session:
        showing = present(session, hall.store, session.merge(plan), session.merge(customer), now_s=hall.now).id
    base = hall.store.read(plan.id)
    hall.store.write(plan.id, base + b"\n% another page")
    with hall.sessions() as session:
        shown = showing_of(session, plan.id, customer.id)
        assert shown is not None
        assert is_held(session, hall.desk, shown)
    now = at("2026-03-03T10:00")
    assert "its file changed since it was shown: restore it from the backup" in full(desk.session, request, now)["stuck"][0]
    assert remind_due(desk.session, now).queued == (full(desk.session, request, now)["code"],)
    hall.store.write(plan.id, base)
    fetch(hall.desk, showing)
    assert desk.session.scalars(changed()).all() == []
