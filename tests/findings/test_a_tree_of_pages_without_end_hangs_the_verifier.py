"""Who collected the annotations of all pages followed the tree for ever when one of its nodes was its own child."""

from __future__ import annotations

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, pdf_name
from pyhanko.pdf_utils.writer import PdfFileWriter

from ledger.evidence.issued import _pages
from ledger.protocol.errors import ProtocolError


def test_a_tree_that_leads_back_into_itself_is_refused() -> None:
    writer = PdfFileWriter()
    pages = writer.root["/Pages"]
    assert list(_pages(pages)) == []
    pages[pdf_name("/Kids")] = ArrayObject([writer.root.raw_get("/Pages")])
    with pytest.raises(ProtocolError, match="names one of them twice"):
        list(_pages(pages))
