"""Bundles recorded once still verify, byte for byte in their form: the format cannot drift without somebody deciding that it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.evidence.bundle import parse_bundle, read_members, write_bundle
from ledger.evidence.claims import CLAIMS
from ledger.evidence.findings import Answer
from ledger.evidence.trust import Trust, read_record
from ledger.evidence.verify import verify_bundle
from ledger.protocol.quantities import unhex

FOLDER = Path(__file__).resolve().parents[2] / "vectors/bundles"
TOLD: dict[str, Any] = orjson.loads((FOLDER / "told.json").read_bytes())
TRUST = Trust(unhex(TOLD["trust_block"], "trust_block", 32), read_record((FOLDER / "deployment.json").read_bytes()))


@pytest.mark.parametrize("kind", sorted(CLAIMS))
def test_a_recorded_bundle_tells_what_it_told_when_it_was_made(kind: str) -> None:
    report = verify_bundle((FOLDER / f"{kind}.zip").read_bytes(), TRUST)
    assert report.answer == Answer.AUTHENTIC
    assert report.as_json() == TOLD["reports"][kind]


@pytest.mark.parametrize("kind", sorted(CLAIMS))
def test_a_recorded_bundle_is_written_again_with_the_same_bytes(kind: str) -> None:
    data = (FOLDER / f"{kind}.zip").read_bytes()
    assert write_bundle(parse_bundle(read_members(data))) == data


def test_a_recorded_bundle_is_of_its_block_and_its_contracts_only() -> None:
    data = (FOLDER / "trade.zip").read_bytes()
    assert verify_bundle(data, Trust(bytes(32), TRUST.contracts)).answer == Answer.ALTERED
    assert verify_bundle(data, Trust()).answer == Answer.UNANCHORED
