"""The two supply contracts as a utility has them: so many pages, so many of them the same for everybody, every value where it belongs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache

import pikepdf
import pypdf
import pytest

from ledger.agreements.kinds import facts_from, kind_named
from ledger.agreements.kinds.templates import template_digest
from ledger.agreements.render import render
from ledger.errors import InputError, RuleError
from ledger.protocol.quantities import hex0x
from scripts.sample import START, frame
from tests.ledger.agreements import samples
from tests.ledger.agreements.supply_samples import GIVEN

PAGES = {"supply-residential": (7, 5), "supply-non-residential": (14, 8)}
each = pytest.mark.parametrize("kind", GIVEN)


def terms_of(
    kind: str, name: str = "Nguyễn Thị Hoà", agreement: bytes = b"\xcc" * 32, change: Mapping[str, object] | None = None
) -> dict[str, object]:
    return kind_named(kind).terms(frame(agreement, name), facts_from(kind, GIVEN[kind] | dict(change or {})))


@cache
def pages_of(kind: str, name: str = "Nguyễn Thị Hoà", agreement: bytes = b"\xcc" * 32) -> list[str]:
    return samples.pages_of(render(kind, terms_of(kind, name, agreement)))


@each
def test_a_contract_has_the_pages_the_utility_has_and_the_last_are_the_same_for_everybody(kind: str) -> None:
    count, fixed = PAGES[kind]
    one, other = pages_of(kind), pages_of(kind, "Lê Văn Ất", b"\xdd" * 32)
    assert (len(one), kind_named(kind).fixed_pages) == (count, fixed)
    codes = [str(terms_of(kind, agreement=agreement)["document.lookup_code"]) for agreement in (b"\xcc" * 32, b"\xdd" * 32)]
    for page in range(count - fixed, count):
        assert one[page].replace(codes[0], codes[1]).replace("c" * 64, "d" * 64) == other[page]
    assert "Lê Văn Ất" in other[0]


@each
def test_every_page_bears_the_code_a_qr_and_its_number(kind: str) -> None:
    pages, code = pages_of(kind), str(terms_of(kind)["document.lookup_code"])
    with pikepdf.open(io.BytesIO(render(kind, terms_of(kind)))) as pdf:
        squares = [page.Contents.read_bytes().count(b"\nf\n") for page in pdf.pages]
    assert all(squares)
    for number, page in enumerate(pages, start=1):
        assert code in page
        assert f"Trang / Page {number} / {len(pages)}" in page


@each
def test_every_value_is_printed_and_is_a_term_of_its_own(kind: str) -> None:
    text, terms = " ".join(pages_of(kind)), terms_of(kind)
    for path in ("customer.name", "customer.address", "customer.code", "meter.point", "supply.boundary", "utility.representative"):
        assert str(terms[path]) in text
    assert terms["supply.address"] == terms["customer.address"] == "12/5 đường số 7, phường Tân Thuận, Thành phố Hồ Chí Minh"
    assert terms_of(kind, change={"customer_address": "Tổ 4, Nhà Bè"})["customer.address"] == "Tổ 4, Nhà Bè"
    assert ("Quyết định 1279/QĐ-BCT" in text, "Decision 1279/QĐ-BCT" in text) == (True, True)


@each
def test_the_template_is_a_term_that_is_signed(kind: str) -> None:
    form = kind_named(kind)
    assert terms_of(kind)["document.template"] == hex0x(form.template_digest())
    assert form.template_digest() == template_digest(form.template, kind, form.version) != template_digest(form.template, kind, 99)
    assert len({kind_named(one).template_digest() for one in GIVEN}) == len(GIVEN)


def test_a_contract_names_what_it_replaces_and_follows_on_its_first_page() -> None:
    late = frame(supersedes=b"\x0e" * 32, predecessor=b"\x0f" * 32, dated_s=START + 86_400)
    terms = kind_named("supply-residential").terms(late, facts_from("supply-residential", GIVEN["supply-residential"]))
    pdf = pypdf.PdfReader(io.BytesIO(render("supply-residential", terms)), strict=True)
    first = pdf.pages[0].extract_text()
    assert (len(pdf.pages), "0e" * 32 in first, "0f" * 32 in first, "Lưu ý" in first) == (7, True, True, True)
    for page in (first, pages_of("supply-residential")[0]):
        assert "Article 2. Supply and metering" in page, "it is not left half empty"


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("supply-residential", {"customer_code": "12"}, "customer_code"),
        ("supply-residential", {"capacity_w": 0}, "capacity_w"),
        ("supply-residential", {"households": 0}, "households"),
        ("supply-residential", {"phases": 2}, "phases"),
        ("supply-residential", {"term_years": 0}, "term_years"),
        ("supply-residential", {"utility_tax_code": "123"}, "utility_tax_code"),
        ("supply-non-residential", {"tax_code": "0312345678-1"}, "tax_code"),
        ("supply-residential", {"boundary": ""}, "boundary"),
        ("supply-residential", {"email": "a\nb"}, "email"),
        ("supply-residential", {"reading_day": 31}, "reading_day"),
        ("supply-residential", {"purpose": "business"}, "purpose"),
        ("supply-non-residential", {"purpose": "residential"}, "purpose"),
        ("supply-non-residential", {"monthly_kwh": [1, 2]}, "monthly_kwh"),
        ("supply-non-residential", {"monthly_kwh": [1] * 11 + ["x"]}, "monthly_kwh[11]"),
        ("supply-non-residential", {"next_verification": "2020-01-01"}, "next_verification"),
        ("supply-non-residential", {"three_prices": 1}, "three_prices"),
        ("supply-non-residential", {"line_investor": "nobody"}, "line_investor"),
    ],
)
def test_a_fact_that_makes_no_sense_is_refused_by_name(kind: str, change: dict[str, object], field: str) -> None:
    with pytest.raises((InputError, RuleError)) as refused:
        terms_of(kind, change=change)
    assert refused.value.field == field
