"""The nine documents beside the contracts as people get them: real PDFs in two languages, made from facts the way a request gives them."""

from __future__ import annotations

import dataclasses
import io
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from ledger.agreements.kinds import KINDS, facts_from, kind_named
from ledger.agreements.kinds.frame import Named
from ledger.agreements.render import render
from ledger.agreements.rules import canonical_values
from ledger.errors import InputError, RuleError
from scripts.sample import CUSTOMER, START, UTILITY
from tests.ledger.agreements.kind_samples import GIVEN, NEIGHBOUR, frame_of, given, terms_of
from tests.ledger.agreements.samples import pages_of

ROOT = Path(__file__).resolve().parents[3]
every_kind = pytest.mark.parametrize("kind", GIVEN)
SAYS: dict[str, tuple[str, ...]] = {
    "connection-plan": ("THOẢ THUẬN PHƯƠNG ÁN CẤP ĐIỆN", "9,9 kW", "9.9 kW", "ngày 10 tháng 7 năm 2026", "10 July 2026", "3 pha, 380 V"),
    "meter-minutes": ("BIÊN BẢN THAY THẾ CÔNG TƠ", "18.432 / 18,432", "Meter taken down", "TT 118-2290", "found intact", "niêm phong mới"),
    "connection-agreement": ("THOẢ THUẬN ĐẤU NỐI", "1.250 kVA", "980,5 kW", "980.5 kW", "0,9; giữ sóng hài", "0.9 or above", "22 kV"),
    "works-investment": ("CÔNG TRÌNH ĐIỆN", "645.000.000", "423,000,000 đ", "24 tháng", "the day before 31 August 2028", "30 %"),
    "amendment-annex": ("phụ lục số 2", "annex no. 2", "5,2 kW", "9,9 kW", "Hộp công tơ trên cột 12", "Place of the meter", "380 V"),
    "purpose-share-minutes": ("TỶ LỆ MỤC ĐÍCH", "sinh hoạt / residential", "65 %", "35 %", "Quyết định 1279/QĐ-BCT", "100 %"),
    "shared-meter-minutes": ("DÙNG CHUNG CÔNG TƠ", "Phòng trọ 1 – Lê Thị Mai", "3 1/4 định mức", "3 1/4 norms", "every 4 tenants"),
    "termination-minutes": ("THANH LÝ HỢP ĐỒNG", "Bên B còn phải trả", "184.180 đ", "184,180 đ", "23:00 on 30 June 2026", "8 July 2026"),
    "after-meter-wiring": ("SAU CÔNG TƠ", "16.550.000", "The Provider (Party A)", "nghiệm thu, bàn giao", "the day before 9 July 2027"),
}
"""What a reader must find, in one language or the other."""


@cache
def document(kind: str) -> bytes:
    return render(kind, terms_of(kind))


@every_kind
def test_both_languages_can_be_read_out_of_every_document(kind: str) -> None:
    text = " ".join(pages_of(document(kind)))
    form = kind_named(kind)
    for words in (
        *SAYS[kind],
        CUSTOMER.name,
        UTILITY.name,
        "Luật Giao dịch điện tử",
        "the Law on Electronic Transactions",
        "bản tiếng Việt",
    ):
        assert words in text
    assert form.title_en in text or kind == "meter-minutes"


@every_kind
def test_every_page_is_numbered_and_bears_the_code_and_the_signatures_never_stand_alone(kind: str) -> None:
    pages, terms = pages_of(document(kind)), terms_of(kind)
    assert 1 <= len(pages) <= 3
    for number, page in enumerate(pages, start=1):
        assert f"Trang / Page {number} / {len(pages)}" in page
        assert str(terms["document.lookup_code"]) in page
    assert "Signed electronically" in pages[-1]
    assert "Personal data is processed" in pages[-1]


