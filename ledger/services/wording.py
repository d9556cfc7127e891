"""Times of requests in words, Vietnamese and English: working days and hours, and moments by the office's clock."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from ledger.errors import InputError
from ledger.services.calendar import WorkCalendar
from ledger.services.queries import Timing

__all__ = ["PAPERS_SHOWN", "STATES_SHOWN", "WHY_SHOWN", "left_words", "moment_of", "moment_words", "work_words"]

STATES_SHOWN = {
    "open": ("đang xử lý", "under way"),
    "returned": ("chờ khách hàng", "waits for the customer"),
    "closed": ("đã kết thúc", "closed"),
    "rejected": ("đã từ chối", "rejected"),
    "withdrawn": ("đã rút", "withdrawn"),
}
"""States with their names."""
PAPERS_SHOWN = {
    "unsigned": ("chờ ký", "waits for signatures"),
    "ended": ("không ký nữa", "nobody signs it any more"),
    "sealed": ("đã ký, chờ ghi lên chuỗi", "signed, on its way to the chain"),
    "refused": ("đã ký, chuỗi không ghi nhận", "signed, but the chain refused it"),
    "recorded": ("đã ký", "signed"),
    "dropped": ("bỏ", "dropped"),
}
"""How documents of a request stand, `Signing.paper`."""
WHY_SHOWN = {
    "returned": ("chờ khách hàng bổ sung", "the customer has to give something"),
    "customer-signs": ("chờ khách hàng ký", "the customer has to sign"),
    "customer-step": ("khách hàng thực hiện", "the customer's own work"),
}
"""Why a clock stands still."""


def work_words(seconds: int, day_s: int) -> tuple[str, str]:
    """Working time as days, hours and minutes of work; what is left of a minute is dropped."""
    days, rest = divmod(seconds, day_s)
    hours, minutes = rest // 3600, rest % 3600 // 60
    vi = [f"{n} {unit}" for n, unit in ((days, "ngày"), (hours, "giờ"), (minutes, "phút")) if n]
    en = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(vi[:2]) or "0 phút", " ".join(en[:2]) or "0 min"


def left_words(timing: Timing, day_s: int) -> tuple[str, str]:
    """How much working time is left, by how much it is late, or that the clock stands still."""
    vi, en = work_words(abs(timing.left_s), day_s)
    if timing.late:
        return ("quá hạn", "late") if timing.left_s > -60 else (f"quá hạn {vi}", f"{en} late")
    if timing.paused:
        return f"tạm dừng, còn {vi}", f"stands still, {en} left"
    return f"còn {vi}", f"{en} left"


def moment_words(calendar: WorkCalendar, moment: int) -> str:
    """A moment by the office's clock: `27/02/2026 17:00`."""
    zone = ZoneInfo(calendar.offices[0].time_zone)
    return f"{datetime.datetime.fromtimestamp(moment, zone):%d/%m/%Y %H:%M}"


def moment_of(calendar: WorkCalendar, text: str, field: str = "at") -> int:
    """A moment somebody named by the office's clock, `2026-02-27T17:00` or a day alone for its first second; Unix seconds.

    Raises:
        InputError: not a moment.
    """
    zone = ZoneInfo(calendar.offices[0].time_zone)
    try:
        return int(datetime.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())
    except ValueError:
        raise InputError(f"{text[:40]!r} is no moment", field=field, fix="give it as YYYY-MM-DDTHH:MM, Vietnam's time") from None
