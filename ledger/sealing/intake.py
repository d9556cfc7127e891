"""PDFs from outside: taken only when what is on the pages is all there is, and stays so.

pyHanko's reader is used because it is strict where viewers forgive, and knows a file's history: every revision and every cross-reference
section, which a repairing reader (qpdf, pypdf) would tidy away before anybody could refuse it. What it may decompress is limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfDecodeLimitError, PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from ledger.sealing.errors import IntakeError

SIZE_LIMIT: Final = 32 * 1024 * 1024
OBJECT_LIMIT: Final = 100_000
DEPTH_LIMIT: Final = 64
LINKS: Final = ("http://", "https://", "mailto:")
"""Where a link may lead. A link changes nothing on the page and is followed only by a person's click, so it is left alone."""

_PRINT = "print it to a new PDF and give that"
_HARMLESS_ACTIONS: Final = frozenset({"/GoTo", "/Named", "/URI"})
_ACTIONS: Final = frozenset(
    {"/JavaScript", "/Launch", "/GoToR", "/GoToE", "/GoToDp", "/SubmitForm", "/ImportData", "/ResetForm", "/Hide", "/SetOCGState"}
    | {"/Rendition", "/Movie", "/Sound", "/Trans", "/GoTo3DView", "/RichMediaExecute", "/Thread"}
)
_KEYS: Final = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/AA": "actions that run by themselves",
    "/Launch": "a command that starts another program",
    "/EmbeddedFiles": "embedded files",
    "/EF": "an embedded file",
    "/XFA": "an XFA form, which shows other pages in other programs",
    "/RichMediaContent": "rich media",
    "/RichMediaSettings": "rich media",
    "/Collection": "a portfolio of other files",
    "/NeedsRendering": "pages that are made when it is opened",
    "/Perms": "usage rights of another program",
}
_TYPES: Final = {
    "/EmbeddedFile": "an embedded file",
    "/Filespec": "a reference to another file",
    "/RichMedia": "rich media",
    "/3D": "3D content",
}
_STARTXREF: Final = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_FREE_HEAD: Final = re.compile(rb"xref\s+0 \d{1,10}\s+0{10} (65536) f")
_LINEARIZED: Final = re.compile(rb"/Linearized\s+[\d.]+.{0,300}?/L\s+(\d{1,10})\b", re.DOTALL)


def check_upload(pdf: bytes) -> None:
    """Passes when a PDF is one revision of plain pages.

    Raises:
        IntakeError: says what is in it that may not be, and what to do.
    """
    if len(pdf) > SIZE_LIMIT:
        raise _refused(f"{len(pdf)} bytes; at most {SIZE_LIMIT} are taken", "reduce its pictures, or give it in parts")
    if not pdf.startswith(b"%PDF-"):
        raise _refused("not a PDF", "give a PDF file; nothing may stand before its %PDF- header")
    try:
        reader = PdfFileReader(BytesIO(_as_standard(pdf)), strict=True)
        _check_history(pdf, reader)
        _check_objects(reader)
        _check_catalog(reader)
    except IntakeError:
        raise
    except PdfDecodeLimitError:
        raise _refused("its content unpacks to more than any document needs", _PRINT) from None
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, OverflowError, RecursionError) as wrong:
        raise _refused(f"cannot be read to its end: {str(wrong)[:200] or type(wrong).__name__}", _PRINT) from None


def _as_standard(pdf: bytes) -> bytes:
    """The file with the head of its free list as the standard has it: some programs, Pillow for one, count one generation too many there.

    That entry leads to no object, so the file reads the same with either.
    """
    end = _STARTXREF.search(pdf, max(0, len(pdf) - 1_024))
    head = None if end is None else _FREE_HEAD.match(pdf, int(end[1]))
    return pdf if head is None else pdf[: head.start(1)] + b"65535" + pdf[head.end(1) :]


def _check_history(pdf: bytes, reader: PdfFileReader) -> None:
    """One revision, nothing before or after it, one way to read it, no key needed."""
    if reader.encrypted:
        raise _refused("it is encrypted", "save it without a password, then give that")
    if reader.xrefs.hybrid_xrefs_present:
        raise _refused("it holds two tables of contents that may differ (hybrid cross-references)", _PRINT)
    end = _STARTXREF.search(pdf, max(0, len(pdf) - 1_024))
    if end is None:
        raise _refused("something stands after its end", _PRINT)
    revisions = reader.xrefs.total_revisions
    for_the_web = _is_linearized(pdf, reader, int(end[1]))
    if revisions > 1 and not for_the_web:
        raise _refused(f"it was changed after it was first saved ({revisions} revisions): earlier pages may hide under later ones", _PRINT)
    if pdf.count(b"%%EOF") > 1 + for_the_web:
        raise _refused("another document is hidden before its end", _PRINT)


