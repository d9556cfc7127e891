"""Ninety kilobytes kept the page that takes uploads busy for hours, or filled the machine's memory: by tables that tell of more than there
is, by streams of objects that are unpacked again for each object, and by objects that lie inside each other.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable

import pytest

from ledger.sealing.errors import IntakeError
from ledger.sealing.intake import check_upload

_PAGES = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
}


def streamed(packed: bytes, head: bytes, count: int, *, index: bytes = b"", widths: bytes = b"1 4 4") -> bytes:
    """One page, and a stream of objects numbered from ten on."""
    out, rows = bytearray(b"%PDF-1.7\n"), [bytes(9)]
    content = zlib.compress(head + packed)
    stream = b"<</Type/ObjStm/N %d/First %d/Length %d/Filter/FlateDecode>>" % (count, len(head), len(content))
    for number, body in {**_PAGES, 4: stream + b"\nstream\n" + content + b"\nendstream"}.items():
        rows.append(b"\1" + len(out).to_bytes(4, "big") + bytes(4))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows += [b"\1" + len(out).to_bytes(4, "big") + bytes(4)]
    rows += [b"\2" + (4).to_bytes(4, "big") + place.to_bytes(4, "big") for place in range(count)]
    table = zlib.compress(b"".join(rows))
    told = (widths, index or b"0 6 10 %d" % count, 10 + count, len(table))
    head = b"5 0 obj\n<</Type/XRef/W[%s]/Index[%s]/Size %d/Root 1 0 R/Length %d/Filter/FlateDecode>>\nstream\n" % told
    return bytes(out) + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def many(count: int) -> bytes:
    head = b"".join(b"%d %d " % (10 + place, 5 * place) for place in range(count))
    return streamed(b"<<>>\n" * count, head, count)


def again_and_again() -> bytes:
    """A thousand objects that are all the same megabyte."""
    return streamed(b"[" + b"0 " * 500_000 + b"]", b"".join(b"%d 0 " % (10 + place) for place in range(1_000)), 1_000)


def one_in_another() -> bytes:
    """Each object's stream holds all that follow it, and ends behind them."""
    count, objects = 400, dict(_PAGES)
    out, rows = bytearray(b"%PDF-1.7\n"), b"0000000000 65535 f\r\n"
    for number, body in objects.items():
        rows += b"%010d 00000 n\r\n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    inner, begins = b"x" * 200_000, list[int]()
    for number in range(3 + count, 3, -1):
        head = b"%d 0 obj\n<</Length %d>>\nstream\n" % (number, len(inner))
        begins = [0, *(begin + len(head) for begin in begins)]
        inner = head + inner + b"\nendstream\nendobj\n"
    rows += b"".join(b"%010d 00000 n\r\n" % (len(out) + begin) for begin in begins)
    out += inner
    size = 4 + count
    return bytes(out) + b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, rows, size, len(out))


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "two billion objects in no bytes": (lambda: streamed(b"", b"", 0, index=b"0 2000000000", widths=b"0 0 0"), "tells of"),
    "the same object a thousand times": (again_and_again, "others than it says|cannot be read"),
    "one object in another": (one_in_another, "inside each other"),
    "numbers written otherwise": (lambda: streamed(b"<<>>", b"1_0 0 ", 1), "others than it says"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_read_of_an_upload_is_never_more_than_the_upload(name: str) -> None:
    build, reason = BOMBS[name]
    data, started = build(), time.monotonic()
    with pytest.raises(IntakeError, match=reason):
        check_upload(data)
    assert time.monotonic() - started < 3


def test_a_file_of_many_small_objects_in_one_stream_is_taken_at_once() -> None:
    data, started = many(20_000), time.monotonic()
    check_upload(data)
    assert time.monotonic() - started < 5
