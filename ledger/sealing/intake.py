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

from ledger.sealing.contents import Objects, check_tables, followed, objects_of, refused, value_of
from ledger.sealing.errors import IntakeError

SIZE_LIMIT: Final = 32 * 1024 * 1024
DEPTH_LIMIT: Final = 64
LINKS: Final = ("http://", "https://", "mailto:")
"""Where a link may lead. A link changes nothing on the page and is followed only by a person's click, so it is left alone."""

_UNREADABLE: Final = (
    *(PdfError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError),
    NotImplementedError,
)
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
    "/AP": "something laid over a page (a look of its own)",
    "/Alternates": "a picture that is another one when it is printed",
    "/OPI": "a picture that another program replaces when it is printed",
    "/Templates": "pages that are not shown",
    "/AlternatePresentations": "pages that are not shown",
}
_TYPES: Final = {
    "/EmbeddedFile": "an embedded file",
    "/Filespec": "a reference to another file",
    "/RichMedia": "rich media",
    "/3D": "3D content",
}
_ELSEWHERE: Final = {
    "/F": "content that lies in another file",
    "/FFilter": "content that lies in another file",
    "/Ref": "a page of another file",
    "/PS": "a program for printers",
}
"""What a stream may not have; other dictionaries may have keys of these names."""
_STARTXREF: Final = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_FREE_HEAD: Final = re.compile(rb"xref\s+0 \d{1,10}\s+0{10} (65536) f")
_LINEARIZED: Final = re.compile(rb"/Linearized\s+[\d.]+.{0,300}?/L\s+(\d{1,10})\b", re.DOTALL)


def check_upload(pdf: bytes) -> None:
    """Passes when a PDF is one revision of plain pages.

    Raises:
        IntakeError: says what is in it that may not be, and what to do.
    """
    if len(pdf) > SIZE_LIMIT:
        raise refused(f"{len(pdf)} bytes; at most {SIZE_LIMIT} are taken", "reduce its pictures, or give it in parts")
    if not pdf.startswith(b"%PDF-"):
        raise refused("not a PDF", "give a PDF file; nothing may stand before its %PDF- header")
    try:
        end = _STARTXREF.search(pdf, max(0, len(pdf) - 1_024))
        if end is None:
            raise refused("something stands after its end" if b"%%EOF" in pdf else "cannot be read to its end: it has none")
        check_tables(pdf, int(end[1]))
        reader = PdfFileReader(BytesIO(_as_standard(pdf)), strict=True)
        _check_history(pdf, reader, int(end[1]))
        objects = objects_of(reader, len(pdf))
        for one in objects.values():
            _check_object(one, objects)
        _check_catalog(reader.root, objects)
    except IntakeError:
        raise
    except PdfDecodeLimitError:
        raise refused("its content unpacks to more than any document needs") from None
    except _UNREADABLE as wrong:
        raise refused(f"cannot be read to its end: {str(wrong)[:200] or type(wrong).__name__}") from None


def _as_standard(pdf: bytes) -> bytes:
    """The file with the head of its free list as the standard has it: some programs, Pillow for one, count one generation too many there.

    That entry leads to no object, so the file reads the same with either.
    """
    end = _STARTXREF.search(pdf, max(0, len(pdf) - 1_024))
    head = None if end is None else _FREE_HEAD.match(pdf, int(end[1]))
    return pdf if head is None else pdf[: head.start(1)] + b"65535" + pdf[head.end(1) :]


def _check_history(pdf: bytes, reader: PdfFileReader, startxref: int) -> None:
    """One revision, nothing before or after it, one way to read it, no key needed."""
    if reader.encrypted:
        raise refused("it is encrypted", "save it without a password, then give that")
    revisions = reader.xrefs.total_revisions
    for_the_web = _is_linearized(pdf, reader, startxref)
    if revisions > 1 and not for_the_web:
        raise refused(f"it was changed after it was first saved ({revisions} revisions): earlier pages may hide under later ones")
    if pdf.count(b"%%EOF") > 1 + for_the_web:
        raise refused("another document is hidden before its end")


def _is_linearized(pdf: bytes, reader: PdfFileReader, startxref: int) -> bool:
    """A file for quick display on the web has two tables, written at once: the one read first comes first, and its length is told."""
    told = _LINEARIZED.search(pdf, 0, 1_024)
    if told is None or int(told[1]) != len(pdf) or reader.xrefs.total_revisions != 2:
        return False
    return max(startxref, int(reader.xrefs.get_startxref_for_revision(1))) < int(reader.xrefs.get_startxref_for_revision(0))


def _check_object(one: generic.PdfObject, objects: Objects) -> None:
    for dictionary in _dictionaries(one, 0):
        found = _forbidden(dictionary, objects)
        if found is not None:
            raise refused(f"it holds {found}")


def _dictionaries(value: object, depth: int) -> Iterator[generic.DictionaryObject]:
    """Every dictionary in an object; references lead to other objects, which are looked at themselves."""
    if depth > DEPTH_LIMIT:
        raise refused("its objects are nested without end")
    if isinstance(value, generic.DictionaryObject):
        yield value
        for name in value:
            yield from _dictionaries(value.raw_get(name), depth + 1)
    elif isinstance(value, generic.ArrayObject):
        for at in range(len(value)):
            yield from _dictionaries(value.raw_get(at), depth + 1)


