"""Every room's mapped classes, gathered so that the schema is complete: migrations and `create_schema` import this."""

from __future__ import annotations

import sys
from importlib import import_module

from ledger.db import Base

ROOMS = ("chain", "parties", "agreements", "metering", "market", "settlement")

for _room in ROOMS:
    try:
        import_module(f"ledger.{_room}.model")
    except ModuleNotFoundError as _missing:
        sys.stderr.write(f"ledger.{_room}.model is left out of the schema: {_missing}\n")

metadata = Base.metadata
