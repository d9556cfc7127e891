"""The devchain as a service: where it was it goes on, whoever starts it, however it ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psutil
import pytest
from typer.testing import CliRunner

from ledger.chain import anvil
from ledger.chain.devchain import Devchain, running_anvil
from ledger.chain.devchain_config import DevchainConfig, load_devchain_config
from ledger.cli.devchain import devchain
from ledger.errors import RuleError, SettingsError, UnavailableError
from ledger.settings import Settings

UP = """
import sys
from pathlib import Path
from ledger.chain.devchain import Devchain
from ledger.settings import Settings
print(Devchain.of(Settings(state_dir=Path(sys.argv[1]))).up(port=0).pid)
"""


def block(url: str | None, number: str) -> dict[str, str]:
    assert url is not None
    found = anvil.ask(url, "eth_getBlockByNumber", number, False)
    assert isinstance(found, dict)
    return found


def mine(url: str | None, blocks: int, moment: int | None = None) -> None:
    assert url is not None
    if moment is not None:
        anvil.ask(url, "evm_setNextBlockTimestamp", hex(moment))
    anvil.ask(url, "anvil_mine", hex(blocks))


def test_it_goes_on_after_a_restart_with_its_blocks_its_clock_and_a_final_block_that_can_be_proven(tmp_path: Path) -> None:
    config = load_devchain_config()
    with running_anvil(directory=tmp_path) as chain:
        genesis = block(chain.url, "0x0")["hash"]
        mine(chain.url, 3, config.genesis_timestamp + 86_400)
        head = block(chain.url, "latest")
        chain.down()
        assert chain.url is None
        assert chain.status().block_number == 3
        status = chain.up(port=0)
        assert block(chain.url, "0x0")["hash"] == genesis
        assert block(chain.url, "0x3")["hash"] == head["hash"]
        assert status.block_number == 3 + config.confirmations
        assert status.block_timestamp == config.genesis_timestamp + 86_400
        assert status.url is not None
        final = hex(status.block_number - config.confirmations + 1)
        assert anvil.ask(status.url, "eth_getProof", "0x" + "11" * 20, [], final)


def test_its_clock_is_moved_to_the_present_once_and_what_is_final_has_that_time_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = int(time.time())
    monkeypatch.setenv("SONANG_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("SONANG_RPC_URL", raising=False)
    with running_anvil(directory=tmp_path / "devchain") as chain:
        status = chain.move_to(present)
        assert status.block_timestamp == present
        assert status.block_number is not None
        assert int(block(chain.url, hex(status.block_number - chain.config.confirmations))["timestamp"], 16) == present
        with pytest.raises(RuleError, match="there already"):
            chain.move_to(present)
        typed = CliRunner().invoke(devchain, ["now", "--to", "2099-12-31", "--json"], catch_exceptions=False)
        assert orjson.loads(typed.stdout)["block_timestamp"] == int(datetime(2099, 12, 30, 17, tzinfo=UTC).timestamp())
        chain.down()
        with pytest.raises(UnavailableError, match="is down"):
            chain.move_to(present + 1)


def test_a_running_chain_is_found_and_not_started_again(tmp_path: Path) -> None:
    with running_anvil(directory=tmp_path) as chain:
        first = chain.status()
        assert chain.up() == first
        assert chain.up(port=first.port) == first
        assert first.port is not None
        with pytest.raises(UnavailableError, match=f"already runs on port {first.port}"):
            chain.up(port=first.port - 1)


def test_two_programs_that_start_it_at_once_get_the_same_one(tmp_path: Path) -> None:
    starting = [subprocess.Popen([sys.executable, "-c", UP, str(tmp_path)], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {each.communicate(timeout=60)[0] for each in starting}
    chain = Devchain.of(Settings(state_dir=tmp_path))
    assert pids == {f"{chain.pid}\n"}
    chain.down()


def test_a_taken_port_is_refused_when_asked_for_and_avoided_when_not(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        chain = Devchain(DevchainConfig(port=port), tmp_path, tmp_path / "state.json", load_root())
        with pytest.raises(UnavailableError, match=f"port {port} is taken"):
            chain.up(port=port)
        try:
            status = chain.up()
            assert status.running
            assert status.port != port
        finally:
            chain.down()


def test_stopping_leaves_no_process_and_stopping_again_is_harmless(tmp_path: Path) -> None:
    with running_anvil(directory=tmp_path) as chain:
        pid = chain.pid
        assert pid is not None
        assert not chain.down().running
        assert not psutil.pid_exists(pid)
        assert not chain.down().running


def test_after_a_power_cut_a_torn_state_file_is_replaced_by_the_copy_of_the_last_start(tmp_path: Path) -> None:
    with running_anvil(directory=tmp_path) as chain:
        mine(chain.url, 5)
        chain.down()
        chain.up(port=0)
        chain.kill()
        assert chain.url is None
        state = tmp_path / "state.json"
        state.write_bytes(state.read_bytes()[:100])
        assert block(chain.up(port=0).url, "0x5")["number"] == "0x5"


def test_a_torn_state_without_a_copy_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"block":')
    chain = Devchain(DevchainConfig(), tmp_path, tmp_path / "state.json", load_root())
    with pytest.raises(UnavailableError, match="is torn") as torn:
        chain.up(port=0)
    assert "sonang devchain reset" in torn.value.fix
    assert not chain.reset().running
    assert chain.up(port=0).block_number == 0
    chain.down()


def test_reset_starts_a_running_chain_over_on_the_same_port(tmp_path: Path) -> None:
    with running_anvil(directory=tmp_path) as chain:
        before = chain.status()
        mine(chain.url, 4)
        after = chain.reset()
        assert (after.port, after.block_number) == (before.port, 0)


def test_a_process_id_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "anvil.json").write_bytes(orjson.dumps({"pid": os.getpid(), "created": time.time() - 10_000, "port": 8545}))
    chain = Devchain(DevchainConfig(), tmp_path, tmp_path / "state.json", load_root())
    assert not chain.status().running
    chain.down()
    assert psutil.pid_exists(os.getpid())


def test_a_missing_anvil_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="anvil is not installed") as missing:
        Devchain(DevchainConfig(), tmp_path, tmp_path / "state.json", tmp_path).up(port=0)
    assert "npm ci" in missing.value.fix


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('hardfork = "Osaka 2"', "devchain.toml: hardfork"),
        ("chain_id = 1", "devchain.toml: chain_id"),
        ("speed = 3", "devchain.toml: speed"),
        ("genesis_time = 2016-01-01T00:00:00", "devchain.toml: genesis_time"),
        ("port = 8545.5", "devchain.toml: port"),
    ],
)
def test_a_wrong_devchain_toml_names_the_line_to_mend(tmp_path: Path, line: str, field: str) -> None:
    (tmp_path / "devchain.toml").write_text(line)
    with pytest.raises(SettingsError) as wrong:
        load_devchain_config(tmp_path)
    assert wrong.value.field == field


def test_the_projects_devchain_toml_is_what_is_built_in() -> None:
    assert load_devchain_config() == DevchainConfig()


def load_root() -> Path:
    return Path(__file__).resolve().parents[3]
