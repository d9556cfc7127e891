"""The documents a newcomer reads say what the program does: commands, targets and links are held to the real ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").rglob("*.md"))


def test_the_readme_lists_every_command_with_the_words_of_its_own_help() -> None:
    listed = dict(re.findall(r"^\| `sonang ([a-z-]+)` \| (.+) \|$", README, re.M))
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_answers_help_with_an_example(command: str) -> None:
    program = str(Path(sys.executable).parent / "sonang")
    done = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=False, env={"COLUMNS": "200", "TERM": "dumb"})
    assert done.returncode == 0, done.stderr
    assert COMMANDS[command].split(":")[0] in done.stdout.replace("\n", " ").replace("  ", " ")
    assert "Example" in done.stdout


def test_every_target_the_documents_name_is_a_target_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.M))
    named = {name for page in PAGES for name in re.findall(r"(?:^    |`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.M)}
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_python_dependency_has_its_line_of_reasons() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    required = [
        re.split(r"[\[<>=;]", line)[0].strip()
        for name in ("base.in", "dev.in", "bench.in", "tools.in")
        for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith(("-r", "#"))
    ]
    explained = set(re.findall(r"[a-z0-9@/.-]+", reasons))
    assert [name for name in required if name not in explained and not name.startswith("types-")] == []
