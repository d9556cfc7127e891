"""The list of homes: what power stands on each roof."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.errors import SourceError
from oracle.sources.homes import read_capacities


def test_homes_have_their_power_in_whole_watts(tmp_path: Path) -> None:
    homes = tmp_path / "homes.csv"
    homes.write_text("home,pv_kwp\na,4.0\nb,0\nc,5.625\n", encoding="utf-8")
    assert read_capacities(homes) == {"a": 4000, "b": 0, "c": 5625}
    homes.write_text("home;pv_kwp\na;4,5\n", encoding="utf-8")
    assert read_capacities(homes, decimal=",") == {"a": 4500}
    with pytest.raises(SourceError, match="give --decimal ,"):
        read_capacities(homes)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("home,kwp\na,1\n", 1, "no column 'pv_kwp'"),
        ("home,pv_kwp\na,1\na,2\n", 3, "there twice"),
        ("home,pv_kwp\na,-1\n", 2, "out of range"),
        ("home,pv_kwp\na,many\n", 2, "not a power"),
        ("home,pv_kwp\na\n", 2, "1 fields where"),
    ],
)
def test_a_bad_list_of_homes_is_refused_at_its_line(tmp_path: Path, content: str, line: int, words: str) -> None:
    homes = tmp_path / "homes.csv"
    homes.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as wrong:
        read_capacities(homes)
    assert wrong.value.line == line
    assert words in str(wrong.value)
