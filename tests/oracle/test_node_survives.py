"""One node that is killed, ended, starved or misconfigured: what it answered it has kept, and a fault is one line."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from oracle.vee import DAY_S
from tests.oracle.asking import DAY, bring, codes, forged, kept, state


def test_kill_9_and_restart_resumes_from_the_journal(one_node: Any) -> None:
    node = one_node.nodes[0]
    bring(one_node, one_node.profile(0), one_node.profile(1), forged(one_node))
    before = state(one_node)
    node.end(signal.SIGKILL)
    torn = node.journal / "journal.jsonl"
    torn.write_bytes(torn.read_bytes() + b'0123456789abcdef {"kind":"sta')
    node.start()
    health = node.ask("GET", "/health")[1]
    assert (health["profiles"], health["statements"], health["refusals"]) == (2, 1, 1)
    assert state(one_node) == before, "the very same statement, not a new one"
    assert codes(bring(one_node, one_node.profile(0))) == ["duplicate"]
    assert kept(one_node)[-1]["code"] == "forged"


def test_kill_9_in_the_middle_of_a_delivery_keeps_what_was_answered(one_node: Any) -> None:
    node, answered = one_node.nodes[0], []
    days = [DAY - number * DAY_S for number in range(60)]
    profiles = [one_node.profile(number, day=day) for day in days for number in range(3)]

    def deliver() -> None:
        for one in profiles:
            try:
                answered.append((one, codes(bring(one_node, one))))
            except Exception:
                return

    thread = threading.Thread(target=deliver)
    thread.start()
    while len(answered) < 20:
        thread.join(0.005)
    node.end(signal.SIGKILL)
    thread.join()
    assert len(answered) < len(profiles)
    node.start()
    assert node.ask("GET", "/health")[1]["profiles"] >= len(answered)
    assert codes(bring(one_node, *(one for one, _ in answered))) == ["duplicate"] * len(answered)


def test_a_node_whose_disk_fails_answers_nothing_it_has_not_kept_and_ends(one_node: Any) -> None:
    node, whole = one_node.nodes[0], one_node.profiles()
    bring(one_node, whole[0])
    size = (node.journal / "journal.jsonl").stat().st_size + 300
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, size))
    status, problem = node.ask("POST", "/profiles", {"profiles": [whole[1].to_json()]})
    assert (status, problem["code"]) == (500, "journal")
    assert node.process.wait(20) == 1
    assert "free the disk, then start the node again" in node.log.read_text()
    node.start()
    assert codes(bring(one_node, *whole)) == ["duplicate", "accepted", "accepted"]


def test_sigterm_ends_it_cleanly_and_takes_its_ready_file_along(one_node: Any) -> None:
    node = one_node.nodes[0]
    assert node.ready.exists()
    assert node.end(signal.SIGTERM) == 0
    assert not node.ready.exists()
    assert node.start().end(signal.SIGINT) == 0
    assert "Traceback" not in node.log.read_text()


@pytest.mark.slow
def test_a_damaged_journal_an_unsafe_key_and_a_taken_port_stop_it_with_one_line(one_node: Any) -> None:
    node, port = one_node.nodes[0], int(one_node.nodes[0].url.rpartition(":")[2])
    second = one_node.make_node("second")
    assert "choose another one" in failure(second, port=port)
    assert "another process uses this journal" in failure(second, journal=node.journal, key=node.key)
    node.end(signal.SIGTERM)
    assert "belongs to another node" in failure(second, journal=node.journal)
    second.key.chmod(0o644)
    assert "chmod 600" in failure(second)
    second.key.chmod(0o600)
    assert "cannot be read" in failure(second, deployment=Path("/nowhere.json"))
    journal = node.journal / "journal.jsonl"
    journal.write_bytes(b"x" + journal.read_bytes()[1:])
    assert "line 1 is damaged" in failure(node)


def failure(node: Any, **changes: Any) -> str:
    """The one line a node that cannot start leaves behind."""
    given = {"key": node.key, "journal": node.journal, "rpc": node.rpc, "deployment": node.deployment, "port": 0} | changes
    flags = [part for name, value in given.items() for part in (f"--{name}", str(value))]
    done = subprocess.run([sys.executable, "-m", "oracle", *flags], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.slow
def test_a_chain_that_is_away_is_said_so_and_nothing_is_judged(one_node: Any) -> None:
    pid = one_node.world.devchain.pid
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        status, problem = one_node.nodes[0].ask("POST", "/profiles", {"profiles": [one_node.profile(0).to_json()]})
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    assert (status, problem["code"]) == (503, "chain-unavailable")
    assert codes(bring(one_node, one_node.profile(0))) == ["accepted"]
