"""One rooftop agreement as tests use it, without a database: its terms, its PDF and a seal by two wallets."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache

import pypdf

from ledger.agreements.kinds import Frame, SaleFacts, kind_named
from ledger.agreements.render import render
from ledger.agreements.sealed import SealedContent, seal
from scripts.sample import frame, signed

KIND = "rooftop-surplus-sale"
FACTS = SaleFacts("PE15000123456001", "Trạm T15 – Phường Tân Thuận", 5_200, 671)


@dataclass(frozen=True)
class Sample:
    """A sealed agreement and what it was made from."""

    terms: dict[str, object]
    base: bytes
    content: SealedContent
    pdf: bytes


def terms_of(of: Frame, facts: SaleFacts = FACTS) -> dict[str, object]:
    """The terms of a rooftop agreement."""
    return kind_named(KIND).terms(of, facts)


def pages_of(pdf: bytes) -> list[str]:
    """Each page's text, blanks collapsed."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages]


@cache
def sample() -> Sample:
    """The agreement most tests look at."""
    terms = terms_of(frame())
    base = render(KIND, terms)
    content = signed(base, terms)
    return Sample(terms, base, content, seal(base, content))
