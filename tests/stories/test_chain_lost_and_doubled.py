"""Nothing is lost and nothing is doubled: counted on the chain after power cuts, lost answers, reorganisations and outages."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest
from sqlalchemy import func, select

from ledger.chain.keys import PUBLISHED_KEYS
from ledger.chain.model import ChainEvent, SentTransaction
from ledger.chain.outbox import enqueue
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import Readings, digest, hash_struct
from tests.chain_stage import ChainStage, Proxy, eventually

ORACLES = PUBLISHED_KEYS[4:6]
"""Two of the four oracles a devchain starts with: a quorum."""


def stop(worker: subprocess.Popen[str]) -> None:
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=20)
    assert worker.returncode == 0


def signed_transactions(stage: ChainStage) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(SentTransaction)) or 0


def want_anchor(stage: ChainStage, readings: Readings) -> int:
    """Commits the wish to anchor a day's readings, with a quorum's signatures."""
    said = digest(stage.gateway.deployment.domain("ReadingAnchor"), readings)
    statement = (readings, [eoa_signer(key) for key in ORACLES], [sign_eoa(key, said) for key in ORACLES])
    with stage.sessions.begin() as session:
        return enqueue(session, stage.gateway.calls, key="anchor", contract="ReadingAnchor", function="anchor", args=[[statement]]).id


@pytest.mark.parametrize("fate", ["hold", "swallow"])
def test_a_worker_killed_between_sending_and_recording_has_sent_exactly_once(stage: ChainStage, fate: str) -> None:
    """`hold`: the node got it and the worker never knew. `swallow`: the worker sent it and the node never got it."""
    intent_id = stage.want_zone("zone")
    with Proxy(str(stage.settings.rpc_url)) as proxy:
        setattr(proxy, fate, "eth_sendRawTransaction")
        doomed = stage.start_worker(SONANG_RPC_URL=proxy.url)
        assert proxy.held.wait(20)
        doomed.kill()
        doomed.wait()
        assert stage.intent(intent_id).state == "sent"
        eventually(lambda: stage.events_on_chain() == (1 if fate == "hold" else 0))
        before = stage.intent(intent_id).tx_hash
        heir = stage.start_worker()
        eventually(lambda: stage.intent(intent_id).state == "final")
        stop(heir)
    assert stage.intent(intent_id).tx_hash == before
    assert (signed_transactions(stage), stage.events_on_chain(), stage.kept_events()) == (1, 1, 1)


def test_an_anchoring_that_the_chain_takes_back_is_made_again_with_the_same_bytes(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    end = stage.gateway.block("latest").timestamp
    readings = Readings(os.urandom(32), end - 86_400, end, 1, os.urandom(32), 480)
    intent_id = want_anchor(stage, readings)
    worker = stage.start_worker()
    eventually(lambda: stage.intent(intent_id).state == "sent")
    eventually(lambda: int(stage.rpc("txpool_status")["pending"], 16) == 1)
    stage.gateway.mine()
    eventually(lambda: stage.intent(intent_id).state == "mined")
    first = stage.intent(intent_id)
    assert stage.gateway.call("ReadingAnchor", "readingsHash", readings.zone, readings.period_start, 1) == hash_struct(readings)

    stage.rpc("anvil_reorg", 1, [])
    eventually(lambda: stage.intent(intent_id).state == "sent")
    assert stage.gateway.call("ReadingAnchor", "readingsHash", readings.zone, readings.period_start, 1) == bytes(32)
    assert stage.kept_events("ReadingsAnchored") == 0

    eventually(lambda: int(stage.rpc("txpool_status")["pending"], 16) == 1)
    stage.gateway.mine(1 + stage.gateway.confirmations)
    eventually(lambda: stage.intent(intent_id).state == "final")
    stop(worker)
    again = stage.intent(intent_id)
    assert again.tx_hash == first.tx_hash
    assert again.block_hash not in (None, first.block_hash)
    assert stage.gateway.call("ReadingAnchor", "readingsHash", readings.zone, readings.period_start, 1) == hash_struct(readings)
    assert stage.events_on_chain("ReadingAnchor", "ReadingsAnchored") == stage.kept_events("ReadingsAnchored") == 1


@pytest.mark.parametrize("seconds", [1.0, pytest.param(15.0, marks=pytest.mark.slow)])
def test_an_outage_of_the_chain_is_waited_out(stage: ChainStage, seconds: float) -> None:
    """The longer one outlasts the worker's longest pause many times over."""
    port = stage.chain.status().port
    worker = stage.start_worker()
    for at in range(10):
        stage.want_zone(f"before/{at}")
    eventually(lambda: stage.states() == {"final": 10})
    stage.chain.down()
    away_since = time.monotonic()
    for at in range(10):
        stage.want_zone(f"during/{at}")
        time.sleep(seconds / 10)
    assert worker.poll() is None
    assert time.monotonic() - away_since >= seconds
    assert stage.states() == {"final": 10, "queued": 10}
    stage.chain.up(port=port)
    eventually(lambda: stage.states() == {"final": 20}, 30)
    stop(worker)
    assert stage.events_on_chain() == stage.kept_events() == 20


