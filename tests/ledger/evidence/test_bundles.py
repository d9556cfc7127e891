"""Bundles of a real day on a real chain: each proves its one thing from one block hash, and says what has become of it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands as agreements
from ledger.errors import RuleError
from ledger.evidence import build, shown
from ledger.evidence.findings import Answer, Report, Result
from ledger.evidence.trust import Contracts, Trust
from ledger.evidence.verify import verify_bundle
from ledger.evidence.words import PLANS
from ledger.market import commands as market
from ledger.market import queries as lines
from ledger.metering.rules import DAY_S
from ledger.parties import commands as parties
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from ledger.protocol.typed_data import digest
from tests.conftest import World
from tests.ledger.agreements.town import FOREVER, Town
from tests.ledger.evidence.proven_day import KINDS, ProvenDay, Samples, deliver, keep_profiles, measure_without
from tests.ledger.market.valley import settle_valley


def checked(report: Report) -> dict[str, Result]:
    return {check.code: check.result for check in report.checks}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_of_each_kind_is_authentic_for_who_trusts_the_block(samples: Samples, kind: str) -> None:
    report = verify_bundle(samples.bundles[kind], samples.trust)
    assert (report.answer, report.exit_code) == (Answer.AUTHENTIC, 0)
    assert set(checked(report).values()) == {Result.PASSED}
    assert report.kind is not None
    assert set(PLANS[report.kind]) <= checked(report).keys()
    assert report.unchecked, "an evidence that shows everything does not exist"


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_block_hash_or_a_deployment_record_nothing_is_ever_authentic(samples: Samples, kind: str) -> None:
    for trust in (Trust(), Trust(samples.trust.block_hash), Trust(None, samples.trust.contracts)):
        report = verify_bundle(samples.bundles[kind], trust)
        assert (report.answer, report.exit_code) == (Answer.UNANCHORED, 3)
        missing = ({"block"} if trust.block_hash is None else set()) | ({"contracts"} if trust.contracts is None else set())
        assert {code for code, result in checked(report).items() if result == Result.NOT_CHECKED} == missing


def test_another_blocks_hash_is_named_and_everything_on_it_is_left_unchecked(samples: Samples) -> None:
    report = verify_bundle(samples.bundles["reading"], Trust(b"\x01" * 32, samples.trust.contracts))
    assert (report.answer, report.exit_code) == (Answer.ALTERED, 4)
    assert report.failed is not None
    assert report.failed.code == "block"
    authentic = verify_bundle(samples.bundles["reading"], samples.trust).block
    assert authentic is not None
    number, own = authentic.number, hex0x(authentic.hash)
    assert f"the bundle is of block {number}, whose hash is {own}; the hash you trust is 0x01" in report.failed.detail
    assert f"look up block {number} on your own node; a mistyped hash looks the same as a forged block" in report.failed.detail
    assert f"hãy tra khối {number} trên nút của chính bạn; gõ nhầm mã cũng trông như khối giả" in report.failed.detail
    assert checked(report)["anchor"] == Result.NOT_CHECKED


@pytest.mark.parametrize("field", ["address", "chain"])
def test_the_same_code_elsewhere_or_on_another_chain_is_not_recognised(samples: Samples, field: str) -> None:
    ours = samples.trust.contracts
    assert ours is not None
    other = Contracts(ours.chain_id, {**ours.addresses, "ReadingAnchor": b"\x02" * 20}, ours.code_hashes)
    trusted = other if field == "address" else Contracts(1, ours.addresses, ours.code_hashes)
    report = verify_bundle(samples.bundles["reading"], Trust(samples.trust.block_hash, trusted))
    assert (report.answer, report.exit_code) == (Answer.UNRECOGNISED, 5)
    assert report.failed is not None
    assert report.failed.code == "contracts"


def test_a_contract_that_runs_other_code_than_published_is_refused(samples: Samples) -> None:
    ours = samples.trust.contracts
    assert ours is not None
    trusted = Contracts(ours.chain_id, ours.addresses, {**ours.code_hashes, "Exchange": b"\x03" * 32})
    report = verify_bundle(samples.bundles["trade"], Trust(samples.trust.block_hash, trusted))
    assert report.failed is not None
    assert "Exchange runs other code" in report.failed.detail


def test_an_agreement_that_ended_says_how_and_when_and_by_what(day: ProvenDay) -> None:
    session, town, valley = day.session, day.valley.town, day.valley
    kept, store = valley.agreements[valley.roof.id], town.store
    later = town.agree(session, valley.roof.party, valley.utility, town.now() + DAY_S, supersedes=kept)
    deliver(session, town)
    report = verify_bundle(build.agreement_bundle(session, day.world.gateway, store, kept), day.trust)
    assert report.answer == Answer.AUTHENTIC, "it is in force until the new one begins"
    assert report.status is not None
    assert (report.status.code, report.status.then) == ("in-force", "superseded")
    assert report.status.by == "0x" + later.id.hex()
    unborn = verify_bundle(build.agreement_bundle(session, day.world.gateway, store, later), day.trust)
    assert unborn.status is not None
    assert (unborn.answer, unborn.status.code) == (Answer.AUTHENTIC, "not-yet-in-force")
    assert "by the chain's clock, 20" in shown.lines(unborn)[0]
    valley.reach(town.now() + DAY_S)
    town.gateway.mine(town.gateway.confirmations)
    ended = verify_bundle(build.agreement_bundle(session, day.world.gateway, store, kept), day.trust)
    assert (ended.answer, ended.exit_code) == (Answer.SUPERSEDED, 6)
    assert ended.status is not None
    assert ended.status.by == "0x" + later.id.hex()
    town.terminate(session, later, valley.roof.party, town.now())
    barred = valley.agreements[valley.spare_roof.id]
    agreements.revoke(session, town.gateway, town.guardian, barred, "fraud")
    deliver(session, town)
    answers = [verify_bundle(build.agreement_bundle(session, day.world.gateway, store, one), day.trust) for one in (later, barred)]
    assert [(one.answer, one.exit_code) for one in answers] == [(Answer.TERMINATED, 7), (Answer.REVOKED, 8)]


def test_a_signer_that_was_rotated_since_does_not_undo_what_it_signed_and_is_mentioned(day: ProvenDay) -> None:
    session, town, party, key = day.session, day.valley.town, day.valley.roof.party, new_eoa_key()
    message = parties.rotation_of(party, eoa_signer(key), FOREVER)
    by_new = sign_eoa(key, digest(town.gateway.deployment.domain("PartyRegistry"), message))
    by_old = town.sign(party, "PartyRegistry", message)
    parties.rotate_signer(
        session, town.calls, party, new_signer=eoa_signer(key), deadline=FOREVER, old_signature=by_old, new_signature=by_new
    )
    deliver(session, town)
    for kind in ("agreement", "trade"):
        report = verify_bundle(day.bundle(kind), day.trust)
        assert report.answer == Answer.AUTHENTIC
        assert any(check.code == "signers" and "stood until" in check.detail for check in report.checks)


def test_a_silent_meters_reading_claims_no_energy_and_says_that_nobody_signed(day: ProvenDay) -> None:
    session, valley, gateway = day.session, day.valley, day.world.gateway
    measure_without(session, valley, valley.home, version=2)
    deliver(session, valley.town)
    report = verify_bundle(build.reading_bundle(session, gateway, day.reading(valley.home, version=2)), day.trust)
    assert report.answer == Answer.AUTHENTIC
    assert (checked(report)["silent"], checked(report)["profile"]) == (Result.PASSED, Result.NOT_CHECKED)
    assert (report.facts["import_wh"], report.facts["quality"]) == (0, 3)


def test_energy_the_meter_did_not_sign_for_is_a_broken_rule_of_whoever_anchored_it(day: ProvenDay) -> None:
    session, valley, gateway = day.session, day.valley, day.world.gateway
    valley.measure(session, {**valley.sunny(), valley.roof.id: (0, 901)}, version=2)
    deliver(session, valley.town)
    report = verify_bundle(build.reading_bundle(session, gateway, day.reading(valley.roof, version=2)), day.trust)
    assert (report.answer, report.exit_code) == (Answer.RULE_BROKEN, 9)
    assert report.failed is not None
    assert report.failed.code == "energy"


def test_a_correction_supersedes_the_reading_and_the_trade_it_corrects_but_not_what_stands_on_it(day: ProvenDay) -> None:
    session, valley, gateway = day.session, day.valley, day.world.gateway
    valley.measure(session, valley.sunny(), version=2)
    deliver(session, valley.town)
    report = verify_bundle(day.bundle("reading"), day.trust)
    assert report.status is not None
    assert (report.answer, report.status.by) == (Answer.SUPERSEDED, "version 2")
    assert verify_bundle(day.bundle("trade"), day.trust).answer == Answer.AUTHENTIC, "nothing was cleared on it yet"
    old = day.fill("pool")
    market.clear_day(session, valley.town.calls, valley.zone, valley.day, 2)
    deliver(session, valley.town)
    assert verify_bundle(build.trade_bundle(session, gateway, old), day.trust).exit_code == 6
    fresh = verify_bundle(day.bundle("trade"), day.trust)
    assert fresh.answer == Answer.AUTHENTIC
    assert fresh.status is not None
    assert (fresh.status.code, fresh.status.then) == ("open-to-challenge", "final")
    newest = verify_bundle(build.reading_bundle(session, gateway, day.reading(valley.roof, version=2)), day.trust)
    assert (newest.answer, newest.facts["version"]) == (Answer.AUTHENTIC, 2)


def test_a_voided_clearing_answers_revoked_and_its_line_stays_readable(day: ProvenDay) -> None:
    session, valley, town = day.session, day.valley, day.valley.town
    valley.measure(session, valley.sunny(), version=2)
    deliver(session, town)
    market.clear_day(session, town.calls, valley.zone, valley.day, 2)
    deliver(session, town)
    noon = lines.unit(session, valley.zone, valley.starts[12]).typed()
    town.gateway.send("Exchange", "voidClearing", [noon, bytes(32)], town.guardian)
    town.gateway.mine(town.gateway.confirmations)
    report = verify_bundle(day.bundle("trade"), day.trust)
    assert (report.answer, report.exit_code) == (Answer.REVOKED, 8)
    assert report.status is not None
    assert report.status.code == "voided"
    assert report.facts["quantity_wh"] == 600


def test_unpaid_export_demand_and_every_leg_of_the_day_prove_themselves(day: ProvenDay) -> None:
    session, gateway, trust = day.session, day.world.gateway, day.trust
    noon = lines.unit(session, day.valley.zone, day.valley.starts[12])
    said = []
    for fill in lines.fills_of_unit(session, noon):
        report = verify_bundle(build.trade_bundle(session, gateway, fill), trust)
        assert report.answer == Answer.AUTHENTIC
        said.append((report.facts["side"], report.facts["leg"], report.facts["quantity_wh"]))
    assert sorted(said) == [
        ("buy", "pool", 600),
        ("sell", "pool", 600),
        ("sell", "unpaid", 300),
        ("sell", "utility", 300),
        ("sell", "utility", 500),
    ]


def test_what_is_not_final_yet_has_no_bundle_and_the_error_says_to_wait(session: Session, world: World, town: Town) -> None:
    valley = settle_valley(session, town, world.deployer)
    draft = town.agree(session, valley.home.party, valley.utility, valley.day)
    with pytest.raises(RuleError, match=r"does not prove it: .*the chain has no agreement .* wait until its transactions are final"):
        build.agreement_bundle(session, world.gateway, town.store, draft)


def test_a_destroyed_key_leaves_no_bundle_of_its_own_lines(day: ProvenDay) -> None:
    day.valley.roof.party.salt_key = None
    for kind in ("reading", "trade"):
        with pytest.raises(RuleError, match="was destroyed"):
            day.bundle(kind)


def test_a_reading_whose_meter_signed_a_newer_profile_stands_on_the_version_it_came_from(day: ProvenDay) -> None:
    keep_profiles(day.session, day.valley, version=2)
    assert verify_bundle(day.bundle("reading"), day.trust).answer == Answer.AUTHENTIC
