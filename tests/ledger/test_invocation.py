"""A command the program prints can be pasted into the shell it was printed to."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.invocation import as_called, as_typed, command, near

BIN = Path(sys.executable).parent


def test_who_has_not_activated_the_environment_is_told_where_the_program_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for folder in (BIN, BIN.parent, BIN.parents[1], tmp_path):
        monkeypatch.chdir(folder)
        said = command("--help")
        done = subprocess.run(["/bin/sh", "-c", said], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, "the sun ledger" in done.stdout) == (0, True), done.stderr
        assert said.startswith("/") == (folder == tmp_path)


def test_where_the_shell_finds_this_program_its_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"/usr/bin:{BIN}")
    assert command("day", "--zone", "demo") == "sonang day --zone demo"


def test_commands_within_an_error_are_written_as_the_program_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "run `sonang devchain up`, or `sonang deploy`; Sổ Nắng's sonang stays"
    monkeypatch.setenv("PATH", f"/usr/bin:{BIN}")
    assert as_called(said) == said
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(BIN.parents[1])
    assert as_called(said) == f"run `{command('devchain', 'up')}`, or `{command('deploy')}`; Sổ Nắng's sonang stays"
    assert "`.venv/bin/sonang deploy`" in as_called(said) or BIN.parent.name != ".venv"


def test_another_program_of_the_same_name_is_not_taken_for_this_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "sonang"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{BIN}")
    assert command() != "sonang"


def test_a_file_below_the_current_folder_is_named_from_there_and_any_other_in_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below.parent)
    assert near(below / "c.zip") == near(Path("b/c.zip")) == "b/c.zip"
    assert near(Path("../c.zip")) == near(tmp_path / "c.zip") == str(tmp_path / "c.zip")
    assert near(tmp_path / "ab" / "c.zip") == str(tmp_path / "ab" / "c.zip")


@pytest.mark.parametrize("name", ["Làng Nắng", "it's", "$(ls)", "a;b", ""])
def test_names_with_blanks_and_signs_reach_the_program_whole(name: str) -> None:
    assert shlex.split(command("day", "--zone", name))[1:] == ["day", "--zone", name]
    assert shlex.split(as_typed(Path("/x") / name)) == [str(Path("/x") / name)]
