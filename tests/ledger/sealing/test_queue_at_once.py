"""A worker that makes several files at once: each job ends once, whatever stops the others."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ledger.sealing.batch import AT_ONCE, BatchSealer
from ledger.sealing.commands import issue_due
from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.levels import check_issued
from ledger.sealing.model import IssueJob
from ledger.sealing.sealer import Sealer
from ledger.sealing.tokens import HttpStamper, StampedBy, asker_of
from ledger.transparency.rules import parse_entry
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued, Office


class Watched:
    """An authority that a test may hold up: what is done before each stamp."""

    def __init__(self, url: str) -> None:
        self.before: Callable[[], None] = lambda: None
        self._asker = asker_of(url)

    def by(self, by: StampedBy) -> Watched:
        self._real = HttpStamper(by, self._asker)
        return self

    def stamp(self, digest: bytes) -> bytes:
        self.before()
        return self._real.stamp(digest)


@pytest.fixture(scope="module")
def authority_way(sealer: Sealer) -> Watched:
    """The way to the authority that `batch` takes."""
    return Watched(sealer.tsa_url)


@pytest.fixture(scope="module")
def batch(sealer: Sealer, authority_way: Watched, issued: Issued) -> BatchSealer:
    """A batch whose first files are made."""
    made = BatchSealer(sealer, authority_way.by)
    made.learn_from(issued.pdf, issued.levels)
    made.issue_and_read(sample().pdf, APPROVALS)
    return made


@pytest.fixture(autouse=True)
def _free(authority_way: Watched) -> None:
    authority_way.before = lambda: None


def test_several_are_made_at_once_and_each_is_told_and_logged_once(office: Office, batch: BatchSealer, authority_way: Watched) -> None:
    met = threading.Barrier(AT_ONCE, timeout=20)
    first = iter([True] * 3)
    authority_way.before = lambda: None if next(first, False) else met.wait() and None  # the first file is made alone
    asked, told = office.ask(1 + AT_ONCE), list[tuple[int, str]]()

    def tell(job: IssueJob) -> None:
        told.append((threading.get_ident(), office.job(job.agreement_id).state))

    report = issue_due(office.sessions, office.store, batch, limit=100, told=tell)
    assert sorted(report.issued) == sorted(asked)
    assert told == [(threading.get_ident(), "issued")] * len(asked), "told by the caller's own thread, after the transaction"
    entries = office.logged()
    assert [one.index for one in entries] == list(range(len(asked)))
    for one in entries:
        assert parse_entry(one.data).digest == office.job(one.document).issued_digest
    assert check_issued(office.store.read_issued(asked[-1]), office.store.read(asked[-1]), batch.trust_roots)


def test_when_it_is_to_stop_the_files_at_hand_are_finished_and_the_others_left_alone(office: Office, batch: BatchSealer) -> None:
    asked, begun = office.ask(AT_ONCE + 4), iter(range(100))
    report = issue_due(office.sessions, office.store, batch, limit=100, stop=lambda: next(begun) >= 4)
    assert 1 <= len(report.issued) <= 4
    left = [one for one in asked if one not in report.issued]
    assert {(office.job(one).state, office.job(one).tries, office.job(one).reason) for one in left} == {("waiting", 0, None)}
    assert not any(office.store.issued_path(one).exists() for one in left)


def test_an_authority_that_goes_away_ends_the_round_for_all_and_what_was_made_stays(
    office: Office, batch: BatchSealer, authority_way: Watched
) -> None:
    stamps = iter(range(1_000))

    def goes_away() -> None:
        if next(stamps) >= 3 * 2:
            raise AuthorityUnavailableError("the time-stamp authority does not answer", field="tsa", fix="it is asked again by itself")

    authority_way.before = goes_away
    asked = office.ask(AT_ONCE + 6)
    report = issue_due(office.sessions, office.store, batch, limit=100)
    assert 1 <= len(report.issued) <= 2
    assert "does not answer" in str(report.unavailable)
    left = [office.job(one) for one in asked if one not in report.issued]
    assert all("does not answer" in str(job.reason) and job.next_try_s > job.asked_s for job in left)
    assert sum(job.tries for job in left) <= AT_ONCE, "those that were not begun were not tried"
    assert len(office.logged()) == len(report.issued)
    authority_way.before = lambda: None
    office.make_due()
    assert sorted(issue_due(office.sessions, office.store, batch, limit=100).issued) == sorted(job.agreement_id for job in left)
    assert len({one.document for one in office.logged()}) == len(office.logged()) == len(asked)


def test_a_fault_of_this_program_is_told_and_loses_nothing_that_was_made(
    office: Office, batch: BatchSealer, authority_way: Watched
) -> None:
    stamps = iter(range(1_000))

    def breaks() -> None:
        if next(stamps) == 5:
            raise ZeroDivisionError("a fault")

    authority_way.before = breaks
    asked = office.ask(AT_ONCE + 4)
    with pytest.raises(ZeroDivisionError, match="a fault"):
        issue_due(office.sessions, office.store, batch, limit=100)
    made = [one for one in asked if office.job(one).state == "issued"]
    assert made
    assert sorted(made) == sorted(one.document for one in office.logged())
    assert sorted(made) == sorted(one for one in asked if office.store.issued_path(one).exists())
