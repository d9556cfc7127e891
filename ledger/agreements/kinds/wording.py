"""Dates and numbers as people write them: Vietnamese and English, from integers."""

from __future__ import annotations

import datetime

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def date_vi(date: datetime.date) -> str:
    """`ngày 01 tháng 7 năm 2026`; single-digit days and the first two months take a leading zero, as in official documents."""
    month = f"{date.month:02d}" if date.month < 3 else str(date.month)
    return f"ngày {date.day:02d} tháng {month} năm {date.year}"


def date_en(date: datetime.date) -> str:
    """`1 July 2026`."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def moment_vi(local: datetime.datetime) -> str:
    """`00:00 ngày 01 tháng 7 năm 2026`; seconds only where there are any."""
    return f"{_clock(local)} {date_vi(local.date())}"


def moment_en(local: datetime.datetime) -> str:
    """`00:00 on 1 July 2026`; seconds only where there are any."""
    return f"{_clock(local)} on {date_en(local.date())}"


def thousandths_vi(value: int) -> str:
    """A whole number of thousandths: `1.382,7`."""
    return thousandths_en(value).translate(str.maketrans(",.", ".,"))


def thousandths_en(value: int) -> str:
    """A whole number of thousandths: `1,382.7`."""
    whole, rest = divmod(value, 1000)
    fraction = f"{rest:03d}".rstrip("0")
    return f"{whole:,}.{fraction}" if fraction else f"{whole:,}"


def _clock(local: datetime.datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
