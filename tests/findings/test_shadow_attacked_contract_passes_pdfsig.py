"""A revision appended after the seal changes what is seen, and `pdfsig` still says "Signature is Valid": it checks only the signed bytes.

Whoever looks at an issued file here has every revision after a signature judged, and any that touches a page refused.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ledger.sealing.errors import IntakeError, SealingError
from ledger.sealing.intake import check_upload
from ledger.sealing.levels import check_issued, read_levels
from ledger.sealing.sealer import Sealer
from tests.ledger.sealing.office import Issued

PAINT = b"1 1 1 rg 0 0 600 850 re f 0 g"
"""A white sheet over the page."""
Change = Callable[[IncrementalPdfFileWriter], None]


def replaced_page(writer: IncrementalPdfFileWriter) -> None:
    """The first page shows other content."""
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=PAINT))
    writer.update_container(page)


def overlay(writer: IncrementalPdfFileWriter) -> None:
    """A note lies over the first page."""
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    look = generic.StreamObject(
        {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form"), pdf_name("/BBox"): box(0, 0, 600, 850)},
        stream_data=PAINT,
    )
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): box(0, 0, 600, 850),
            pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)}),
        }
    )
    held = generic.ArrayObject(page["/Annots"]) if "/Annots" in page else generic.ArrayObject()
    page[pdf_name("/Annots")] = generic.ArrayObject([*held, writer.add_object(note)])
    writer.update_container(page)


def another_tree(writer: IncrementalPdfFileWriter) -> None:
    """The catalog leads to other pages: what was prepared out of sight comes into view."""
    page = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Page"), pdf_name("/MediaBox"): box(0, 0, 600, 850)})
    kid = writer.add_object(page)
    pages = {
        pdf_name("/Type"): pdf_name("/Pages"),
        pdf_name("/Kids"): generic.ArrayObject([kid]),
        pdf_name("/Count"): generic.NumberObject(1),
    }
    tree = writer.add_object(generic.DictionaryObject(pages))
    page[pdf_name("/Parent")] = tree
    writer.root[pdf_name("/Pages")] = tree
    writer.update_root()


def script(writer: IncrementalPdfFileWriter) -> None:
    """Something runs when the file is opened."""
    action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")}
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def box(*numbers: int) -> generic.ArrayObject:
    return generic.ArrayObject(map(generic.NumberObject, numbers))


def attacked(pdf: bytes, change: Change) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("change", [replaced_page, overlay, another_tree, script])
def test_a_revision_that_changes_what_is_seen_is_refused(issued: Issued, sealer: Sealer, change: Change) -> None:
    pdf = attacked(issued.pdf, change)
    assert pdf.startswith(issued.pdf), "no signed byte is touched"
    for one in read_levels(pdf, sealer.trust_roots):
        assert "the document was changed after signing" in str(one.problem)
    with pytest.raises(SealingError, match="changed after signing"):
        check_issued(pdf, issued.sealed, sealer.trust_roots)
    with pytest.raises(IntakeError, match="revisions"):
        check_upload(pdf)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
def test_pdfsig_alone_would_have_believed_the_replaced_page(issued: Issued, tmp_path: Path) -> None:
    file = tmp_path / "attacked.pdf"
    file.write_bytes(attacked(issued.pdf, replaced_page))
    told = subprocess.run(["pdfsig", "-nocert", str(file)], check=True, capture_output=True, text=True).stdout
    assert told.count("Signature Validation: Signature is Valid.") == 2
