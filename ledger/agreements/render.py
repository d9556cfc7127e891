"""Documents as PDF/A: the same terms always give the same bytes.

The renderer and its fonts come inside one wheel (typst): no font of the machine is looked at, and the only date in the file is the one the
document bears.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Final

import typst

from ledger.agreements.kinds import kind_named
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
    words = kind_named(kind).wording(terms)
    dated = datetime.datetime.combine(datetime.date.fromisoformat(words["document.date"]), datetime.time(), datetime.UTC)
    arguments = {"words": canonical_json(words).decode()}
    try:
        with _TURN:
            pdf = _compiler().compile(_template(kind), sys_inputs=arguments, pdf_standards=STANDARD, timestamp=int(dated.timestamp()))
    except typst.TypstError as wrong:
        raise InputError(
            f"cannot be printed: {wrong.message}", field="terms", fix="spell it in Latin letters with Vietnamese marks"
        ) from None
    if not isinstance(pdf, bytes):
        raise InputError("came out as no single file", field="template", fix="compile to PDF, which is one file however many pages")
    return pdf


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True)


@cache
def _template(kind: str) -> bytes:
    return (files("ledger.agreements.kinds") / kind_named(kind).template).read_bytes()
