from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementAct
from ledger.chain.model import OutboxIntent
from ledger.errors import NotFoundError, RuleError
from ledger.protocol.quantities import hex0x
from ledger.sealing.commands import issue_due, request_issue
from ledger.sealing.levels import check_issued
from ledger.sealing.queries import counts, waiting
from ledger.sealing.rules import LONGEST_PAUSE_S, pause_s
from ledger.sealing.sealer import Sealer
from ledger.sealing.working import lines_of_queue, queue_as_json, span, work
from ledger.transparency.rules import parse_entry
from tests.ledger.sealing.office import Office


@contextlib.contextmanager
def listening(engine: Engine | Connection, told: Callable[[str, Any], None]) -> Iterator[None]:
    """Tells each statement and its parameters meanwhile."""

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        told(statement, parameters)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", hear)


NOWHERE = "http://127.0.0.1:9/tsa"
"""Nothing listens on the discard port."""


def test_a_sealed_agreement_is_issued_stored_and_logged_once(office: Office, sealer: Sealer) -> None:
    (agreement,) = office.ask()
    report = issue_due(office.sessions, office.store, sealer, limit=10)
    assert report.issued == [agreement]
    job, pdf = office.job(agreement), office.store.read_issued(agreement)
    assert (job.state, job.level, job.reason, job.tries) == ("issued", "PAdES B-LTA", None, 1)
    assert job.issued_digest == sha256(pdf).digest()
    assert pdf.startswith(office.store.read(agreement)), "the sealed document the chain knows stays its beginning"
    assert check_issued(pdf, office.store.read(agreement), sealer.trust_roots)
    (entry,) = office.logged()
    assert (entry.document, parse_entry(entry.data).digest) == (agreement, job.issued_digest)
    assert issue_due(office.sessions, office.store, sealer, limit=10).issued == []
    assert office.store.issued_path(agreement).stat().st_mode & 0o777 == 0o600


def test_asking_twice_is_one_job_and_an_unsealed_agreement_is_not_asked_for(office: Office, session: Session) -> None:
    (agreement,) = office.ask()
    row = office.job(agreement)
    with office.sessions.begin() as other:
        again = request_issue(other, other.merge(row).agreement)
        assert (again.agreement_id, again.asked_s) == (agreement, row.asked_s)
        again.agreement.sealed_digest = None
        with pytest.raises(RuleError, match="not sealed yet"):
            request_issue(other, again.agreement)
        other.rollback()
    with pytest.raises(NotFoundError, match="no issued file is there"):
        office.store.read_issued(agreement)


def test_nobody_gets_a_file_of_what_the_chain_refused_until_it_is_put_again(office: Office, session: Session, sealer: Sealer) -> None:
    (agreement,) = office.ask()
    refused = {"contract": "AgreementRegistry", "function": "record", "calldata": bytes(4), "state": "failed", "error": "it refused"}
    act = AgreementAct(agreement_id=agreement, act="record", intent=OutboxIntent(key="record/1", **refused))
    session.add(act)
    session.commit()
    assert issue_due(office.sessions, office.store, sealer, limit=10).issued == []
    assert "the chain refused its record: see `sonang signing refused`" in lines_of_queue(session)[1]
    assert [one["reason"] for one in queue_as_json(session)] == ["the chain refused its record: see `sonang signing refused`"]
    act.intent.state = "queued"
    session.commit()
    assert issue_due(office.sessions, office.store, sealer, limit=10).issued == [agreement]


