"""What happens to a document is in the log, in the transaction that did it, whoever else is writing; and the chain hears of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements import commands as agreements
from ledger.agreements.heard import log_what_was_heard
from ledger.errors import ChainError, NotFoundError, RuleError
from ledger.note_keys import KeyFileError, load_note_key, new_note_key
from ledger.protocol.checkpoint import NoteSigner, parse_note
from ledger.protocol.log import tree_root, verify_consistency, verify_inclusion
from ledger.transparency import queries
from ledger.transparency.audit import Copy, Elsewhere, Verdict, audit
from ledger.transparency.chain import read_chain
from ledger.transparency.commands import DocumentEvent, anchor_checkpoint, log_event, log_events, sign_checkpoint
from ledger.transparency.model import LogEntry
from ledger.transparency.rules import gaps, parse_entry
from tests.ledger.agreements.town import Town

DAY = 86_400


@pytest.fixture
def signer(town: Town, tmp_path: Path) -> NoteSigner:
    return new_note_key(tmp_path / "log.key", queries.origin_of(town.gateway.deployment))


def said(session: Session) -> list[tuple[bytes, str]]:
    return [(row.document, row.event) for row in queries.entries_from(session, 0)]


def test_the_life_of_documents_is_logged_anchored_and_audited(town: Town, session: Session, signer: NoteSigner) -> None:
    owner, utility = town.party(session, "home"), town.party(session, "utility", "utility")
    first = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    small = sign_checkpoint(session, signer)
    anchor_checkpoint(session, town.calls, small)
    second = town.agree(session, owner, utility, town.now() + DAY, supersedes=first)
    session.commit()
    town.deliver()
    town.terminate(session, second, owner, town.now() + 2 * DAY)
    session.commit()
    town.deliver()
    assert said(session) == [(first.id, "sealed"), (second.id, "sealed")], "what ends a document is logged once the chain has said so"
    log_what_was_heard(session)
    agreements.revoke(session, town.gateway, town.guardian, second, "fraud")
    assert said(session) == [
        (first.id, "sealed"), (second.id, "sealed"), (first.id, "superseded"), (second.id, "terminated"), (second.id, "revoked")
    ]  # fmt: skip
    large = sign_checkpoint(session, signer)
    anchor_checkpoint(session, town.calls, large)
    anchor_checkpoint(session, town.calls, sign_checkpoint(session, signer))
    session.commit()
    town.deliver()

    anchors, documents, in_force = read_chain(town.gateway, ())
    assert in_force == {first.id}, "until tomorrow, when the next takes its place"
    assert [(one.size, one.root) for one in anchors] == [(1, small.root), (5, large.root)]
    assert town.gateway.call("DocumentLog", "latest") == (5, large.root)
    assert town.gateway.call("DocumentLog", "rootOf", 1) == small.root
    assert sorted(event for _, event, _ in documents) == ["revoked", "sealed", "sealed", "superseded", "terminated"]
    copy = Copy([row.data for row in queries.entries_from(session, 0)], [row.note for row in queries.checkpoints(session)])
    found = audit(copy, Elsewhere(signer.name, anchors, documents, in_force, signer.key()))
    assert found.verdict is Verdict.WHOLE, found.findings
    for entry in queries.entries_from(session, 0):
        assert verify_inclusion(large.root, 5, entry.index, entry.leaf_hash, queries.inclusion(session, entry.index, 5))
        proof = queries.portable_proof(session, entry)
        assert proof.holds()
        assert signer.key().signed(proof.note)
    assert verify_consistency(small.root, 1, large.root, 5, queries.consistency(session, 1, 5))


def test_what_is_rolled_back_was_never_logged_and_doing_it_again_logs_it_once(town: Town, session: Session) -> None:
    owner, utility = town.party(session, "home"), town.party(session, "utility", "utility")
    session.commit()
    agreement = town.draft(session, owner, utility, town.now() - DAY)
    town.sign_both(session, agreement)
    session.commit()
    agreements.seal_and_record(session, town.calls, town.store, agreement)
    session.rollback()
    assert said(session) == []
    session.refresh(agreement)
    for _ in range(2):
        agreements.seal_and_record(session, town.calls, town.store, agreement)
    session.commit()
    assert said(session) == [(agreement.id, "sealed")]
    entry = queries.entry_about(session, agreement.id, "sealed")
    read = parse_entry(entry.data)
    assert (read.unit, read.sequence, read.digest) == (utility.id, 0, agreement.sealed_digest)
    with pytest.raises(NotFoundError, match="does not say"):
        queries.entry_about(session, agreement.id, "revoked")


def test_a_refused_revocation_is_not_logged_and_a_lost_entry_is_logged_when_it_is_done_again(town: Town, session: Session) -> None:
    owner, utility = town.party(session, "home"), town.party(session, "utility", "utility")
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    with pytest.raises(ChainError):
        agreements.revoke(session, town.gateway, town.guardian, agreement, "fraud")
    session.commit()
    assert said(session) == [(agreement.id, "sealed")]
    town.deliver()
    assert agreements.revoke(session, town.gateway, town.guardian, agreement, "fraud") is not None
    session.rollback()  # the process died before its commit
    assert said(session) == [(agreement.id, "sealed")]
    assert agreements.revoke(session, town.gateway, town.guardian, agreement, "fraud") is None
    session.commit()
    assert said(session) == [(agreement.id, "sealed"), (agreement.id, "revoked")]
    draft = town.draft(session, owner, utility, town.now())
    with pytest.raises(RuleError, match="never sealed"):
        agreements.revoke(session, town.gateway, town.guardian, draft, "fraud")


def test_many_writers_at_once_leave_no_gap(sessions: sessionmaker[Session]) -> None:
    def write(number: int) -> None:
        with sessions() as session:
            log_event(
                session, unit=bytes([number % 3]) * 32, event="sealed", document=(number // 2).to_bytes(32, "big"), digest=b"\x01" * 32
            )
            if number % 5:
                session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    with sessions() as session:
        rows = session.scalars(select(LogEntry).order_by(LogEntry.index)).all()
        assert [row.index for row in rows] == list(range(len(rows)))
        assert gaps([parse_entry(row.data) for row in rows]) == []
        assert len(rows) == 30


def test_a_log_whose_rows_were_changed_signs_nothing_more(sessions: sessionmaker[Session], signer: NoteSigner) -> None:
    with sessions.begin() as session:
        with pytest.raises(NotFoundError, match="empty"):
            sign_checkpoint(session, signer)
        for number in range(3):
            log_event(session, unit=bytes(32), event="sealed", document=bytes([number]) * 32, digest=b"\x01" * 32)
        row = sign_checkpoint(session, signer)
        assert sign_checkpoint(session, signer) is row
        assert row.root == tree_root([row.leaf_hash for row in queries.entries_from(session, 0)])
        assert signer.key().signed(parse_note(row.note))
        with pytest.raises(RuleError, match="another key"):
            sign_checkpoint(session, NoteSigner(signer.name, Ed25519PrivateKey.generate()))
    with sessions.begin() as session:
        session.execute(text("UPDATE log_entry SET leaf_hash = sha256(leaf_hash) WHERE index = 1"))
        log_event(session, unit=bytes(32), event="revoked", document=bytes(32), digest=b"\x01" * 32)
        with pytest.raises(RuleError, match="entry 1 was changed"):
            sign_checkpoint(session, signer)


def test_a_key_file_is_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.key"
    made = new_note_key(path, "a.log")
    assert load_note_key(path, "a.log").key() == made.key()
    with pytest.raises(KeyFileError, match="exists already"):
        new_note_key(path, "a.log")
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="others may read"):
        load_note_key(path, "a.log")
    path.chmod(0o600)
    path.write_text("nothing of a key")
    with pytest.raises(KeyFileError, match="no Ed25519"):
        load_note_key(path, "a.log")
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_note_key(tmp_path / "none", "a.log")


def test_what_the_chain_heard_from_others_is_logged_before_a_checkpoint(town: Town, session: Session) -> None:
    owner, utility = town.party(session, "home"), town.party(session, "utility", "utility")
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    message = agreements.termination_of(agreement, owner, effective_at=0, deadline=2**40)
    signature = town.sign(owner, "AgreementRegistry", message)
    arguments = (agreement.typed(), owner.id, 0, 2**40, owner.signer, signature)
    town.gateway.send("AgreementRegistry", "terminate", arguments, town.operator)
    town.observe()
    assert said(session) == [(agreement.id, "sealed")]
    assert (log_what_was_heard(session), log_what_was_heard(session)) == (1, 0)
    assert said(session) == [(agreement.id, "sealed"), (agreement.id, "terminated")]


def test_events_logged_together_keep_their_order_once_each_and_prove_like_single_ones(session: Session) -> None:
    units = [bytes((number,)) * 32 for number in (1, 2)]
    named = [DocumentEvent(units[number % 2], "sealed", number.to_bytes(32, "big"), bytes(32)) for number in range(300)]
    assert log_events(session, named[:100]) == 100
    assert log_events(session, [*named[50:], named[299]]) == 200
    rows = queries.entries_from(session, 0)
    assert [row.document for row in rows] == [one.document for one in named]
    assert not gaps([parse_entry(row.data) for row in rows])
    leaves = [row.leaf_hash for row in rows]
    assert queries.root_at(session, 300) == tree_root(leaves)
    assert verify_inclusion(tree_root(leaves), 300, 123, leaves[123], queries.inclusion(session, 123, 300))
    assert verify_consistency(tree_root(leaves[:77]), 77, tree_root(leaves), 300, queries.consistency(session, 77, 300))
