"""Files that come in at the counter, asked of this installation's own node and ledger."""

from __future__ import annotations

import pytest

from ledger.errors import NotFoundError
from ledger.evidence.bundle import chain_id_of
from ledger.evidence.claims.agreement import agreement_status
from ledger.evidence.claims.standings import moment
from ledger.evidence.documents import verify_against_node, verify_document
from ledger.evidence.findings import Answer
from ledger.evidence.shown import lines
from ledger.evidence.verify import verify_bundle
from ledger.protocol.slots import AgreementRecord
from tests.ledger.evidence.proven_day import ProvenDay


def test_a_sealed_document_and_a_bundle_are_both_answered_from_the_node(day: ProvenDay) -> None:
    gateway, pdf = day.world.gateway, day.valley.town.store.read(day.valley.agreements[day.valley.roof.id].id)
    found = verify_document(day.session, gateway, pdf)
    assert found.report.answer == Answer.AUTHENTIC
    assert found.bundle is not None
    assert verify_bundle(found.bundle, day.trust, pdf).answer == Answer.AUTHENTIC
    again = verify_against_node(gateway, found.bundle)
    assert again.answer == Answer.AUTHENTIC
    assert chain_id_of(found.bundle) == gateway.chain_id
    assert chain_id_of(found.bundle[:-1]) is None


def test_a_bundle_of_a_block_the_chain_took_back_is_not_trusted_any_more(day: ProvenDay) -> None:
    gateway, bundle = day.world.gateway, day.bundle("position")
    assert verify_against_node(gateway, bundle).answer == Answer.AUTHENTIC
    gateway.ask("anvil_rollback", gateway.confirmations + 1)
    day.valley.reach(day.valley.town.now() + 60)
    gateway.mine(gateway.confirmations)
    report = verify_against_node(gateway, bundle)
    assert report.failed is not None
    assert (report.answer, report.failed.code) == (Answer.ALTERED, "block")


def test_a_bundle_from_beyond_the_nodes_head_has_to_wait(day: ProvenDay) -> None:
    gateway = day.world.gateway
    gateway.mine(50)
    bundle = day.bundle("position")
    gateway.ask("anvil_rollback", 40)
    with pytest.raises(NotFoundError, match="the chain has no block"):
        verify_against_node(gateway, bundle)


def test_a_draft_that_was_never_sealed_is_known_and_still_no_agreement(day: ProvenDay) -> None:
    town, valley = day.valley.town, day.valley
    draft = town.draft(day.session, valley.home.party, valley.utility, valley.day)
    found = verify_document(day.session, day.world.gateway, town.store.read(draft.id))
    assert (found.report.answer, found.bundle) == (Answer.ALTERED, None)
    assert found.report.failed is not None
    assert "carries no signatures" in found.report.failed.detail
    assert verify_document(None, day.world.gateway, town.store.read(draft.id)).report.answer == Answer.UNRECOGNISED


def test_a_file_whose_header_is_damaged_is_known_again_by_its_seal(day: ProvenDay) -> None:
    pdf = day.valley.town.store.read(day.valley.agreements[day.valley.roof.id].id)
    for place in range(5):
        flipped = pdf[:place] + bytes((pdf[place] ^ 1,)) + pdf[place + 1 :]
        report = verify_document(None, day.world.gateway, flipped).report
        assert (report.answer, report.kind) == (Answer.ALTERED, "agreement")


def test_a_file_nobody_knows_is_called_a_file_and_says_what_else_to_try(day: ProvenDay) -> None:
    report = verify_document(day.session, day.world.gateway, b"hello").report
    assert (report.answer, report.kind, lines(report)[0]) == (Answer.UNRECOGNISED, None, "Tệp · File")
    assert report.failed is not None
    assert report.failed.code == "known"
    assert "bring its bundle" in report.failed.detail
    assert "another one may hold it" in report.failed.detail


def test_a_document_sealed_and_never_recorded_is_not_recognised(day: ProvenDay) -> None:
    town, valley = day.valley.town, day.valley
    late = town.agree(day.session, valley.home.party, valley.utility, valley.day)
    found = verify_document(day.session, day.world.gateway, town.store.read(late.id))
    assert (found.report.answer, found.bundle) == (Answer.UNRECOGNISED, None)


@pytest.mark.parametrize(
    ("status", "ended_at", "at", "said"),
    [
        (1, 0, 9, ("not-yet-in-force", Answer.AUTHENTIC, 10, None)),
        (1, 0, 10, ("in-force", Answer.AUTHENTIC, 20, "expired")),
        (1, 0, 20, ("expired", Answer.AUTHENTIC, 20, None)),
        (2, 15, 14, ("in-force", Answer.AUTHENTIC, 15, "superseded")),
        (2, 15, 15, ("superseded", Answer.SUPERSEDED, 15, None)),
        (2, 25, 19, ("in-force", Answer.AUTHENTIC, 20, "expired")),
        (2, 25, 22, ("expired", Answer.AUTHENTIC, 20, None)),
        (3, 5, 7, ("terminated", Answer.TERMINATED, 5, None)),
        (4, 12, 12, ("revoked", Answer.REVOKED, 12, None)),
    ],
)
def test_what_has_become_of_an_agreement_follows_the_moment(status: int, ended_at: int, at: int, said: tuple[object, ...]) -> None:
    record = AgreementRecord(b"\1" * 32, b"\2" * 32, 10, 20, ended_at, status, bytes(32))
    found = agreement_status(record, at)
    assert (found.code, found.answer, found.at, found.then) == said


def test_a_moment_beyond_every_calendar_is_still_shown() -> None:
    assert moment(2**64 - 1) == str(2**64 - 1)
    assert moment(0) == "1970-01-01 00:00:00 UTC"
