"""A reading that oracles anchored: its leaf, the way to the root, and the statement the chain keeps as a hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.evidence.findings import Trail, UnknownError, require
from ledger.evidence.state import State
from ledger.protocol.leaves import ReadingLeaf
from ledger.protocol.merkle import verify_proof
from ledger.protocol.slots import readings_slot
from ledger.protocol.typed_data import Readings, hash_struct

ANCHOR = "ReadingAnchor"


@dataclass(frozen=True)
class AnchoredReading:
    """One meter's reading of one unit under the root of its day."""

    readings: Readings
    leaf: ReadingLeaf
    proof: tuple[bytes, ...]

    def check(self, trail: Trail, state: State) -> None:
        """Makes both checks; what fails ends it."""
        readings, leaf = self.readings, self.leaf
        with trail.step("anchor"):
            word = state.word(ANCHOR, readings_slot(readings.zone, readings.period_start, readings.version))
            require(word != 0, "the chain has no readings of that zone, day and version", "readings", UnknownError)
            require(word.to_bytes(32, "big") == hash_struct(readings), "the chain anchors other readings", "readings")
        with trail.step("reading-leaf"):
            proven = verify_proof(readings.root, leaf.leaf_hash(), self.proof)
            require(proven, "the reading does not lead to the anchored root", "reading.leaf")
            require((leaf.zone, leaf.version) == (readings.zone, readings.version), "of another zone or version", "reading.leaf")
            require(readings.period_start <= leaf.start < readings.period_end, "of another day", "reading.leaf")

    def newer_versions(self, state: State) -> Iterator[int]:
        """The corrections of that day that are anchored, rising. Versions have no gaps, so the first that is missing ends them all."""
        readings, version = self.readings, self.readings.version + 1
        while is_anchored(state, readings.zone, readings.period_start, version):
            yield version
            version += 1


def is_anchored(state: State, zone: bytes, period_start: int, version: int) -> bool:
    """Whether the chain has that version of a day's readings."""
    return state.word(ANCHOR, readings_slot(zone, period_start, version)) != 0