@pytest.mark.slow
def test_a_power_cut_that_costs_the_devchain_its_newest_blocks_costs_us_nothing(stage: ChainStage) -> None:
    port = stage.chain.status().port
    stage.chain.down()
    stage.chain.up(port=port)  # the contracts are in the state file now
    worker = stage.start_worker()
    for at in range(20):
        stage.want_zone(f"zone/{at}")
    eventually(lambda: stage.states() == {"final": 20})
    stage.chain.kill()
    stage.chain.up(port=port)
    eventually(lambda: stage.events_on_chain() == 20 and stage.states() == {"final": 20}, 60)
    stop(worker)
    assert stage.kept_events() == 20


@pytest.mark.slow
def test_a_transaction_dropped_from_the_pool_is_put_back_by_a_running_worker(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    ids = [stage.want_zone(f"zone/{at}") for at in range(3)]
    worker = stage.start_worker()
    eventually(lambda: int(stage.rpc("txpool_status")["pending"], 16) == 3)
    stage.rpc("anvil_dropTransaction", hex0x(stage.intent(ids[0]).tx_hash or b""))
    eventually(lambda: int(stage.rpc("txpool_status")["pending"], 16) == 3)
    stage.gateway.mine(1 + stage.gateway.confirmations)
    eventually(lambda: stage.states() == {"final": 3})
    stop(worker)
    assert (stage.events_on_chain(), signed_transactions(stage)) == (3, 3)


@pytest.mark.slow
def test_a_stormy_day_ends_with_every_call_made_once(stage: ChainStage) -> None:
    """Workers die at random moments, blocks are taken back, transactions are dropped; then the weather clears."""
    weather = random.Random(1)
    zones = [weather.randbytes(32) for _ in range(90)]
    stage.gateway.mine(10)  # no reorganisation reaches the contracts
    for gust in range(6):
        worker = stage.start_worker()
        eventually(stage.at_work)
        for at in range(gust * 15, gust * 15 + 15):
            stage.want_zone(f"zone/{at}", zones[at])
        time.sleep(weather.uniform(0.0, 0.2))
        worker.kill()
        worker.wait()
        if weather.random() < 0.7:
            stage.rpc("anvil_reorg", weather.randint(1, 6), [])
        if weather.random() < 0.5:
            stage.rpc("anvil_dropAllTransactions")
    calm = stage.start_worker()
    eventually(lambda: stage.states() == {"final": len(zones)} and stage.events_on_chain() == len(zones), 60)
    stop(calm)
    with stage.sessions() as session:
        told = session.scalars(select(ChainEvent.args["zone"].astext).where(ChainEvent.event == "ZoneConfigured")).all()
    assert sorted(told) == sorted(hex0x(zone) for zone in zones)
