"""Numbers and dates as Vietnamese writes them: kWh and đồng with a decimal comma and dots between thousands; integers in, text out."""

from __future__ import annotations

from datetime import date

__all__ = ["dong", "grouped", "kwh", "written"]


def kwh(wh: int) -> str:
    """Wh as kWh with one digit after the comma, rounded half up."""
    sign, tenths = ("−" if wh < 0 else ""), (abs(wh) + 50) // 100
    return f"{sign}{grouped(tenths // 10)},{tenths % 10}"


def dong(mvnd: int) -> str:
    """Milli-đồng as whole đồng, rounded half away from zero; for reading only, sums are made of milli-đồng."""
    whole = (abs(mvnd) + 500) // 1000
    return f"{'−' if mvnd < 0 and whole else ''}{grouped(whole)}"


def grouped(number: int) -> str:
    """A whole number with dots between thousands."""
    return f"{number:,}".replace(",", ".")


def written(iso: str) -> str:
    """The date an ISO 8601 text begins with, as `21/05/2016`."""
    return f"{date.fromisoformat(iso[:10]):%d/%m/%Y}"
