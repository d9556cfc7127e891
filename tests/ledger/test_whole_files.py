"""A file is there whole, for this user only, or not at all."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from ledger.errors import SettingsError
from ledger.whole_files import HALF_WRITTEN, create, put, read_private


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_what_is_put_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "note"
    for content in (b"first", b"second"):
        put(path, content)
        assert read_private(path, SettingsError, "") == content
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert names(path.parent) == {"note"}


def test_what_is_created_is_never_written_over_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create(path, b"mine")
    with pytest.raises(FileExistsError):
        create(path, b"yours")
    assert (path.read_bytes(), names(tmp_path)) == (b"mine", {"key"})


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "note"
    put(path, b"before")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, usual[1]))
    try:
        for write in (put, create):
            with pytest.raises(OSError, match="File too large"):
                write(path, b"after it grew")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == {"note", f"note.{os.getpid()}{HALF_WRITTEN}"}, "the half is written anew, or swept"
    put(path, b"after it grew")
    assert names(tmp_path) == {"note"}


def test_a_file_others_may_read_or_that_is_missing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create(path, b"secret")
    path.chmod(0o640)
    with pytest.raises(SettingsError, match=r"others may read or change it \(mode 0640\)") as refused:
        read_private(path, SettingsError, "make one")
    assert refused.value.fix == f"chmod 600 {path}"
    with pytest.raises(SettingsError, match="cannot be read: No such file") as refused:
        read_private(tmp_path / "none", SettingsError, "make one")
    assert refused.value.fix == "make one"
