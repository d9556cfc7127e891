"""A trade line whose correction skipped a version of the readings was told authentic and final: only the next version was looked at.

The Exchange clears any anchored version, so what replaced a line may be any later one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.errors import RuleError
from ledger.evidence import build
from ledger.evidence.bundle import parse_bundle, read_members, write_bundle
from ledger.evidence.claims.trade import TradeClaim
from ledger.evidence.findings import Answer, Report
from ledger.evidence.shown import lines as shown
from ledger.evidence.verify import verify_bundle
from ledger.market import commands as market
from ledger.market import queries as lines
from ledger.market.model import Fill
from ledger.metering.queries import reading_with_proof
from ledger.protocol.merkle import merkle_root
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import Readings, digest
from ledger.settlement import queries as settled
from ledger.settlement.commands import settle_period
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import ProvenDay, deliver, trade_a_day
from tests.ledger.market.valley import HOUR, WINDOW_S


@pytest.fixture
def day(session: Session, world: World, sessions: sessionmaker[Session], tmp_path: Path) -> ProvenDay:
    """A day traded, cleared and settled on a real chain."""
    return trade_a_day(session, world, Town(world.gateway, sessions, DocumentStore(tmp_path), world.operator, world.guardian))


def correct(day: ProvenDay, version: int) -> None:
    """Anchors the day's readings once more."""
    day.valley.measure(day.session, day.valley.sunny(), version=version)
    deliver(day.session, day.valley.town)


def clear(day: ProvenDay, version: int) -> None:
    market.clear_day(day.session, day.valley.town.calls, day.valley.zone, day.valley.day, version)
    deliver(day.session, day.valley.town)


def void_noon(day: ProvenDay) -> None:
    """The guardian voids the newest clearing of noon."""
    noon = lines.unit(day.session, day.valley.zone, day.valley.starts[12]).typed()
    day.world.gateway.send("Exchange", "voidClearing", [noon, bytes(32)], day.world.guardian)
    day.world.gateway.mine(day.world.gateway.confirmations)


def settle(day: ProvenDay, run: int) -> None:
    day.valley.reach(day.valley.town.now() + WINDOW_S)
    settle_period(day.session, day.valley.town.calls, day.valley.zone, day.valley.day, run)
    deliver(day.session, day.valley.town)


def verified(day: ProvenDay, fill: Fill) -> Report:
    return verify_bundle(build.trade_bundle(day.session, day.world.gateway, fill), day.trust)


def test_a_line_is_superseded_by_a_correction_that_skipped_a_version(day: ProvenDay) -> None:
    old = day.fill("pool")
    correct(day, 2)
    correct(day, 3)
    clear(day, 3)
    before = verified(day, old)
    assert (before.answer, before.exit_code) == (Answer.SUPERSEDED, 6), "from the moment it was cleared, as with the next version"
    settle(day, 2)
    report = verified(day, old)
    assert report.status is not None
    assert (report.answer, report.status.code, report.status.by) == (Answer.SUPERSEDED, "superseded", "readings version 3")
    fresh = verified(day, day.fill("pool"))
    assert fresh.status is not None
    assert (fresh.answer, fresh.status.code, fresh.status.remarks) == (Answer.AUTHENTIC, "final", ())


def test_a_line_is_superseded_by_the_correction_after_a_voided_one(day: ProvenDay) -> None:
    old = day.fill("pool")
    correct(day, 2)
    clear(day, 2)
    void_noon(day)
    report = verified(day, old)
    assert report.status is not None
    assert (report.answer, report.status.code, report.status.remarks) == (Answer.AUTHENTIC, "final", ("newer-readings",))
    correct(day, 3)
    clear(day, 3)
    report = verified(day, old)
    assert report.status is not None
    assert (report.answer, report.status.by) == (Answer.SUPERSEDED, "readings version 3")


def test_a_bundle_cannot_leave_out_the_proof_of_what_replaced_it(day: ProvenDay) -> None:
    """The answer of before, rebuilt by its bearer: with the proofs of any one slot gone, nothing is authentic."""
    correct(day, 2)
    old = day.fill("pool")
    correct(day, 3)
    clear(day, 3)
    bundle = parse_bundle(read_members(build.trade_bundle(day.session, day.world.gateway, old)))
    for name, proof in bundle.proofs.items():
        for slot in proof.storage:
            less = {**bundle.proofs, name: replace(proof, storage={key: nodes for key, nodes in proof.storage.items() if key != slot})}
            assert verify_bundle(write_bundle(replace(bundle, proofs=less)), day.trust).answer == Answer.ALTERED


