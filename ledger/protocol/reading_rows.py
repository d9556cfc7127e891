"""Many reading leaves as rows of words, to hash them side by side; loaded only when `keccak.lanes_for` says it pays."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from ledger.protocol.keccak_lanes import hash_rows

if TYPE_CHECKING:
    from ledger.protocol.leaves import ReadingLeaf

FIELDS = ("zone", "meter", "start", "version", "import_wh", "export_wh", "quality", "salt")
BITS = {"start": 64, "version": 32, "import_wh": 64, "export_wh": 64, "quality": 8}
_VALUES = attrgetter(*FIELDS)


def hash_readings(leaves: Sequence[ReadingLeaf]) -> list[bytes] | None:
    """The leaves' hashes, or None when a field is not a plain integer in range or 32 bytes: the leaf itself then says what is wrong."""
    rows = np.zeros((len(leaves), 8, 4), dtype=np.uint64)
    for place, (field, column) in enumerate(zip(FIELDS, zip(*map(_VALUES, leaves), strict=True), strict=True)):
        bits = BITS.get(field)
        if bits is None:
            if set(map(type, column)) != {bytes} or set(map(len, column)) != {32}:
                return None
            rows[:, place] = np.frombuffer(b"".join(column), dtype=np.uint64).reshape(-1, 4)
        else:
            if set(map(type, column)) != {int} or min(column) < 0 or max(column) >> bits:
                return None
            rows[:, place, 3] = np.array(column, dtype=np.uint64).byteswap()
    data = hash_rows(hash_rows(rows.reshape(-1, 32))).tobytes()
    return [data[start : start + 32] for start in range(0, len(data), 32)]
