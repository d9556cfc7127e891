"""What the database says happened is what the chain says happened, whatever the chain does."""

from __future__ import annotations

import os
import warnings
from itertools import pairwise

import pytest
from sqlalchemy import select

from ledger.chain import indexer as indexer_module
from ledger.chain.model import ChainEvent, IndexedBlock
from ledger.chain.outbox import enqueue
from tests.chain_stage import ChainStage

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # web3 imports a part of websockets that is going away
    from web3 import HTTPProvider, Web3


def kept(stage: ChainStage) -> list[tuple[int, int, str]]:
    with stage.sessions() as session:
        order = ChainEvent.block_number, ChainEvent.log_index
        return [tuple(row) for row in session.execute(select(*order, ChainEvent.event).order_by(*order))]


def test_it_keeps_every_event_that_web3_finds_with_the_same_arguments(stage: ChainStage) -> None:
    for at in range(5):
        stage.want_zone(f"zone/{at}", shape=(1800, -3600 * at, 60 * at, at, 2))
    stage.work()
    web3 = Web3(HTTPProvider(stage.settings.rpc_url))
    exchange = web3.eth.contract(Web3.to_checksum_address(stage.gateway.deployment.address("Exchange")), abi=stage.gateway.abi("Exchange"))
    theirs = exchange.events.ZoneConfigured().get_logs(from_block=0)
    with stage.sessions() as session:
        ours = session.scalars(select(ChainEvent).where(ChainEvent.event == "ZoneConfigured").order_by(ChainEvent.block_number)).all()
    assert len(ours) == len(theirs) == 5
    for kept_event, found in zip(ours, theirs, strict=True):
        assert kept_event.args == {**found["args"], "zone": "0x" + found["args"]["zone"].hex()}
        assert (kept_event.block_number, kept_event.tx_hash) == (found["blockNumber"], bytes(found["transactionHash"]))


def test_a_second_look_at_a_chain_that_stands_still_changes_nothing(stage: ChainStage) -> None:
    stage.indexer().advance()
    before = kept(stage)
    assert not stage.indexer().advance().moved
    assert kept(stage) == before != []


def test_a_long_absence_is_caught_up_with_page_by_page(stage: ChainStage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.gateway.mine(250)
    monkeypatch.setattr(indexer_module, "PAGE_BLOCKS", 40)
    progress = stage.indexer().advance()
    assert progress.blocks == progress.head - stage.gateway.deployment.first_block + 1 > 250
    with stage.sessions() as session:
        chain = session.scalars(select(IndexedBlock).order_by(IndexedBlock.number)).all()
    assert all(child.parent_hash == parent.hash for parent, child in pairwise(chain))
    assert chain[-1].hash == stage.gateway.block("latest").hash


def test_final_comes_with_the_last_confirmation_and_not_one_block_earlier(stage: ChainStage) -> None:
    intent_id = stage.want_zone("zone")
    stage.sender().advance()
    indexer = stage.indexer()
    indexer.advance()
    for _ in range(stage.gateway.confirmations):
        assert stage.intent(intent_id).state == "mined"
        stage.gateway.mine(1)
        indexer.advance()
    assert stage.intent(intent_id).state == "final"


def test_blocks_the_chain_takes_back_take_their_events_and_states_with_them(stage: ChainStage) -> None:
    first = stage.want_zone("first")
    stage.work()
    second = stage.want_zone("second")
    stage.sender().advance()
    stage.indexer().advance()
    assert (stage.intent(first).state, stage.intent(second).state, stage.kept_events()) == ("final", "mined", 2)
    stage.rpc("anvil_reorg", 1, [])
    progress = stage.indexer().advance()
    assert progress.rewound == 1
    taken_back = stage.intent(second)
    assert (taken_back.state, taken_back.block_number, taken_back.block_hash, taken_back.gas_used) == ("sent", None, None, None)
    assert (stage.intent(first).state, stage.kept_events(), stage.events_on_chain()) == ("final", 1, 1)


def test_a_chain_that_became_shorter_is_followed_back(stage: ChainStage) -> None:
    snapshot = stage.rpc("evm_snapshot")
    intent_id = stage.want_zone("zone")
    stage.sender().advance()
    stage.gateway.mine(1)
    stage.indexer().advance()
    assert stage.intent(intent_id).state == "mined"
    stage.rpc("evm_revert", snapshot)
    assert stage.indexer().advance().rewound == 2
    assert (stage.intent(intent_id).state, stage.kept_events()) == ("sent", 0)


def test_a_reorganisation_deeper_than_the_confirmations_is_followed_and_said_aloud(
    stage: ChainStage, capsys: pytest.CaptureFixture[str]
) -> None:
    intent_id = stage.want_zone("zone")
    stage.work()
    assert stage.intent(intent_id).state == "final"
    stage.rpc("anvil_reorg", 3, [])
    stage.indexer().advance()
    assert stage.intent(intent_id).state == "sent"
    assert "reorganisation_beyond_confirmations" in capsys.readouterr().err
    stage.work()
    assert (stage.intent(intent_id).state, stage.events_on_chain()) == ("final", 1)


def test_a_call_that_reverts_in_its_block_fails_with_the_contracts_own_words(stage: ChainStage) -> None:
    zone = os.urandom(32)
    stage.want_zone("zone", zone)
    stage.work()
    start = stage.gateway.block("latest").timestamp // 1800 * 1800 + 3600
    stage.rpc("evm_setAutomine", False)
    with stage.sessions.begin() as session:
        args = [zone, start, os.urandom(32), 3]
        late = enqueue(session, stage.gateway.calls, key="late", contract="Exchange", function="commitOrders", args=args).id
    other = stage.want_zone("other")
    assert stage.sender().advance().signed == 2
    stage.gateway.set_next_block_time(start + 1)
    stage.gateway.mine()
    assert stage.indexer().advance().failed == 1
    failed = stage.intent(late)
    assert failed.state == "failed"
    assert (failed.error or "").startswith("the contract refused: GateClosed(")
    assert failed.block_number == stage.gateway.block("latest").number
    assert failed.nonce is not None
    assert stage.intent(other).state == "mined"
    stage.gateway.mine(stage.gateway.confirmations)
    stage.indexer().advance()
    assert stage.intent(late).nonce is None, "its number is spent for good: asking again is safe now"
