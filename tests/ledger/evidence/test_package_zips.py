"""Known tricks with ZIPs, each on a package: none opens, since a package has one form; a file more in that form is compared later."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from ledger.evidence.container import write_container
from ledger.evidence.presented import open_package
from ledger.protocol.errors import ProtocolError

MEMBERS = {
    name: name.encode() * 3 for name in ("README.md", "SHA256SUMS", "agreement.pdf", "agreement.zip", "deployment.json", "roots.pem")
}
WHOLE = write_container(MEMBERS)
DIRECTORY = WHOLE.index(b"PK\1\2")


def zipped(*more: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in (*MEMBERS.items(), *more):
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return file.getvalue()


def put(at: int, content: bytes) -> Callable[[], bytes]:
    """Other bytes in the first entry of the directory."""
    return lambda: WHOLE[: DIRECTORY + at] + content + WHOLE[DIRECTORY + at + len(content) :]


def long_end() -> bytes:
    """With the end of a ZIP64 before its own."""
    size, begins = struct.unpack("<2L", WHOLE[-10:-2])
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, len(MEMBERS), len(MEMBERS), size, begins)
    return WHOLE[:-22] + end + struct.pack("<4sLQL", b"PK\6\7", 0, len(WHOLE) - 22, 1) + WHOLE[-22:]


TRICKS: dict[str, Callable[[], bytes]] = {
    "zipped by another program": zipped,
    "compressed": lambda: zipped(method=zipfile.ZIP_DEFLATED),
    "a bomb": lambda: zipped(("x", bytes(5_000_000)), method=zipfile.ZIP_DEFLATED),
    "a file twice": lambda: zipped(("agreement.pdf", b"%PDF-other")),
    "a file above the folder": lambda: zipped(("../../x", b"x")),
    "a file in other letters": lambda: zipped(("AGREEMENT.PDF", b"x")),
    "a folder": lambda: zipped(("log/", b"")),
    "something before it": lambda: b"#!/bin/sh\n" + WHOLE,
    "a document before it": lambda: b"%PDF-1.7\n" + WHOLE,
    "something behind it": lambda: WHOLE + b"x",
    "itself behind it": lambda: WHOLE + WHOLE,
    "a comment": lambda: WHOLE[:-2] + b"\3\0abc",
    "locked": put(8, b"\1"),
    "a link": put(38, struct.pack("<L", 0o120777 << 16)),
    "another name in the directory": put(46, b"readme.MD"),
    "another length in the directory": put(24, b"\1"),
    "another place in the directory": put(42, b"\7"),
    "ZIP64": long_end,
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_no_trick_opens_a_package(trick: Callable[[], bytes]) -> None:
    with pytest.raises(ProtocolError) as refused:
        open_package(trick())
    assert refused.value.fix


def test_the_package_itself_opens() -> None:
    assert open_package(WHOLE) == (MEMBERS["agreement.pdf"], MEMBERS["agreement.zip"])
