"""The limits that keep rooms small. If one hurts, the design is wrong: split by meaning, not by size."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ledger", "oracle", "api", "scripts")
PYTHON_LINES, CONTRACT_LINES, FUNCTION_LINES = 300, 400, 40
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
PYTHON = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CONTRACTS = sorted((ROOT / "contracts").rglob("*.sol"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_rooms_are_found() -> None:
    assert len(PYTHON) > 50
    assert len(CONTRACTS) > 10


def test_no_python_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        short(path): count for path in [*PYTHON, *TESTS] if (count := len(path.read_text(encoding="utf-8").splitlines())) > PYTHON_LINES
    }
    assert long == {}


def test_no_contract_is_longer_than_an_auditor_can_hold() -> None:
    long = {short(path): count for path in CONTRACTS if (count := len(path.read_text(encoding="utf-8").splitlines())) > CONTRACT_LINES}
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{short(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in PYTHON
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }
    assert long == {}


def test_no_module_is_a_drawer() -> None:
    assert [short(path) for path in PYTHON if path.stem in DRAWERS or path.parent.name in DRAWERS] == []


def test_no_engine_or_provider_is_built_at_import() -> None:
    names = r"create_engine|open_engine|database|sessionmaker|Web3|HTTPProvider|Gateway\.connect|load_settings"
    builders = re.compile(rf"^(\w+\s*(:[^=]+)?=\s*)?({names})\(", re.M)
    assert [short(path) for path in PYTHON if builders.search(path.read_text(encoding="utf-8"))] == []


def test_a_secret_has_no_default() -> None:
    secret = re.compile(r"^\s*\w*(private_key|secret|password|token)\w*\s*:\s*[^=\n]+=\s*[\"'][^\"']+[\"']", re.M | re.I)
    assert [short(path) for path in PYTHON if secret.search(path.read_text(encoding="utf-8"))] == []


def test_house_and_price_arithmetic_holds_no_float() -> None:
    """Energy and money are integers (house decision 3): no float type in the rooms that compute them."""
    rooms = [path for path in PYTHON if any(part in path.parts for part in ("market", "settlement", "metering", "protocol"))]
    floats = {
        f"{short(path)}:{node.lineno}"
        for path in rooms
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (isinstance(node, ast.Name) and node.id == "float")
    }
    allowed = {entry for entry in floats if "quantities.py" in entry or "canonical.py" in entry}
    assert floats - allowed == set()


def test_contracts_keep_their_prose_in_the_interfaces() -> None:
    for contract in (ROOT / "contracts").glob("*.sol"):
        interface = ROOT / "contracts" / "interfaces" / f"I{contract.stem}.sol"
        assert interface.exists(), f"{short(contract)} has no interface"
        assert "@notice" in interface.read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "raise NotImplementedError"])
def test_no_promise_is_left_unkept(word: str) -> None:
    assert [short(path) for path in [*PYTHON, *CONTRACTS] if word in path.read_text(encoding="utf-8")] == []


def test_imports_go_downwards_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
