"""A program that dies between a document's file and its row leaves no file behind for ever, and costs no document that has a row."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.model import AgreementRow
from ledger.agreements.orphans import DOUBT, GRACE_S, KEPT_S, Swept, sweep_orphans
from ledger.agreements.store import DocumentStore
from ledger.errors import ConflictError
from ledger.parties.commands import draft_party

DRAFTING = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import make_url, select
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import SaleFacts
from ledger.agreements.store import DocumentStore
from ledger.db import connect, open_sessions
from ledger.parties.model import Party

url, folder = sys.argv[1:]
with open_sessions(connect(make_url(url)))() as session:
    def draft():
        parties = session.scalars(select(Party).order_by(Party.label)).all()
        facts = SaleFacts("PE15000123456001", "Trạm T15", 5_200, 671)
        kind = "rooftop-surplus-sale"
        at = 1_782_838_800
        draft_agreement(session, DocumentStore(Path(folder)), parties=parties, kind=kind, facts=facts, valid_from=at, deadline=at)
    draft()
    session.commit()
    draft()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "agreements")


def swept(sessions: sessionmaker[Session], store: DocumentStore, after_s: float) -> Swept:
    with sessions() as session:
        return sweep_orphans(session, store, int(time.time() + after_s))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_the_file_of_a_drafter_killed_before_its_commit_is_set_aside_and_later_destroyed(
    engine: Engine, sessions: sessionmaker[Session], store: DocumentStore
) -> None:
    with sessions.begin() as session:
        for label, role in (("a", "owner"), ("b", "utility")):
            draft_party(session, label=label, role=role, name="Nguyễn Thị A", signer=None)
    url = engine.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", DRAFTING, url, str(store.directory)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with sessions() as session:
        (known,) = session.scalars(select(AgreementRow.id))
    (lost,) = names(store.directory) - {store.path(known).name}

    assert swept(sessions, store, GRACE_S - 60).words() == {}, "it might be drafted just now"
    told = swept(sessions, store, GRACE_S + 60)
    assert told.words()["set_aside"] == [lost]
    assert f"moved to {told.folder}" in str(told.words()["why"])
    assert names(store.directory) == {store.path(known).name}
    assert store.read(known).startswith(b"%PDF-")
    assert names(told.folder) == {lost}
    assert told.folder.stat().st_mode & 0o077 == 0
    assert swept(sessions, store, GRACE_S + KEPT_S).words() == {}
    assert swept(sessions, store, GRACE_S + KEPT_S + 120).words() == {"destroyed": [lost]}
    assert names(told.folder) == set()
    assert swept(sessions, store, GRACE_S + 3 * KEPT_S).words() == {}


def test_a_half_written_file_goes_and_a_file_whose_row_comes_back_is_put_back(
    sessions: sessionmaker[Session], store: DocumentStore
) -> None:
    lost = os.urandom(32)
    store.write(lost, b"%PDF-draft")
    store.write_issued(lost, b"%PDF-issued")
    half = store.directory / f"{lost.hex()}.issued.pdf.4711.new"
    half.write_bytes(b"%PDF-ha")
    note = store.directory / "note.txt"
    note.write_text("not ours")
    told = swept(sessions, store, GRACE_S + 60)
    assert (len(told.set_aside), told.destroyed) == (2, (half.name,))
    assert names(store.directory) == {note.name}
    with sessions.begin() as restoring:
        restoring.add(_row(lost))
    assert set(swept(sessions, store, 2 * GRACE_S).put_back) == {store.path(lost).name, store.issued_path(lost).name}
    assert (store.read(lost), store.read_issued(lost)) == (b"%PDF-draft", b"%PDF-issued")


def test_a_folder_that_does_not_belong_to_the_database_is_left_alone(sessions: sessionmaker[Session], store: DocumentStore) -> None:
    for number in range(DOUBT + 1):
        store.write(number.to_bytes(32, "big"), b"%PDF-")
    with pytest.raises(ConflictError, match="21 of 21 documents have no row") as refused:
        swept(sessions, store, GRACE_S + 60)
    assert "SONANG_DATABASE_URL" in refused.value.fix
    assert len(names(store.directory)) == DOUBT + 1


def _row(agreement: bytes) -> AgreementRow:
    times = {"valid_from": 1, "valid_to": 2, "deadline": 1}
    digests = {"base_length": 10, "base_digest": agreement, "terms_root": agreement}
    return AgreementRow(id=agreement, kind="rooftop-surplus-sale", kind_version=1, family=agreement, lookup_code="x", **times, **digests)
