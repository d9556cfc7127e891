"""Moments as every command writes them: by Vietnam's clock, and saying so."""

from __future__ import annotations

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_moment

__all__ = ["ZONE", "day", "moment"]

ZONE = "giờ Việt Nam · Vietnam time"
"""What stands above or behind them."""


def moment(unix_s: int | None) -> str:
    """`27/02/2026 17:00`, or a dash."""
    return "–" if unix_s is None else f"{local_moment(unix_s, TIME_ZONE):%d/%m/%Y %H:%M}"


def day(unix_s: int) -> str:
    """`27/02/2026`."""
    return f"{local_moment(unix_s, TIME_ZONE):%d/%m/%Y}"
