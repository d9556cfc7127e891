"""Local time text to Unix seconds, refusing what a summer-time change makes ambiguous or impossible."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oracle.errors import SourceError

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
FIXED = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE | re.ASCII)
EXAMPLES = "use for example UTC, UTC+7, UTC-08:00 or Asia/Ho_Chi_Minh"
SUMMER_FIX = "if the meter's clock ignores summer time give a fixed offset such as UTC-8; otherwise write the offset in each time"
PATTERN_FIX = "say how the file writes its times, for example --time-format '%d/%m/%Y %H:%M'"
REMEMBERED = 100_000


class Clock:
    """The time zone of a file.

    Args:
        name: `UTC`, a fixed offset such as `UTC-8` or `+07:00`, or an IANA name such as `America/Los_Angeles`.
        pattern: a strptime pattern for times that are not ISO 8601.

    Raises:
        SourceError: no such time zone.
    """

    def __init__(self, name: str, pattern: str | None = None) -> None:
        self.name, self.pattern = name, pattern
        self._zone = parse_zone(name)
        self._seen: dict[str, int] = {}

    def seconds(self, text: str) -> int:
        """Unix seconds of a time in the file; a time that carries its own offset keeps it.

        Raises:
            SourceError: not a time, or skipped or repeated by a summer-time change; without a place, which the caller knows.
        """
        known = self._seen.get(text)
        if known is not None:
            return known
        moment = self._parse(text.strip())
        seconds = int((moment if moment.tzinfo else self._placed(moment, text.strip())).timestamp())
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[text] = seconds
        return seconds

    def standard_offset_s(self, at: int) -> int:
        """Seconds east of UTC at that moment, leaving summer time out: the fixed offset a market's days are counted in."""
        local = datetime.fromtimestamp(at, self._zone)
        offset, summer = local.utcoffset(), local.dst()
        return int(((offset or timedelta()) - (summer or timedelta())).total_seconds())

    def _parse(self, text: str) -> datetime:
        try:
            if self.pattern is not None:
                return datetime.strptime(text, self.pattern)  # noqa: DTZ007 - placed in the file's zone by the caller
            if TIMESTAMP.fullmatch(text):
                return datetime.fromisoformat(text)
        except (ValueError, re.error):
            pass
        wanted = self.pattern or "YYYY-MM-DD HH:MM:SS"
        raise SourceError(f"{text[:40]!r} is not a time like {wanted}", fix=PATTERN_FIX)

    def _placed(self, moment: datetime, text: str) -> datetime:
        first = moment.replace(tzinfo=self._zone, fold=0)
        second = moment.replace(tzinfo=self._zone, fold=1)
        if first.utcoffset() == second.utcoffset():
            return first
        if first.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != moment:
            raise SourceError(f"{text} does not exist in {self.name}: the clock skips it (summer time begins)", fix=SUMMER_FIX)
        raise SourceError(f"{text} happens twice in {self.name} (summer time ends)", fix=SUMMER_FIX)


def parse_zone(name: str) -> tzinfo:
    """A time zone by name or fixed offset.

    Raises:
        SourceError: no such time zone.
    """
    text = name.strip()
    if text.upper() in ("UTC", "GMT", "Z"):
        return UTC
    fixed = FIXED.fullmatch(text)
    if fixed:
        hours, minutes = int(fixed.group(2)), int(fixed.group(3) or 0)
        if hours > 14 or minutes > 59:
            raise SourceError(f"time zone {name!r} is out of range", fix=EXAMPLES)
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if fixed.group(1) == "-" else offset)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceError(f"time zone {name!r} is not known", fix=EXAMPLES) from None
