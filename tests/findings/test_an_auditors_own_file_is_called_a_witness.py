"""A split view found by the auditor's own file said that `witness "you"` held the other root, and named every holder in English only."""

from __future__ import annotations

from pathlib import Path

from ledger.cli.audit_seen import remembered
from ledger.cli.audit_words import NAMED, in_vietnamese
from ledger.transparency.audit import Copy, Elsewhere, Verdict
from ledger.transparency.rules import EVENTS
from tests.ledger.transparency.test_audit import FORGED, LOG, TEN, around, details, note


def in_words(verdict: Verdict, copy: Copy, elsewhere: Elsewhere) -> str:
    return in_vietnamese(details(verdict, copy, elsewhere)) or ""


def test_a_split_view_says_that_the_auditors_own_file_holds_the_other_root_in_both_languages(tmp_path: Path) -> None:
    kept = tmp_path / "k10"
    kept.write_bytes(note(TEN))
    told = details(Verdict.SPLIT, Copy(FORGED, [note(FORGED)]), around(FORGED, 10, own=remembered(kept, LOG.name)))
    assert f"at 10 entries your own file {kept} holds 0x" in told
    assert f"ở 10 mục tệp của chính bạn {kept} giữ 0x" in (in_vietnamese(told) or "")


def test_whoever_holds_another_root_is_named_in_vietnamese() -> None:
    forged, short = Copy(FORGED, [note(FORGED)]), Copy(TEN[:9], [note(TEN)])
    assert "ở 10 mục nhân chứng press giữ 0x" in in_words(Verdict.SPLIT, forged, around(FORGED, 10, seen={"press": note(TEN)}))
    assert "ở 10 mục chuỗi (khối 110) giữ 0x" in in_words(Verdict.SPLIT, forged, around(TEN, 10))
    assert "một điểm kiểm đã ký giữ 10 mục" in in_words(Verdict.BROKEN, short, around(TEN, 3))


def test_what_happened_to_a_document_is_named_in_vietnamese() -> None:
    assert set(EVENTS) <= set(NAMED)
    assert in_vietnamese("0x07 was revoked twice") == "0x07: sự kiện bị huỷ được ghi hai lần"
