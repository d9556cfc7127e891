"""Of a package rebuilt without one of its files, the files that no longer fitted were named, and the one that was missing was not."""

from __future__ import annotations

import pytest

from ledger.evidence.container import write_container
from ledger.evidence.findings import Answer
from ledger.evidence.package import SUMS
from ledger.evidence.packaged import with_package
from tests.findings.test_an_evidence_package_is_swapped_around_an_authentic_document import members
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.evidence.test_package import package

__all__ = ["package"]


def blamed(files: dict[str, bytes]) -> str:
    """What the failed check says of a package of these files, in the one form a package has."""
    report = with_package(GOOD, write_container(files))
    assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "package")
    return report.failed.detail if report.failed else ""


def test_every_file_that_is_missing_is_named_and_no_other(package: bytes) -> None:
    whole = members(package)
    beside = sorted(whole.keys() - {"agreement.pdf", "agreement.zip"})
    assert len(beside) > 20
    for name in beside:
        assert blamed({each: data for each, data in whole.items() if each != name}).startswith(f"missing: {name}; "), name
    two = blamed({each: data for each, data in whole.items() if each not in ("log/sealed.path", "roots.pem")})
    assert two.startswith("missing: log/sealed.path, roots.pem; ")


def test_an_approvals_object_that_the_package_lists_is_named(package: bytes) -> None:
    name = f"approvals/{7 * '0a'}{50 * '1'}.json"
    whole = members(package)
    assert blamed({**whole, SUMS: whole[SUMS] + f"{64 * 'a'} *{name}\n".encode()}).startswith(f"missing: {name}; ")


@pytest.mark.parametrize("sums", [b"\xff" * 64, b"a" * 64 + b" *\x1b[2J\n", b"a" * 64 + b" *" + b"x" * 500 + b"\n"])
def test_a_list_that_is_none_names_nothing(package: bytes, sums: bytes) -> None:
    assert blamed({**members(package), SUMS: sums}) == f"not what its document and proofs give: {SUMS}"


def test_sums_that_leave_a_file_out_hide_nothing(package: bytes) -> None:
    for gone in ("log/sealed.tlog-proof", "log/checkpoint", "pdf/certificates.pem"):
        whole = members(package)
        lines = [line for line in whole.pop(SUMS).splitlines(keepends=True) if gone.encode() not in line]
        del whole[gone]
        assert blamed({**whole, SUMS: b"".join(lines)}).startswith(f"missing: {gone}; ")
