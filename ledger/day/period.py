"""Several days' reports as one: the days themselves, their sums, and what each party sold, bought and is owed over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.day.report import Report

__all__ = ["combined", "days_of"]

SHARED = ("zone", "time_zone", "interval_minutes", "zone_id", "mechanism", "sources")
ADDED = ("sold_wh", "bought_wh", "net_mvnd")


def combined(reports: Sequence[Report]) -> Report:
    """One day's report as it is, or several under `days` with their sums."""
    if len(reports) == 1:
        return reports[0]
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
    }


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
