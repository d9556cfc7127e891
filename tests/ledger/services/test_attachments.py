"""Files given with requests: only plain ones, kept under lock, gone with their row."""

from __future__ import annotations

import json
import os
import struct
import zlib
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.vietnamese import in_vietnamese
from ledger.errors import ConflictError, InputError, NotFoundError, RuleError, SonangError
from ledger.parties.commands import draft_party
from ledger.sealing.errors import IntakeError
from ledger.services import attachments
from ledger.services.attachments import Vault, attach, attachment_of, attachments_of, content_of, sweep
from ledger.services.model import Request, RequestAttachment
from ledger.services.pictures import check_picture, picture_type
from ledger.services.returns import forget_party
from tests.ledger.sealing import uploads
from tests.ledger.services.conftest import COUNTER, CUSTOMER, HOUSEHOLD, Desk, at
from tests.ledger.services.test_command_line import Sonang, answer, sonang

__all__ = ["sonang"]

NOW = at("2026-03-02T10:00")


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), filler: bytes = b"\x12\x34" * 200) -> bytes:
    """A picture as far as its frame says what it is; what it shows is noise."""
    width, height = size
    if form == "JPEG":
        frame = struct.pack(">2sHBHHB", b"\xff\xc0", 11, 8, height, width, 1) + b"\x01\x11\x00"
        return b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + filler + b"\xff\xd9"
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filler)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "state" / "attachments")


@pytest.fixture
def request_(desk: Desk) -> Request:
    return desk.take("2026-03-02T09:00")


def test_a_file_is_kept_encrypted_listed_and_given_back_byte_for_byte(desk: Desk, vault: Vault, request_: Request) -> None:
    given_files = {"sổ hồng.pdf": uploads.plain(), "mặt bằng.jpg": picture(), "cmnd.png": picture("PNG")}
    for name, data in given_files.items():
        row = attach(desk.session, vault, request_, name=f"C:\\giấy tờ\\{name}", data=data, actor=CUSTOMER, at=NOW)
        assert (row.name, row.size, row.digest) == (name, len(data), sha256(data).digest())
        assert content_of(vault, row) == data
        path = vault.path(row.id)
        assert path.stat().st_mode & 0o777 == 0o600
        assert data[:60] not in path.read_bytes()
        assert row.digest.hex() not in path.name
    assert sorted(one.media for one in attachments_of(desk.session, request_)) == ["application/pdf", "image/jpeg", "image/png"]
    again = attach(desk.session, vault, request_, name="again.pdf", data=given_files["sổ hồng.pdf"], actor=COUNTER, at=NOW + 9)
    assert len(attachments_of(desk.session, request_)) == 3 == len(list(vault.folder.iterdir()))
    assert again.name == "sổ hồng.pdf"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (uploads.locked(), ("khoá bằng mật khẩu", "encrypted")),
        (uploads.appended(), ("bị sửa sau lần lưu đầu", "changed after it was first saved")),
        (uploads.plain(uploads.annotation(Subtype=pikepdf.Name.FreeText)), ("lớp che, chú thích", "laid over a page")),
        (uploads.plain()[:300], ("không đọc được trọn vẹn", "cannot be read")),
        (b"", ("tệp trống", "empty")),
        (b"x" * (attachments.SIZE_LIMIT + 1), ("trên 10 MB", "more than 10 MB")),
        (b"<html><script>", ("không phải PDF, JPEG hay PNG", "neither PDF")),
        (b"PK\x03\x04 a zip", ("không phải PDF, JPEG hay PNG", "neither PDF")),
        (picture() + b"PK\x03\x04", ("có gì đó phía sau", "stands behind it")),
        (picture()[:-200], ("ảnh bị hỏng", "damaged")),
        (picture("PNG") + b"%PDF-1.7", ("có gì đó phía sau", "stands behind it")),
        (picture("PNG").replace(b"IDAT", b"IDAX", 1), ("ảnh bị hỏng", "damaged")),
        (picture("PNG", (9_000, 8_000)), ("quá lớn", "too large")),
    ],
)
def test_what_is_more_than_a_page_or_a_picture_is_refused_in_both_languages_and_nothing_is_kept(
    desk: Desk, vault: Vault, request_: Request, data: bytes, words: tuple[str, str]
) -> None:
    with pytest.raises((InputError, IntakeError)) as refused:
        attach(desk.session, vault, request_, name="a.pdf", data=data, actor=CUSTOMER, at=NOW)
    assert words[1] in refused.value.problem
    assert words[0] in (in_vietnamese(refused.value.problem) or "")
    assert (refused.value.field, in_vietnamese(refused.value.fix) is None) == ("file", False)
    assert (list(attachments_of(desk.session, request_)), vault.folder.exists()) == ([], False)


