"""From a meter's signature to an anchored root and a proof, on a real chain; and what is refused on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, InputError, NotFoundError, ProtocolError, RuleError
from ledger.metering import commands, queries
from ledger.metering.model import UNRECORDED_WH, Anchor, MeterRow, Profile, Reading, Zone
from ledger.metering.rules import DAY_S, NO_SALT
from ledger.parties.model import Party
from ledger.protocol.leaves import ReadingLeaf, profile_salt
from ledger.protocol.merkle import verify_proof
from ledger.protocol.quantities import new_id
from ledger.protocol.signers import eoa_signer, new_eoa_key, new_p256_key, p256_signer, sign_eoa, sign_p256
from ledger.protocol.typed_data import LoadProfile, Readings, digest, hash_struct
from oracle.batch import build_leaves, build_readings
from oracle.profiles import SignedProfile
from oracle.quorum import Quorum
from oracle.vee import ZoneTerms
from tests.conftest import World
from tests.ledger.agreements.town import FOREVER, Town
from tests.ledger.metering.files import make_zone

UNITS = 48


@dataclass
class Street:
    """Two homes with P-256 meters and a third that stays silent; a day that has ended by the chain's clock."""

    town: Town
    zone: Zone
    day: int
    meters: list[MeterRow]
    keys: dict[bytes, EllipticCurvePrivateKey]
    oracles: list[bytes]

    def sign(self, profile: LoadProfile) -> tuple[LoadProfile, bytes]:
        return profile, sign_p256(self.keys[profile.meter], digest(self.town.calls.deployment.domain("MeterRegistry"), profile))

    def profile(self, meter: MeterRow, version: int = 1, wh: int = 7) -> LoadProfile:
        imported = (*range(UNITS - 1), UNRECORDED_WH)
        return LoadProfile(meter.id, self.day, 1_800, version, imported, (wh,) * UNITS)

    def leaves(self, version: int = 1, wh: int = 7) -> list[ReadingLeaf]:
        signed = (self.sign(self.profile(meter, wh=wh)) for meter in self.meters[:2])
        parties = {meter.id: meter.party for meter in self.meters}
        held = {
            profile.meter: SignedProfile(profile, profile_salt(parties[profile.meter].key(), profile.meter, self.day), signature)
            for profile, signature in signed
        }
        return build_leaves(
            self.zone.id, self.day, version, ZoneTerms(1_800, 25_200), meters=[meter.id for meter in self.meters], profiles=held
        )

    def quorum(self, version: int = 1, wh: int = 7) -> Quorum:
        readings = build_readings(self.zone.id, self.day, version, self.leaves(version, wh))
        to_sign = digest(self.town.calls.deployment.domain("ReadingAnchor"), readings)
        signed = sorted((eoa_signer(key), sign_eoa(key, to_sign)) for key in self.oracles[:2])
        return Quorum(readings, tuple(one for one, _ in signed), tuple(one for _, one in signed))

    def deliver(self, session: Session) -> None:
        session.commit()
        self.town.deliver()
        session.expire_all()


