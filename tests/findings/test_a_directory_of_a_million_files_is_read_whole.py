"""A ZIP of forty megabytes that is nothing but its directory took ten seconds and half a gigabyte before it was told to be no package."""

from __future__ import annotations

import struct
import time

from ledger.evidence.presented import is_package, open_package
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle


def listed(name: bytes) -> bytes:
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0x800, 0, 0, 0x21, 0, 0, 0, len(name), *(0,) * 6) + name


def test_a_zip_of_more_files_than_a_package_has_is_none_and_is_told_so_at_once() -> None:
    files = b"".join(map(listed, (b"README.md", b"SHA256SUMS", b"agreement.zip"))) + listed(b"x") * 850_000
    data = files + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, len(files), 0, 0)
    started = time.monotonic()
    assert not is_package(data)
    assert open_package(data) is None
    assert verify_bundle(data, Trust()).exit_code in (4, 5)
    assert time.monotonic() - started < 2
