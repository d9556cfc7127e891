"""What is said of a kind's facts is enough to fill them in: each has words of its own, and no two of a group the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from ledger.agreements.kinds import KINDS, kind_named
from ledger.agreements.kinds.told import Fact, facts_told


def groups(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    yield facts
    for one in facts:
        if one.fields:
            yield from groups(one.fields)


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_is_explained_by_words_of_its_own(kind: str) -> None:
    for group in groups(facts_told(kind_named(kind).facts)):
        said = [one.what for one in group]
        assert all(said), [one.name for one in group if not one.what]
        assert len(set(said)) == len(said), [one.name for one in group if said.count(one.what) > 1]
