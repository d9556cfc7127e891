"""Where Pango is missing, which no Python package brings, the whole bench ended with a traceback; its rows are left out, and it says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.bench.rendering import asked, rows_of

MISSING = """raise OSError("cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open shared object file\\nand more lines")"""


def test_the_rows_beside_weasyprint_are_left_out_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weasyprint.py").write_text(MISSING)  # what the real one does on such a machine
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert asked("weasyprint", "{}", Path(sys.executable)) is None
    said = capsys.readouterr().err
    assert "the rows beside WeasyPrint are left out: this machine lacks Pango (apt: libpango-1.0-0 libpangoft2-1.0-0)" in said
    rows = rows_of({"cast": 7_000.0, "set": 130.0}, {"reportlab": 24.0}, {"reportlab": 7})
    assert [row.peer for row in rows] == ["reportlab", "typst, compiler kept"]
    whole = rows_of({"cast": 7_000.0, "set": 130.0}, {"reportlab": 24.0, "weasyprint": 2.0}, {"reportlab": 7, "weasyprint": 7})
    assert [row.peer for row in whole] == ["WeasyPrint", "reportlab", "typst, compiler kept", "WeasyPrint"]
