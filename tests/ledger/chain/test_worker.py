"""The worker as a process: it wakes at once, works alone, stops when asked, tells no secret, and waits out what fails."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ledger.chain.keys import PUBLISHED_KEYS
from ledger.chain.ripening import STUCK_S, ripen
from ledger.db import connect, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.protocol.quantities import hex0x
from ledger.worker import LONGEST_S
from tests.chain_stage import ChainStage, chain_stage, eventually


def ended(worker: subprocess.Popen[str], seconds: float = 10.0) -> tuple[str, list[dict[str, object]]]:
    """Standard output and the logged lines of a worker that ends by itself."""
    out, err = worker.communicate(timeout=seconds)
    assert worker.returncode == 0, err
    return out, [json.loads(line) for line in err.splitlines()]


def test_once_does_everything_there_is_to_do_and_reports_it_as_json(stage: ChainStage) -> None:
    for at in range(7):
        stage.want_zone(f"zone/{at}")
    stage.want_zone("refused", shape=(0, 0, 0, 0, 9))
    out, logged = ended(stage.start_worker("--once", "--json"))
    report = json.loads(out)
    assert {name: report[name] for name in ("signed", "refused", "mined", "failed", "final", "waiting")} == {
        "signed": 7,
        "refused": 1,
        "mined": 7,
        "failed": 0,
        "final": 7,
        "waiting": 0,
    }
    assert report["head"] == stage.gateway.block("latest").number
    assert {"worker_at_work", "intent_refused", "worker_stopped"} <= {line["event"] for line in logged}
    assert (stage.states(), stage.events_on_chain()) == ({"final": 7, "failed": 1}, 7)


@pytest.mark.slow
def test_a_waiting_worker_makes_a_decision_final_while_a_person_blinks(stage: ChainStage) -> None:
    worker = stage.start_worker()
    eventually(stage.at_work)
    took = []
    for at in range(3):
        time.sleep(1.2)  # it has fallen into its longest pause
        began = time.monotonic()
        intent_id = stage.want_zone(f"zone/{at}")
        eventually(lambda wanted=intent_id: stage.intent(wanted).state == "final")  # type: ignore[misc]
        took.append(time.monotonic() - began)
    assert min(took) < LONGEST_S, "the pause alone would have been that long"
    worker.send_signal(signal.SIGTERM)
    out, _ = ended(worker)
    assert out.startswith("Sent 3, mined 3, final 3, refused 0;")


def test_of_two_workers_one_works_and_the_other_takes_over_when_it_dies(stage: ChainStage) -> None:
    first = stage.start_worker()
    eventually(stage.at_work)
    second = stage.start_worker("--json")
    for at in range(20):
        stage.want_zone(f"zone/{at}")
    eventually(lambda: stage.states() == {"final": 20})
    first.kill()
    for at in range(20):
        stage.want_zone(f"later/{at}")
    eventually(lambda: stage.states() == {"final": 40})
    second.send_signal(signal.SIGTERM)
    out, _ = ended(second)
    assert json.loads(out)["signed"] == 20
    assert stage.events_on_chain() == 40


def test_a_second_worker_asked_to_work_once_leaves_the_work_to_the_first(stage: ChainStage) -> None:
    stage.start_worker()
    eventually(stage.at_work)
    second = stage.start_worker("--once")
    _, err = second.communicate(timeout=10)
    assert second.returncode != 0
    assert "another worker is at work" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_asked_to_stop_stops_of_itself(stage: ChainStage, number: signal.Signals) -> None:
    worker = stage.start_worker()
    eventually(stage.at_work)
    worker.send_signal(number)
    _, logged = ended(worker)
    assert logged[-1]["event"] == "worker_stopped"


def test_neither_keys_nor_passwords_nor_signed_bytes_are_logged(stage: ChainStage) -> None:
    key = PUBLISHED_KEYS[1]
    stage.want_zone("zone")
    stage.want_zone("refused", shape=(0, 0, 0, 0, 9))
    worker = stage.start_worker("--once", SONANG_OPERATOR_KEY=hex0x(key), SONANG_LOG_LEVEL="debug")
    out, err = worker.communicate(timeout=10)
    assert worker.returncode == 0
    assert key.hex() not in out + err
    assert "0x02f8" not in out + err


def test_a_worker_started_before_there_is_a_chain_begins_when_there_is_one(stage: ChainStage, tmp_path: Path) -> None:
    nowhere = tmp_path / "later.json"
    worker = stage.start_worker(SONANG_DEPLOYMENT_FILE=str(nowhere))
    stage.want_zone("zone")
    assert worker.stderr is not None
    trouble = json.loads(worker.stderr.readline())
    assert trouble["event"] == "trouble"
    assert "run `sonang deploy`" in trouble["error"]
    assert stage.states() == {"queued": 1}
    assert stage.settings.deployment_file is not None
    nowhere.write_bytes(stage.settings.deployment_file.read_bytes())
    eventually(lambda: stage.states() == {"final": 1})
    worker.send_signal(signal.SIGTERM)
    ended(worker)


@pytest.mark.slow
def test_where_blocks_come_by_the_clock_the_worker_adds_none(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    intent_id = stage.want_zone("zone")
    worker = stage.start_worker()
    eventually(lambda: stage.intent(intent_id).state == "sent")
    head = stage.gateway.block("latest").number
    time.sleep(0.5)
    assert stage.gateway.block("latest").number == head
    stage.rpc("evm_setIntervalMining", 1)
    eventually(lambda: stage.intent(intent_id).state == "final")
    worker.send_signal(signal.SIGTERM)
    ended(worker)


def test_what_the_devchain_left_in_its_pool_gets_a_block_after_a_second(stage: ChainStage) -> None:
    """A burst of which anvil leaves something behind, as it does now and then, made certain by a block that has room for one call."""
    stage.rpc("evm_setAutomine", False)
    ids = [stage.want_zone(f"zone/{at}") for at in range(2)]
    assert stage.sender().advance().signed == 2
    stage.rpc("evm_setBlockGasLimit", hex((stage.intent(ids[0]).gas_limit or 0) * 3 // 2))
    stage.rpc("evm_setAutomine", True)
    eventually(lambda: stage.indexer().advance().mined == 1)
    with stage.sessions() as session:
        assert ripen(stage.gateway, session, still_s=STUCK_S / 2) == 0, "it may be about to mine the other"
    assert stage.states() == {"mined": 1, "sent": 1}
    ended(stage.start_worker("--once"))
    assert (stage.states(), stage.events_on_chain()) == ({"final": 2}, 2)


@pytest.mark.slow
def test_a_database_that_goes_away_and_comes_back_finds_the_worker_waiting(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    engine = connect(server.url())
    upgrade(engine)
    with chain_stage(engine, tmp_path) as stage:
        worker = stage.start_worker()
        stage.want_zone("before")
        eventually(lambda: stage.states() == {"final": 1})
        engine.dispose()
        server.close()  # the last one to hold it: the server stops under the worker
        time.sleep(1.0)
        assert worker.poll() is None
        server = EmbeddedPostgres(tmp_path / "postgres")
        stage.want_zone("after")
        eventually(lambda: stage.states() == {"final": 2})
        worker.send_signal(signal.SIGTERM)
        _, logged = ended(worker)
        assert any(line["event"] == "trouble" and "database" in str(line["error"]) for line in logged)
        assert stage.events_on_chain() == 2
    engine.dispose()
    server.close()
