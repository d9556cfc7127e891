"""The page of a report stands alone, says everything twice, and shows what is wrong."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from ledger.day.charts import Bar, energy_chart, price_chart
from ledger.day.page import CHECKS, render_page
from ledger.day.period import combined
from tests.ledger.day.samples import HASH, sample_report

VOID = {"meta", "link", "img", "br", "hr", "input", "path", "circle", "rect", "line"}


class Reader(HTMLParser):
    """Reads a page: every element closed in order, every attribute, every word."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_needs_nothing_from_anywhere() -> None:
    page = render_page(sample_report())
    reader = Reader(page)
    assert [one for one in reader.attributes if one[1] in ("src", "href", "srcset", "action", "xlink:href", "onload", "style")] == []
    assert "http" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert "<script" not in page


def test_everything_is_said_in_vietnamese_and_in_english() -> None:
    page = render_page(sample_report())
    said = Reader(page).text
    for vi, en in (("Giá khớp", "Clearing price"), ("Vị thế thanh toán", "Positions"), ("Tự kiểm chứng", "Check it yourself")):
        assert f"{vi} {en}" in said
    assert '<html lang="vi">' in page
    assert page.count('lang="en"') > 30


def test_the_figures_the_block_hash_and_the_way_to_verify_are_there() -> None:
    said = Reader(render_page(sample_report())).text
    for words in ("1,5 kWh", "1.300 đ/kWh", HASH, f"sonang verify --bundle trade.zip --trust-block {HASH}", "AAAA-BBBB", "2 ✓"):
        assert words in said.replace("\N{NO-BREAK SPACE}", " ")


def test_a_check_that_fails_is_shown_in_red_with_both_sides() -> None:
    report = sample_report()
    report["checks"][0] |= {"right": 401, "holds": False}
    page = render_page(report)
    assert '<span class="badge bad">1 ✗</span>' in page
    assert "≠ 401" in page.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "nhà số 5 & 6"])
def test_names_from_files_stay_words(name: str) -> None:
    report = sample_report(zone=name, home=name)
    page = render_page(report)
    assert name in Reader(page).text.replace("\xa0", " ")
    assert "<script" not in page
    assert "<img" not in page


def test_a_day_on_which_nobody_traded_has_no_price() -> None:
    page = render_page(sample_report(traded=0))
    assert "–&nbsp;<small>đ/kWh" in page
    assert '<circle class="dot"' not in page


@pytest.mark.parametrize(("why", "said"), [("silent", "the meter sent nothing"), ("refused", "oracles refused"), ("gaps", "gaps")])
def test_a_meter_that_nobody_read_is_pointed_out(why: str, said: str) -> None:
    report = sample_report()
    report["unread"] = [{"home": "home-009", "intervals": 2, "why": why}]
    read = Reader(render_page(report)).text
    assert "21/05/2016, home-009: 2 chu kỳ không có chỉ số units without a reading" in read
    assert said in read


def test_agreements_made_after_the_day_they_serve_make_the_page_a_replay() -> None:
    report = sample_report()
    assert "A replay" not in render_page(report)
    report["agreements"][0]["dated"] = "2026-11-24"
    said = Reader(render_page(report)).text
    assert "theo pháp luật của ngày lập hợp đồng (24/11/2026)" in said
    assert "under the law of the day the agreements were made (24/11/2026)" in said


def test_every_date_people_read_is_day_month_year() -> None:
    for days in (["2016-05-21"], ["2016-05-21", "2016-05-22"]):
        assert "2016-05" not in Reader(render_page(combined([sample_report(day) for day in days]))).text


def test_several_days_are_one_page_with_their_sums() -> None:
    whole = combined([sample_report("2016-05-21"), sample_report("2016-05-22")])
    said = Reader(render_page(whole)).text
    assert "21/05/2016 – 22/05/2016" in said
    assert whole["totals"]["traded_wh"] == 3_000
    assert [one["net_mvnd"] for one in whole["positions"]] == [2 * one["net_mvnd"] for one in sample_report()["positions"]]
    assert (whole["from"], whole["to"], len(whole["days"]), len(whole["anchors"])) == ("2016-05-21", "2016-05-22", 2, 2)


def test_one_day_is_its_own_report() -> None:
    report = sample_report()
    assert combined([report]) is report


def bars(values: list[tuple[int, int, int]]) -> list[Bar]:
    return [Bar("", f"{place}", traded, up, down, 1_000) for place, (traded, up, down) in enumerate(values)]


def heights(chart: str) -> list[tuple[str, float]]:
    return [(name, float(height)) for name, height in re.findall(r'<rect class="([\w-]+)"[^>]* height="([\d.]+)"', chart)]


def test_bars_are_as_high_as_their_energy() -> None:
    drawn = heights(energy_chart(bars([(1_000, 3_000, 2_000), (2_000, 0, 0)])))
    assert [name for name, _ in drawn] == ["traded", "to-utility", "traded", "from-utility", "traded", "traded"]
    unit = drawn[0][1]
    assert [round(height / unit, 1) for _, height in drawn] == [1.0, 3.0, 1.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize("values", [[], [(0, 0, 0)], [(1, 0, 0)], [(10**15, 10**15, 0)] * 366])
def test_charts_can_be_drawn_of_anything(values: list[tuple[int, int, int]]) -> None:
    for chart in (energy_chart(bars(values)), price_chart(bars(values), 0, 0), price_chart(bars(values), 671, 2_204)):
        drawn = Reader(chart)
        assert len([one for one in drawn.attributes if one[1] == "x1"]) < 30


def test_a_price_line_breaks_where_nothing_was_traded() -> None:
    prices = [1_000, 1_100, 0, 1_200]
    chart = price_chart([Bar("", "", 1, 0, 0, price) for price in prices], 900, 2_000)
    (path,) = re.findall(r'<path class="price" d="([^"]*)"', chart)
    assert [letter for letter in path if letter in "MLH"] == ["M", "H", "L", "H", "M", "H"]
    heights_of = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    assert all(before > after for before, after in pairwise(heights_of))


def test_every_check_of_a_report_has_its_words(report_checks: list[str]) -> None:
    assert set(report_checks) == set(CHECKS)


@pytest.fixture
def report_checks() -> list[str]:
    """Names of every check a report makes."""
    from ledger.day.checks import sums

    names: list[Any] = [check["name"] for check in sums(sample_report())]
    return [*names, "anchor_on_chain", "clearings_on_chain", "settlement_on_chain"]
