"""Codes, days, moments and whole numbers as both languages write them: pairs of Vietnamese and English."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import cast

from ledger.agreements.kinds.wording import date_en, date_vi, moment_en, moment_vi, thousandths_en, thousandths_vi
from ledger.agreements.rules import local_moment

Pair = tuple[str, str]
"""The Vietnamese words, then the English ones."""


def word_pair(table: Mapping[str, Pair], code: object) -> Pair:
    """The words of a code that was checked before."""
    return table[str(code)]


def day_pair(iso: object) -> Pair:
    """A day given as `2026-07-01`."""
    day = datetime.date.fromisoformat(str(iso))
    return date_vi(day), date_en(day)


def moment_pair(moment: object, time_zone: object) -> Pair:
    """A moment, Unix seconds, on the clock of a time zone."""
    local = local_moment(cast(int, moment), str(time_zone))
    return moment_vi(local), moment_en(local)


def whole_pair(value: object) -> Pair:
    """A whole number: `1.250.000`, `1,250,000`."""
    return thousandths_pair(1000 * cast(int, value))


def thousandths_pair(value: object) -> Pair:
    """A whole number of thousandths – W as kW, VA as kVA, V as kV, Wh as kWh: `5,2`, `5.2`."""
    return thousandths_vi(cast(int, value)), thousandths_en(cast(int, value))


def hundredths_pair(value: object) -> Pair:
    """A whole number of hundredths: `0,9`, `0.9`."""
    return thousandths_pair(10 * cast(int, value))
