"""An operator could destroy a contract in force, log it as erased, and the audit called the log whole: erased sounds lawful."""

from __future__ import annotations

from ledger.cli.audit_words import in_vietnamese
from ledger.transparency.audit import Copy, Verdict, audit
from ledger.transparency.rules import Entry
from tests.ledger.transparency.test_audit import TEN, UNIT, around, details, note

THIRD = (3).to_bytes(32, "big")


def test_what_the_chain_has_in_force_cannot_have_been_erased_lawfully() -> None:
    entries = [*TEN, Entry(UNIT, 10, "erased", THIRD, b"\x08" * 32, 1_782_838_900).to_bytes()]
    served = Copy(entries, [note(entries)])
    told = details(Verdict.BROKEN, served, around(entries, 11, in_force={THIRD}))
    assert told == f"the log says 0x{THIRD.hex()} was erased, by the chain it is in force"
    assert in_vietnamese(told)
    assert audit(served, around(entries, 11, in_force={b"\x09" * 32})).verdict is Verdict.WHOLE, "years after its end it may be"
