"""An intent exists exactly when the decision it belongs to does, and once however often it is asked for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import psycopg
import pytest
from sqlalchemy import func, select, text, update

from ledger.chain.model import CHANNEL, OutboxIntent
from ledger.chain.outbox import enqueue
from ledger.errors import ConflictError, ProtocolError
from tests.chain_stage import HALF_HOURS, ChainStage

ZONE = bytes([7] * 32)


def want(stage: ChainStage, key: str = "zone", lead_s: int = 0) -> int:
    return stage.want_zone(key, ZONE, (*HALF_HOURS[:2], lead_s, *HALF_HOURS[3:]))


def test_a_command_that_rolls_back_leaves_no_intent(stage: ChainStage) -> None:
    with stage.sessions() as session:
        enqueue(session, stage.gateway.calls, key="zone", contract="Exchange", function="configureZone", args=[ZONE, HALF_HOURS])
        session.rollback()
    assert stage.states() == {}


def test_asking_twice_is_asking_once_and_asking_for_something_else_is_refused(stage: ChainStage) -> None:
    assert want(stage) == want(stage)
    with pytest.raises(ConflictError, match=r"zone: already asks for another call, Exchange\.configureZone"):
        want(stage, lead_s=60)
    assert stage.states() == {"queued": 1}


def test_a_crowd_asking_at_the_same_moment_gets_one_intent(stage: ChainStage) -> None:
    start = threading.Barrier(8)

    def ask(_: int) -> int:
        start.wait()
        return want(stage)

    with ThreadPoolExecutor(8) as crowd:
        assert len(set(crowd.map(ask, range(8)))) == 1
    assert stage.states() == {"queued": 1}


def test_arguments_that_do_not_fit_are_refused_before_anything_is_stored(stage: ChainStage) -> None:
    with stage.sessions.begin() as session, pytest.raises(ProtocolError):
        enqueue(session, stage.gateway.calls, key="zone", contract="Exchange", function="configureZone", args=[b"short", HALF_HOURS])
    assert stage.states() == {}


def test_the_worker_is_called_when_the_decision_is_committed_and_not_before(stage: ChainStage) -> None:
    with stage.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as ears:
        ears.execute(text(f"LISTEN {CHANNEL}"))
        raw = cast("psycopg.Connection", ears.connection.driver_connection)
        with stage.sessions.begin() as session:
            enqueue(session, stage.gateway.calls, key="zone", contract="Exchange", function="configureZone", args=[ZONE, HALF_HOURS])
            assert list(raw.notifies(timeout=0.05)) == []
        assert [heard.channel for heard in raw.notifies(timeout=2, stop_after=1)] == [CHANNEL]


def test_a_refused_call_may_be_asked_for_again_with_better_arguments(stage: ChainStage) -> None:
    first = stage.want_zone("zone", ZONE, (0, 0, 0, 0, 99))
    stage.work()
    assert "WrongZone" in (stage.intent(first).error or "")
    assert want(stage) == first
    stage.work()
    again = stage.intent(first)
    assert (again.state, again.error, stage.events_on_chain()) == ("final", None, 1)


def test_a_call_whose_revert_may_still_be_undone_by_a_reorganisation_is_not_queued_again(stage: ChainStage) -> None:
    intent_id = want(stage)
    with stage.sessions.begin() as session:
        values = {"state": "failed", "error": "reverted", "nonce": 3, "sender": stage.operator, "tx_hash": bytes(32), "block_number": 9}
        session.execute(update(OutboxIntent).values(values))
    assert want(stage) == intent_id
    assert stage.states() == {"failed": 1}


def test_an_intent_cannot_be_stored_in_a_state_that_makes_no_sense(stage: ChainStage) -> None:
    want(stage)
    for nonsense in ("state = 'done'", "state = 'final'", "state = 'failed'", "state = 'sent'", "nonce = 1", "calldata = ''"):
        with stage.engine.connect() as connection, pytest.raises(Exception, match="violates check constraint"):
            connection.execute(text(f"UPDATE outbox_intent SET {nonsense}"))  # noqa: S608
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(OutboxIntent).where(OutboxIntent.state == "queued")) == 1