@every_kind
def test_every_document_is_sound_tagged_and_the_same_again(kind: str) -> None:
    assert render(kind, terms_of(kind)) == document(kind)
    with pikepdf.open(io.BytesIO(document(kind))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root.MarkInfo.Marked
        assert b"<pdfaid:part>3</pdfaid:part>" in pdf.Root.Metadata.read_bytes()


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    return [leaf for one in value for leaf in _leaves(one)] if isinstance(value, list | tuple) else [value]


@every_kind
def test_every_fact_is_a_term_that_is_signed(kind: str) -> None:
    terms = terms_of(kind)
    signed = {str(value) for value in terms.values()} | {path.removesuffix("_percent").rsplit(".", 1)[-1] for path in terms}
    signed |= {path.partition(".register.")[2].removesuffix("_wh") for path in terms} | {path.removeprefix("amended.") for path in terms}
    assert [fact for fact in _leaves(given(kind)) if str(fact) not in signed] == []
    assert canonical_values(terms)


@every_kind
def test_every_document_says_which_it_is_between_whom_and_under_which_law(kind: str) -> None:
    terms, form = terms_of(kind), kind_named(kind)
    assert (terms["document.kind"], terms["document.date"], form.signs) == (kind, "2026-07-01", ("customer", "utility"))
    assert (terms["customer.name"], terms["utility.name"]) == (CUSTOMER.name, UTILITY.name)
    assert {f"law.{law}" for law in form.laws} <= terms.keys()
    assert ("document.predecessor" in terms) == bool(form.follows)
    assert (terms["document.supersedes"] is not None) == bool(form.replaces)
    assert terms["validity.from"] == START < int(str(terms["validity.to"]))


@every_kind
def test_plain_values_become_facts_or_the_field_at_fault_is_named(kind: str) -> None:
    facts = kind_named(kind).facts
    assert isinstance(facts_from(kind, given(kind)), facts)
    required = [one.name for one in dataclasses.fields(facts) if one.default is dataclasses.MISSING]
    for name in required:
        with pytest.raises(InputError) as refused:
            facts_from(kind, {key: value for key, value in given(kind).items() if key != name})
        assert refused.value.field == name
        with pytest.raises(InputError) as refused:
            facts_from(kind, given(kind, **{name: 2.5}))
        assert refused.value.field == name
    with pytest.raises(InputError) as refused:
        facts_from(kind, given(kind, colour="red"))
    assert refused.value.field == "colour"


def test_a_fault_deep_in_a_list_is_named_by_its_place() -> None:
    meter = {**given("meter-minutes")["installed"], "registers": [{"obis": "1.8.0", "reading_wh": "many"}]}  # type: ignore[dict-item]
    with pytest.raises(InputError) as refused:
        facts_from("meter-minutes", given("meter-minutes", installed=meter))
    assert refused.value.field == "installed.registers[0].reading_wh"


@pytest.mark.parametrize(
    ("act", "reason", "title", "absent"),
    [
        ("install", "new-supply", "BIÊN BẢN TREO CÔNG TƠ", "Meter taken down"),
        ("remove", "termination", "BIÊN BẢN THÁO CÔNG TƠ", "Meter installed"),
    ],
)
def test_a_meter_is_hung_or_taken_down_on_a_form_of_its_own(act: str, reason: str, title: str, absent: str) -> None:
    other = "removed" if act == "install" else "installed"
    text = " ".join(pages_of(render("meter-minutes", terms_of("meter-minutes", act=act, reason=reason, **{other: None}))))
    assert title in text
    assert absent not in text
    assert "3. Xác nhận của hai bên" in text


def test_money_paid_too_much_goes_back_and_money_paid_exactly_is_owed_by_nobody() -> None:
    back = " ".join(pages_of(render("termination-minutes", terms_of("termination-minutes", paid_vnd=1_000_000))))
    assert "Bên A hoàn trả Bên B" in back
    assert "315.820 đ" in back
    even = " ".join(pages_of(render("termination-minutes", terms_of("termination-minutes", paid_vnd=684_180, settle_by=""))))
    assert "Còn lại 0 đ Open 0 đ" in even
    assert "Hạn thanh toán" not in even


def test_each_household_that_signs_is_named_as_a_party() -> None:
    kind = kind_named("shared-meter-minutes")
    kind.check_roles(["customer", "owner", "utility"])
    facts = facts_from("shared-meter-minutes", given("shared-meter-minutes"))
    terms = kind.terms(frame_of("shared-meter-minutes", CUSTOMER, NEIGHBOUR), facts)
    assert (terms["customer.2.name"], terms["utility.name"]) == (NEIGHBOUR.name, UTILITY.name)
    text = " ".join(pages_of(render("shared-meter-minutes", terms)))
    assert "For a sharing household (Party B): Trần Văn Bình" in text
    assert text.count("Ký điện tử / Signed electronically") == 3
    with pytest.raises(RuleError, match="Lê Văn Lạ signs but is no household"):
        kind.terms(frame_of("shared-meter-minutes", CUSTOMER, Named(b"\xac" * 32, "Lê Văn Lạ")), facts)


def test_one_household_buys_power_and_sells_its_surplus_whichever_it_did_first() -> None:
    for name in ("supply-residential", "rooftop-surplus-sale"):
        for role in ("customer", "owner"):
            kind_named(name).check_roles((role, "utility"))
        for wrong in (("utility", "utility"), ("oracle", "utility"), ("customer", "owner")):
            with pytest.raises(InputError, match="name parties of these roles"):
                kind_named(name).check_roles(wrong)


def test_a_document_for_one_customer_is_not_signed_by_two() -> None:
    kind = kind_named("connection-plan")
    with pytest.raises(InputError, match="connection-plan between customer, customer, utility"):
        kind.check_roles(["customer", "customer", "utility"])
    with pytest.raises(InputError) as refused:
        kind.terms(frame_of("connection-plan", CUSTOMER, NEIGHBOUR), facts_from("connection-plan", given("connection-plan")))
    assert refused.value.field == "parties"


def test_all_kinds_of_documents_are_known_by_name() -> None:
    assert set(GIVEN) | {"rooftop-surplus-sale"} <= set(KINDS)


def test_the_page_about_documents_lists_every_kind_as_it_is() -> None:
    rows = [line.split(" | ") for line in (ROOT / "docs/documents.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {row[0].strip("|` "): (row[1], row[2], row[3].replace("customers", "customer")) for row in rows}
    assert told == {kind.name: (kind.title_vi, kind.title_en, ", ".join(kind.signs)) for kind in KINDS.values()}
    pages = {row[0].strip("|` "): row[4] for row in rows}
    assert {kind: pages[kind] for kind in GIVEN} == {kind: str(len(pages_of(document(kind)))) for kind in GIVEN}
    assert {row[0].strip("|` ") for row in rows if row[5].startswith("a supply")} == {name for name, kind in KINDS.items() if kind.follows}


def test_a_list_longer_than_a_page_repeats_its_head_and_loses_nobody() -> None:
    people = [{"name": CUSTOMER.name, "kind": "resident", "people": 4}]
    people += [{"name": f"Phòng {number} – Nguyễn Hoàng Long", "kind": "tenants", "people": 3} for number in range(2, 61)]
    pages = pages_of(render("shared-meter-minutes", terms_of("shared-meter-minutes", households=people)))
    assert sum("Represented by" in page for page in pages) == 2
    assert all(f"Phòng {number} – Nguyễn Hoàng Long" in " ".join(pages) for number in range(2, 61))
    assert "45 1/4 định mức" in " ".join(pages)
