"""The operator's key was changed while a transaction of the old one was under way: nobody sent it again, and what came behind it waited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from ledger.chain.keys import PUBLISHED_KEYS, deployer_key
from ledger.chain.outbox import enqueue
from ledger.chain.roles import OPERATOR_ROLES
from ledger.chain.transactions import TransactionSigner
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer
from tests.chain_stage import HALF_HOURS, ChainStage

NEW_KEY = PUBLISHED_KEYS[8]
WRONG_ZONE = (0, 0, 0, 0, 9)


@pytest.fixture
def rotated(stage: ChainStage) -> ChainStage:
    """The same installation once its operator has another key, with the roles it needs."""
    for role in OPERATOR_ROLES:
        tell_manager(stage, "grantRole", int(role), eoa_signer(NEW_KEY), 0)
    return replace(stage, settings=stage.settings.model_copy(update={"operator_key": SecretStr(hex0x(NEW_KEY))}))


def tell_manager(stage: ChainStage, function: str, *args: object) -> None:
    stage.gateway.send("AccessManager", function, args, deployer_key(stage.settings, stage.gateway.chain_id))


def signed_and_lost(stage: ChainStage, key: str = "zone", zone: bytes = b"\x07" * 32) -> int:
    """An intent whose transaction was stored with the old key and never reached the chain."""
    intent_id = stage.want_zone(key, zone)
    signed, _ = stage.sender()._sign_queued([])
    assert [each.intent_id for each in signed] == [intent_id]
    return intent_id


def test_the_stored_bytes_go_out_again_and_a_refused_call_behind_them_is_decided(stage: ChainStage, rotated: ChainStage) -> None:
    lost = signed_and_lost(stage)
    before = stage.intent(lost)
    refused, good = stage.want_zone("refused", shape=WRONG_ZONE), stage.want_zone("good")
    rotated.work()
    after = stage.intent(lost)
    assert (after.state, after.sender, after.tx_hash) == ("final", stage.operator, before.tx_hash)
    assert (stage.intent(refused).state, stage.intent(good).state) == ("failed", "final")
    assert stage.intent(good).sender == rotated.operator != stage.operator
    assert stage.events_on_chain() == stage.kept_events() == 2


def test_a_restarted_worker_says_what_another_key_signed_and_finishes_it(stage: ChainStage, rotated: ChainStage) -> None:
    lost = signed_and_lost(stage)
    worker = rotated.start_worker("--once", SONANG_OPERATOR_KEY=hex0x(NEW_KEY))
    _, told = worker.communicate(timeout=30)
    assert worker.returncode == 0, told
    assert "signed_with_another_key" in told
    assert hex0x(stage.operator) in told
    assert (stage.intent(lost).state, stage.events_on_chain()) == ("final", 1)


def test_when_its_number_was_used_for_something_else_the_new_key_signs_the_call(stage: ChainStage, rotated: ChainStage) -> None:
    """The new key even gives it the same number: the dead bytes of the old one must not be taken for its own."""
    lost = signed_and_lost(stage)
    number = stage.intent(lost).nonce or 0
    market = stage.gateway.fees()
    dear = replace(market, max_fee_wei=market.max_fee_wei * 3)
    elsewhere = TransactionSigner(stage.key, stage.gateway.chain_id).sign(
        nonce=number, to=bytes(19) + b"\x09", data=b"", gas=50_000, fees=dear
    )
    stage.gateway.send_raw(elsewhere.raw)
    stage.rpc("anvil_setNonce", hex0x(rotated.operator), hex(number))
    rotated.sender().advance()
    assert stage.intent(lost).state == "sent", "a reorganisation could still bring the old bytes back"
    stage.gateway.mine(stage.gateway.confirmations + 1)
    stage.rpc("evm_setAutomine", False)
    sender = rotated.sender()
    assert (sender.advance().requeued, sender.advance().signed) == (1, 1)
    again = stage.intent(lost)
    assert (again.sender, again.nonce) == (rotated.operator, number)
    stage.rpc("anvil_dropTransaction", hex0x(again.tx_hash or b""))
    assert sender.advance().resent == 1
    stage.rpc("evm_setAutomine", True)
    stage.gateway.mine()
    rotated.work()
    assert (stage.intent(lost).state, stage.intent(lost).tx_hash, stage.events_on_chain()) == ("final", again.tx_hash, 1)


def test_when_the_old_key_lost_its_role_the_call_fails_for_that_reason_and_may_be_asked_for_again(
    stage: ChainStage, rotated: ChainStage
) -> None:
    zone = b"\x07" * 32
    lost = signed_and_lost(stage, zone=zone)
    for role in OPERATOR_ROLES:
        tell_manager(stage, "revokeRole", int(role), stage.operator)
    rotated.work()
    failed = stage.intent(lost)
    assert failed.state == "failed"
    assert "AccessManagedUnauthorized" in (failed.error or "")
    stage.gateway.mine(stage.gateway.confirmations)
    rotated.work()
    with stage.sessions.begin() as session:
        enqueue(session, stage.gateway.calls, key="zone", contract="Exchange", function="configureZone", args=[zone, HALF_HOURS])
    rotated.work()
    assert (stage.intent(lost).state, stage.intent(lost).sender, stage.events_on_chain()) == ("final", rotated.operator, 1)


def test_bytes_the_node_refuses_since_the_old_account_is_empty_hold_up_nobody(stage: ChainStage, rotated: ChainStage) -> None:
    account = hex0x(stage.operator)
    lost = signed_and_lost(stage)
    stage.rpc("anvil_setBalance", account, "0x1")
    refused, good = stage.want_zone("refused", shape=WRONG_ZONE), stage.want_zone("good")
    rotated.work()
    assert "nsufficient funds" in (stage.intent(lost).error or "")
    assert stage.intent(refused).state == "failed"
    assert stage.intent(good).state in ("mined", "final")
    stage.rpc("anvil_setBalance", account, hex(10**20))
    rotated.work()
    assert stage.states() == {"failed": 1, "final": 2}
    assert stage.events_on_chain() == 2
