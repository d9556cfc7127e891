"""The golden vectors are other people's answers, and stay so."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.ledger.protocol.vectors import FOLDER, load


def test_the_vectors_are_what_independent_tools_write(project_root: Path) -> None:
    done = subprocess.run(["node", str(FOLDER / "make.mjs"), "--check"], cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + "run `node tests/vectors/make.mjs` and look at the difference"


def test_the_tool_that_made_them_knows_the_example_of_eip_712_itself() -> None:
    assert load("typed_data")["mail"] == {
        "domain": "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f",
        "digest": "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2",
    }
