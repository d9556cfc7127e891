"""Several days' reports as one: the days themselves, their sums, and what each party sold, bought and is owed over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from ledger.day.report import Report

__all__ = ["combined", "days_of", "file_name", "left_out"]

NAME_BYTES = 120
NAMED = 10
SHARED = ("zone", "time_zone", "interval_minutes", "zone_id", "mechanism", "sources")
ADDED = ("sold_wh", "bought_wh", "net_mvnd")


def combined(reports: Sequence[Report], asked: Sequence[date] = ()) -> Report:
    """One day's report as it is, or several under `days` with their sums; days asked for without data are under `days_without_data`."""
    there = {report["date"] for report in reports}
    missing = [str(day) for day in asked if str(day) not in there]
    if len(reports) == 1:
        return {**reports[0], "days_without_data": missing} if missing else reports[0]
    first, last = reports[0], reports[-1]
    return {
        **{name: first[name] for name in SHARED},
        "from": first["date"],
        "to": last["date"],
        "totals": {name: sum(report["totals"][name] for report in reports) for name in first["totals"]},
        "positions": _positions(reports),
        "agreements": last["agreements"],
        "anchors": [anchor for report in reports for anchor in report["anchors"]],
        "checks": [{**check, "name": f"{report['date']}/{check['name']}"} for report in reports for check in report["checks"]],
        "chain": last["chain"],
        "days": list(reports),
        "days_without_data": missing,
    }


def left_out(report: Report) -> str:
    """Which of the days asked for have no data, in one line; nothing when all have."""
    missing = report.get("days_without_data", [])
    if not missing:
        return ""
    more = f" and {len(missing) - NAMED} more, in the report as days_without_data" if len(missing) > NAMED else ""
    of = len(missing) + len(days_of(report))
    return f"{len(missing)} of {of} days have no whole data and were left out: {', '.join(missing[:NAMED])}{more}"


def file_name(zone: str, days: Sequence[date]) -> str:
    """What the report of these days is called where nobody says: the zone, as far as files can be called that, and the dates."""
    plain = "".join(sign if sign.isalnum() or sign in "-_" else f"%{ord(sign):02x}" for sign in zone)
    if len(plain.encode()) > NAME_BYTES:
        plain = f"{plain[: NAME_BYTES // 4]}-{sha256(zone.encode()).hexdigest()[:16]}"
    return f"{plain}-{'_'.join(str(day) for day in dict.fromkeys((days[0], days[-1])))}.json"


def days_of(report: Report) -> list[Report]:
    """The days of a report, which may be one itself."""
    days: list[Report] = report.get("days", [report])
    return days


def _positions(reports: Sequence[Report]) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, Any]] = {}
    for report in reports:
        for one in report["positions"]:
            held = sums.setdefault(one["party"], {"party": one["party"], "home": one["home"], **dict.fromkeys(ADDED, 0)})
            for name in ADDED:
                held[name] += one[name]
    return sorted(sums.values(), key=lambda one: str(one["home"]))