def test_while_the_time_stamp_authority_is_away_everything_waits_with_the_reason_and_resumes(office: Office, sealer: Sealer) -> None:
    first, second = office.ask(2)
    report = issue_due(office.sessions, office.store, replace(sealer, tsa_url=NOWHERE), limit=10)
    assert report.issued == []
    assert "time-stamp authority does not answer" in str(report.unavailable)
    jobs = [office.job(one) for one in (first, second)]
    assert sorted(job.tries for job in jobs) == [0, 1], "one asked for all"
    for job in jobs:
        assert (job.state, job.issued_digest) == ("waiting", None)
        assert "time-stamp authority does not answer" in str(job.reason)
        assert job.next_try_s > job.asked_s
    with office.sessions() as session:
        assert [job.agreement_id for job in waiting(session)] == sorted((first, second))
        assert "does not answer" in lines_of_queue(session)[1]
        listed = queue_as_json(session)
    assert [one["agreement"] for one in listed] == sorted(hex0x(job.agreement_id) for job in jobs)
    told = {one["agreement"]: one for one in listed}[hex0x(jobs[0].agreement_id)]
    assert told["code"] == jobs[0].agreement_id.hex(), "what stands on its pages; here that is the id's digits"
    assert told["kind"] == "rooftop-surplus-sale"
    assert (told["since"], told["tries"], told["next_try"], told["reason"]) == (
        jobs[0].asked_s,
        jobs[0].tries,
        jobs[0].next_try_s,
        jobs[0].reason,
    )
    assert not office.store.issued_path(first).exists()
    assert issue_due(office.sessions, office.store, sealer, limit=10).issued == [], "nobody asks before the pause is over"
    office.make_due()
    assert sorted(issue_due(office.sessions, office.store, sealer, limit=10).issued) == sorted((first, second))
    with office.sessions() as session:
        assert counts(session) == {"issued": 2}
        assert lines_of_queue(session) == ["2 đã phát hành · issued, 0 đang chờ · waiting"]


def test_a_changed_document_holds_up_itself_and_no_other(office: Office, sealer: Sealer) -> None:
    changed, good = office.ask(2)
    office.store.write(changed, office.store.read(changed) + b"\n")
    report = work(office.sessions, office.store, sealer, threading.Event(), watch=False)
    assert report.issued == 1
    assert "the stored document was changed" in report.refused[changed]
    assert (office.job(good).state, office.job(changed).state) == ("issued", "waiting")
    assert "restore the file" in str(office.job(changed).reason)


def test_two_workers_share_the_queue_and_issue_nothing_twice(office: Office, sealer: Sealer) -> None:
    asked = office.ask(3)
    with ThreadPoolExecutor(2) as pool:
        halves = [pool.submit(issue_due, office.sessions, office.store, sealer, limit=10) for _ in range(2)]
        issued = [one for half in halves for one in half.result(60).issued]
    assert sorted(issued) == sorted(asked)
    assert len(issued) == len(set(issued))
    entries = office.logged()
    assert sorted(one.document for one in entries) == sorted(asked)
    for one in entries:
        assert parse_entry(one.data).digest == sha256(office.store.read_issued(one.document)).digest()


def test_a_file_a_crash_left_behind_is_the_issued_file_and_no_second_one_is_made(office: Office, sealer: Sealer) -> None:
    (agreement,) = office.ask()
    left = sealer.issue_and_read(office.store.read(agreement), [])[0]
    office.store.write_issued(agreement, left)
    assert issue_due(office.sessions, office.store, replace(sealer, tsa_url=NOWHERE), limit=1).issued == [agreement]
    assert office.store.read_issued(agreement) == left
    assert parse_entry(office.logged()[0].data).digest == sha256(left).digest()


def test_a_foreign_file_in_the_place_of_the_issued_one_is_never_taken_for_it(office: Office, sealer: Sealer) -> None:
    (agreement,) = office.ask()
    office.store.write_issued(agreement, office.store.read(agreement) + b"not a signature")
    report = issue_due(office.sessions, office.store, sealer, limit=1)
    assert "another file is in its place" in report.refused[agreement]
    assert office.logged() == []


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    assert [pause_s(tries) for tries in (0, 1, 2, 3, 8, 9, 1000)] == [0, 5, 10, 20, 640, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_a_wait_is_told_in_two_units() -> None:
    assert [span(one) for one in (-1, 59, 61, 3_700, 90_000)] == ["0 s", "59 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"]


def test_what_is_due_at_the_same_second_is_taken_in_order_without_sorting_a_long_queue(office: Office, sealer: Sealer) -> None:
    """As after an authority was away: of 200,000 jobs the next ones were found by sorting all of them, for each few that were issued."""
    asked: list[tuple[str, Any]] = []
    with office.sessions() as session:
        engine = session.get_bind()
    with listening(engine, lambda statement, parameters: asked.append((statement, parameters))):
        issue_due(office.sessions, office.store, sealer, limit=1)
    ((taking, parameters),) = [one for one in asked if "FOR UPDATE OF issue_job" in one[0]]
    with office.sessions() as session:
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {taking}", parameters).scalars())
    assert "Scan using ix_issue_job_due" in plan
    assert "Sort" not in plan
