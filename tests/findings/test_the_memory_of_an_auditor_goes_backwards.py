"""A server that withheld its newest checkpoint was called whole, and the auditor's own memory was replaced by the older one it gave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ledger.cli.audit_seen import remember
from ledger.transparency.audit import Copy, Verdict, audit
from tests.ledger.transparency.test_audit import FORGED, TEN, around, details, note, root


def test_the_newest_checkpoint_that_was_seen_is_kept_and_a_withheld_one_is_told(tmp_path: Path) -> None:
    memory = tmp_path / "seen"
    for served in (TEN, TEN[:7]):
        remember(memory, [note(TEN[:3]), note(served)])
        assert memory.read_bytes() == note(TEN)
    told = details(Verdict.UNANCHORED, Copy(TEN, [note(TEN[:7])]), around(TEN, 10, own={"k10": note(TEN)}))
    assert "the newest checkpoint served is of 7 entries, your own file k10 has one of 10" in told


def test_no_tick_stands_at_what_was_not_checked_or_is_not_so() -> None:
    unsigned = audit(Copy(TEN, [note(TEN)]), replace(around(TEN, 10), log_key=None))
    assert unsigned.verdict is Verdict.UNANCHORED
    assert [one.check for one in unsigned.findings if not one.checked] == ["log-key"]
    for split in (Copy(FORGED, [note(FORGED)]), Copy(TEN[:9], [note(TEN[:9])])):
        found = audit(split, around(TEN, 10))
        assert found.anchored == 0
        assert not any("are anchored" in one.detail for one in found.findings if one.check == "coverage")


def test_what_is_served_beside_an_entry_and_its_proof_are_held_against_it() -> None:
    beside = [{"event": "sealed"}] * 9 + [{"event": "revoked"}]
    told = details(Verdict.BROKEN, Copy(TEN, [note(TEN)], beside, {3: b"junk"}), around(TEN, 10))
    assert "entry 9 is served with another event than it holds" in told
    assert "the proof served of entry 3" in told
    assert root(TEN) == audit(Copy(TEN, [note(TEN)], beside[:1] * 10), around(TEN, 10)).root
