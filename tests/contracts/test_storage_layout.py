"""The storage table of docs/protocol.md is what the compiler lays out: a proof made from the page finds the value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.artefacts import Artefact, compile_contracts

ROW = re.compile(r"^\| (\w+) \| (.+?) \| `(.+?)` \| (.+) \|$", re.M)
FIELD = re.compile(r"`(\w+)`(?: (\d+))?")


@pytest.fixture(scope="module")
def artefacts() -> dict[str, Artefact]:
    return compile_contracts(Path(__file__).resolve().parents[2])


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str, str, str]]:
    page = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
    section = page.split("## Storage\n", 1)[1].split("\n## ", 1)[0]
    return ROW.findall(section)


def variable(artefact: Artefact, slot: int) -> dict[str, Any]:
    """The mapping that begins at a slot."""
    found: list[dict[str, Any]] = [each for each in artefact.storage_layout["storage"] if int(each["slot"]) == slot]
    assert len(found) == 1, f"slot {slot} of {artefact.name}"
    return found[0]


def value_type(artefact: Artefact, kind: str) -> dict[str, Any]:
    """What a mapping, or a mapping of mappings, leads to."""
    described: dict[str, Any] = artefact.storage_layout["types"][kind]
    return value_type(artefact, described["value"]) if "value" in described else described


def test_every_mapping_is_where_the_page_says(rows: list[tuple[str, str, str, str]], artefacts: dict[str, Artefact]) -> None:
    told: dict[str, set[int]] = {}
    for contract, _, expression, _ in rows:
        slot = int(re.sub(r"^(?:m\()*(\d+).*$", r"\1", expression))
        told.setdefault(contract, set()).add(slot)
        if expression.startswith("m("):
            kind = variable(artefacts[contract], slot)["type"]
            assert kind.count("t_mapping") == expression.count("m("), expression
    mappings = {
        name: {int(each["slot"]) for each in artefacts[name].storage_layout["storage"] if each["type"].startswith("t_mapping")}
        for name in told
    }
    assert {name: slots - {2} if name == "ReadingAnchor" else slots for name, slots in told.items()} == mappings


def test_every_member_is_in_the_word_and_at_the_bits_the_page_says(
    rows: list[tuple[str, str, str, str]], artefacts: dict[str, Artefact]
) -> None:
    checked = 0
    for contract, record, expression, words in rows:
        if not expression.startswith("m("):
            continue
        artefact = artefacts[contract]
        found = value_type(artefact, variable(artefact, int(re.sub(r"^(?:m\()*(\d+).*$", r"\1", expression)))["type"])
        if "members" not in found:
            continue
        told: list[tuple[int, int, str]] = []
        for number, word in enumerate(words.split(" · ")):
            offset = 0
            for name, width in FIELD.findall(re.sub(r" \(.*?\)", "", word)):
                told.append((number, offset, name))
                offset += int(width or 256) // 8
        laid = [(int(each["slot"]), each["offset"], each["label"]) for each in found["members"]]
        assert told == laid, f"{contract}: {record}"
        checked += 1
    assert checked == 8
