"""Public holidays of Vietnam as the PyPI package `holidays` computes them: the law's, the lunar ones, days off in lieu of weekends."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache

__all__ = ["holidays_of"]


@cache
def holidays_of(year: int) -> Mapping[datetime.date, str]:
    """The holidays of a year with their Vietnamese names."""
    from holidays import country_holidays  # noqa: PLC0415 - a tenth of a second that most programs need not wait

    return dict(country_holidays("VN", years=year, language="vi"))
