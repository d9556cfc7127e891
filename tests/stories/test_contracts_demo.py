"""The demo's e-contracts by themselves: signed four ways, one amended, one wound up; then checked with tools that are not ours."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.stories.village import ROOT, Village

pytestmark = pytest.mark.slow
SERVERS = ("anvil", "postgres")


@dataclass(frozen=True)
class Told:
    """What the program answered, and where."""

    village: Village
    answer: dict[str, Any]

    @property
    def documents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.answer["documents"]
        return found

    def typed(self, word: str) -> list[list[str]]:
        """The printed commands that have a word in them."""
        lines = [shlex.split(line) for line in self.answer["commands"]]
        return [words for words in lines if word in words or Path(words[0]).name == word]

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=ROOT, env=dict(self.village.environment), check=False, capture_output=True, text=True)

    def files(self) -> dict[str, str]:
        folder = self.village.folder / "state" / "agreements"
        return {file.name: sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def start(village: Village) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "scripts.contracts", "--json"]
    return subprocess.Popen(words, cwd=ROOT, env=village.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answered(village: Village) -> dict[str, Any]:
    with start(village) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """The contracts, begun by a run that was killed after the first code was sent, and finished by the next; the devchain then runs."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        village = Village(Path(folder))
        with start(village) as killed:
            while killed.poll() is None and not (village.folder / "state" / "mailbox").exists():
                time.sleep(0.02)
            killed.send_signal(signal.SIGKILL)
            killed.communicate()
        left = village.settles_to(*SERVERS)
        assert all(any(server in command for server in SERVERS) for command in left.values()), "children end with their parent"
        answer = answered(village)
        assert village.processes() == {}, "the run that ends in order stops the servers its predecessor left"
        assert village.sonang("devchain", "up", "--port", "0").returncode == 0
        try:
            yield Told(village, answer)
        finally:
            village.sonang("devchain", "down")
            assert village.processes() == {}


def test_four_customers_sign_four_ways_and_only_the_code_is_the_utilitys_word(told: Told) -> None:
    shown = [(one["kind"], one["way"], one["attested"], one["state"], one["ends"]) for one in told.documents]
    assert shown == [
        ("supply-residential", "otp", True, "in-force", "superseded"),
        ("supply-residential", "passkey", False, "in-force", None),
        ("supply-residential", "wallet", False, "terminated", None),
        ("supply-non-residential", "certificate", False, "in-force", None),
        ("amendment-annex", "otp", True, "not-yet-in-force", None),
        ("termination-minutes", "wallet", False, "in-force", None),
    ]
    assert {one["level"] for one in told.documents} == {"PAdES B-LTA"}
    assert (told.answer["checkpoint"]["size"], told.answer["checkpoint"]["cosigned"]) == (14, 2)


def test_again_it_changes_nothing_and_answers_the_same(told: Told) -> None:
    before = told.files()
    assert sum(name.endswith(".issued.pdf") for name in before) == len(told.documents)
    assert answered(told.village) == told.answer
    assert told.files() == before


def test_pyhanko_validates_offline_and_for_the_long_term_with_only_the_root(told: Told) -> None:
    commands = told.typed("pyhanko")
    assert [words[2] for words in commands] == ["validate", "adesverify"]
    for words in commands:
        done = told.run([*words[:3], "--executive-summary", *words[3:]])
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(":VALID") == 2


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
def test_pdfsig_sees_both_signatures(told: Told) -> None:
    ((_, file),) = told.typed("pdfsig")
    seen = told.run(["pdfsig", "-nocert", file]).stdout
    assert seen.count("Signature Validation: Signature is Valid.") == 2


def test_the_log_is_whole_for_an_auditor_who_trusts_its_key_and_both_witnesses(told: Told) -> None:
    (words,) = told.typed("audit-log")
    done = told.run([*words, "--json"])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["verdict"], found["size"]) == ("whole", 14)
    assert [one["verdict"] for one in found["findings"] if one["check"] == "witnesses"] == ["whole", "whole"]


def test_verify_tells_what_is_in_force_from_what_was_wound_up(told: Told) -> None:
    (words,) = told.typed("verify")
    contract = told.run([*words, "--json"])
    assert contract.returncode == 0, contract.stderr
    ended = next(one["file"] for one in told.documents if one["state"] == "terminated")
    assert told.run([words[0], "verify", ended]).returncode == 7


def test_the_evidence_is_one_file_in_the_state_folder_with_the_approval_by_code_in_it(told: Told) -> None:
    (words,) = told.typed("evidence")
    file = Path(words[-1])
    assert file.parent == told.village.folder / "state" / "evidence", "where an erasure finds it, and not among the sources"
    done = told.run(words)
    assert done.returncode == 0, done.stderr
    assert b"approvals/" in file.read_bytes()
