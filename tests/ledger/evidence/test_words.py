"""Everything a verification can say is worded in both languages, and every JSON form has one reading."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from ledger.cli.program import build
from ledger.evidence import words
from ledger.evidence.claims.agreement import ANSWERS as AGREEMENT_ANSWERS
from ledger.evidence.claims.agreement import NAMES
from ledger.evidence.codec import from_json, to_json
from ledger.evidence.findings import EXIT_CODES, Answer, Report, Result
from ledger.evidence.shown import headline, lines
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.protocol.errors import ProtocolError
from tests.ledger.evidence.proven_day import KINDS, Samples


def literals(root: Path, function: str) -> Iterator[str]:
    """First arguments of all calls of a function or class in the evidence room, where they are literal."""
    for file in sorted((root / "ledger/evidence").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == function:
                    yield str(node.args[0].value)


def test_every_check_status_and_answer_has_words_and_every_word_is_used(project_root: Path) -> None:
    made = {code for function in ("step", "skip", "Check") for code in literals(project_root, function)}
    assert made == set(words.CHECKS)
    assert {code for plan in words.PLANS.values() for code in plan} <= made
    assert set(literals(project_root, "Status")) | {"superseded", "terminated", "revoked"} == set(words.STATUSES)
    assert set(words.ANSWERS) == {answer.value for answer in Answer}
    files = (*(project_root / "ledger/evidence/claims").glob("*.py"), project_root / "ledger/evidence/packaged.py")
    claims = "".join(file.read_text() for file in files)
    assert all(f'"{code}"' in claims for code in (*words.REMARKS, *words.UNCHECKED))
    assert set(words.RESULTS) == {result.value for result in Result}
    assert set(words.KINDS) == set(words.PLANS)


def test_every_answer_has_an_exit_code_of_its_own_and_leaves_those_of_errors_free() -> None:
    assert set(EXIT_CODES) == set(Answer)
    assert len(set(EXIT_CODES.values())) == len(Answer)
    assert not {1, 2, 130} & set(EXIT_CODES.values())


def tabled(document: Path, columns: int) -> Iterator[list[str]]:
    """Rows of a document's tables with so many columns."""
    for line in document.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == columns:
            yield cells


def answered(root: Path) -> dict[str, set[int]]:
    """Every status that a claim makes, with the exit codes it makes it with."""
    found = {NAMES[number]: {EXIT_CODES[answer]} for number, answer in AGREEMENT_ANSWERS.items()}
    for file in (root / "ledger/evidence/claims").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Status" and isinstance(node.args[0], ast.Constant):
                answer = node.args[1] if len(node.args) > 1 else None
                code = EXIT_CODES[Answer[answer.attr] if isinstance(answer, ast.Attribute) else Answer.AUTHENTIC]
                found.setdefault(str(node.args[0].value), set()).add(code)
    return found


def test_the_documents_list_every_exit_code_and_every_status_with_its_own(project_root: Path) -> None:
    document = project_root / "docs/verify.md"
    codes = {row[1]: int(row[0]) for row in tabled(document, 3) if row[0].isdigit()}
    assert codes == {answer.value: code for answer, code in EXIT_CODES.items()}
    listed = {name.strip("` "): {int(row[1])} for row in tabled(document, 4) if row[1].isdigit() for name in row[0].split(",")}
    assert listed == answered(project_root)
    assert set(listed) == set(words.STATUSES)


@pytest.mark.parametrize(("command", "document"), [("verify", "verify"), ("evidence", "verify"), ("seal", "sealing")])
def test_every_option_of_the_commands_is_explained_in_the_documents(project_root: Path, command: str, document: str) -> None:
    told = (project_root / f"docs/{document}.md").read_text()
    typed: Any = get_command(build(command))
    options = [name for one in typed.commands[command].params if one.param_type_name == "option" for name in one.opts]
    assert len(options) > 3
    assert [name for name in options if f"`{name}`" not in told and f"{name} " not in told] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_report_can_be_shown(samples: Samples, kind: str) -> None:
    for data in (samples.bundles[kind], samples.bundles[kind][:-1], b""):
        for trust in (samples.trust, Trust()):
            report = verify_bundle(data, trust)
            assert headline(report)
            shown = "\n".join(lines(report))
            assert all(" · ".join(words.CHECKS[check.code]) in shown for check in report.checks)


def test_text_from_a_file_cannot_steer_the_readers_terminal() -> None:
    report = Report(Answer.AUTHENTIC, "agreement", None, None, (), {"terms": {"a\x9b31m": "\u202emirrored\x1b[2J"}}, ())
    assert all(line.isprintable() for line in lines(report))


@dataclass(frozen=True)
class Thing:
    name: str
    wh: int
    id: bytes
    parts: tuple[bytes, ...]
    other: Thing | None


THINGS = st.recursive(
    st.builds(Thing, st.text(max_size=5), st.integers(-(2**255), 2**256), st.binary(max_size=9), st.just(()), st.none()),
    lambda inner: st.builds(Thing, st.text(max_size=5), st.integers(), st.binary(), st.tuples(st.binary(max_size=3)), inner),
    max_leaves=3,
)


@given(THINGS)
def test_a_dataclass_comes_back_from_its_json_form(thing: Thing) -> None:
    if all(abs(one.wh) < 10**79 for one in (thing, *((thing.other,) if thing.other else ()))):
        assert from_json(Thing, to_json(thing), "thing") == thing


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"wh": "5"}, "thing.wh"),
        ({"wh": 2**53}, "thing.wh"),
        ({"wh": "09007199254740993"}, "thing.wh"),
        ({"wh": True}, "thing.wh"),
        ({"wh": "٣"}, "thing.wh"),
        ({"wh": "9" * 5_000}, "thing.wh"),
        ({"id": "0xAB"}, "thing.id"),
        ({"id": "ab"}, "thing.id"),
        ({"parts": ["0x", 3]}, "thing.parts[1]"),
        ({"parts": {}}, "thing.parts"),
        ({"other": {}}, "thing.other"),
        ({"more": 1}, "thing"),
    ],
)
def test_any_other_form_of_a_value_is_refused_and_its_place_is_named(change: dict[str, object], field: str) -> None:
    plain = {"name": "a", "wh": 5, "id": "0xab", "parts": ["0x01"], "other": None}
    assert from_json(Thing, plain, "thing").wh == 5
    with pytest.raises(ProtocolError) as refused:
        from_json(Thing, {**plain, **change}, "thing")
    assert refused.value.field == field
