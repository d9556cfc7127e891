"""Whether a ZIP that does not open is evidence of ours that was changed, or a file of somebody else's.

Ours is what bears the name `bundle.json` in its directory or on an entry, and what begins as a bundle of an agreement does. Anything else
cannot be called altered: nobody knows what it was before. Not to be recognised is never better than to be altered, so nothing is won by it.
"""

from __future__ import annotations

import re
from io import BytesIO
from struct import pack
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from ledger.evidence.container import MAGIC, SIZE_LIMIT

UNREADABLE: Final = (BadZipFile, ValueError, OSError, NotImplementedError)
"""What reading a ZIP's directory may end in."""
_BUNDLED: Final = "bundle.json"
_BEGINS: Final = MAGIC + pack("<5H", 20, 0x800, 0, 0, 0x21)
"""How `write_container` begins every file, and few other programs do."""
_NAMED: Final = re.compile(rb"PK(?:\x03\x04.{22}\x0b\x00..|\x01\x02.{24}\x0b\x00.{16})bundle\.json", re.DOTALL)
"""An entry, or a line of a directory, of that name and no longer one."""
_LOCAL, _LISTED, _MEMBERS = 30, b"PK\x01\x02", 1_000
"""Where an entry's name begins, how a ZIP lists a file of its own, and how many are read: each takes a kilobyte of memory."""
_EVIDENCE: Final = (".pdf", ".zip", ".tlog-proof")
_SHOWN, _NAME = 8, 80
_WHOSE: Final = (
    "tệp ZIP của chương trình khác, không phải gói bằng chứng · a ZIP of somebody else's, neither a bundle nor an evidence package"
)
_GIVE: Final = "hãy đưa tệp PDF hoặc gói bằng chứng đã nhận được · give the PDF or the evidence you were given"


def zip_names(data: bytes) -> frozenset[str] | None:
    """Every name that a ZIP's directory, or an entry it points to, bears; none where it lists more than any of ours; None if unreadable."""
    if data.count(_LISTED) > _MEMBERS:
        return frozenset()
    try:
        with ZipFile(BytesIO(data)) as archive:
            return frozenset(name for one in archive.infolist() for name in (one.filename, _own_name(data, one)))
    except UNREADABLE:
        return None


def what_else(data: bytes) -> tuple[str, str] | None:
    """What a ZIP is that was never a bundle of ours, and what to do with it; None for one that was, or that is too large to tell."""
    if len(data) > SIZE_LIMIT or (data.startswith(_BEGINS) and data.startswith((_BUNDLED.encode(), b"agreement.pdf"), _LOCAL)):
        return None
    names = zip_names(data)
    if _BUNDLED in names if names else _NAMED.search(data):
        return None
    inside = sorted(name for name in names or () if name.lower().endswith(_EVIDENCE))
    if not inside:
        return _WHOSE, _GIVE
    told = ", ".join(name[:_NAME] for name in inside[:_SHOWN]) + (f" +{len(inside) - _SHOWN}" if len(inside) > _SHOWN else "")
    return (
        "tệp ZIP chứa các tệp khác, bản thân nó không phải bằng chứng · a ZIP that holds other files and is no evidence itself",
        f"hãy lấy ra và kiểm tra riêng từng tệp · take them out and verify each by itself: {told}",
    )


def _own_name(data: bytes, listed: ZipInfo) -> str:
    """The name an entry itself bears, where it is as long as the one that is listed."""
    begin = listed.header_offset + _LOCAL
    return data[begin : begin + len(listed.orig_filename.encode())].decode("utf-8", "replace")
