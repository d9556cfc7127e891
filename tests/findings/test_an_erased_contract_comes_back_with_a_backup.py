"""The folder of contracts, put back from a backup older than an erasure, brought the erased person's file back, and it stayed for ever."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.life.model import Erasure
from ledger.life.returned import shred_returned


def row(agreement: bytes) -> AgreementRow:
    times = {"valid_from": 1, "valid_to": 2, "deadline": 1}
    digests = {"base_length": 10, "base_digest": agreement, "terms_root": agreement}
    code = agreement.hex()[:20]
    return AgreementRow(id=agreement, kind="rooftop-surplus-sale", kind_version=1, family=agreement, lookup_code=code, **times, **digests)


def test_the_file_of_an_erased_contract_is_destroyed_again(session: Session, tmp_path: Path) -> None:
    store, (erased, waiting, kept) = DocumentStore(tmp_path / "agreements"), (os.urandom(32) for _ in range(3))
    assert shred_returned(session, store) == []
    session.add_all(row(one) for one in (erased, waiting, kept))
    session.flush()
    for one, destroyed_s in ((erased, 2), (waiting, None)):
        said = {"reason": "retention-ended", "record": b"{}", "by": "Lưu trữ", "decided_s": 1, "lookup_digest": one}
        session.add(Erasure(agreement_id=one, destroyed_s=destroyed_s, **said))
    session.flush()
    for one in (erased, waiting, kept):
        store.write(one, b"%PDF-")
        store.write_issued(one, b"%PDF-issued")
    assert shred_returned(session, store) == [erased.hex()]
    assert {path.name[:64] for path in store.directory.glob("*.pdf")} == {waiting.hex(), kept.hex()}
    assert shred_returned(session, store) == []
