"""After the last time stamp anybody could give an issued file another title, and the file was authentic: viewers show it above the pages.

What judges revisions takes such a change for upkeep. A form could gain what makes viewers draw something else, and a field an action.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ledger.evidence.findings import Answer
from ledger.evidence.presented import present, with_seals
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.sealing.office import Issued

Change = Callable[[IncrementalPdfFileWriter], None]


def changed(pdf: bytes, change: Change) -> bytes:
    writer, out = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def title_in_properties(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer.raw_get("/Info").reference
    info.get_object()[pdf_name("/Title")] = generic.TextStringObject("Bán nhà")
    writer.mark_update(info)


def title_in_xmp(writer: IncrementalPdfFileWriter) -> None:
    held = {pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")}
    data = writer.root["/Metadata"].data.replace("Hợp đồng".encode(), "Bán nhà".encode())
    writer.root[pdf_name("/Metadata")] = writer.add_object(generic.StreamObject(held, stream_data=data))
    writer.update_root()


def drawn_anew(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(True)
    writer.update_container(form)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (title_in_properties, "another title or author"),
        (title_in_xmp, "another title or author"),
        (drawn_anew, "a form with /NeedAppearances"),
    ],
)
def test_what_a_viewer_would_say_otherwise_is_noticed(issued: Issued, change: Change, told: str) -> None:
    report = with_seals(GOOD, present(changed(issued.pdf, change)), None)
    assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "revisions")
    assert report.failed is not None
    assert told in report.failed.detail
