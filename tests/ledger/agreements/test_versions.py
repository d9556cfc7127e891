"""Which version is in force when: our rule, a slow obvious one and the contract's `versionAt` give one answer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import standings
from ledger.agreements.states import Standing, version_at
from tests.ledger.agreements.town import Town

DAY = 86_400


def name(number: int) -> bytes:
    return number.to_bytes(32, "big")


@st.composite
def families(draw: st.DrawFn) -> dict[bytes, Standing]:
    """Histories the contract allows: each version begins no earlier than the one it replaced; any may have ended sooner by other means."""
    records: dict[bytes, Standing] = {}
    start = draw(st.integers(1, 5))
    count = draw(st.integers(1, 8))
    for number in range(1, count + 1):
        following = start + draw(st.integers(0, 4))
        end, last = start + draw(st.integers(1, 9)), number == count
        standing = Standing("recorded", start, end) if last else Standing("superseded", start, end, following, name(number + 1))
        if last and draw(st.booleans()):
            standing = Standing("terminated", start, end, draw(st.integers(0, 40)))
        elif draw(st.integers(0, 5)) == 0:
            ended = draw(st.integers(0, 40))
            ended = ended if standing.ended_at is None else min(ended, standing.ended_at)
            standing = Standing(draw(st.sampled_from(["terminated", "revoked"])), start, end, ended, standing.superseded_by)
        records[name(number)] = standing
        start = following
    return records


def asking_all(records: Mapping[bytes, Standing], time: int) -> bytes | None:
    """The obvious answer; of one family never two are in force."""
    found = [one for one, standing in records.items() if standing.in_force(time)]
    assert len(found) <= 1
    return found[0] if found else None


@given(families(), st.data())
def test_the_rule_finds_what_asking_every_version_finds(records: dict[bytes, Standing], data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(sorted(records)))
    others = {name(100): Standing("recorded", 1, 60), name(101): Standing("superseded", 1, 60, 30, name(100)), name(102): Standing()}
    for time in range(50):
        assert version_at({**others, **records}, asked, time) == asking_all(records, time)
    assert version_at(records, name(999), 5) is None
    assert version_at(others, name(102), 5) is None


def test_the_contract_gives_the_same_answer_whichever_version_is_asked(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    start = town.now() + DAY
    versions: list[AgreementRow] = []
    for number, begins in enumerate((start, start + 2 * DAY, start + 2 * DAY, start + 5 * DAY, start + 9 * DAY)):
        versions.append(town.agree(session, owner, utility, begins, supersedes=versions[number - 1] if number else None))
        session.commit()
        town.deliver()
    town.terminate(session, versions[-1], owner, start + 12 * DAY)
    other = town.agree(session, owner, utility, start)
    session.commit()
    town.deliver()

    ids = [version.id for version in versions]
    records = standings(session, [*ids, other.id])
    ends = {moment for found in records.values() for moment in (found.valid_from, found.end)}
    for asked, moment in itertools.product((ids[0], ids[2], ids[-1], other.id), sorted({one + step for one in ends for step in (-1, 0)})):
        said = town.gateway.call("AgreementRegistry", "versionAt", asked, moment)
        assert (version_at(records, asked, moment) or bytes(32)) == said
    assert version_at(records, ids[0], start + 12 * DAY) is None
    assert version_at(records, ids[-1], start + 2 * DAY) == ids[2], "of two that begin together the later one counts"