@pytest.fixture
def street(session: Session, world: World, town: Town) -> Street:
    zone = make_zone(session)
    commands.configure_zone(session, town.calls, zone)
    oracles = [new_eoa_key() for _ in range(4)]
    world.gateway.send("ReadingAnchor", "setOracles", [[eoa_signer(key) for key in oracles], 1], world.deployer)
    day = (town.now() // DAY_S + 2) * DAY_S - 25_200
    made = Street(town, zone, day, [], {}, oracles)
    for label in ("An", "Bình", "Cúc"):
        meter, key = draft(session, made, label)
        signature = sign_p256(key, digest(town.calls.deployment.domain("MeterRegistry"), meter.typed()))
        commands.install_meter(session, town.calls, meter, signature)
        made.meters.append(meter)
        made.keys[meter.id] = key
    made.deliver(session)
    world.reach(day + DAY_S)
    return made


def draft(session: Session, street: Street, label: str, party: Party | None = None) -> tuple[MeterRow, EllipticCurvePrivateKey]:
    key = new_p256_key()
    signer = p256_signer(key, street.town.calls.deployment.verifiers)
    owner = party or street.town.party(session, label)
    meter = commands.draft_meter(
        session, zone=street.zone, party=owner, label=label, signer=signer, capacity_w=5_000, valid_from=0, valid_to=FOREVER
    )
    return meter, key


def test_the_chain_learns_the_zone_and_its_meters(street: Street) -> None:
    calls = street.town.gateway
    assert calls.call("Exchange", "zoneOf", street.zone.id) == (1_800, 25_200, 3_600, 3_600, 2)
    for meter in street.meters:
        assert calls.call("MeterRegistry", "meterOf", meter.id) == (
            meter.party_id,
            street.zone.id,
            meter.signer,
            5_000,
            0,
            FOREVER,
        )


def test_asking_again_asks_nothing_new_and_other_terms_are_refused(session: Session, street: Street) -> None:
    before = street.zone.intent_id
    commands.configure_zone(session, street.town.calls, street.zone)
    assert street.zone.intent_id == before
    street.zone.gate_lead_s = 60
    with pytest.raises(ConflictError):
        commands.configure_zone(session, street.town.calls, street.zone)


def test_a_reading_is_proven_from_the_leaf_to_the_slot_on_chain(session: Session, street: Street) -> None:
    commands.accept_profiles(session, street.town.calls, [street.sign(street.profile(meter)) for meter in street.meters[:2]])
    assert commands.record_readings(session, street.zone, street.day, 1, street.leaves()) == 3 * UNITS
    (anchor,) = commands.anchor_readings(session, street.town.calls, [street.quorum()])
    street.deliver(session)
    stored = street.town.gateway.call("ReadingAnchor", "readingsHash", street.zone.id, street.day, 1)
    assert stored == hash_struct(anchor.typed())
    for meter in street.meters:
        proven = queries.reading_with_proof(session, meter, street.day + 1_800)
        assert verify_proof(proven.anchor.root, proven.leaf.leaf_hash(), proven.proof)
        silent = meter is street.meters[2]
        assert (proven.leaf.import_wh, proven.leaf.export_wh, proven.leaf.quality) == ((0, 0, 3) if silent else (1, 7, 0))
        assert (proven.leaf.salt == NO_SALT) == silent
        altered = replace(proven.leaf, export_wh=proven.leaf.export_wh + 1)
        assert not verify_proof(proven.anchor.root, altered.leaf_hash(), proven.proof)


def test_a_correction_is_the_next_version_and_both_stay(session: Session, street: Street) -> None:
    calls = street.town.calls
    commands.record_readings(session, street.zone, street.day, 1, street.leaves())
    with pytest.raises(ConflictError, match="version 3 cannot follow version 1"):
        commands.record_readings(session, street.zone, street.day, 3, street.leaves(3))
    commands.record_readings(session, street.zone, street.day, 2, street.leaves(2, wh=9))
    commands.anchor_readings(session, calls, [street.quorum(), street.quorum(2, wh=9)])
    street.deliver(session)
    meter = street.meters[0]
    exports = [queries.reading_with_proof(session, meter, street.day, version).leaf.export_wh for version in (1, 2, None)]
    assert exports == [7, 9, 9]
    assert [len(queries.readings_of_day(session, street.zone, street.day, version)) for version in (1, 2)] == [144, 144]
    assert queries.latest_version(session, street.zone, street.day) == 2
    with pytest.raises(NotFoundError, match="in version 3"):
        queries.readings_of_day(session, street.zone, street.day, 3)


def test_recording_and_anchoring_again_change_nothing(session: Session, street: Street) -> None:
    for _ in range(2):
        assert commands.record_readings(session, street.zone, street.day, 1, street.leaves()) == 3 * UNITS
    first = commands.anchor_readings(session, street.town.calls, [street.quorum()])
    assert commands.anchor_readings(session, street.town.calls, [street.quorum()]) == first
    with pytest.raises(ConflictError, match="version 1 of this day holds other readings"):
        commands.record_readings(session, street.zone, street.day, 1, street.leaves(wh=8))
    with pytest.raises(ConflictError, match="is anchored with root"):
        commands.anchor_readings(session, street.town.calls, [street.quorum(wh=8)])


def test_a_root_over_other_readings_is_not_anchored(session: Session, street: Street) -> None:
    with pytest.raises(ConflictError, match="recorded are 0"):
        commands.anchor_readings(session, street.town.calls, [street.quorum()])
    commands.record_readings(session, street.zone, street.day, 1, street.leaves())
    with pytest.raises(ConflictError, match="record the very readings the oracles signed"):
        commands.anchor_readings(session, street.town.calls, [street.quorum(wh=8)])
    stranger = Quorum(Readings(new_id(), street.day, street.day + DAY_S, 1, bytes(32), 0), (), ())
    with pytest.raises(ConflictError):
        commands.anchor_readings(session, street.town.calls, [replace(stranger, readings=replace(stranger.readings, count=1))])
    assert session.query(Anchor).count() == 0


def test_readings_that_do_not_belong_are_refused(session: Session, street: Street) -> None:
    leaves = street.leaves()
    first, *others = leaves
    wrong = {
        "another zone or version": [replace(first, zone=new_id()), *others],
        "version": [replace(first, version=2), *others],
        "no such meter": [replace(first, meter=new_id()), *others],
        "there twice": [first, *leaves],
        "outside the day": [replace(first, start=first.start - 1_800), *others],
        "47 units of meter": others,
        "does not follow from the party's key": [replace(first, salt=new_id()), *others],
    }
    for says, given in wrong.items():
        with pytest.raises(InputError, match=says):
            commands.record_readings(session, street.zone, street.day, 1, given)
    with pytest.raises(InputError, match="is not midnight"):
        commands.record_readings(session, street.zone, street.day + 1, 1, leaves)
    assert session.query(Reading).count() == 0


def test_the_schema_itself_keeps_one_reading_a_meter_unit_and_version(session: Session, street: Street) -> None:
    commands.record_readings(session, street.zone, street.day, 1, street.leaves())
    copy = Reading(
        meter_id=street.meters[0].id,
        start=street.day,
        version=1,
        zone_id=street.zone.id,
        import_wh=1,
        export_wh=1,
        quality=0,
        salted=True,
        leaf_hash=bytes(32),
    )
    session.add(copy)
    with pytest.raises(IntegrityError, match="pk_reading"):
        session.flush()


def test_a_destroyed_key_closes_its_own_readings_and_no_others(session: Session, street: Street) -> None:
    commands.record_readings(session, street.zone, street.day, 1, street.leaves())
    commands.anchor_readings(session, street.town.calls, [street.quorum()])
    street.meters[0].party.salt_key = None
    session.flush()
    with pytest.raises(RuleError, match="destroyed"):
        queries.reading_with_proof(session, street.meters[0], street.day)
    proven = queries.reading_with_proof(session, street.meters[1], street.day)
    assert verify_proof(proven.anchor.root, proven.leaf.leaf_hash(), proven.proof)


def test_a_profile_is_kept_as_it_was_signed_gaps_included(session: Session, street: Street) -> None:
    given = [street.sign(street.profile(meter)) for meter in street.meters]
    kept = commands.accept_profiles(session, street.town.calls, given)
    session.flush()
    session.expire_all()
    assert [(one.typed(), one.signature) for one in kept] == given
    assert kept[0].import_wh[-1] is None
    assert commands.accept_profiles(session, street.town.calls, given) == kept
    assert session.query(Profile).count() == 3


def test_a_profile_that_is_not_the_meters_is_refused(session: Session, street: Street) -> None:
    calls, meter = street.town.calls, street.meters[0]
    profile, signature = street.sign(street.profile(meter))
    refused = {
        "not signed by its meter": (replace(profile, export_wh=(8,) * UNITS), signature),
        "no meter": (replace(profile, meter=new_id()), signature),
        "is not midnight": street.sign(replace(profile, period_start=street.day + 1_800)),
        "not the zone's intervals": street.sign(replace(profile, import_wh=profile.import_wh[1:])),
        "send 48 intervals": street.sign(replace(profile, interval_s=900)),
    }
    for says, pair in refused.items():
        with pytest.raises(InputError, match=says):
            commands.accept_profiles(session, calls, [pair])
    commands.accept_profiles(session, calls, [(profile, signature)])
    with pytest.raises(ConflictError, match="signed two contents of version 1"):
        commands.accept_profiles(session, calls, [street.sign(street.profile(meter, wh=8))])


def test_a_meter_is_installed_only_with_its_own_signature(session: Session, street: Street) -> None:
    meter, _ = draft(session, street, "Dũng")
    forged = sign_p256(new_p256_key(), digest(street.town.calls.deployment.domain("MeterRegistry"), meter.typed()))
    with pytest.raises(ProtocolError):
        commands.install_meter(session, street.town.calls, meter, forged)
    assert meter.intent_id is None
    with pytest.raises(ConflictError, match="a meter of that label"):
        draft(session, street, "Dũng", meter.party)
