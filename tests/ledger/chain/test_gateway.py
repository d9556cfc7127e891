"""The gateway against a real chain: what it reads, sends, proves, and above all refuses."""

from __future__ import annotations

import http.server
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account

from ledger.chain import anvil, keys
from ledger.chain.deployment import read_deployment
from ledger.chain.devchain_config import DevchainConfig
from ledger.chain.gateway import Gateway
from ledger.chain.header import assemble_header
from ledger.chain.rpc import NodeError
from ledger.errors import ChainError, NotFoundError, ProtocolError, RuleError, SettingsError, UnavailableError
from ledger.protocol.chain_proof import verify_account, verify_header, verify_storage
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x, new_id
from ledger.protocol.signers import eoa_signer
from ledger.settings import Settings
from tests.conftest import World

ZONE = (1800, 25_200, 3600, 60, 2)


def test_it_reads_structs_and_sends_with_its_own_nonces(world: World) -> None:
    zone, before = new_id(), world.gateway.nonce(eoa_signer(world.operator))
    assert world.gateway.call("Exchange", "zoneOf", zone) == (0, 0, 0, 0, 0)
    receipt = world.send("Exchange", "configureZone", zone, ZONE)
    assert receipt.succeeded
    assert world.gateway.call("Exchange", "zoneOf", zone) == ZONE
    assert world.gateway.nonce(eoa_signer(world.operator)) == before + 1
    (log,) = world.gateway.logs(receipt.block_number, receipt.block_number, ["Exchange"])
    assert log["transactionHash"] == hex0x(receipt.tx_hash)


def test_a_struct_may_also_be_a_mapping_by_its_solidity_names(world: World) -> None:
    named = {"intervalS": 1800, "utcOffsetS": 25_200, "gateLeadS": 3600, "challengeWindowS": 60, "mechanism": 2}
    assert world.calls.encode("Exchange", "configureZone", [bytes(32), named]) == world.calls.encode(
        "Exchange", "configureZone", [bytes(32), ZONE]
    )


def test_a_refusal_speaks_with_the_contracts_own_error_and_its_values(world: World) -> None:
    with pytest.raises(NodeError) as refused:
        world.gateway.send("Exchange", "configureZone", [new_id(), ZONE], world.guardian)
    assert refused.value.kind == "reverted"
    assert refused.value.error == "AccessManagedUnauthorized"
    assert refused.value.values == {"caller": eoa_signer(world.guardian)}
    assert refused.value.field == "Exchange.configureZone"
    assert isinstance(refused.value, ChainError)


def test_a_read_that_reverts_is_explained_too(world: World) -> None:
    stranger = secrets.token_bytes(20)
    with pytest.raises(NodeError, match="AccessManagedUnauthorized"):
        world.gateway.call("Settlement", "pause", sender=stranger)


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ([bytes(31)], "must be 32 bytes, got 31 bytes"),
        (["0x" + "00" * 32], "must be 32 bytes, got str"),
        ([bytes(32), 1], "takes 1 arguments, got 2"),
    ],
)
def test_arguments_that_do_not_fit_never_reach_the_chain(world: World, args: list[object], problem: str) -> None:
    with pytest.raises(ProtocolError, match=problem):
        world.gateway.call("Exchange", "zoneOf", *args)


def test_numbers_out_of_range_and_unknown_names_are_refused(world: World) -> None:
    with pytest.raises(ProtocolError):
        world.calls.encode("Exchange", "configureZone", [bytes(32), (-1, 0, 0, 0, 0)])
    with pytest.raises(NotFoundError, match="has no function zoneOff"):
        world.gateway.call("Exchange", "zoneOff", bytes(32))
    with pytest.raises(NotFoundError):
        world.calls.encode("Exchangee", "zoneOf", [bytes(32)])


