"""Every room's mapped classes, gathered so that the schema is complete: migrations and `create_schema` import this."""

from __future__ import annotations

from importlib import import_module, util

from ledger.db import Base

ROOMS = ("chain", "parties", "agreements", "metering", "market", "settlement")

for _room in ROOMS:
    if util.find_spec(f"ledger.{_room}") is not None and util.find_spec(f"ledger.{_room}.model") is not None:
        import_module(f"ledger.{_room}.model")

metadata = Base.metadata
