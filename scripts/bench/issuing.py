"""The queue of sealed documents as `sonang seal` works it: read, issued, read back, on disk, in the database and in the log."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

from sqlalchemy.orm import Session

from ledger.agreements.kinds import facts_from, kind_named
from ledger.agreements.render import render
from ledger.agreements.sealed import seal
from ledger.agreements.store import DocumentStore
from ledger.db import connect, open_sessions, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.parties.model import Party
from ledger.sealing.commands import issue_due, request_issue
from ledger.sealing.seal import Issuer
from scripts.sample import CUSTOMER, FACTS, KIND, UTILITY, frame, row_of, signed

COUNT = 200


def seconds_a_file(folder: Path, issuer: Issuer) -> float:
    """By the clock, with a database of its own in that folder.

    Raises:
        RuntimeError: something was not issued.
    """
    server, store = EmbeddedPostgres(folder / "postgres"), DocumentStore(folder / "agreements")
    engine = connect(server.url())
    try:
        upgrade(engine)
        sessions = open_sessions(engine)
        with sessions.begin() as session:
            _ask(session, store)
        begun = perf_counter()
        report = issue_due(sessions, store, issuer, limit=COUNT)
        took = perf_counter() - begun
    finally:
        engine.dispose()
        server.close()
    if len(report.issued) != COUNT:
        raise RuntimeError(report.unavailable or next(iter(report.refused.values()), "nothing was due"))
    return took / COUNT


def _ask(session: Session, store: DocumentStore) -> None:
    roles = {CUSTOMER: "customer", UTILITY: "utility"}
    session.add_all(
        Party(id=one.id, label=role, role=role, name=one.name, signer=bytes(20), salt_key=bytes(32)) for one, role in roles.items()
    )
    session.flush()
    terms = kind_named(KIND).terms(frame(), facts_from(KIND, FACTS))
    base = render(KIND, terms)
    for _ in range(COUNT):
        agreement = os.urandom(32)
        content = signed(base, terms, agreement)
        pdf = seal(base, content)
        row = row_of(content, pdf, [party.id for party in roles])
        session.add(row)
        store.write(agreement, pdf)
        session.flush()
        request_issue(session, row)
