"""A ZIP that never was evidence, a customer's own `documents.zip` too, was called altered; what was ours and was changed still is."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from ledger.cli.verify import verify
from ledger.evidence.bundle import read_members
from ledger.evidence.container import write_container
from ledger.evidence.findings import Answer
from ledger.evidence.presented import is_package
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from tests.ledger.evidence.test_golden import FOLDER

AGREEMENT, READING = ((FOLDER / f"{kind}.zip").read_bytes() for kind in ("agreement", "reading"))
PDF = read_members(AGREEMENT)["agreement.pdf"]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def answer(data: bytes) -> Answer:
    report = verify_bundle(data, Trust())
    assert report.failed is not None
    assert report.failed.code == "container"
    return report.answer


FOREIGN = {
    "a customer's documents": zipped({"meter-minutes-7K3M.pdf": PDF, "supply-7K3N.pdf": PDF}),
    "a document and its bundle": zipped({"agreement.pdf": PDF, "agreement.zip": AGREEMENT}),
    "a program's release": zipped({"README.md": b"#", "SHA256SUMS": b"", "tool": b"\x7fELF"}),
    "settings of a machine": zipped({"README.md": b"#", "deployment.json": b"{}", "web/bundle.json": b"{}"}, zipfile.ZIP_DEFLATED),
    "one file": zipped({"request.json": b"{}"}),
    "one file, cut off": zipped({"request.json": b"{}"})[:-30],
    "very many files": zipped({f"{place}.txt": b"" for place in range(1_001)}),
    "written as ours are": write_container({"request.json": b"{}"}),
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_a_zip_that_never_was_evidence_is_not_recognised(data: bytes) -> None:
    assert not is_package(data)
    assert answer(data) == Answer.UNRECOGNISED


def test_of_a_zip_of_documents_it_is_said_that_each_is_verified_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "documents.zip"
    file.write_bytes(FOREIGN["a customer's documents"])
    assert verify([file], bundle=True) == 5
    shown = capsys.readouterr().out
    assert "KHÔNG NHẬN RA · UNRECOGNISED" in shown
    assert "kiểm tra riêng từng tệp · take them out and verify each by itself: meter-minutes-7K3M.pdf, supply-7K3N.pdf" in shown
    file.write_bytes(zipped({f"{place}.pdf": PDF for place in range(10)}))
    assert verify([file], bundle=True) == 5
    assert "6.pdf, 7.pdf +2\n" in capsys.readouterr().out


def test_a_bundle_of_ours_that_was_changed_is_altered_wherever_it_was() -> None:
    for data, directory in ((READING, READING.rindex(b"PK\1\2")), (AGREEMENT, AGREEMENT.rindex(b"bundle.json") - 200)):
        for place in (*range(4, 45), *range(directory, len(data))):
            changed = data[:place] + bytes((data[place] ^ 4,)) + data[place + 1 :]
            assert answer(changed) == Answer.ALTERED, place


def test_a_bundle_that_was_packed_again_is_altered() -> None:
    members = read_members(AGREEMENT)
    content = members["bundle.json"]
    for changed in (
        zipped(members),
        zipped({"bundle.json": content}, zipfile.ZIP_DEFLATED),
        zipped({"bundle.json": content, "note.txt": b"hello"}),
        write_container({"agreement.pdf": PDF}),
        AGREEMENT[:-9],
        AGREEMENT[: len(PDF) // 2],
        READING[:-1],
        b"PK\3\4" + READING,
    ):
        assert answer(changed) == Answer.ALTERED
