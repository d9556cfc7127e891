"""Years later: a contract that is over is erased, and everything others proved still stands."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementTerm
from ledger.agreements.queries import agreement_by_id, agreements_of
from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.evidence.build import provable_block
from ledger.evidence.findings import Answer
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.life.commands import erase, erase_party, finish_erasures, lift_hold, place_hold
from ledger.life.model import ErasedParty, Erasure
from ledger.life.queries import family_of
from ledger.life.retention import due_for_erasure, holds, retention_of
from ledger.life.rules import lookup_digest, parse_erasure
from ledger.metering.model import Reading
from ledger.protocol.checkpoint import NoteSigner
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import parse_tlog_proof
from ledger.sealing.model import IssueJob
from ledger.services.holding import on_request_of
from ledger.transparency.audit import Anchored, Copy, Elsewhere, Verdict, audit
from ledger.transparency.chain import read_chain
from ledger.transparency.commands import sign_checkpoint
from ledger.transparency.queries import checkpoints, entries_from, entry_about, origin_of, portable_proof, root_at
from ledger.transparency.rules import parse_entry
from tests.conftest import World
from tests.ledger.agreements.town import FOREVER, Town
from tests.ledger.evidence.proven_day import KINDS, trade_a_day

BY = "Trưởng phòng lưu trữ"
YEAR = 366 * 86_400


def test_what_others_proved_still_verifies_byte_for_byte_after_a_neighbour_is_erased(session: Session, world: World, town: Town) -> None:
    day = trade_a_day(session, world, town)
    valley, gone = day.valley, day.valley.spare_roof
    contract, owner = valley.agreements[gone.id], gone.party
    block = provable_block(world.gateway)
    before = {kind: day.bundle(kind) for kind in KINDS}
    signer = NoteSigner(origin_of(world.deployment), Ed25519PrivateKey.generate())
    sign_checkpoint(session, signer)
    proofs = {entry.index: portable_proof(session, entry).to_bytes() for entry in entries_from(session, 0)}
    said, pdf = contract.lookup_code, town.store.read(contract.id)
    readings = session.scalar(select(func.count()).select_from(Reading))

    gone.valid_to = town.now()
    later = contract.valid_to + 6 * YEAR
    issued = {"state": "issued", "asked_s": 1, "tries": 1, "next_try_s": 1, "issued_s": 1, "issued_digest": bytes(32), "level": "B-LTA"}
    session.add(IssueJob(agreement_id=contract.id, good_until_s=1, **issued))
    assert [one.family for one in due_for_erasure(session, later, on_request_of)] == sorted(
        one.family for one in valley.agreements.values()
    )
    erased = erase(session, contract, reason="retention-ended", by=BY, at=later, on_request=on_request_of)
    session.commit()
    assert town.store.read(contract.id) == pdf  # its files go in a transaction of their own
    finish_erasures(session, town.store)
    session.commit()
    assert finish_erasures(session, town.store) == []

    with pytest.raises(NotFoundError):
        town.store.read(contract.id)
    assert (owner.salt_key, owner.name, owner.signer) == (None, None, None)
    assert session.get_one(ErasedParty, owner.id).reason == "retention-ended"
    assert session.scalar(select(func.count()).where(AgreementTerm.agreement_id == contract.id)) == 0
    assert session.scalars(select(IssueJob.good_until_s)).all() == [None], "nothing of it is renewed"
    assert erased[0].lookup_digest == lookup_digest(said.lower().replace("-", ""))
    assert [one.state for one in family_of(session, contract)] == ["erased"]
    assert contract.id not in {one.family for one in due_for_erasure(session, later, on_request_of)}
    rows = session.scalar(text("SELECT string_agg(t::text, '') FROM (SELECT p FROM party p UNION ALL SELECT NULL) AS t"))
    assert "Mái 2" not in str(rows)
    assert "Mái 1" in str(rows)

    assert session.scalar(select(func.count()).select_from(Reading)) == readings
    trust = Trust(block.hash, day.contracts)
    for kind, bundle in before.items():
        assert day.bundle(kind) == bundle, kind
        assert verify_bundle(bundle, trust).answer == Answer.AUTHENTIC, kind
    for index, raw in proofs.items():
        proof = parse_tlog_proof(raw)
        assert proof.holds(), index
        assert signer.key().signed(proof.note)

    sign_checkpoint(session, signer)
    entry = entry_about(session, contract.id, "erased")
    record = parse_erasure(erased[0].record)
    assert parse_entry(entry.data).digest == sha256(erased[0].record).digest() == record.digest()
    assert (record.sealed, record.reason, record.years) == (sha256(pdf).digest(), "retention-ended", 5)
    assert record.ended == contract.valid_to < record.kept_until <= record.decided
    assert portable_proof(session, entry).holds()
    entries = [one.data for one in entries_from(session, 0)]
    anchors, documents, in_force = read_chain(world.gateway, ())
    heads = [one.note for one in checkpoints(session)]
    anchors.append(Anchored(len(entries), root_at(session, len(entries)), 1))
    years_later = Elsewhere(signer.name, anchors, documents, log_key=signer.key())
    assert audit(Copy(entries, heads), years_later).verdict is Verdict.WHOLE

    # By the chain's own clock those years are still to come: whoever erases then is told on, whatever the log says.
    assert contract.id in in_force
    now = audit(Copy(entries, heads), replace(years_later, in_force=in_force))
    assert [one.detail for one in now.findings if one.verdict] == [
        f"the log says {hex0x(contract.id)} was erased, by the chain it is in force"
    ]


def test_a_contract_is_not_erased_in_force_nor_inside_the_laws_years_nor_on_hold(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    contract = town.agree(session, owner, utility, town.now())
    session.commit()
    town.deliver()
    ended = town.now() + 86_400
    town.terminate(session, contract, owner, ended)
    session.commit()
    town.deliver()
    session.expire_all()

    def refused(at: int) -> str:
        with pytest.raises(RuleError) as caught:
            erase(session, contract, reason="retention-ended", by=BY, at=at, on_request=on_request_of)
        with pytest.raises(RuleError):
            erase_party(session, owner, by=BY, at=at, on_request=on_request_of)
        return str(caught.value)

    assert "in force" in refused(ended - 1)
    with pytest.raises(RuleError, match="no law about retention"):
        erase(session, contract, reason="retention-ended", by=BY, at=ended, on_request=on_request_of)
    assert due_for_erasure(session, ended, on_request_of) == []
    later = ended + 9 * YEAR  # 2025, when the configured law first holds
    assert retention_of(session, contract.family, later, on_request_of).due
    hold = place_hold(session, party=owner, reason="Vụ án 12/2025", by="Pháp chế", at=later)
    own = place_hold(session, agreement=contract, reason="Thanh tra 3/2025", by="Thanh tra", at=later)
    assert "Vụ án 12/2025" in (told := refused(later))
    assert "Thanh tra 3/2025" in told
    assert "have the hold lifted" in told
    assert due_for_erasure(session, later, on_request_of) == []
    assert place_hold(session, agreement=contract, reason=" Thanh tra 3/2025", by="Thanh tra", at=later + 9) is own, (
        "the same stands already"
    )
    assert list(holds(session)) == [hold, own]
    lift_hold(session, hold, reason="án đã tuyên", by="Pháp chế", at=later)
    lift_hold(session, own, reason="kết thúc thanh tra", by="Thanh tra", at=later)
    with pytest.raises(ConflictError, match="lifted by"):
        lift_hold(session, hold, reason="again", by="x", at=later)
    anew = place_hold(session, party=owner, reason="Vụ án 12/2025", by="Pháp chế", at=later)
    assert anew.id != hold.id, "one that was lifted stands no more"
    lift_hold(session, anew, reason="nhầm", by="Pháp chế", at=later)
    assert len(erase_party(session, owner, by=BY, at=later, on_request=on_request_of)) == 1
    assert session.get_one(Erasure, contract.id).reason == "data-subject-request"
    assert owner.name is None
    assert utility.name is not None
    with pytest.raises(RuleError, match="was erased"):
        place_hold(session, agreement=contract, reason="late", by="x", at=later)
    with pytest.raises(RuleError, match="ledger's own"):
        erase_party(session, utility, by=BY, at=later, on_request=on_request_of)
    assert erase(session, contract, reason="retention-ended", by=BY, at=later, on_request=on_request_of) == []


def test_a_family_is_kept_for_its_last_version_and_a_party_for_its_last_family(town: Town, session: Session, tmp_path: Path) -> None:
    owner, utility = town.people(session)
    first = town.agree(session, owner, utility, town.now())
    other = town.agree(session, owner, utility, town.now() + 20 * YEAR)
    session.commit()
    town.deliver()
    renewed = town.agree(session, owner, utility, town.now() + YEAR, supersedes=first)
    session.commit()
    town.deliver()
    session.expire_all()
    draft = town.draft(session, owner, utility, renewed.valid_from + YEAR, supersedes=renewed)
    assert retention_of(session, first.family, first.valid_to, on_request_of).end == renewed.valid_to
    exported = tmp_path / "evidence" / "agreement.zip"
    exported.parent.mkdir()
    exported.write_bytes(b"PK\x03\x04 0x" + renewed.id.hex().encode())
    kept = exported.with_name("other.zip")
    kept.write_bytes(b"PK\x03\x04 0x" + other.id.hex().encode())
    at = renewed.valid_to + 6 * YEAR
    erased = erase(session, renewed, reason="retention-ended", by=BY, at=at, on_request=on_request_of)
    assert {one.agreement_id for one in erased} == {first.id, renewed.id, draft.id}
    finish_erasures(session, town.store, [exported.parent])
    assert not exported.exists()
    assert kept.exists()
    assert owner.name == "Nguyễn Văn Nhà 7"
    assert owner.salt_key is not None
    assert [one.terms != [] for one in agreements_of(session, owner)] == [False, False, False, True]
    assert town.store.read(other.id)
    assert {parse_entry(one.data).event for one in entries_from(session, 0) if one.document == draft.id} == set()


def test_a_hold_that_is_being_placed_is_waited_for_and_then_respected(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    contract = town.agree(session, owner, utility, town.now())
    session.commit()
    town.deliver()
    at = contract.valid_to + 6 * YEAR
    with town.sessions() as placing, town.sessions() as erasing:
        place_hold(placing, agreement=agreement_by_id(placing, contract.id), reason="Vụ án", by="Pháp chế", at=at)
        erasing.execute(text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            erase(erasing, agreement_by_id(erasing, contract.id), reason="retention-ended", by=BY, at=at, on_request=on_request_of)
        erasing.rollback()
        placing.commit()
        with pytest.raises(RuleError, match="Vụ án"):
            erase(erasing, agreement_by_id(erasing, contract.id), reason="retention-ended", by=BY, at=at, on_request=on_request_of)


def test_what_was_never_signed_is_kept_no_longer_than_it_could_be(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    draft = town.draft(session, owner, utility, town.now(), deadline=town.now() + 100)
    open_still = town.draft(session, owner, utility, town.now(), deadline=FOREVER)
    assert "still open for signatures" in str(retention_of(session, open_still.id, town.now(), on_request_of).blockers)
    at = town.now() + 101
    assert [one.family for one in due_for_erasure(session, at, on_request_of)] == [draft.id]
    erase(session, draft, reason="retention-ended", by=BY, at=at, on_request=on_request_of)
    finish_erasures(session, town.store)
    assert session.get_one(Erasure, draft.id).destroyed_s is not None
    assert entries_from(session, 0) == []


def test_holds_and_erasures_say_who_and_why(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    draft = town.draft(session, owner, utility, town.now())
    with pytest.raises(InputError, match="name one thing"):
        place_hold(session, reason="x", by="y", at=0)
    with pytest.raises(InputError):
        place_hold(session, agreement=draft, reason=" ", by="y", at=0)
    with pytest.raises(InputError, match="no such reason"):
        erase(session, draft, reason="spring cleaning", by=BY, at=0, on_request=on_request_of)
