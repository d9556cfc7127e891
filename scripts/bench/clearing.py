"""Clearing against its peers, side by side in one run: a bare numpy sort of the book's prices, SciPy's HiGHS and pymarket's Huang auction.

Ours is timed from columns to matched quantities, the book's checks included. The sort is the barest after which one still knows whose each
price is: price and row packed into one number, the packing not timed, no sides, no quantities. A sort of the prices alone, which forgets
even that, stands beside it for scale. The other two run in an environment of their own, since pymarket needs an older pandas.

Usage: python -m scripts.bench.clearing
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ledger.market.book import UnitBook, UnitResult
from ledger.market.mechanisms.uniform_price import clear
from scripts.bench.rows import ROOT, Row, answer_of, race, seconds

ENVIRONMENT = ROOT / ".sonang" / "bench-venv"
LOCK = ROOT / "requirements" / "bench.txt"
PEERS = Path(__file__).with_name("clearing_peers.py")
PUBLISHED, RETAIL = 671, 2_204
ROUNDS = 25


@dataclass(frozen=True)
class Columns:
    """A random book as one might keep it: limits between the utility's two prices, digests in no order."""

    sell: Any
    order: Any
    price: Any
    quantity: Any

    @classmethod
    def random(cls, count: int, *, ties: bool = True) -> Columns:
        """A book of that many orders, the same every time; without ties every limit is another number, beyond any real tariff."""
        random = np.random.default_rng(count)
        limits = random.integers(PUBLISHED, RETAIL, count) if ties else 1_000 * PUBLISHED + random.permutation(1_000 * RETAIL)[:count]
        return cls(
            sell=random.integers(0, 2, count) == 0,
            order=random.permutation(count).astype(np.uint32),
            price=limits.astype(np.uint32),
            quantity=random.integers(1, 5_000, count),
        )


def run() -> list[Row]:
    """Every comparison, slowest last."""
    return [
        *against_sorts(1_000, 0.0),
        *against_sorts(100_000, 0.0),
        *against_sorts(1_000_000, 0.5),
        against_peer(1_000, "highs", "SciPy HiGHS", 0.0),
        against_peer(100_000, "highs", "SciPy HiGHS", 300.0),
        against_peer(1_000, "huang", "pymarket Huang", 0.0),
        against_peer(20_000, "huang", "pymarket Huang", 1_000.0),
    ]


def against_sorts(count: int, aim: float) -> list[Row]:
    """Ours and each sort, taking turns."""
    columns = Columns.random(count)
    packed = columns.price.astype(np.uint64) << np.uint64(32) | np.arange(count, dtype=np.uint64)
    ours, theirs = race(lambda: cleared(columns), lambda: np.sort(packed), rounds=ROUNDS)
    again, barest = race(lambda: cleared(columns), lambda: np.sort(columns.price), rounds=ROUNDS)
    return [
        row(count, "numpy sort of the book", ours, theirs, aim),
        row(count, "numpy sort of its prices alone", again, barest, 0.0),
    ]


def against_peer(count: int, peer: str, name: str, aim: float) -> Row:
    """Ours here and the peer in its own environment, on the same book; where both maximise welfare, both must find the same.

    Huang's gets a book without ties: pymarket finds no price at all where the two curves share a limit.
    """
    columns = Columns.random(count, ties=peer != "huang")
    result = cleared(columns)
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.npz"
        np.savez(book, sell=columns.sell, price=columns.price.astype(np.int64), quantity=columns.quantity)
        found = answer_of([str(peers_python()), str(PEERS), str(book), peer])
    if "welfare_mvnd" in found and round(found["welfare_mvnd"]) != welfare_mvnd(columns, result):
        raise RuntimeError(f"{name} finds another welfare: {found['welfare_mvnd']} instead of {welfare_mvnd(columns, result)}")
    ours = min(seconds(lambda: cleared(columns)) for _ in range(ROUNDS))
    return row(count, name, ours, found["seconds"], aim)


def cleared(columns: Columns) -> UnitResult:
    """What is timed: the book made and cleared."""
    return clear(UnitBook(columns.order, columns.sell, columns.price, columns.quantity))


def welfare_mvnd(columns: Columns, result: UnitResult) -> int:
    """What buyers would have paid at most less what sellers would have taken at least."""
    money = columns.price.astype(np.int64) * result.matched_wh
    return int(money[~columns.sell].sum() - money[columns.sell].sum())


def peers_python() -> Path:
    """The peers' interpreter; its environment is made when it is missing or its lock has changed."""
    python, mark = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".lock-sha256"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)], check=True)
        subprocess.run([str(uv), "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK)], check=True)
        mark.write_text(wanted, encoding="utf-8")
    return python


def row(count: int, peer: str, ours_s: float, theirs_s: float, aim: float) -> Row:
    """One line of the table, in orders a second."""
    return Row(f"clear {count:,} orders", count / ours_s, "orders/s", peer, count / theirs_s, aim, note="" if aim else "for scale; no aim")


if __name__ == "__main__":
    for line in run():
        print(f"{line.name:<24} {line.ours:>14,.0f} {line.unit}  {line.peer:<30} {line.theirs:>14,.0f}  × {line.ratio:,.2f}  {line.note}")
