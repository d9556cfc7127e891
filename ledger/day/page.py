"""The report in HTML that needs nothing else: style, charts and words inside, Vietnamese and English, for screen and paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ledger.day.charts import Bar, energy_chart, price_chart
from ledger.day.figures import dong, grouped, kwh, written
from ledger.day.period import days_of
from ledger.day.report import Report

__all__ = ["Shown", "render_page", "render_shown"]

CHECKS = {
    "metered_export_is_surplus": ("Công tơ phát = sản lượng dư", "metered export = surplus", "Wh"),
    "metered_import_is_demand": ("Công tơ nhận = nhu cầu", "metered import = demand", "Wh"),
    "surplus_is_traded_and_to_utility": ("Sản lượng dư = giao dịch + bán cho điện lực", "surplus = traded + to the utility", "Wh"),
    "demand_is_traded_and_from_utility": ("Nhu cầu = giao dịch + mua từ điện lực", "demand = traded + from the utility", "Wh"),
    "sold_is_surplus_less_unpaid": ("Tổng bán = sản lượng dư − không thanh toán", "sold = surplus − unpaid", "Wh"),
    "bought_is_demand": ("Tổng mua = nhu cầu", "bought = demand", "Wh"),
    "money_in_is_money_out": ("Tiền trả = tiền nhận", "money paid = money received", "mđ"),
    "net_is_received_less_paid": ("Tổng vị thế thanh toán = bên bán nhận − bên mua trả", "Σ positions = sellers get − buyers pay", "mđ"),
    "anchor_on_chain": ("Gốc chỉ số trên chuỗi", "root of the readings on chain", ""),
    "clearings_on_chain": ("Chu kỳ có kết quả khớp lệnh trên chuỗi", "units whose clearing is on chain", ""),
    "settlement_on_chain": ("Bản thanh toán bù trừ trên chuỗi", "settlement on chain", ""),
}
"""Every check in words, and the unit of its sides."""

HOURS_BETWEEN_LABELS = 3


@dataclass(frozen=True)
class Shown:
    """A report as part of a page that has the colours `--ink`, `--soft`, `--line`, `--back`, `--card`, `--good` and `--bad`."""

    title: str
    style: Markup
    body: Markup


def render_page(report: Report) -> str:
    """The page of a day's report, or of several days', as a file."""
    return _environment().get_template("report.html").render(**_values(report), homes=True, served=False)


def render_shown(report: Report, *, homes: bool) -> Shown:
    """The same as part of a page that is served.

    Args:
        homes: without it the page says what all traded together and names no home.
    """
    env, values = _environment(), _values(report)
    body = env.get_template("report_body.html").render(**values, homes=homes, served=True)
    return Shown(f"{report['zone']} · {values['title']}", Markup(env.get_template("report.css").render()), Markup(body))  # noqa: S704 - escaped


def _environment() -> Environment:
    env = Environment(loader=PackageLoader("ledger.day"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.filters |= {"kwh": kwh, "dong": dong, "grouped": grouped, "short": _short, "side": _side, "date": written}
    return env


def _values(report: Report) -> dict[str, Any]:
    """What the templates need."""
    days = days_of(report)
    bars = _bars_of_day(report) if len(days) == 1 else [_bar_of_day(day) for day in days]
    last = days[-1]
    most = max((max(abs(one["net_mvnd"]) for one in report["positions"]) if report["positions"] else 0), 1)
    return {
        "report": report,
        "days": days,
        "last": last,
        "title": _title(days),
        "prices": price_chart(bars, last["published_price_vnd_per_kwh"], last["retail_price_vnd_per_kwh"]),
        "energy": energy_chart(bars),
        "checks": [(day["date"], check, CHECKS[check["name"]]) for day in days for check in day["checks"]],
        "wrong": sum(not check["holds"] for day in days for check in day["checks"]),
        "average": _average_price(bars),
        "most": most,
        "made_later": max((one["dated"] for day in days for one in day["agreements"] if one["dated"] > day["date"]), default=""),
    }


def _title(days: list[Report]) -> str:
    first, last = (written(day["date"]) for day in (days[0], days[-1]))
    return first if first == last else f"{first} – {last}"


def _bars_of_day(report: Report) -> list[Bar]:
    return [_bar_of_slot(slot) for slot in report["slots"]]


def _bar_of_slot(slot: dict[str, Any]) -> Bar:
    start = datetime.fromisoformat(slot["start"])
    labelled = start.minute == 0 and start.hour % HOURS_BETWEEN_LABELS == 0
    return Bar(
        label=f"{start:%H:%M}" if labelled else "",
        title=f"{start:%H:%M}",
        traded_wh=slot["traded_wh"],
        to_utility_wh=slot["to_utility_wh"],
        from_utility_wh=slot["from_utility_wh"],
        price=slot["price_vnd_per_kwh"],
    )


def _bar_of_day(report: Report) -> Bar:
    day, totals = date.fromisoformat(report["date"]), report["totals"]
    return Bar(
        label=f"{day.day}/{day.month}" if day.day % 2 else "",
        title=f"{day:%d/%m/%Y}",
        traded_wh=totals["traded_wh"],
        to_utility_wh=totals["to_utility_wh"],
        from_utility_wh=totals["from_utility_wh"],
        price=_average_price(_bars_of_day(report)),
    )


def _average_price(bars: list[Bar]) -> int:
    """What a traded kWh cost on average, whole đồng, half up; 0 when nothing was traded."""
    traded = sum(bar.traded_wh for bar in bars)
    return (2 * sum(bar.traded_wh * bar.price for bar in bars) + traded) // (2 * traded) if traded else 0


def _short(text: str) -> str:
    """The two ends of a long hexadecimal text."""
    return text if len(text) <= 20 else f"{text[:10]}…{text[-6:]}"


def _side(value: object, unit: str) -> str:
    """One side of a check with its unit."""
    if isinstance(value, int):
        return f"{'−' if value < 0 else ''}{grouped(abs(value))}\N{NO-BREAK SPACE}{unit}".strip()
    return _short(str(value))
