"""The log in other people's hands: a real witness process, a real chain, an operator who rewrites or cuts its log, and who notices."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.note_keys import load_note_key
from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, parse_note, parse_note_key
from ledger.protocol.log import leaf_hash, tree_root
from ledger.protocol.tlog_proof import parse_tlog_proof
from ledger.transparency.commands import log_event
from ledger.transparency.model import LogCheckpoint, LogEntry
from ledger.transparency.rules import parse_entry
from ledger.witness.client import WitnessClient
from ledger.witness.errors import ForkError
from tests.chain_stage import ChainStage

SONANG = Path(sys.executable).with_name("sonang")
UNIT = b"\x07" * 32
pytestmark = pytest.mark.slow


@dataclass
class Town:
    """An operator with a log, and a witness elsewhere."""

    stage: ChainStage
    folder: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        done = subprocess.run(
            [SONANG, *arguments, "--json"], env=self.stage.environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def refused(self, *arguments: str) -> str:
        done = subprocess.run([SONANG, *arguments], env=self.stage.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def seal(self, first: int, count: int) -> None:
        with self.stage.sessions.begin() as session:
            for number in range(first, first + count):
                log_event(session, unit=UNIT, event="sealed", document=number.to_bytes(32, "big"), digest=b"\x01" * 32)

    def witness(self, name: str, log_key: str) -> str:
        ready = self.folder / f"{name}.ready"
        arguments = ["--key", str(self.folder / f"{name}.key"), "--name", name]
        if not (self.folder / f"{name}.key").exists():
            self.run("witness", *arguments, "--new-key")
        self.processes.append(
            subprocess.Popen(
                [SONANG, "witness", *arguments, "--log", log_key, "--ready", str(ready)],
                env=self.stage.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert self.processes[-1].poll() is None, self.processes[-1].communicate()
            assert time.monotonic() < deadline, "the witness did not start"
            time.sleep(0.02)
        return str(json.loads(ready.read_text())["url"])

    def serve(self) -> str:
        self.processes.append(
            subprocess.Popen(
                [SONANG, "serve", "--port", "0", "--json"],
                env=self.stage.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        assert self.processes[-1].stdout is not None
        return str(json.loads(self.processes[-1].stdout.readline())["url"])

    def rewrite(self, index: int) -> None:
        """What an operator with the database can do: another entry in the place of one, with its own hash."""
        with self.stage.sessions.begin() as session:
            row = session.get_one(LogEntry, index)
            row.data = row.data.replace(b"0x" + b"01" * 32, b"0x" + b"02" * 32)
            row.leaf_hash = leaf_hash(row.data)
            parse_entry(row.data)


@pytest.fixture
def town(stage: ChainStage, tmp_path: Path) -> Iterator[Town]:
    made = Town(stage, tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.communicate()


def grown(town: Town) -> tuple[str, str, str]:
    """A log of 3, then 8 entries, cosigned and anchored twice; the log's key, the witness's key and its URL."""
    log_key = town.run("checkpoint", "--new-key")["key"]
    url = town.witness("watcher.example", log_key)
    witness_key = WitnessClient(url).key().text()
    town.seal(0, 3)
    assert town.run("checkpoint", "--witness", url)["cosigned"] == ["watcher.example"]
    town.stage.work()
    town.seal(3, 5)
    town.run("checkpoint", "--witness", url)
    again = town.run("checkpoint", "--witness", url)
    assert (again["size"], again["cosigned"], again["queued"]) == (8, ["watcher.example"], True)
    town.stage.work()
    return log_key, witness_key, url


def test_a_log_is_cosigned_anchored_and_audited_and_each_entry_has_a_proof_that_stands_alone(town: Town) -> None:
    log_key, witness_key, url = grown(town)
    trusted = ("--log-key", log_key, "--witness-key", witness_key, "--witness", url)
    found = town.run("audit-log", *trusted, "--proofs", str(town.folder / "proofs"))
    assert (found["verdict"], found["size"], found["anchored"], found["proofs_written"]) == ("whole", 8, 8, 8)
    files = sorted((town.folder / "proofs").glob("*.tlog-proof"))
    assert len(files) == 8
    for file in files:
        proof = parse_tlog_proof(file.read_bytes())
        assert proof.holds()
        assert parse_note_key(log_key).signed(proof.note)
        assert parse_note_key(witness_key).cosigned_at(proof.note) is not None
    assert town.run("audit-log", *trusted, "--api", town.serve())["verdict"] == "whole"
    town.seal(8, 2)
    assert town.run("audit-log", *trusted, code=3)["verdict"] == "unanchored"


def test_a_rewritten_log_is_signed_by_nobody_and_the_audit_calls_it_a_split_view(town: Town) -> None:
    log_key, _, url = grown(town)
    town.rewrite(4)
    found = town.run("audit-log", "--log-key", log_key, "--witness", url, code=9)
    grave = [one["detail"] for one in found["findings"] if one["verdict"] == "split"]
    assert any(one.startswith("split view: at 8 entries the chain") for one in grave)
    assert any(one.startswith("split view: at 8 entries witness") for one in grave)
    town.seal(8, 1)
    assert "no longer give the root signed at 8" in town.refused("checkpoint")

    # An operator who forges its own tables and signs by hand still finds no witness, and the chain remembers.
    with town.stage.sessions.begin() as session:
        session.execute(text("DELETE FROM log_checkpoint"))
        signer = load_note_key(town.stage.settings.state_dir / "log.key", parse_note_key(log_key).name)
        leaves = list(session.scalars(text("SELECT leaf_hash FROM log_entry ORDER BY index")))
        body = Checkpoint(signer.name, len(leaves), tree_root(leaves)).text()
        note = Note(body, (signer.sign(body),))
        session.add(LogCheckpoint(size=len(leaves), root=tree_root(leaves), note=note.to_bytes(), signed_s=0))
        with pytest.raises(ForkError):
            WitnessClient(url).cosign(note, lambda old: _proof(leaves, old))
    assert "the first 8 entries are others than were signed according to the chain" in town.refused("checkpoint", "--witness", url)
    assert town.run("audit-log", "--log-key", log_key, code=9)["verdict"] == "split"
    (kept,) = (town.folder / "watcher.example.witness").glob("*.refused/*.checkpoint")
    assert kept.read_bytes() == note.to_bytes()
    town.processes[0].kill()
    assert town.processes[0].communicate()[1].count(f"kept in {kept}") == 1


def _proof(leaves: list[bytes], old: int) -> tuple[bytes, ...]:
    from ledger.protocol.log import consistency_proof

    return consistency_proof(leaves, old)


def test_a_log_that_was_cut_is_caught_by_the_chain_and_by_the_witness(town: Town) -> None:
    log_key, _, url = grown(town)
    with town.stage.sessions.begin() as session:
        cut(session, 6)
    found = town.run("audit-log", "--log-key", log_key, "--witness", url, code=4)
    grave = [one["detail"] for one in found["findings"] if one["verdict"] == "broken"]
    assert any(one.startswith("the log was cut: the chain") for one in grave)
    assert any(one.startswith("the log was cut: witness") for one in grave)
    assert "only 6 entries are here, 8 were signed according to the chain" in town.refused("checkpoint", "--witness", url)
    with town.stage.sessions() as session:
        assert session.scalar(text("SELECT max(size) FROM log_checkpoint")) == 3, "nothing is signed over a log that was cut"


def cut(session: Session, size: int) -> None:
    session.execute(text("DELETE FROM log_checkpoint WHERE size > :size"), {"size": size})
    session.execute(text("DELETE FROM log_entry WHERE index >= :size"), {"size": size})


def test_a_witness_that_was_killed_remembers_and_one_that_is_away_stops_the_anchor(town: Town) -> None:
    log_key, witness_key, url = grown(town)
    town.processes[0].send_signal(signal.SIGKILL)
    town.processes[0].communicate()
    town.seal(8, 1)
    told = town.run("checkpoint", "--witness", url, code=3)
    assert "does not answer" in told["trouble"][0]
    found = town.run("audit-log", "--log-key", log_key, "--witness-key", witness_key, "--witness", url, code=3)
    assert [one["detail"] for one in found["findings"] if not one["checked"]] == [f"not asked: witness {url} does not answer"]
    (town.folder / "watcher.example.ready").unlink()
    back = town.witness("watcher.example", log_key)
    assert WitnessClient(back).key().text() == witness_key
    seen = WitnessClient(back).seen(parse_note_key(log_key).name)
    assert seen is not None
    assert parse_note_key(witness_key).cosigned_at(parse_note(seen)) is not None
    assert town.run("checkpoint", "--witness", back)["queued"]
    assert parse_note_key(witness_key).kind == WITNESS
    town.processes[-1].send_signal(signal.SIGTERM)
    assert town.processes[-1].wait(20) == 0
