"""A document cast in a mould is the document typst would have set: same words at the same places, in the same fonts, or it is not cast."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.agreements import casting
from ledger.agreements.incremental import attach, split
from ledger.agreements.kinds import kind_named
from ledger.agreements.moulds import MARKED_SECONDS, marked, mould_of
from ledger.agreements.qr import qr_rows
from ledger.agreements.render import render, set_words, slot_widths, typeset
from ledger.protocol.errors import ProtocolError
from scripts.sample import frame
from tests.ledger.agreements.samples import terms_of as rooftop_terms
from tests.ledger.agreements.supply_samples import GIVEN
from tests.ledger.agreements.test_supply_contracts import terms_of

each = pytest.mark.parametrize("kind", GIVEN)
SYLLABLES = [
    "Nguyễn",
    "Thị",
    "Đặng",
    "Hoà",
    "Ưng",
    "Ỹ",
    "Ngọc",
    "Ẩn",
    "Quỳnh",
    "Vương",
    "ffi",
    "VAT",
    "(a)",
    "b\\c",
    '"d"',
    "e&f",
    "<g>",
    "#h",
    "12,5",
]
names = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=14).map(" ".join)
strange = st.sampled_from(["阮氏", "a\u0301", "x  y", "Ω", "\u200bz"])


def words_of(kind: str, **change: str) -> dict[str, str]:
    return kind_named(kind).wording(terms_of(kind)) | {name.replace("__", "."): value for name, value in change.items()}


def both(kind: str, words: Mapping[str, str]) -> tuple[bytes, bytes]:
    template = kind_named(kind).template
    made = casting.cast(template, words)
    assert made is not None
    return made, typeset(template, words)


def drawn(pdf: bytes) -> list[list[tuple[object, ...]]]:
    """What every page shows: font, size, place and glyphs' meaning of each string, and to which part of the structure it belongs."""
    pages = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            page.contents_coalesce()
            pages.append(list(_acts(page)))
    return pages


def _acts(page: pikepdf.Page) -> Any:
    font, place = None, ""
    fonts = {name: (str(one.BaseFont).split("+")[1], one.ToUnicode.read_bytes()) for name, one in page.Resources.Font.items()}
    maps = {name: dict(re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table)) for name, (_, table) in fonts.items()}
    acts: Any = pikepdf.parse_content_stream(page)
    for operands, operator in acts:
        if str(operator) == "BDC" and "/MCID" in operands[1]:
            yield ("part of the structure", int(operands[1].MCID), str(operands[1].get("/Lang")))
        elif str(operator) == "cm":
            place = " ".join(map(str, operands))
        elif str(operator) == "Tf":
            font = (str(operands[0]), fonts[str(operands[0])][0], str(operands[1]))
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            glyphs = b"".join(bytes(one) for one in parts if isinstance(one, pikepdf.String)).hex().upper()
            shown = [maps[font[0]][glyphs[at : at + 4].encode()] for at in range(0, len(glyphs), 4)] if font else []
            kerned = [Decimal(str(one)) for one in parts if not isinstance(one, pikepdf.String)]
            if shown:
                yield (font[1:] if font else None, place, b"".join(shown), kerned)


@each
def test_cast_and_typeset_put_the_same_glyphs_at_the_same_places(kind: str) -> None:
    made, expected = both(kind, words_of(kind))
    assert drawn(made) == drawn(expected)


@each
def test_a_cast_document_is_sound_tagged_and_describes_itself_alike(kind: str) -> None:
    made, expected = both(kind, words_of(kind, document__author='Công ty "Điện" & <Lực>'))
    with pikepdf.open(io.BytesIO(made)) as one, pikepdf.open(io.BytesIO(expected)) as other:
        assert one.check_pdf_syntax() == []
        assert one.Root.MarkInfo.Marked
        assert {name: str(value) for name, value in one.docinfo.items()} == {name: str(value) for name, value in other.docinfo.items()}
        told = [re.sub(rb"[A-Za-z0-9+/]{22}==", b"", pdf.Root.Metadata.read_bytes()) for pdf in (one, other)]
        assert told[0] == told[1]
        assert b"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A<" in told[0]
        assert [str(page.obj.StructParents) for page in one.pages] == [str(page.obj.StructParents) for page in other.pages]
    assert len(pypdf.PdfReader(io.BytesIO(made), strict=True).pages) == len(pypdf.PdfReader(io.BytesIO(expected), strict=True).pages)


