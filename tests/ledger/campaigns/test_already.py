"""Who is left out of a campaign because of a document they have, or are about to get, already: on a real chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ledger.agreements import commands as agreements
from ledger.agreements.model import AgreementRow
from ledger.campaigns import queries
from ledger.campaigns.commands import Served, start_campaign
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.campaigns.rules import Chosen
from ledger.cli.program import build
from ledger.errors import ConflictError, InputError
from ledger.parties.model import Party
from ledger.sealing.sealer import Sealer
from ledger.signing.commands import decline
from tests.conftest import World
from tests.ledger.agreements.town import DAY, FOREVER, Town
from tests.ledger.campaigns.customers import customer
from tests.ledger.campaigns.office import Office
from tests.ledger.signing.hall import Hall

COUNT, DO_NOT = (
    ("a draft", "standing", "ends afterwards", "replaced", "amended"),
    ("declined", "too late", "refused", "ended before", "ends before", "nothing"),
)


@pytest.fixture
def office(hall: Hall, sealer: Sealer) -> Office:
    """An office with nothing to do yet."""
    return Office(hall, sealer)


def begin(session: Session, name: str, labels: Sequence[str], valid_from: int, served: Served = "refuse", **more: object) -> dict[str, str]:
    """Starts a campaign for these labels; who was left out."""
    utility = session.scalars(select(Party).where(Party.label == "utility")).one()
    terms = {"kind": "rooftop-surplus-sale", "deadline": FOREVER, **more}
    made = Campaign(name=name, utility=utility, valid_from=valid_from, file_name="list.csv", file_digest=bytes(32), **terms)
    return dict(start_campaign(session, made, [Chosen(one, 1, {}) for one in labels], served=served, now_s=0))


def test_a_document_counts_while_it_stands_or_may_still_be_signed_on_the_first_day(world: World, town: Town) -> None:
    now = town.now()
    first_day, rows = now + 60 * DAY, dict[str, AgreementRow]()
    with town.sessions.begin() as session:
        utility = town.party(session, "utility", "utility")
        people = {label: town.party(session, label) for label in (*COUNT, *DO_NOT)}
        for label in ("a draft", "declined"):
            rows[label] = town.draft(session, people[label], utility, now)
        for label in ("standing", "ends afterwards", "replaced", "amended", "ended before", "ends before"):
            rows[label] = town.agree(session, people[label], utility, now)
        for label in ("too late", "refused"):
            rows[label] = town.draft(session, people[label], utility, now, deadline=now + DAY)
        town.sign_both(session, rows["refused"])
        agreements.seal_and_record(session, town.calls, town.store, rows["refused"])
        decline(session, rows["declined"], people["declined"], reason="tôi dọn nhà", now_s=now)
    world.reach(now + DAY + 1)
    town.deliver()
    with town.sessions.begin() as session:
        utility, *everybody = (session.get_one(Party, one.id) for one in (utility, *people.values()))
        people = dict(zip(people, everybody, strict=True))
        rows = {label: session.get_one(AgreementRow, row.id) for label, row in rows.items()}
        for label, ends in (("ended before", first_day), ("ends afterwards", first_day + 1)):
            town.terminate(session, rows[label], utility, ends)
        for label in ("replaced", "amended"):
            rows[label] = town.agree(session, people[label], utility, first_day - DAY, supersedes=rows[label])
    town.deliver()
    with town.sessions.begin() as session:
        row = session.get_one(AgreementRow, rows["ends before"].id)
        town.terminate(session, row, session.get_one(Party, utility.id), first_day)

    with town.sessions() as session:
        left = begin(session, "one", (*COUNT, *DO_NOT), first_day, "leave-out")
        assert left == {label: rows[label].lookup_code for label in COUNT}
        assert list(left) == sorted(COUNT)
        assert set(session.scalars(select(CampaignMember.label))) == set(DO_NOT)

    # The newest version of the contract is an annex: the campaign finds the contract in it, and in nothing else of that person.
    with town.sessions() as session:
        amended = session.get_one(AgreementRow, rows["amended"].id)
        for one, kind in ((amended.family, "supply-residential"), (amended.id, "amendment-annex")):
            session.execute(update(AgreementRow).where(AgreementRow.id == one).values(kind=kind))
        assert begin(session, "two", COUNT, first_day, "leave-out", kind="supply-residential") == {"amended": amended.lookup_code}


def test_nothing_is_kept_where_somebody_is_served_and_the_three_first_are_named(hall: Hall) -> None:
    labels = ["d", "c", "b", "a", "e"]
    with hall.sessions.begin() as session:
        hall.utility(session)
        begin(session, "one", labels[:4], hall.now)
        begin(session, "over", ["e"], hall.now, deadline=-1)
        begin(session, "of another kind", ["e"], hall.now, kind="supply-residential")
    told = r"customer_code: 4 of 5 customers .*: a \(campaign one\), b \(campaign one\), c \(campaign one\), … – give --leave-out"
    with pytest.raises(ConflictError, match=told), hall.sessions.begin() as session:
        begin(session, "two", labels, hall.now)
    with pytest.raises(ConflictError, match="4 of 4"), hall.sessions.begin() as session:
        begin(session, "nobody is left", labels[:4], hall.now, "leave-out")
    with hall.sessions.begin() as session:
        assert begin(session, "two", labels, hall.now, "leave-out") == dict.fromkeys("abcd", "campaign one")
        assert begin(session, "three", labels, hall.now, "again") == {}
    with hall.sessions() as session:
        kept = session.execute(select(Campaign.name, func.count()).join(CampaignMember).group_by(Campaign.name)).all()
        assert dict(cast(list[tuple[str, int]], kept)) == {"one": 4, "over": 1, "of another kind": 1, "two": 1, "three": 5}


def test_who_has_signed_is_left_out_of_the_next_campaign_and_who_declined_may_be_asked_anew(office: Office) -> None:
    office.run(office.start(5))
    signed, unwilling, _ = office.unsigned()
    office.sign(signed)
    with office.hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, unwilling)
        decline(session, row, row.owner, reason="tôi dọn nhà", now_s=office.hall.now)
        asked_anew = row.owner.label
    second = office.start(6, "second", served="leave-out")
    with office.hall.sessions() as session:
        assert set(session.scalars(select(CampaignMember.label).where(CampaignMember.campaign_id == second))) == {
            asked_anew,
            customer(5)["customer_code"],
        }
        assert queries.report_of(session, session.get_one(Campaign, second)).total == 2


def test_one_may_not_ask_for_both() -> None:
    given = ["campaign", "start", __file__, "--name", "x", "--kind", "supply-residential", "--again", "--leave-out"]
    with pytest.raises(InputError, match="give one of"):
        build("campaign")(given, standalone_mode=False)
