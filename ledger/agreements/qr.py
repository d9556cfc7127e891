"""The QR code on every page: `SONANG:` and the look-up code, version 2, error correction Q, one mask for all.

With version, level and mask fixed, each module is an exclusive or of some bits of the content. So 150 codes drawn by segno once tell how to
draw any other in microseconds, which is what a campaign of a million documents needs.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import segno

from ledger.agreements.rules import LOOKUP_LENGTH, LOOKUP_SCHEME, lookup_digits

SIZE: Final = 25
"""Modules a side of a version 2 code."""
QUIET: Final = 4
"""Modules of white around it that scanners ask for."""
MASK: Final = 2
_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def qr_rows(lookup_code: str) -> list[int]:
    """The modules, a number a row, the leftmost module its highest bit.

    Raises:
        InputError: no look-up code.
    """
    blank, columns = _basis()
    modules = blank
    for place, pair in enumerate(_pairs(LOOKUP_SCHEME + lookup_digits(lookup_code))):
        modules ^= columns[place][pair]
    return [modules >> SIZE * row & (1 << SIZE) - 1 for row in range(SIZE)]


def qr_svg(lookup_code: str) -> str:
    """The same as an SVG image: one path, and the quiet zone as its margin."""
    side = SIZE + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{n}v1h-{n}z" for y, row in enumerate(qr_rows(lookup_code)) for x, n in runs(row))
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}"><path d="{path}"/></svg>'


def runs(row: int) -> list[tuple[int, int]]:
    """Where dark modules of a row begin, and how many follow each other there."""
    found: list[tuple[int, int]] = []
    text, at = f"{row:0{SIZE}b}", 0
    while (start := text.find("1", at)) >= 0:
        at = text.find("0", start)
        at = SIZE if at < 0 else at
        found.append((start, at - start))
    return found


def _pairs(text: str) -> list[int]:
    """Alphanumeric mode: two characters make 11 bits; an odd one at the end makes 6."""
    values = [_ALPHANUMERIC.index(one) for one in text]
    return [45 * values[at] + values[at + 1] for at in range(0, len(values) - 1, 2)] + values[len(values) & ~1 :]


@cache
def _basis() -> tuple[int, list[list[int]]]:
    """The modules of the content that is all zeros, and what each value at each place of the content changes in them."""
    length = len(LOOKUP_SCHEME) + LOOKUP_LENGTH
    zeros = "0" * length
    blank = _drawn(zeros)
    columns: list[list[int]] = []
    for place in range(0, length, 2):
        width = min(2, length - place)
        before, after = zeros[:place], zeros[place + width :]
        bits = [_drawn(before + _written(1 << bit, width) + after) ^ blank for bit in range(11 if width == 2 else 6)]
        changes = [0]
        for bit in bits:
            changes += [one ^ bit for one in changes]
        columns.append(changes)
    return blank, columns


def _written(value: int, width: int) -> str:
    return _ALPHANUMERIC[value] if width == 1 else _ALPHANUMERIC[value // 45] + _ALPHANUMERIC[value % 45]


def _drawn(content: str) -> int:
    code = segno.make(content, version=2, error="q", mode="alphanumeric", mask=MASK, boost_error=False)
    modules = 0
    for row in reversed(code.matrix):
        for module in row:
            modules = modules << 1 | (module & 1)
    return modules
