"""An operator could append an event today and date it last year: the audit looked at the order of entries and never at their dates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from ledger.cli.audit_words import in_vietnamese
from ledger.protocol.checkpoint import CLOCKS_S, Checkpoint, Note
from ledger.transparency import commands
from ledger.transparency.audit import Copy, Verdict, audit
from ledger.transparency.commands import log_event
from ledger.transparency.queries import entries_from
from ledger.transparency.rules import Entry, parse_entry
from tests.ledger.transparency.test_audit import LOG, TEN, UNIT, WATCHER, around, details, root

LAST = parse_entry(TEN[-1]).time
DAY = 86_400


def dated(*times: int) -> list[bytes]:
    later = [Entry(UNIT, 10 + place, "sealed", bytes([100 + place]) * 32, b"\x05" * 32, time) for place, time in enumerate(times)]
    return [*TEN, *(one.to_bytes() for one in later)]


def cosigned(entries: list[bytes], time: int) -> bytes:
    text = Checkpoint(LOG.name, len(entries), root(entries)).text()
    return Note(text, (LOG.sign(text), WATCHER.cosign(text, time))).to_bytes()


def served(entries: list[bytes]) -> Copy:
    return Copy(entries, [cosigned(entries, parse_entry(entries[-1]).time)])


def test_a_date_before_the_entries_it_follows_is_told() -> None:
    entries = dated(LAST - DAY, LAST + 1)
    told = details(Verdict.BROKEN, served(entries), around(entries, 12))
    assert told == "entry 10 is dated 2026-06-29 17:00:09 UTC, long before the entries it follows"
    assert in_vietnamese(told)
    clocks = dated(LAST + CLOCKS_S, LAST + 1)
    assert audit(served(clocks), around(clocks, 12)).verdict is Verdict.WHOLE, "clocks are put right by minutes"


def test_a_date_in_a_quiet_time_is_told_by_the_witness_that_cosigned_the_log_without_the_entry() -> None:
    entries = dated(LAST + DAY)
    copy, known = served(entries), around(entries, 10, 11)
    assert audit(copy, known).verdict is Verdict.WHOLE
    week = LAST + 7 * DAY
    served_too = replace(copy, notes=[cosigned(TEN, week), cosigned(entries, week + 1)])
    for how, what in ((served_too, known), (copy, replace(known, seen={"you": cosigned(TEN, week)}))):
        told = details(Verdict.BROKEN, how, what)
        assert (
            told == "entry 10 is dated 2026-07-01 17:00:09 UTC, but watcher.example cosigned the log without it at 2026-07-07 17:00:09 UTC"
        )
        assert in_vietnamese(told)
    wrong_clock = replace(known, seen={"you": cosigned(TEN, week)}, not_after=week - 1)
    assert audit(copy, wrong_clock).verdict < Verdict.BROKEN, "a witness whose clock is wrong convicts nobody"


def test_a_date_to_come_is_told() -> None:
    entries = dated(LAST + DAY)
    told = details(Verdict.UNANCHORED, Copy(entries, [cosigned(entries, LAST)]), around(entries, 11, not_after=LAST + DAY - 1))
    assert told == "entry 10 is dated at a time to come"
    assert in_vietnamese(told)


def test_our_own_log_is_in_order_though_its_clock_is_put_back(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, clock in enumerate((LAST, LAST - DAY, LAST + 1)):
        monkeypatch.setattr(commands, "clock_s", lambda _, now=clock: now)
        log_event(session, unit=UNIT, event="sealed", document=bytes([number]) * 32, digest=b"\x05" * 32)
    rows = entries_from(session, 0)
    assert [parse_entry(row.data).time for row in rows] == [LAST, LAST, LAST + 1]
