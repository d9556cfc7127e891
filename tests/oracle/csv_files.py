"""Files of readings as tests write them, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oracle.errors import SourceError
from oracle.sources.amounts import Unit
from oracle.sources.clock import Clock
from oracle.sources.csv import CsvFormat, Interval, read_intervals

HEADER = "home,start,import_kwh,export_kwh"
GOOD = [HEADER, "a,2024-06-01 00:00:00,0.5,0", "b,2024-06-01 00:00:00,0,1.25", "a,2024-06-01 01:00:00,2e-3,0"]


def shape(**changes: Any) -> CsvFormat:
    usual = {
        "meter_column": "home",
        "start_column": "start",
        "import_column": "import_kwh",
        "export_column": "export_kwh",
        "unit": Unit.KWH,
        "clock": Clock("Asia/Ho_Chi_Minh"),
        "interval_s": 3600,
    }
    return CsvFormat(**(usual | changes))


def read(path: Path, content: str | bytes | list[str], **changes: Any) -> list[Interval]:
    text = "\n".join(content) + "\n" if isinstance(content, list) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_intervals(path, shape(**changes)))


def fault(path: Path, content: str | bytes | list[str], **changes: Any) -> SourceError:
    with pytest.raises(SourceError) as wrong:
        read(path, content, **changes)
    assert "\n" not in str(wrong.value), "one line"
    return wrong.value
