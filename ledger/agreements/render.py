"""Documents as PDF/A: the same terms always give the same bytes.

The renderer and its fonts come inside one wheel (typst): no font of the machine is looked at, and the only date in the file is the one the
document bears.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from threading import Lock
from typing import Any, Final

import typst

from ledger.agreements.kinds import kind_named
from ledger.agreements.kinds.templates import project
from ledger.agreements.qr import qr_svg
from ledger.errors import InputError
from ledger.protocol.canonical import canonical_json

STANDARD: Final = "a-3a"
"""ISO 19005-3, level A: tagged for screen readers, kept readable for decades, attachments allowed."""
_TURN = Lock()


def render(kind: str, terms: Mapping[str, object]) -> bytes:
    """The unsigned PDF of a document of that kind.

    Args:
        terms: every field by path, as the kind's `terms` made them.

    Raises:
        InputError: no such kind, or a term holds a character the document's fonts do not have.
    """
    form = kind_named(kind)
    return typeset(form.template, form.wording(terms))


def typeset(template: str, words: Mapping[str, str]) -> bytes:
    """The PDF of a template with these words, as a kind's `wording` made them; raises InputError as `render`."""
    return set_words(template, {**words, "document.qr": qr_svg(words["document.lookup_code"])}, date_of(words))


def date_of(words: Mapping[str, str]) -> int:
    """The date a document bears, as the first second of that day in UTC, which is the only moment in its file."""
    day = datetime.date.fromisoformat(words["document.date"])
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())


def set_words(template: str, words: Mapping[str, str], dated: int) -> bytes:
    """The PDF of a template with all its words, the QR code's drawing among them, and the moment it bears; raises as `render`."""
    parts: Any = project(template) | {"words.json": canonical_json(dict(words))}  # files by name: the stubs do not say so
    try:
        with _TURN:
            pdf = compiler().compile(parts, pdf_standards=STANDARD, timestamp=dated)
    except typst.TypstError as wrong:
        raise InputError(
            f"cannot be printed: {wrong.message}", field="terms", fix="spell it in Latin letters with Vietnamese marks"
        ) from None
    if not isinstance(pdf, bytes):
        raise InputError("came out as no single file", field="template", fix="compile to PDF, which is one file however many pages")
    return pdf


def slot_widths(template: str, words: Mapping[str, str]) -> dict[str, Decimal]:
    """How wide the line of each slot of a template is, pt; the narrowest where a word has several."""
    parts: Any = project(template) | {"words.json": canonical_json(dict(words))}
    fonts = typst.Fonts(include_system_fonts=False)
    asked = typst.Compiler(parts, font_paths=fonts, ignore_system_fonts=True)
    widths: dict[str, Decimal] = {}
    for slot in json.loads(asked.query("<slot>", field="value"), parse_float=Decimal, parse_int=Decimal):
        widths[slot["name"]] = min(slot["width"], widths.get(slot["name"], slot["width"]))
    return widths


@cache
def compiler() -> typst.Compiler:
    """The one compiler of this process: fonts are read once."""
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True)
