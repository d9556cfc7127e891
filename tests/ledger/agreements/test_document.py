"""The document people read: a real PDF, in two languages, the same bytes for the same terms."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from ledger.agreements.kinds import SaleFacts, kind_named
from ledger.agreements.kinds.wording import date_en, date_vi, thousandths_en, thousandths_vi
from ledger.agreements.render import render
from ledger.agreements.rules import local_date, offset_zone, years_later
from ledger.errors import InputError, RuleError
from scripts.sample import START, frame
from tests.ledger.agreements.samples import FACTS, KIND, pages_of, sample, terms_of


def test_the_same_terms_give_the_same_bytes() -> None:
    assert render(KIND, terms_of(frame())) == sample().base


def test_any_other_term_gives_another_document() -> None:
    dearer = SaleFacts(FACTS.metering_point, FACTS.zone, FACTS.capacity_w, FACTS.price_vnd_per_kwh + 1)
    assert render(KIND, terms_of(frame(), dearer)) != sample().base


def test_both_languages_can_be_read_out_of_the_file() -> None:
    text = " ".join(pages_of(sample().base))
    for words in (
        "HỢP ĐỒNG MUA BÁN ĐIỆN MẶT TRỜI MÁI NHÀ",
        "Nguyễn Thị Hoà",
        "Công ty Điện lực Tân Thuận",
        "The Seller (Party A)",
        "671 đ/kWh",
        "ngày 01 tháng 7 năm 2026",
        "1 July 2031",
        "50 % sản lượng phát",
        "Nghị định 243/2026/NĐ-CP",
    ):
        assert words in text


@pytest.mark.parametrize(("offset_s", "named"), [(3_600, "UTC+01:00"), (25_200, "UTC+07:00"), (-28_800, "UTC-08:00"), (0, "UTC")])
def test_the_term_the_paper_prints_is_the_one_the_chain_gets(offset_s: int, named: str) -> None:
    begins = int(datetime.datetime(2016, 5, 21, tzinfo=datetime.UTC).timestamp()) - offset_s
    replayed = replace(frame(), valid_from=begins, time_zone=offset_zone(offset_s))
    text = " ".join(pages_of(render(KIND, terms_of(replayed))))
    (printed,) = re.findall(r"from (\d\d:\d\d on \d+ \w+ \d+) until before (\d\d:\d\d on \d+ \w+ \d+) \(time zone ([^)]+)\)", text)
    assert printed == ("00:00 on 21 May 2016", "00:00 on 21 May 2021", named)
    assert "từ 00:00 ngày 21 tháng 5 năm 2016" in text
    read = [datetime.datetime.strptime(f"{one} +0000", "%H:%M on %d %B %Y %z").timestamp() - offset_s for one in printed[:2]]
    assert read == [begins, kind_named(KIND).valid_to(replayed, FACTS)] == [begins, years_later(begins, 5, named)]


def test_a_paper_made_after_its_term_begins_says_that_it_replays() -> None:
    late = " ".join(pages_of(render(KIND, terms_of(frame(dated_s=START + 86_400)))))
    assert "Note: this document is made after its term begins" in late
    assert "Lưu ý: văn bản này lập sau ngày bắt đầu hiệu lực" in late
    assert "Lưu ý" not in " ".join(pages_of(sample().base))


def test_every_page_bears_the_look_up_code_and_the_id() -> None:
    pages = pages_of(sample().base)
    assert len(pages) >= 2
    for page in pages:
        assert str(sample().terms["document.lookup_code"]) in page
        assert str(sample().terms["document.id"]) in page


def test_the_file_is_sound_tagged_and_made_for_keeping() -> None:
    with pikepdf.open(io.BytesIO(sample().base)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "vi-VN"
        assert b"<pdfaid:part>3</pdfaid:part>" in pdf.Root.Metadata.read_bytes()


def test_the_only_date_inside_is_the_documents_own() -> None:
    with pikepdf.open(io.BytesIO(sample().base)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == str(pdf.docinfo["/ModDate"]) == "D:20260701000000Z"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not on this machine")
def test_poppler_reads_the_vietnamese_too(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(sample().pdf)
    assert "Nguyễn Thị Hoà" in subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True).stdout


def test_a_name_the_fonts_cannot_print_is_refused_rather_than_left_blank() -> None:
    with pytest.raises(InputError, match="cannot be printed"):
        render(KIND, terms_of(frame(name="阮氏和")))


def test_a_name_is_text_and_never_markup() -> None:
    hostile = '#panic() $x$ *b* \\ <a> "q" Trần'
    assert hostile in " ".join(pages_of(render(KIND, terms_of(frame(name=hostile)))))


def test_the_law_of_the_documents_date_is_the_law_it_quotes() -> None:
    before = terms_of(frame(dated_s=START - 30 * 86_400))
    assert (before["surplus.cap_percent"], terms_of(frame())["surplus.cap_percent"]) == (20, 50)


def test_a_document_cannot_bear_a_date_before_the_law_existed() -> None:
    with pytest.raises(RuleError, match="no law about surplus-cap is configured for 2016-01-01"):
        terms_of(frame(dated_s=1_451_606_400))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (SaleFacts("M", "Z", 5_000, 1_013), "price_vnd_per_kwh"),
        (SaleFacts("M", "Z", 0, 671), "capacity_w"),
        (SaleFacts("", "Z", 5_000, 671), "metering_point"),
        (SaleFacts("M", " ", 5_000, 671), "zone"),
        (SaleFacts("M", "Z", 5_000, 671, region="west"), "region"),  # type: ignore[arg-type]
        (SaleFacts("M", "Z", 5_000, 671, cap_base="guess"), "cap_base"),  # type: ignore[arg-type]
    ],
)
def test_facts_the_law_or_sense_forbids_are_refused_by_name(facts: SaleFacts, field: str) -> None:
    with pytest.raises((InputError, RuleError)) as refused:
        terms_of(frame(), facts)
    assert refused.value.field == field


def test_the_ceiling_itself_is_lawful() -> None:
    assert terms_of(frame(), SaleFacts("M", "Z", 5_000, 1_012))["price.vnd_per_kwh"] == 1_012


def test_dates_and_numbers_read_as_each_language_writes_them() -> None:
    date = local_date(START, "Asia/Ho_Chi_Minh")
    assert (date_vi(date), date_en(date)) == ("ngày 01 tháng 7 năm 2026", "1 July 2026")
    assert date_vi(date.replace(month=2, day=9)) == "ngày 09 tháng 02 năm 2026"
    assert (thousandths_vi(1_382_700), thousandths_en(1_382_700)) == ("1.382,7", "1,382.7")
    assert (thousandths_vi(1_012_000), thousandths_en(5)) == ("1.012", "0.005")
