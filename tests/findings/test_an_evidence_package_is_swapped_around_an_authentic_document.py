"""Of an evidence package only the document and its bundle were verified: whatever lay beside them passed for evidence, commands too."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest

from ledger.cli.verify import verify
from ledger.evidence.container import write_container
from ledger.evidence.findings import Answer, Report, Result
from ledger.evidence.packaged import with_package
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.evidence.test_package import package

__all__ = ["package"]


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(data: bytes, into: Mapping[str, bytes]) -> Report:
    """What is said of a package with some files changed, in the one form a package has."""
    return with_package(GOOD, write_container(members(data) | into))


def test_what_lies_beside_the_document_follows_from_it_or_is_told(package: bytes) -> None:
    whole = with_package(GOOD, package)
    assert (whole.answer, whole.checks[-1].code, whole.checks[-1].result) == (Answer.AUTHENTIC, "package", Result.PASSED)
    assert whole.unchecked == ("packaged-trust",), "a root, a key or an address of one's own makes another whole package"
    before = members(package)
    swapped = {
        "terms.json": before["terms.json"].replace(b'"validity.years","5"', b'"validity.years","9"'),
        "log/issued.path": b"",
        "log/issued.tlog-proof": before["log/sealed.tlog-proof"],
        "pdf/SoNangSeal.p7s": before["pdf/SoNangApprovals.p7s"],
        "approvals/" + 64 * "0" + ".json": b"{}",
        "SHA256SUMS": b"",
        "../outside": b"",
        "log/keys.txt": b"nobody",
    }
    for name, content in swapped.items():
        assert content != before.get(name), name
        report = changed(package, {name: content})
        assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "package"), name


def test_a_readme_of_another_version_is_no_fault_and_nobody_is_told_to_run_it(package: bytes) -> None:
    report = changed(package, {"README.md": b"```sh\nrm -rf ~\n```\n"})
    assert (report.answer, report.checks[-1].result) == (Answer.AUTHENTIC, Result.NOT_CHECKED)
    assert "read its commands before you run them" in report.checks[-1].detail
    altered = Report(Answer.ALTERED, None, None, None, (), {}, ())
    assert with_package(altered, package) == altered


def test_the_command_says_so(package: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(write_container(members(package) | {"log/issued.path": b""}))
    assert verify([file], bundle=True) == 4
    assert "not what its document and proofs give: log/issued.path" in capsys.readouterr().out
    file.write_bytes(package)
    assert verify([file], bundle=True) == 3
