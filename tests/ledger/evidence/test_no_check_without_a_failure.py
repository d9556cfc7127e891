"""Every check a verification can report is seen to fail by a test that names it: the next one cannot come without such a test."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from ledger.evidence import words

EVIDENCE: Final = "tests/ledger/evidence/"
FINDINGS: Final = "tests/findings/"
SEEN_TO_FAIL: Final = {
    EVIDENCE + "test_envelope_checks_fail.py": "container format contracts block header accounts storage nothing-spare same-document",
    EVIDENCE + "test_agreement_checks_fail.py": "document record signatures signers attested",
    EVIDENCE + "test_every_check_fails.py": (
        "recorded terms anchor reading-leaf meter silent profile clearing fill-leaf same-reading commitment order order-leaf no-order "
        "cancellation agreement status balance price limit may-sell run position-leaf conserved log-proof"
    ),
    EVIDENCE + "test_bundles.py": "energy",
    EVIDENCE + "test_fraud.py": "delivered",
    EVIDENCE + "test_logged.py": "log-entry log-key witnesses log-anchor log-fresh",
    EVIDENCE + "test_documents.py": "known",
    EVIDENCE + "test_issued.py": "revisions",
    FINDINGS + "test_known_attacks_on_signed_pdfs.py": "seals",
    FINDINGS + "test_a_stranger_seals_with_our_field_names.py": "sealer issued-here",
    FINDINGS + "test_an_evidence_package_is_swapped_around_an_authentic_document.py": "package",
    FINDINGS + "test_an_approval_is_attested_by_the_evidence_of_another_document.py": "approvals",
    FINDINGS + "test_an_old_package_is_silent_about_the_end.py": "present",
}
"""Where each check fails, by the test's file; that the code makes no others than `words.CHECKS` is held in `test_words`."""


def test_every_check_has_a_test_of_its_failure_and_no_test_is_listed_for_a_check_that_is_gone() -> None:
    listed = [check for checks in SEEN_TO_FAIL.values() for check in checks.split()]
    assert sorted(listed) == sorted(words.CHECKS)


@pytest.mark.parametrize("file", SEEN_TO_FAIL)
def test_the_test_compares_the_check_that_failed_with_its_code(project_root: Path, file: str) -> None:
    tree = ast.parse((project_root / file).read_text())
    named = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(SEEN_TO_FAIL[file].split()) <= named
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }
    assert asked & {"failed", "FAILED", "StoppedError"}
