"""A revision behind the last time stamp passed for part of an issued file as long as it showed nothing: objects nobody refers to, other
hints on the fields, nothing at all. No other form of revision – streams of tables, of objects, both at once – may pass either.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ledger.evidence.findings import Answer
from ledger.evidence.presented import present, with_seals
from ledger.sealing.errors import IntakeError, SealingError
from ledger.sealing.intake import check_upload
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.sealing.office import Issued
from tests.ledger.sealing.tails import RED, Tail, with_entry

PAGE = ("/Pages", "/Kids", 0)


def hint(tail: Tail) -> bytes:
    number, written = tail.place("/AcroForm", "/Fields", -1) if "/AcroForm" in tail.reader.root else tail.place()
    return tail.revision({number: written.replace(b"/TU", b"/OldTU").rstrip()[:-2] + b"/TU(replaced by another contract)>>"})


def page(tail: Tail, entry: bytes) -> tuple[int, bytes]:
    number, written = tail.place(*PAGE)
    return number, with_entry(written, entry)


def catalog(tail: Tail, entry: bytes) -> bytes:
    number, written = tail.place()
    return tail.revision({number: with_entry(written, entry)})


def contents(tail: Tail) -> int:
    return tail.place(*PAGE, "/Contents")[0]


PASSED: dict[str, Callable[[Tail], bytes]] = {
    "nothing": lambda tail: tail.revision({}),
    "nothing, free": lambda tail: tail.empty_revisions(1),
    "an object nobody names": lambda tail: tail.revision({tail.size: RED}),
    "another hint on the last stamp": hint,
    "an empty line": lambda tail: tail.pdf + b"\n",
}
REFUSED: dict[str, Callable[[Tail], bytes]] = {
    "a stream as table": lambda tail: tail.stream({contents(tail): RED}),
    "an empty stream as table": lambda tail: tail.stream({}),
    "a page in a stream of objects": lambda tail: tail.stream({}, dict([page(tail, b"/Rotate 180")])),
    "an object in a stream of objects": lambda tail: tail.stream({}, {tail.size: b"(x)"}),
    "both tables at once": lambda tail: tail.hybrid({contents(tail): RED}),
    "both tables, for nothing": lambda tail: tail.hybrid({tail.size: RED}),
    "a table of negative numbers": lambda tail: tail.stream({}, index=b"-5 3"),
    "back to itself": lambda tail: tail.revision({}, prev=b"%d" % len(tail.pdf)),
    "back to nowhere": lambda tail: tail.revision({}, prev=b"77"),
    "back to before the file": lambda tail: tail.revision({}, prev=b"-5"),
    "back to far behind it": lambda tail: tail.revision({}, prev=b"9999999999"),
    "back to an object": lambda tail: tail.revision({tail.size: b"%d" % tail.before}, prev=b"%d 0 R" % tail.size),
    "an end that leads into the middle": lambda tail: tail.revision({contents(tail): RED}, at=tail.before),
    "a page replaced, named by no table": lambda tail: tail.revision({contents(tail): RED}, entries=b"0 0\n"),
    "a smaller table": lambda tail: tail.revision({}, size=3),
    "a password": lambda tail: tail.revision({tail.size: b"<</Filter/Standard/V 1/R 2/P -4>>"}, extra=b"/Encrypt %d 0 R" % tail.size),
    "a turned page": lambda tail: tail.revision(dict([page(tail, b"/Rotate 180")])),
    "a cut page": lambda tail: tail.revision(dict([page(tail, b"/CropBox[0 0 10 10]")])),
    "layers": lambda tail: catalog(tail, b"/OCProperties<</OCGs[]/D<<>>>>"),
    "another order to show pages": lambda tail: catalog(tail, b"/PageLayout/TwoPageLeft"),
}


def altered(pdf: bytes, issued: Issued) -> None:
    presented = present(pdf)
    assert presented.sealed == issued.sealed
    report = with_seals(GOOD, presented, None)
    assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "revisions")


@pytest.mark.parametrize("attack", [*PASSED.values(), *REFUSED.values()], ids=[*PASSED, *REFUSED])
def test_nothing_is_part_of_an_issued_file_that_no_signature_covers(
    attack: Callable[[Tail], bytes], issued: Issued, sealer: Sealer
) -> None:
    pdf = attack(Tail(issued.pdf))
    altered(pdf, issued)
    with pytest.raises(SealingError):
        check_issued(pdf, issued.sealed, sealer.trust_roots)
    altered(attack(Tail(issued.sealed)), issued)
    with pytest.raises(IntakeError):
        check_upload(pdf)


@pytest.mark.parametrize(
    "build",
    [
        lambda tail: tail.empty_revisions(3_000),
        lambda tail: tail.stream({}, index=b"0 2000000000", widths=b"0 0 0"),
        lambda tail: tail.revision({tail.size: b"[" + b"0 " * 4_000_000 + b"]"}),
    ],
    ids=["three thousand revisions", "a table of two billion objects in no bytes", "an object of eight megabytes"],
)
def test_a_small_file_does_not_keep_the_verifier_busy_for_hours(build: Callable[[Tail], bytes], issued: Issued, sealer: Sealer) -> None:
    pdf = build(Tail(issued.pdf))
    started = time.monotonic()
    altered(pdf, issued)
    with pytest.raises(SealingError):
        check_issued(pdf, issued.sealed, sealer.trust_roots)
    assert time.monotonic() - started < 2