def test_two_pictures_in_one_as_phones_write_them_are_taken() -> None:
    check_picture(picture() + picture(size=(8, 8)))
    check_picture(picture() + picture("JPEG", (8, 8), b"\xff\x00" * 9))


@given(st.binary(max_size=80), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_junk_behind_a_pictures_first_bytes_is_refused_in_our_own_words(junk: bytes, magic: bytes) -> None:
    assert picture_type(magic + junk)
    with pytest.raises(SonangError):
        check_picture(magic + junk)


def test_a_request_has_so_many_files_and_none_once_it_has_ended(
    desk: Desk, vault: Vault, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "COUNT_LIMIT", 1)
    first = picture(size=(10, 10))
    attach(desk.session, vault, request_, name="1.jpg", data=first, actor=CUSTOMER, at=NOW)
    with pytest.raises(RuleError, match="more than 1 files"):
        attach(desk.session, vault, request_, name="2.jpg", data=picture(), actor=CUSTOMER, at=NOW)
    desk.act(request_, "withdraw", "2026-03-02T11:00", CUSTOMER, reason="thôi")
    with pytest.raises(RuleError, match="the request has ended"):
        attach(desk.session, vault, request_, name="3.jpg", data=picture(size=(9, 9)), actor=CUSTOMER, at=NOW)
    assert len(list(vault.folder.iterdir())) == 1


def test_a_file_of_another_request_or_one_that_was_changed_is_not_given_out(desk: Desk, vault: Vault, request_: Request) -> None:
    row = attach(desk.session, vault, request_, name="a.jpg", data=picture(), actor=CUSTOMER, at=NOW)
    with pytest.raises(NotFoundError):
        attachment_of(desk.session, desk.take("2026-03-02T09:30"), row.id)
    path = vault.path(row.id)
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(ConflictError, match="changed where it lies"):
        content_of(vault, row)
    path.unlink()
    with pytest.raises(NotFoundError, match="missing"):
        content_of(vault, row)


def test_erasing_a_customer_destroys_their_files_with_the_rows_and_nobody_elses(desk: Desk, vault: Vault, request_: Request) -> None:
    party = draft_party(desk.session, label="A", role="customer", name="Nguyễn Thị A", signer=None)
    mine = desk.take("2026-03-02T09:00")
    mine.party = party
    row = attach(desk.session, vault, mine, name="a.jpg", data=picture(), actor=CUSTOMER, at=NOW)
    other = attach(desk.session, vault, request_, name="b.jpg", data=picture(size=(7, 7)), actor=CUSTOMER, at=NOW)
    gone, kept = vault.path(row.id), vault.path(other.id)
    desk.act(mine, "withdraw", "2026-03-02T11:00", CUSTOMER, reason="thôi")
    forget_party(desk.session, party)
    assert desk.session.query(RequestAttachment).count() == 1
    assert gone.exists(), "noise: its key is gone"
    moment = int(gone.stat().st_mtime)
    assert sweep(desk.session, vault, moment + 10) == 0, "an upload under way has no row yet"
    os.utime(kept, (moment - 90_000, moment - 90_000))
    assert sweep(desk.session, vault, moment + attachments.GRACE_S + 1) == 1
    assert not gone.exists()
    assert sha256(content_of(vault, other)).digest() == other.digest


def test_the_command_keeps_lists_and_takes_out(sonang: Sonang, tmp_path: Path) -> None:
    paper, scan, out = tmp_path / "request.json", tmp_path / "sổ hồng.pdf", tmp_path / "out.pdf"
    paper.write_text(json.dumps({"service": "low-voltage-supply", "unit": "PA01HH", "given": HOUSEHOLD}))
    scan.write_bytes(uploads.plain())
    sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà")
    assert sonang("submit", str(paper))[0] == 0
    assert sonang("attach", "1") == (0, "Chưa có tệp nào · No files\n")
    (kept,) = answer(sonang("attach", "1", str(scan), "--json"))
    assert (kept["name"], kept["media"]) == ("sổ hồng.pdf", "application/pdf")
    sonang("attach", "1", "--take-out", kept["id"], "--to", str(out))
    assert out.read_bytes() == scan.read_bytes()
    assert "something is there" in sonang("attach", "1", "--take-out", kept["id"], "--to", str(out))[1]
    scan.write_bytes(uploads.locked())
    code, said = sonang("attach", "1", str(scan))
    assert (code, "it is encrypted" in said, len(answer(sonang("attach", "1", "--json")))) == (1, True, 1)
