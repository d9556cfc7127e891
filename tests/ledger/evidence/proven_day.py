"""A day in the valley that ended well, its meters' signed profiles kept, and a bundle of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy.orm import Session

from ledger.evidence import build
from ledger.evidence.trust import Contracts, Trust
from ledger.market import commands as market
from ledger.market import queries as lines
from ledger.market.model import Fill
from ledger.metering.anchoring import anchor_readings, record_readings
from ledger.metering.model import MeterRow, Profile, Reading
from ledger.metering.rules import DAY_S, NO_SALT
from ledger.protocol.leaves import ReadingLeaf, profile_salt, reading_salt
from ledger.protocol.merkle import merkle_root
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import LoadProfile, Readings, digest
from ledger.settlement import queries as settled
from ledger.settlement.commands import settle_period
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.market.valley import WINDOW_S, Valley, settle_valley

KINDS = ("agreement", "position", "reading", "trade", "utility-leg")


@dataclass(frozen=True)
class Samples:
    """Bundles as an auditor has them: bytes, what is trusted, and the published record's file."""

    bundles: dict[str, bytes]
    trust: Trust
    record: Path


@dataclass
class ProvenDay:
    """The valley after its day."""

    valley: Valley
    session: Session
    world: World

    @property
    def contracts(self) -> Contracts:
        return build.contracts_of(self.valley.town.gateway)

    @property
    def trust(self) -> Trust:
        """What an auditor with a node of their own brings."""
        return Trust(build.provable_block(self.world.gateway).hash, self.contracts)

    def bundle(self, kind: str) -> bytes:
        """A bundle of that kind, of noon."""
        gateway, session, valley = self.world.gateway, self.session, self.valley
        if kind == "agreement":
            return build.agreement_bundle(session, gateway, valley.town.store, valley.agreements[valley.roof.id])
        if kind == "reading":
            return build.reading_bundle(session, gateway, self.reading(valley.roof))
        if kind == "position":
            run = settled.run_of(session, valley.zone, valley.day)
            position = next(one for one in settled.positions_of(session, run) if one.party_id == valley.home.party_id)
            return build.position_bundle(session, gateway, position)
        return build.trade_bundle(session, gateway, self.fill("pool" if kind == "trade" else "utility"))

    def fill(self, leg: str, meter: MeterRow | None = None) -> Fill:
        """The roof's fill of that leg at noon."""
        noon = lines.unit(self.session, self.valley.zone, self.valley.starts[12])
        wanted = meter or self.valley.roof
        return next(one for one in lines.fills_of_unit(self.session, noon) if one.leg == leg and one.meter_id == wanted.id)

    def reading(self, meter: MeterRow, version: int = 1) -> Reading:
        return self.session.get_one(Reading, (meter.id, self.valley.starts[12], version))


def trade_a_day(session: Session, world: World, town: Town) -> ProvenDay:
    """Orders, commitment, a day's readings, clearings and a settlement, all final."""
    valley = settle_valley(session, town, world.deployer)
    valley.place(session, valley.order(valley.roof, 0, 1_200, 1_500))
    valley.place(session, valley.order(valley.home, 1, 1_900, 1_701))
    valley.commit(session)
    deliver(session, town)
    valley.reach(valley.day + DAY_S)
    keep_profiles(session, valley)
    valley.measure(session, valley.sunny())
    deliver(session, town)
    market.clear_day(session, town.calls, valley.zone, valley.day, 1)
    deliver(session, town)
    valley.reach(town.now() + WINDOW_S)
    settle_period(session, town.calls, valley.zone, valley.day)
    deliver(session, town)
    return ProvenDay(valley, session, world)


def deliver(session: Session, town: Town) -> None:
    """Everything queued onto the chain, and final."""
    session.commit()
    town.deliver()
    town.gateway.mine(town.gateway.confirmations)
    session.expire_all()


def keep_profiles(session: Session, valley: Valley, version: int = 1) -> None:
    """Keeps what each meter signed for the sunny day."""
    for meter in valley.meters:
        key = valley.town.keys[meter.id]
        energies = valley.sunny()[meter.id]
        units = len(valley.starts)
        profile = LoadProfile(meter.id, valley.day, valley.zone.interval_s, version, (energies[0],) * units, (energies[1],) * units)
        domain = valley.town.gateway.deployment.domain("MeterRegistry")
        session.add(Profile.of(profile, sign_eoa(key, digest(domain, profile))))
    session.flush()


def measure_without(session: Session, valley: Valley, silent: MeterRow, version: int) -> None:
    """Anchors a version of the day in which one meter said nothing: zero, quality 3, no salt."""
    leaves = []
    for meter in valley.meters:
        salt = None if meter is silent else profile_salt(meter.party.key(), meter.id, valley.day)
        energies = (0, 0, 3) if salt is None else (*valley.sunny()[meter.id], 0)
        for start in valley.starts:
            leaf_salt = NO_SALT if salt is None else reading_salt(salt, start)
            leaves.append(ReadingLeaf(valley.zone.id, meter.id, start, version, *energies, leaf_salt))
    record_readings(session, valley.zone, valley.day, version, leaves)
    root = merkle_root([leaf.leaf_hash() for leaf in leaves])
    readings = Readings(valley.zone.id, valley.day, valley.day + DAY_S, version, root, len(leaves))
    to_sign = digest(valley.town.gateway.deployment.domain("ReadingAnchor"), readings)
    signed = sorted((eoa_signer(key), sign_eoa(key, to_sign)) for key in valley.oracles[:2])
    quorum = SimpleNamespace(readings=readings, signers=[one for one, _ in signed], signatures=[one for _, one in signed])
    anchor_readings(session, valley.town.calls, [quorum])