def test_a_header_an_account_and_an_empty_slot_verify_from_the_block_hash_alone(world: World) -> None:
    address, slot = world.deployment.address("Exchange"), keccak(b"no such slot")
    head = world.gateway.block("latest")
    header = verify_header(world.gateway.header_rlp(head.number), head.hash)
    proof = world.gateway.proof(address, [slot], head.number)
    account = verify_account(header.state_root, address, proof.account)
    assert (header.number, header.timestamp) == (head.number, head.timestamp)
    assert account.code_hash == world.deployment.contract("Exchange").code_hash
    assert verify_storage(account.storage_root, slot, proof.slots[slot]) == 0


@pytest.mark.parametrize("name", ["parentHash", "stateRoot", "number", "timestamp", "baseFeePerGas", "requestsHash", "hash"])
def test_a_header_altered_in_one_field_is_not_passed_on(world: World, name: str) -> None:
    told = world.gateway.raw_block("latest")
    assert keccak(assemble_header(told)) == world.gateway.block("latest").hash
    altered = told[name][:-1] + ("1" if told[name][-1] != "1" else "2")
    with pytest.raises(ChainError, match="does not hash"):
        assemble_header({**told, name: altered})
    with pytest.raises(ChainError, match=r"cannot be read|does not hash"):
        assemble_header({key: value for key, value in told.items() if key != name})


def test_old_state_that_the_node_dropped_is_said_to_be_dropped(world: World) -> None:
    with pytest.raises(NodeError) as refused:
        world.gateway.proof(world.deployment.address("Exchange"), [], 10_000)
    assert refused.value.kind == "not-kept"


def test_blocks_follow_each_other_and_one_that_is_not_there_is_not_found(world: World) -> None:
    world.gateway.mine(2)
    head = world.gateway.block("latest")
    assert world.gateway.block(head.number - 1).hash == head.parent_hash
    with pytest.raises(NotFoundError):
        world.gateway.block(head.number + 1)


def test_the_devchains_clock_stands_still_until_it_is_moved_and_never_goes_back(world: World) -> None:
    start = world.gateway.block("latest").timestamp
    world.send("Exchange", "configureZone", new_id(), ZONE)
    assert world.gateway.block("latest").timestamp == start
    world.reach(start + 3600)
    world.gateway.mine(2)
    assert world.gateway.block("latest").timestamp == start + 3600
    with pytest.raises(NodeError, match="lower than previous"):
        world.gateway.set_next_block_time(start + 3599)


def test_a_duplicate_and_a_used_nonce_are_told_from_other_refusals(world: World) -> None:
    account = Account.from_key(world.operator)
    nonce = world.gateway.nonce(eoa_signer(world.operator))
    first = {"chainId": 31337, "nonce": nonce, "to": account.address, "gas": 21_000, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 1}
    raw = bytes(account.sign_transaction(first).raw_transaction)
    assert world.gateway.wait(world.gateway.send_raw(raw)).succeeded
    with pytest.raises(NodeError) as used:
        world.gateway.send_raw(raw)
    assert used.value.kind in ("nonce-too-low", "already-known")
    with pytest.raises(NodeError) as nonsense:
        world.gateway.send_raw(b"\x12\x34")
    assert nonsense.value.kind == "other"
    poor = Account.create()
    broke = {**first, "nonce": 0, "value": 1}
    with pytest.raises(NodeError) as empty:
        world.gateway.send_raw(bytes(poor.sign_transaction(broke).raw_transaction))
    assert empty.value.kind == "insufficient-funds"
    assert empty.value.fix


def test_other_code_at_a_contracts_address_is_refused(world: World) -> None:
    assert world.devchain.url is not None
    anvil.ask(world.devchain.url, "anvil_setCode", hex0x(world.deployment.address("Exchange")), "0x60016001")
    with pytest.raises(ChainError, match="has other code at") as refused:
        Gateway.connect(world.settings)
    assert refused.value.field == "Exchange"
    assert "sonang deploy" in refused.value.fix


