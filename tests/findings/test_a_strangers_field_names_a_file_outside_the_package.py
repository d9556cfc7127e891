"""A stranger's signature in a field called `/../x` passed without roots; an evidence package of that file holds `pdf//../x.p7s`."""

from __future__ import annotations

import pytest
from pyhanko.sign.signers import SimpleSigner

from ledger.evidence.findings import Answer
from ledger.evidence.presented import present, with_seals
from ledger.test_authority.files import AuthorityFiles
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.sealing.attacks import signed_by_stranger
from tests.ledger.sealing.office import Issued


@pytest.mark.parametrize("name", ["/etc/x", "a\\b", "hai\ndòng", "SoNangSeal\u200b", "x" * 65])
def test_a_signature_field_is_called_as_ours_are_or_the_file_is_altered(name: str, issued: Issued, authority: AuthorityFiles) -> None:
    signer = SimpleSigner.load(str(authority.key("company")), str(authority.certificate("company")))
    report = with_seals(GOOD, present(signed_by_stranger(signer, shown=False, field=name)(issued.sealed)), None)
    assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "revisions")
    assert report.failed is not None
    assert "a name that no issued file has" in report.failed.detail
