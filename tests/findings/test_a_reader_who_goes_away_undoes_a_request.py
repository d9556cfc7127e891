"""`sonang service submit … | head -1`: the pipe is closed while the answer is printed. The request was lost, since the answer was printed
before the transaction ended, and printing to nobody ends the program.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ledger.parties.commands import draft_unit
from ledger.services.queries import request_by_number
from tests.ledger.services.conftest import HOUSEHOLD

SAYING = ("say", "_say", "_tell", "_answer", "print", "echo", "_show")


def test_what_was_submitted_stays_when_nobody_reads_the_answer(
    engine: Engine, session: Session, tmp_path: Path, project_root: Path
) -> None:
    draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà")
    session.commit()
    paper = tmp_path / "request.json"
    paper.write_text(json.dumps({"service": "low-voltage-supply", "unit": "PA01HH", "given": HOUSEHOLD}))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    url = engine.url.render_as_string(hide_password=False)
    ours = {"SONANG_STATE_DIR": str(tmp_path / "state"), "SONANG_DATABASE_URL": url}
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ledger.cli", "service", "submit", str(paper), "--json"]
    told = subprocess.run(command, cwd=project_root, env={**clean, **ours}, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (told.returncode, told.stderr) == (1, b""), "whoever closed the pipe is told nothing more"
    assert [act.verb for act in request_by_number(session, 1).acts] == ["submit", "route"]


def test_no_command_prints_inside_a_transaction_that_writes(project_root: Path) -> None:
    found = []
    for path in sorted((project_root / "ledger" / "cli").glob("*.py")):
        for block in ast.walk(ast.parse(path.read_text())):
            if isinstance(block, ast.With) and any(ast.unparse(one.context_expr).endswith(".begin()") for one in block.items):
                calls = (one for one in ast.walk(block) if isinstance(one, ast.Call))
                found += [f"{path.name}:{one.lineno}" for one in calls if ast.unparse(one.func).rpartition(".")[2] in SAYING]
    assert found == []