def test_newer_readings_and_a_missing_settlement_are_said_of_a_line_that_still_stands(day: ProvenDay) -> None:
    correct(day, 2)
    correct(day, 3)
    report = verified(day, day.fill("pool"))
    assert report.status is not None
    assert (report.answer, report.status.code, report.status.remarks) == (Answer.AUTHENTIC, "final", ("newer-readings",))
    assert "newer readings are anchored, and this is of the older ones" in "\n".join(shown(report))
    clear(day, 2)
    open_still = verified(day, day.fill("pool"))
    assert open_still.status is not None
    assert (open_still.status.code, open_still.status.remarks) == ("open-to-challenge", ("newer-readings",))
    day.valley.reach(day.valley.town.now() + WINDOW_S)
    day.world.gateway.mine(day.world.gateway.confirmations)
    final = verified(day, day.fill("pool"))
    assert final.status is not None
    assert final.status.as_json()["remarks"] == ["newer-readings", "unsettled"]


def test_a_position_says_when_newer_readings_are_anchored_and_is_superseded_by_any_later_run(day: ProvenDay) -> None:
    first = settled.run_of(day.session, day.valley.zone, day.valley.day)
    position = next(one for one in settled.positions_of(day.session, first) if one.party_id == day.valley.home.party_id)

    def found() -> Report:
        return verify_bundle(build.position_bundle(day.session, day.world.gateway, position), day.trust)

    correct(day, 2)
    correct(day, 3)
    report = found()
    assert report.status is not None
    assert (report.answer, report.status.code, report.status.remarks) == (Answer.AUTHENTIC, "current", ("newer-readings",))
    clear(day, 3)
    settle(day, 2)
    settle(day, 3)
    report = found()
    assert report.status is not None
    assert (report.answer, report.status.by, report.status.remarks) == (Answer.SUPERSEDED, "run 3", ())


def test_a_reading_two_corrections_old_is_superseded(day: ProvenDay) -> None:
    correct(day, 2)
    correct(day, 3)
    report = verify_bundle(day.bundle("reading"), day.trust)
    assert report.status is not None
    assert (report.answer, report.status.by) == (Answer.SUPERSEDED, "version 2")


def test_readings_of_another_period_than_the_day_prove_no_line(day: ProvenDay) -> None:
    """The ReadingAnchor takes any period; corrections are looked for under the day the Exchange clears, so a line cannot bring its own."""
    session, valley, gateway = day.session, day.valley, day.world.gateway
    fill = lines.fill_with_proof(session, day.fill("pool"))
    honest = build.anchored(reading_with_proof(session, valley.roof, fill.leaf.start, 1))
    for begin, end in ((valley.day + HOUR, valley.day + 25 * HOUR), (valley.day - HOUR, valley.day + 24 * HOUR)):
        leaf = honest.leaf
        readings = Readings(valley.zone.id, begin, end, 1, merkle_root([leaf.leaf_hash()]), 1)
        to_sign = digest(gateway.deployment.domain("ReadingAnchor"), readings)
        signed = sorted((eoa_signer(key), sign_eoa(key, to_sign)) for key in valley.oracles[:2])
        valley.reach(max(valley.town.now(), end) + 1)
        statement = [readings, [one for one, _ in signed], [one for _, one in signed]]
        gateway.send("ReadingAnchor", "anchor", [[statement]], day.world.operator)
        gateway.mine(gateway.confirmations)
        claim = parse_bundle(read_members(day.bundle("trade"))).claim
        assert isinstance(claim, TradeClaim)
        foreign = replace(claim, reading=replace(honest, readings=readings, proof=()))
        with pytest.raises(RuleError, match="readings of another period than the zone's day"):
            build.bundle_of(gateway, foreign)


def test_a_trade_line_says_that_it_does_not_show_the_newest_order_or_lawful_prices(day: ProvenDay) -> None:
    report = verified(day, day.fill("pool"))
    assert {"newest-order", "lawful-prices"} <= set(report.unchecked)
    text = "\n".join(shown(report))
    assert "a newer one may have been ignored" in text
    assert "That the published and the retail price are the lawful ones" in text