def _is_linearized(pdf: bytes, reader: PdfFileReader, startxref: int) -> bool:
    """A file for quick display on the web has two tables, written at once: the one read first comes first, and its length is told."""
    told = _LINEARIZED.search(pdf, 0, 1_024)
    if told is None or int(told[1]) != len(pdf) or reader.xrefs.total_revisions != 2:
        return False
    return max(startxref, int(reader.xrefs.get_startxref_for_revision(1))) < int(reader.xrefs.get_startxref_for_revision(0))


def _check_objects(reader: PdfFileReader) -> None:
    references = {one for revision in range(reader.xrefs.total_revisions) for one in reader.xrefs.explicit_refs_in_revision(revision)}
    if len(references) > OBJECT_LIMIT:
        raise _refused(f"{len(references)} objects; at most {OBJECT_LIMIT} are taken", _PRINT)
    for reference in references:
        for dictionary in _dictionaries(reader.get_object(reference), 0):
            found = _forbidden(dictionary)
            if found is not None:
                raise _refused(f"it holds {found}", _PRINT)


def _dictionaries(value: object, depth: int) -> Iterator[generic.DictionaryObject]:
    """Every dictionary in an object; references lead to other objects, which are looked at themselves."""
    if depth > DEPTH_LIMIT:
        raise _refused("its objects are nested without end", _PRINT)
    if isinstance(value, generic.DictionaryObject):
        yield value
        for name in value:
            yield from _dictionaries(value.raw_get(name), depth + 1)
    elif isinstance(value, generic.ArrayObject):
        for at in range(len(value)):
            yield from _dictionaries(value.raw_get(at), depth + 1)


def _forbidden(of: generic.DictionaryObject) -> str | None:
    """What an object may not be, in words."""
    for name, words in _KEYS.items():
        if name in of:
            return words
    return _TYPES.get(str(of.get("/Type"))) or _forbidden_action(of) or _forbidden_annotation(of) or _forbidden_layers(of)


def _forbidden_action(of: generic.DictionaryObject) -> str | None:
    kind = str(of.get("/S"))
    if kind in _ACTIONS or (str(of.get("/Type")) == "/Action" and kind not in _HARMLESS_ACTIONS):
        return f"an action ({kind[1:]})"
    if kind == "/URI" and not str(of.get("/URI", "")).lower().startswith(LINKS):
        return "a link to something that is no web page"
    return None


def _forbidden_annotation(of: generic.DictionaryObject) -> str | None:
    """Anything that lies on a page without being the page: notes, stamps, fields, films. They can be moved, hidden or filled later."""
    if str(of.get("/Type")) != "/Annot" and not ("/Subtype" in of and "/Rect" in of):
        return None
    kind = str(of.get("/Subtype"))
    return None if kind == "/Link" else f"something laid over a page ({kind[1:]})"


def _forbidden_layers(of: generic.DictionaryObject) -> str | None:
    """Layers that are off, or differ between screen and paper: two people would see two documents."""
    if "/OCGs" not in of or "/D" not in of:
        return None
    shown = of["/D"]
    hides = len(shown.get("/OFF", ())) or len(shown.get("/AS", ())) or str(shown.get("/BaseState", "/ON")) != "/ON"
    return "hidden layers" if hides else None


def _check_catalog(reader: PdfFileReader) -> None:
    """Opens at a page, asks for nothing to be filled in, has pages."""
    root = reader.root
    if "/OpenAction" in root:
        opened = root["/OpenAction"]
        if isinstance(opened, generic.DictionaryObject) and str(opened.get("/S")) != "/GoTo":
            raise _refused("it does something when it is opened (OpenAction)", _PRINT)
    if "/AcroForm" in root and len(root["/AcroForm"].get("/Fields", ())):
        raise _refused("it has fields to fill in or signatures of its own", _PRINT)
    if int(root["/Pages"]["/Count"]) < 1:
        raise _refused("it has no page", "give the whole document")


def _refused(problem: str, fix: str) -> IntakeError:
    return IntakeError(problem, field="pdf", fix=fix)
