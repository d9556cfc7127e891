"""Some files of a batch are read by pyHanko as well, beside the sealing: none counts before its answer, and what fails ends its pattern."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psutil
import pytest

from ledger.sealing import auditing, tokens
from ledger.sealing.auditing import AUDIT_EVERY, Auditor, Samples
from ledger.sealing.batch import AT_ONCE, BatchSealer
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.levels import Level, check_issued
from ledger.sealing.sealer import Sealer
from ledger.sealing.tokens import HttpStamper, asker_of
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued

NOWHERE = "http://127.0.0.1:9/tsa"
"""Nothing listens on the discard port."""


@pytest.fixture(scope="module")
def auditor(sealer: Sealer) -> Iterator[Auditor]:
    """A process that reads, started once for all."""
    made = Auditor(sealer.trust_roots)
    made.get_ready()
    yield made
    made.close()


def test_the_process_beside_reads_as_this_one_does_and_says_the_same_of_a_spoiled_file(
    auditor: Auditor, issued: Issued, sealer: Sealer
) -> None:
    assert auditor.check(issued.pdf, issued.sealed) == issued.levels
    assert auditor.core_s > 0
    spoiled = issued.pdf[:-300] + bytes((issued.pdf[-300] ^ 1,)) + issued.pdf[-299:]
    for pdf, sealed in ((spoiled, issued.sealed), (issued.pdf, issued.pdf), (issued.sealed, issued.sealed), (b"", b"")):
        with pytest.raises(SealingError) as here:
            check_issued(pdf, sealed, sealer.trust_roots)
        with pytest.raises(SealingError) as beside:
            auditor.check(pdf, sealed)
        assert str(here.value) == str(beside.value)


def test_pyhanko_reads_the_first_file_of_a_pattern_and_every_fiftieth_after_it(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Auditor, "get_ready", lambda _self: None)
    samples, read = Samples(sealer.trust_roots), list[int]()
    for number in range(3 * AUDIT_EVERY):
        samples.settle()
        if samples.turn():
            read.append(number)
            samples.passed(good=number != AUDIT_EVERY)
    assert read == [0, AUDIT_EVERY, AUDIT_EVERY + 1, 2 * AUDIT_EVERY + 1], "the one after a file that did not pass has its turn"


def test_what_only_pyhanko_sees_is_not_issued_and_ends_the_pattern(sealer: Sealer, issued: Issued) -> None:
    away: list[bool] = []
    batch = BatchSealer(sealer, stamper=lambda by: HttpStamper(by, asker_of(NOWHERE if away else sealer.tsa_url)))
    batch.learn_from(issued.pdf, issued.levels)
    learnt = batch.pattern
    assert learnt is not None
    away.append(True)
    with pytest.raises(AuthorityUnavailableError):
        batch.issue_and_read(sample().pdf, APPROVALS)
    away.clear()
    assert (batch.pattern, batch.samples.proven) == (learnt, False), "an authority that is away leaves the turn to the next"
    batch.issue_and_read(sample().pdf, APPROVALS)
    assert batch.samples.proven
    batch.pattern = replace(learnt, store={**learnt.store, b"OCSPs": ()})
    batch.samples.passed(good=False)
    with pytest.raises(SealingError, match="B-T, not PAdES B-LTA"):
        batch.issue_and_read(sample().pdf, APPROVALS)
    assert batch.pattern is None, "the next file is learnt from"


def test_what_cannot_be_made_in_batches_here_is_made_singly(sealer: Sealer, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when an authority signs in a way that the quick check does not know, while pyHanko does."""
    batch = BatchSealer(sealer)
    batch.learn_from(issued.pdf, issued.levels)
    monkeypatch.setattr(tokens, "_HASHES", {})
    levels = batch.issue_and_read(sample().pdf, APPROVALS)[1]
    assert [one.level for one in levels] == [Level.B_LTA, Level.B_LTA]
    assert batch.pattern is None


def test_threads_that_seal_at_once_make_files_that_all_hold(sealer: Sealer, auditor: Auditor) -> None:
    batch, before = BatchSealer(sealer), auditor.core_s
    batch.samples = Samples(sealer.trust_roots, every=5)
    batch.samples.auditor = auditor
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(lambda _: batch.issue_and_read(sample().pdf, APPROVALS), range(14)))
    assert len({pdf for pdf, _ in made}) == 14
    assert all([one.level for one in levels] == [Level.B_LTA, Level.B_LTA] for _, levels in made)
    for pdf, levels in made[6::7]:
        read = check_issued(pdf, sample().pdf, sealer.trust_roots)
        assert [replace(one, claimed_at=None) for one in levels] == [replace(one, claimed_at=None) for one in read]
    assert auditor.core_s > before, "two of them were read beside"


PARENT = """
import sys, time
from ledger.sealing.auditing import Auditor
auditor = Auditor(())
auditor.get_ready()
print(auditor.pid, flush=True)
time.sleep(60)
"""


def test_the_process_beside_ends_with_the_one_it_reads_for_even_after_kill_9() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    child.wait(10)


def test_an_answer_about_another_file_is_none(auditor: Auditor, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a process that was thought to be silent answers late."""
    monkeypatch.setattr(auditing, "_about", lambda issued, _sealed: f"{len(issued)}")
    before = auditor.core_s
    with pytest.raises(SealingError, match="does not begin with the sealed document"):
        auditor.check(issued.sealed, issued.pdf)
    assert auditor.core_s == before, "it was read here"
    auditor.get_ready()


def test_a_file_is_read_here_when_the_process_beside_is_killed(auditor: Auditor, issued: Issued) -> None:
    assert auditor.pid is not None
    os.kill(auditor.pid, signal.SIGKILL)
    before = auditor.core_s
    assert auditor.check(issued.pdf, issued.sealed) == issued.levels
    with pytest.raises(SealingError, match="does not begin with the sealed document"):
        auditor.check(issued.sealed, issued.pdf)
    assert auditor.core_s == before, "nobody beside read anything"
