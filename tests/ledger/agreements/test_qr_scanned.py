"""A phone that looks at a printed page reads the look-up code, whichever way the page was made."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from ledger.agreements.casting import render_fast
from ledger.agreements.render import render
from tests.ledger.agreements import kind_samples, test_supply_contracts

DOTS_PER_INCH = "110"


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not on this machine")
@pytest.mark.parametrize(
    ("kind", "made"),
    [("supply-residential", render_fast), ("supply-residential", render), ("termination-minutes", render)],
)
def test_every_page_is_scanned(kind: str, made: Callable[[str, Mapping[str, object]], bytes], tmp_path: Path) -> None:
    terms = (test_supply_contracts if kind.startswith("supply") else kind_samples).terms_of(kind)
    (tmp_path / "page.pdf").write_bytes(made(kind, terms))
    subprocess.run(["pdftoppm", "-gray", "-r", DOTS_PER_INCH, "page.pdf", "page"], cwd=tmp_path, check=True)
    pages = sorted(tmp_path.glob("page-*.pgm"))
    assert pages
    for page in pages:
        _, size, _, dots = page.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        seen = zxingcpp.read_barcodes(np.frombuffer(dots, np.uint8).reshape(height, width))
        assert [one.text for one in seen] == ["SONANG:" + str(terms["document.lookup_code"]).replace("-", "")]