def test_a_chain_without_our_contracts_and_an_altered_file_are_refused(world: World, tmp_path: Path) -> None:
    missing = world.settings.model_copy(update={"deployment_file": tmp_path / "none.json"})
    with pytest.raises(NotFoundError, match="no contracts are deployed"):
        Gateway.connect(missing)
    altered = tmp_path / "altered.json"
    assert world.settings.deployment_file is not None
    text = world.settings.deployment_file.read_text()
    altered.write_text(text.replace('"settle"', '"setlle"'))
    with pytest.raises(SettingsError, match="ABI of Settlement does not match"):
        read_deployment(altered)
    altered.write_text(text[:1000])
    with pytest.raises(SettingsError):
        read_deployment(altered)
    altered.write_text(text.replace('"chain_id": 31337', '"chain_id": 1'))
    with pytest.raises(SettingsError, match="is of chain 1, not 31337"):
        read_deployment(altered, 31337)


def test_the_devchain_being_down_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="the devchain is down") as down:
        Gateway.connect(Settings(state_dir=tmp_path))
    assert "sonang devchain up" in down.value.fix


def test_a_silent_node_is_unavailable_and_its_secret_path_is_not_shown(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{anvil.free_port()}/v3/secret-key"
    with pytest.raises(UnavailableError) as silent:
        Gateway.connect(Settings(state_dir=tmp_path, rpc_url=url))
    assert "secret-key" not in str(silent.value)
    assert "127.0.0.1" in str(silent.value)


def test_a_node_that_hangs_is_given_up_after_the_time_allowed(tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="does not answer: ReadTimeout"):
            Gateway.connect(Settings(state_dir=tmp_path, rpc_url=url, rpc_timeout_s=0.3))
        assert time.monotonic() - started < 5


@pytest.fixture
def answering() -> Iterator[tuple[str, dict[str, object]]]:
    """A web server that answers every question with what the test puts into the dictionary."""
    reply: dict[str, object] = {"status": 200, "body": b""}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(int(str(reply["status"])))
            self.end_headers()
            body = reply["body"]
            assert isinstance(body, bytes)
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", reply
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, b"<html>hello</html>", "no JSON"),
        (200, b'{"jsonrpc":"2.0","id":1}', "not JSON-RPC"),
        (503, b"", "overloaded"),
        (200, json.dumps({"id": 1, "error": {"code": -32005, "message": "slow down"}}).encode(), "overloaded: slow down"),
    ],
)
def test_whatever_is_no_chain_or_too_busy_is_unavailable(
    answering: tuple[str, dict[str, object]], tmp_path: Path, status: int, body: bytes, problem: str
) -> None:
    url, reply = answering
    reply.update(status=status, body=body)
    with pytest.raises(UnavailableError, match=problem):
        Gateway.connect(Settings(state_dir=tmp_path, rpc_url=url))


def test_anvils_published_keys_are_refused_on_any_other_chain(tmp_path: Path, project_root: Path) -> None:
    port = anvil.free_port()
    given = ["--port", str(port), "--chain-id", "424242", "--hardfork", "osaka", "--quiet"]
    process = anvil.spawn(anvil.anvil_binary(project_root), given, tmp_path / "log")
    try:
        url = f"http://127.0.0.1:{port}"
        anvil.wait_until_ready(process, url, DevchainConfig())
        for name in ("operator_key", "deployer_key", "guardian_key"):
            settings = Settings.model_validate({"state_dir": tmp_path, "rpc_url": url, name: "0x" + keys.PUBLISHED_KEYS[3].hex()})
            with pytest.raises(SettingsError, match="published keys, and chain 424242 is not the devchain") as refused:
                Gateway.connect_undeployed(settings)
            assert refused.value.field == f"SONANG_{name.upper()}"
        plain = Gateway.connect_undeployed(Settings(state_dir=tmp_path, rpc_url=url))
        with pytest.raises(RuleError, match="clock of chain 424242"):
            plain.mine()
        assert plain.confirmations == 12
        with pytest.raises(SettingsError, match="is needed on chain 424242"):
            keys.operator_key(Settings(state_dir=tmp_path), 424242)
        plain.close()
    finally:
        anvil.stop(process)
