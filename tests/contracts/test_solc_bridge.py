"""`scripts/solc.mjs` is a compiler like any other to whoever calls it: py-solc-x, forge, slither."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

ASK = {"language": "Solidity", "settings": {"outputSelection": {"*": {"*": ["abi"]}}}}


@pytest.fixture
def bridge(project_root: Path) -> Path:
    return project_root / "scripts" / "solc.mjs"


def run(bridge: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(bridge), *words], input=stdin, capture_output=True, text=True, check=False, timeout=60)


def compiled(bridge: Path, source: str, *words: str) -> dict[str, Any]:
    done = run(
        bridge,
        "--standard-json",
        *words,
        stdin=json.dumps({**ASK, "sources": {"A.sol": {"content": "// SPDX-License-Identifier: Apache-2.0\n" + source}}}),
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_it_names_the_pinned_version(bridge: Path, project_root: Path) -> None:
    pinned = json.loads((project_root / "package.json").read_text(encoding="utf-8"))["dependencies"]["solc"]
    assert f"Version: {pinned}+commit." in run(bridge, "--version").stdout


def test_an_import_is_found_in_node_modules_and_below_the_base_path(bridge: Path, tmp_path: Path) -> None:
    (tmp_path / "B.sol").write_text("contract B {}", encoding="utf-8")
    source = 'import "@openzeppelin/contracts/utils/Errors.sol"; import "B.sol"; contract A is B {}'
    assert "A" in compiled(bridge, source, "--base-path", str(tmp_path))["contracts"]["A.sol"]


def test_an_import_from_anywhere_else_is_not_read(bridge: Path, tmp_path: Path) -> None:
    (tmp_path / "B.sol").write_text("contract B {}", encoding="utf-8")
    base = tmp_path / "base"
    base.mkdir()
    for name in (str(tmp_path / "B.sol"), "../B.sol"):
        answer = compiled(bridge, f'import "{name}"; contract A {{}}', "--base-path", str(base))
        assert any("not found" in error["message"] for error in answer["errors"])
    allowed = compiled(bridge, f'import "{tmp_path}/B.sol"; contract A {{}}', "--base-path", str(base), "--allow-paths", str(tmp_path))
    assert "A" in allowed["contracts"]["A.sol"]


def test_a_wrong_option_is_named_on_stderr(bridge: Path) -> None:
    done = run(bridge, "--combined-json", "abi")
    assert (done.returncode, done.stdout) == (1, "")
    assert "unrecognised option '--combined-json'" in done.stderr


def test_input_that_comes_slowly_through_a_pipe_that_never_blocks_is_read_to_its_end(bridge: Path) -> None:
    """npm's own command line fails here with EAGAIN."""
    text = json.dumps({**ASK, "sources": {"A.sol": {"content": "contract A {}" + " " * 300_000}}}).encode()
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    with subprocess.Popen([str(bridge), "--standard-json"], stdin=readable, stdout=subprocess.PIPE) as process:
        os.close(readable)

        def feed() -> None:
            with os.fdopen(writable, "wb") as pipe:
                for part in (text[:10], text[10:]):
                    time.sleep(0.3)
                    pipe.write(part)
                    pipe.flush()

        feeder = threading.Thread(target=feed)
        feeder.start()
        out, _ = process.communicate(timeout=60)
        feeder.join()
    assert "A" in json.loads(out)["contracts"]["A.sol"]