def _forbidden(of: generic.DictionaryObject, objects: Objects) -> str | None:
    """What an object may not be, in words."""
    for name, words in _KEYS.items():
        if name in of:
            return words
    typed = _TYPES.get(_told(of, "/Type", objects))
    return (
        typed
        or _forbidden_stream(of, objects)
        or _forbidden_action(of, objects)
        or _forbidden_annotation(of, objects)
        or _layers(of, objects)
    )


def _told(of: generic.DictionaryObject, key: str, objects: Objects) -> str:
    """What stands under a key as text, wherever it is written; "None" for nothing."""
    return str(value_of(of, key, objects))


def _forbidden_stream(of: generic.DictionaryObject, objects: Objects) -> str | None:
    """Content that is elsewhere, or is run by a printer."""
    if not isinstance(of, generic.StreamObject):
        return None
    program = "/PS" in (_told(of, "/Subtype", objects), _told(of, "/Subtype2", objects))
    return next((words for key, words in _ELSEWHERE.items() if key in of), _ELSEWHERE["/PS"] if program else None)


def _forbidden_action(of: generic.DictionaryObject, objects: Objects) -> str | None:
    kind = _told(of, "/S", objects)
    if kind in _ACTIONS or (_told(of, "/Type", objects) == "/Action" and kind not in _HARMLESS_ACTIONS):
        return f"an action ({kind[1:]})"
    if kind == "/URI" and not _told(of, "/URI", objects).lower().startswith(LINKS):
        return "a link to something that is no web page"
    return None


def _forbidden_annotation(of: generic.DictionaryObject, objects: Objects) -> str | None:
    """Anything that lies on a page without being the page: notes, stamps, fields, films. They can be moved, hidden or filled later."""
    laid = value_of(of, "/Annots", objects)
    for one in [laid.raw_get(at) for at in range(len(laid))] if isinstance(laid, generic.ArrayObject) else ():
        note = followed(one, objects)
        kind = _told(note, "/Subtype", objects) if isinstance(note, generic.DictionaryObject) else "/None"
        if kind != "/Link":
            return f"something laid over a page ({kind.removeprefix('/')})"
    if _told(of, "/Type", objects) != "/Annot" and not ("/Subtype" in of and "/Rect" in of):
        return None
    kind = _told(of, "/Subtype", objects)
    return None if kind == "/Link" else f"something laid over a page ({kind[1:]})"


def _layers(of: generic.DictionaryObject, objects: Objects) -> str | None:
    """Layers that are off, or differ between screen and paper: two people would see two documents."""
    hides = _told(of, "/Type", objects) == "/OCMD" and ("/VE" in of or _told(of, "/P", objects) in ("/AllOff", "/AnyOff"))
    return "hidden layers" if hides or ("/OCGs" in of and _hides(value_of(of, "/D", objects), objects)) else None


def _hides(shown: object, objects: Objects) -> bool:
    if not isinstance(shown, generic.DictionaryObject):
        return False
    named = [value_of(shown, key, objects) for key in ("/OFF", "/AS")]
    return any(isinstance(one, generic.ArrayObject) and len(one) for one in named) or _told(shown, "/BaseState", objects) not in (
        "None",
        "/ON",
    )


def _check_catalog(root: generic.DictionaryObject, objects: Objects) -> None:
    """Opens at a page, asks for nothing to be filled in, has pages."""
    opened, form, layers = (value_of(root, key, objects) for key in ("/OpenAction", "/AcroForm", "/OCProperties"))
    if isinstance(opened, generic.DictionaryObject) and _told(opened, "/S", objects) != "/GoTo":
        raise refused("it does something when it is opened (OpenAction)")
    fields = value_of(form, "/Fields", objects) if isinstance(form, generic.DictionaryObject) else None
    if isinstance(fields, generic.ArrayObject) and len(fields):
        raise refused("it has fields to fill in or signatures of its own")
    if isinstance(layers, generic.DictionaryObject) and _hides(value_of(layers, "/D", objects), objects):
        raise refused("it holds hidden layers")
    _check_pages(root, objects)


def _check_pages(root: generic.DictionaryObject, objects: Objects) -> None:
    """The tree of pages has some, and each once."""
    waiting, named, pages = [root.raw_get("/Pages")], set[tuple[int, int]](), 0
    while waiting:
        reference = waiting.pop()
        node = followed(reference, objects)
        if isinstance(reference, generic.IndirectObject):
            if (reference.idnum, reference.generation) in named:
                raise refused("its tree of pages names one of them twice")
            named.add((reference.idnum, reference.generation))
        kids = value_of(node, "/Kids", objects) if isinstance(node, generic.DictionaryObject) else None
        pages += isinstance(node, generic.DictionaryObject) and kids is None
        waiting += [kids.raw_get(at) for at in range(len(kids))] if isinstance(kids, generic.ArrayObject) else []
    if not pages:
        raise refused("it has no page", "give the whole document")
