"""Of a file that was issued and is gone from the disk it was said that it "was not issued yet": nobody looked for the backup."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError
from ledger.evidence.packaging import agreement_package
from ledger.sealing.commands import issue_due
from ledger.sealing.queries import issued_file
from ledger.sealing.sealer import Sealer
from tests.conftest import World
from tests.ledger.sealing.conftest import office
from tests.ledger.sealing.office import Office

__all__ = ["office"]


def test_whoever_reads_it_is_told_that_it_is_missing_and_what_the_backup_must_hold(
    office: Office, session: Session, sealer: Sealer, world: World
) -> None:
    issued, later = sorted(office.ask(2))
    assert issue_due(office.sessions, office.store, sealer, limit=1).issued == [issued]
    assert issued_file(session, office.store, issued) == office.store.issued_path(issued).read_bytes()
    office.store.issued_path(issued).unlink()
    job = office.job(issued)
    assert job.issued_digest is not None
    with pytest.raises(NotFoundError, match="was issued and is gone") as told:
        issued_file(session, office.store, issued)
    assert told.value.field == str(office.store.issued_path(issued))
    assert "restore it from the backup of the state folder" in told.value.fix
    assert job.issued_digest.hex() in told.value.fix
    row = session.get_one(AgreementRow, issued)
    with pytest.raises(NotFoundError, match="was issued and is gone"):
        agreement_package(session, world.gateway, office.store, row, roots=(), keys=())
    with pytest.raises(NotFoundError, match="was not issued yet") as waits:
        issued_file(session, office.store, later)
    assert "sonang seal --queue" in waits.value.fix
