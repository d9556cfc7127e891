"""An evidence package with one changed byte was read as a bundle, and called one with “a member of a name no bundle has”; the page and the
API said so even of a package nobody had touched (`tests/api/test_verification.py` sends them a whole one).
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from ledger.cli.verify import verify
from ledger.evidence.presented import damaged_package, is_package, open_package
from ledger.protocol.errors import ProtocolError
from tests.ledger.evidence.test_package import package

__all__ = ["package"]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


def wrong_with(data: bytes) -> str:
    assert is_package(data)
    with pytest.raises(ProtocolError) as refused:
        open_package(data)
    return str(refused.value)


def test_whichever_file_of_a_package_was_changed_is_named(package: bytes) -> None:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        members = archive.infolist()
    assert open_package(package) is not None
    for one in members:
        content = package.index(one.filename.encode(), one.header_offset) + len(one.filename)
        header, name = one.header_offset + 14, one.header_offset + 30
        for at in (content, content + one.file_size - 1, header):
            assert one.filename in wrong_with(flipped(package, at)), (one.filename, at - one.header_offset)
        assert f"{one.filename[1:]}”" in wrong_with(flipped(package, name)), "the name as it reads now"
    listed = package.rindex(b"log/issued.entry")
    assert "log/issued.entry" in wrong_with(flipped(package, listed))
    assert "container" in wrong_with(package[:-1])
    assert "README.md" in damaged_package(ProtocolError("cut off", field="README.md")).checks[0].detail


def test_the_command_names_it_and_calls_the_package_altered(package: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(flipped(package, package.index(b"%PDF-") + 20_000))
    assert verify([file], bundle=True) == 4
    assert "agreement.pdf: its bytes are not those" in capsys.readouterr().out
