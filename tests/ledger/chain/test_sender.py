"""A call reaches the chain once: through refusals, lost answers, dropped transactions, rising fees and other people's transactions."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.chain.fees import CEILING, Fees, base_fee_wei, market_fees, raised
from ledger.chain.gateway import Gateway
from ledger.chain.model import SentTransaction
from ledger.chain.outbox import enqueue
from ledger.chain.sender import Patience, Sender
from ledger.chain.transactions import TransactionSigner
from ledger.protocol.quantities import hex0x
from tests.chain_stage import ChainStage, Proxy, through

AT_ONCE = Patience(resend_s=0.0, raise_s=0.0)
WEI = st.integers(0, 10**15)


def versions(stage: ChainStage, intent_id: int) -> list[SentTransaction]:
    """The signed bytes of an intent, cheapest first."""
    with stage.sessions() as session:
        signed = select(SentTransaction).where(SentTransaction.intent_id == intent_id).order_by(SentTransaction.max_fee_wei)
        return list(session.scalars(signed))


def want_commitment(stage: ChainStage, key: str, zone: bytes) -> int:
    """Commits the wish to commit an orders root of a zone that must be configured first."""
    start = stage.gateway.block("latest").timestamp // 1800 * 1800 + 7200
    with stage.sessions.begin() as session:
        args = [zone, start, os.urandom(32), 3]
        return enqueue(session, stage.gateway.calls, key=key, contract="Exchange", function="commitOrders", args=args).id


@given(st.integers(0, 2**63), WEI, st.integers(1, 10**15), st.integers(21_000, 2**24), st.binary(max_size=300))
def test_signed_bytes_equal_eth_accounts(nonce: int, tip: int, more: int, gas: int, data: bytes) -> None:
    key, to = sha256(data).digest(), sha256(b"to" + data).digest()[:20]
    ours = TransactionSigner(key, 31337).sign(nonce=nonce, to=to, data=data, gas=gas, fees=Fees(tip + more, tip))
    fields = {"type": 2, "chainId": 31337, "nonce": nonce, "maxPriorityFeePerGas": tip, "maxFeePerGas": tip + more}
    theirs = Account.from_key(key).sign_transaction({**fields, "gas": gas, "to": to_checksum_address(to), "value": 0, "data": data})
    assert (ours.raw, ours.tx_hash) == (bytes(theirs.raw_transaction), bytes(theirs.hash))


@given(WEI, WEI, WEI, WEI)
def test_a_raised_fee_is_a_tenth_higher_in_both_parts_and_follows_the_market(tip: int, base: int, later_tip: int, later_base: int) -> None:
    last, market = market_fees(base, tip), market_fees(later_base, later_tip)
    assert base_fee_wei(market) == later_base
    higher = raised(last, market)
    if higher is None:
        assert last.max_fee_wei * 9 // 8 + 1 > CEILING * market.max_fee_wei
    else:
        assert 10 * higher.max_fee_wei >= 11 * last.max_fee_wei
        assert 10 * higher.tip_wei >= 11 * last.tip_wei
        assert higher.max_fee_wei >= max(market.max_fee_wei, higher.tip_wei)
        assert higher.max_fee_wei <= CEILING * max(market.max_fee_wei, 1)


def test_calls_that_need_each_other_leave_together_and_are_mined_in_one_block(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    zone = os.urandom(32)
    stage.want_zone("zone", zone)
    want_commitment(stage, "orders", zone)
    assert stage.sender().advance().signed == 2
    stage.gateway.mine()
    assert stage.indexer().advance().mined == 2


@pytest.mark.parametrize("refused", [(), ("eth_simulateV1",)])
def test_a_node_without_simulation_only_takes_longer(stage: ChainStage, refused: tuple[str, ...]) -> None:
    stage.rpc("evm_setAutomine", False)
    zone = os.urandom(32)
    stage.want_zone("zone", zone)
    orders = want_commitment(stage, "orders", zone)
    stage.want_zone("behind")
    with Proxy(str(stage.settings.rpc_url), refused) as proxy:
        gateway = Gateway.connect(through(proxy, stage.settings))
        sender = stage.sender(gateway=gateway)
        for _ in range(4):
            sender.advance()
            stage.gateway.mine()
            stage.indexer().advance()
        gateway.close()
    assert stage.states() == {"final": 2, "mined": 1} or stage.states() == {"final": 3}
    assert stage.intent(orders).error is None


def test_a_refused_call_says_why_uses_up_no_number_and_holds_up_nobody(stage: ChainStage) -> None:
    before = stage.gateway.nonce(stage.operator)
    ids = [stage.want_zone(f"good/{at}") if at % 2 else stage.want_zone(f"bad/{at}", shape=(0, 0, 0, 0, 9)) for at in range(8)]
    stage.work()
    assert stage.states() == {"failed": 4, "final": 4}
    refused = stage.intent(ids[0])
    assert (refused.nonce, refused.tx_hash) == (None, None)
    assert (refused.error or "").startswith("the contract refused: WrongZone(")
    assert stage.gateway.nonce(stage.operator) == before + 4


def test_a_call_too_large_for_any_transaction_is_refused_and_holds_up_nobody(stage: ChainStage) -> None:
    with stage.sessions.begin() as session:
        readings, clearing = (bytes(32), 0, 0, 0, bytes(32), 0), (bytes(32), 0, 0, bytes(32), *[0] * 11, bytes(32), 0)
        args = [readings, [clearing] * 4000]
        huge = enqueue(session, stage.gateway.calls, key="huge", contract="Exchange", function="postClearings", args=args).id
    stage.want_zone("behind")
    stage.work()
    assert stage.intent(huge).state == "failed"
    assert "gas" in (stage.intent(huge).error or "")
    assert stage.events_on_chain() == 1


def test_what_is_stored_and_was_never_sent_is_sent_by_the_next_process_byte_for_byte(stage: ChainStage) -> None:
    intent_id = stage.want_zone("zone")
    signed, _ = stage.sender()._sign_queued([])
    assert stage.intent(intent_id).state == "sent"
    assert stage.gateway.receipt(signed[0].tx_hash) is None
    stage.work()
    assert stage.intent(intent_id).tx_hash == signed[0].tx_hash
    assert [each.raw for each in versions(stage, intent_id)] == [signed[0].raw]
    assert stage.events_on_chain() == 1


def test_a_transaction_dropped_from_the_pool_goes_out_again_and_fills_the_gap(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    ids = [stage.want_zone(f"zone/{at}") for at in range(4)]
    sender = stage.sender()
    assert sender.advance().signed == 4
    lost = stage.intent(ids[1]).tx_hash or b""
    assert stage.rpc("anvil_dropTransaction", hex0x(lost)) is not None
    stage.gateway.mine()
    assert stage.indexer().advance().mined == 1, "the numbers behind the gap wait"
    assert sender.advance().resent == 3
    stage.gateway.mine()
    assert stage.indexer().advance().mined == 3
    assert stage.intent(ids[1]).tx_hash == lost
    assert stage.events_on_chain() == 4


def test_a_transaction_nobody_mines_offers_more_until_it_is(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    intent_id = stage.want_zone("zone")
    sender = stage.sender(AT_ONCE)
    sender.advance()
    assert sender.advance().raised == 1
    assert sender.advance().raised == 1
    cheap, dearer, dearest = versions(stage, intent_id)
    assert len({each.nonce for each in (cheap, dearer, dearest)}) == 1
    assert stage.intent(intent_id).tx_hash == dearest.tx_hash
    stage.gateway.mine()
    stage.indexer().advance()
    assert stage.intent(intent_id).tx_hash == dearest.tx_hash
    stage.gateway.mine(stage.gateway.confirmations)
    stage.indexer().advance()
    assert (stage.states(), stage.events_on_chain()) == ({"final": 1}, 1)


def test_the_cheaper_transaction_counts_when_it_is_the_one_that_was_mined(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    intent_id = stage.want_zone("zone")
    sender = stage.sender(AT_ONCE)
    sender.advance()
    sender.advance()
    cheap, dear = versions(stage, intent_id)
    stage.rpc("anvil_dropTransaction", hex0x(dear.tx_hash))
    stage.gateway.send_raw(cheap.raw)
    stage.gateway.mine()
    stage.indexer().advance()
    mined = stage.intent(intent_id)
    assert (mined.state, mined.tx_hash) == ("mined", cheap.tx_hash)
    assert sender.advance().under_way == 0
    assert stage.events_on_chain() == 1


def test_a_base_fee_that_outgrew_the_offer_is_followed(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    ids = [stage.want_zone(f"zone/{at}") for at in range(3)]
    sender = stage.sender(AT_ONCE)
    sender.advance()
    stage.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**11))
    stage.gateway.mine()
    assert stage.indexer().advance().mined == 0
    assert sender.advance().raised == 3, "all of them, not only the first"
    stage.gateway.mine()
    assert stage.indexer().advance().mined == 3
    assert [len(versions(stage, each)) for each in ids] == [2, 2, 2]


def test_a_number_somebody_else_used_is_replaced_once_that_is_final(stage: ChainStage) -> None:
    stage.rpc("evm_setAutomine", False)
    intent_id = stage.want_zone("zone")
    sender = stage.sender()
    sender.advance()
    ours = stage.intent(intent_id)
    stage.rpc("anvil_dropTransaction", hex0x(ours.tx_hash or b""))
    market = stage.gateway.fees()
    stranger = TransactionSigner(stage.key, stage.gateway.chain_id).sign(
        nonce=ours.nonce or 0, to=bytes(19) + b"\x09", data=b"", gas=50_000, fees=market
    )
    stage.gateway.send_raw(stranger.raw)
    stage.gateway.mine()
    stage.indexer().advance()
    assert sender.advance().requeued == 0
    assert stage.intent(intent_id).state == "sent", "a reorganisation could still bring ours back"
    stage.rpc("evm_setAutomine", True)
    stage.work()
    again = stage.intent(intent_id)
    assert (again.state, again.nonce) == ("final", (ours.nonce or 0) + 1)
    assert stage.events_on_chain() == 1


def test_an_account_without_funds_waits_says_so_and_goes_on_when_it_has_some(stage: ChainStage) -> None:
    account = hex0x(stage.operator)
    intent_id = stage.want_zone("zone")
    stage.rpc("anvil_setBalance", account, "0x1")
    sender = stage.sender()
    sender.advance()
    assert "nsufficient funds" in (stage.intent(intent_id).error or "")
    stage.rpc("anvil_setBalance", account, hex(10**20))
    stage.work()
    assert (stage.intent(intent_id).state, stage.intent(intent_id).error) == ("final", None)


def test_two_senders_at_the_same_work_never_share_a_number(stage: ChainStage) -> None:
    for at in range(40):
        stage.want_zone(f"zone/{at}")
    start = threading.Barrier(2)

    def send(sender: Sender) -> int:
        start.wait()
        return sum(sender.advance().signed for _ in range(4))

    with ThreadPoolExecutor(2) as both:
        signed = list(both.map(send, [stage.sender(), stage.sender()]))
    assert sum(signed) == 40
    stage.work()
    assert (stage.states(), stage.events_on_chain()) == ({"final": 40}, 40)