@each
def test_every_page_bears_the_code_and_the_square_of_it(kind: str) -> None:
    words = words_of(kind)
    dark = sum(row.bit_count() for row in qr_rows(words["document.lookup_code"]))
    made, _ = both(kind, words)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for page in pdf.pages:
            page.contents_coalesce()
            squares = [[int(one) for one in run] for run in re.findall(rb"(\d+) (\d+) (\d+) 1 re\n", page.Contents.read_bytes())]
            assert sum(width for _, _, width in squares) == dark
    for last in pypdf.PdfReader(io.BytesIO(made)).pages[-2:]:
        assert words["document.lookup_code"] in last.extract_text()


def test_the_same_words_give_the_same_bytes_and_other_words_another_file() -> None:
    words = words_of("supply-residential")
    one = casting.cast("supply_residential.typ", words)
    assert one == casting.cast("supply_residential.typ", dict(sorted(words.items())))
    casting._press.cache_clear()
    assert one == casting.cast("supply_residential.typ", words)
    assert one != casting.cast("supply_residential.typ", words | {"customer.name": "Lê Văn Ất"})


def test_signatures_are_attached_to_a_cast_document_as_to_any_other() -> None:
    made = casting.render_fast("supply-residential", terms_of("supply-residential"))
    assert split(attach(made, "signatures.json", b"{}")) == (made, b"{}")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not on this machine")
@settings(max_examples=12, deadline=None)
@given(names, names, st.one_of(names, st.just("")), st.booleans())
def test_what_is_cast_reads_as_what_typst_sets_and_what_does_not_fit_is_left_to_typst(
    one: str, two: str, three: str, follows: bool
) -> None:
    change = {"customer__name": one, "customer__address": two, "customer__email": three, "document__supersedes": "0x" + "0e" * 32}
    words = words_of("supply-residential", **dict(list(change.items())[: 4 if follows else 3]))
    template = kind_named("supply-residential").template
    made, expected = casting.cast(template, words), typeset(template, words)
    lines = read(expected)
    whole = all(any(line.endswith(value) for line in lines) for value in (one, two, three))
    assert (made is not None) <= whole
    assert made is None or read(made) == lines
    assert made is not None or max(map(len, (one, two, three))) > 40


@given(strange, st.sampled_from(["customer.name", "contract.number", "customer.party"]))
@settings(max_examples=10, deadline=None)
def test_a_letter_the_mould_has_not_leaves_the_document_to_typst(value: str, name: str) -> None:
    assert casting.cast("supply_residential.typ", words_of("supply-residential") | {name: value}) is None


def test_a_name_too_long_for_its_line_is_never_cut_off() -> None:
    long = "Nguyễn Phúc Bảo Long " * 8
    terms = terms_of("supply-residential", name=long.strip())
    made = casting.render_fast("supply-residential", terms)
    assert made == render("supply-residential", terms)
    text = re.sub(r"\s+", " ", pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text())
    assert long.strip() in text


def test_a_template_with_words_within_sentences_is_left_to_typst() -> None:
    terms = rooftop_terms(frame())
    assert casting.render_fast("rooftop-surplus-sale", terms) == render("rooftop-surplus-sale", terms)
    form = kind_named("rooftop-surplus-sale")
    words = marked(form.wording(terms))
    with pytest.raises(ProtocolError, match=r"within a sentence|outside a slot"):
        mould_of(set_words(form.template, words, MARKED_SECONDS), form.wording(terms), slot_widths(form.template, words))


def test_what_our_typesetter_did_not_write_cannot_be_taken_apart() -> None:
    with pytest.raises(ProtocolError, match="no plain trailer"):
        mould_of(b"%PDF-1.7\n", words_of("supply-residential"), {})


def read(pdf: bytes) -> list[str]:
    """The lines poppler reads."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().splitlines()
