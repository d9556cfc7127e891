"""A small zone on a real chain and a real database: roofs and homes with keys, a day to trade, oracles that sign what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.market import commands
from ledger.market.model import StandingOrder
from ledger.market.rules import EVERYTHING_WH
from ledger.metering import commands as metering
from ledger.metering.model import Mechanism, MeterRow, Zone
from ledger.metering.prices import ZonePrices
from ledger.metering.rules import DAY_S, unit_starts
from ledger.parties.model import Party
from ledger.protocol.leaves import ReadingLeaf, profile_salt, reading_salt
from ledger.protocol.merkle import merkle_root
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from ledger.protocol.typed_data import CancelOrder, Order, Readings, Step, digest
from tests.ledger.agreements.town import FOREVER, Town

HOUR = 3_600
WINDOW_S = 600
PUBLISHED, RETAIL = 671, 2_204
Energies = Mapping[bytes, tuple[int, int]]
"""By meter, Wh imported and exported in every hour."""


@dataclass
class Valley:
    """Four meters in one zone, hourly units, one day ahead of the chain's clock.

    Attributes:
        roof, spare_roof: sellers with an agreement in force; the spare one signs no orders.
        barred: a roof without an agreement.
        home: buys.
        day: first second of the day that is traded.
        agreements: by meter.
    """

    town: Town
    zone: Zone
    day: int
    utility: Party
    roof: MeterRow
    spare_roof: MeterRow
    barred: MeterRow
    home: MeterRow
    oracles: Sequence[bytes]
    agreements: Mapping[bytes, AgreementRow]

    @property
    def starts(self) -> range:
        return unit_starts(self.day, self.zone.interval_s)

    @property
    def meters(self) -> list[MeterRow]:
        return [self.roof, self.spare_roof, self.barred, self.home]

    def order(self, meter: MeterRow, side: int, *limits: int, nonce: int = 1) -> Order:
        """An order for all a meter reads: 300 Wh at each limit but the last, the rest at that."""
        steps = [Step(300, price) for price in limits[:-1]] + [Step(EVERYTHING_WH, limits[-1])]
        return Order(meter.party_id, meter.id, self.zone.id, side, tuple(steps), self.day, self.day + DAY_S, nonce)

    def place(self, session: Session, order: Order) -> StandingOrder:
        """Has the party that is named sign it, if it has a key here, and places it."""
        owner = next((one.party for one in self.meters if one.party_id == order.party), self.roof.party)
        return commands.place_order(session, self.town.calls, order, sign_for(self, owner, order), now=self.town.now())

    def cancel(self, session: Session, order: StandingOrder, deadline: int = FOREVER) -> StandingOrder:
        message = CancelOrder(order.party_id, order.digest, deadline)
        signature = self.town.sign(order.party, "Exchange", message)
        return commands.cancel_order(session, self.town.calls, message, signature, now=self.town.now())

    def commit(self, session: Session, starts: Sequence[int] | None = None) -> None:
        """Commits the orders of the day's units, or of some."""
        for start in self.starts if starts is None else starts:
            commands.commit_orders(session, self.town.calls, self.zone, start, now=self.town.now())

    def measure(self, session: Session, energies: Energies, version: int = 1) -> None:
        """Records the same hour all day for every meter and asks for its anchoring; the clock must be past the day."""
        leaves = [self._leaf(meter, start, version, *energies[meter.id]) for meter in self.meters for start in self.starts]
        metering.record_readings(session, self.zone, self.day, version, leaves)
        root = merkle_root([leaf.leaf_hash() for leaf in leaves])
        readings = Readings(self.zone.id, self.day, self.day + DAY_S, version, root, len(leaves))
        to_sign = digest(self.town.gateway.deployment.domain("ReadingAnchor"), readings)
        signed = sorted((eoa_signer(key), sign_eoa(key, to_sign)) for key in self.oracles[:2])
        quorum = SimpleNamespace(readings=readings, signers=[one for one, _ in signed], signatures=[one for _, one in signed])
        metering.anchor_readings(session, self.town.calls, [quorum])

    def sunny(self) -> Energies:
        """Every hour: the roof exports 900, the spare roof 500, the barred roof 300; the home takes 600."""
        return {self.roof.id: (0, 900), self.spare_roof.id: (0, 500), self.barred.id: (0, 300), self.home.id: (600, 0)}

    def deliver(self, session: Session) -> None:
        """Commits, has the chain hear of it, and forgets what the session knew before."""
        session.commit()
        self.town.deliver()
        session.expire_all()

    def reach(self, moment: int) -> None:
        """Moves the chain's clock."""
        self.town.gateway.set_next_block_time(moment)
        self.town.gateway.mine(1)

    def _leaf(self, meter: MeterRow, start: int, version: int, import_wh: int, export_wh: int) -> ReadingLeaf:
        salt = reading_salt(profile_salt(meter.party.key(), meter.id, self.day), start)
        return ReadingLeaf(self.zone.id, meter.id, start, version, import_wh, export_wh, 0, salt)


def sign_for(valley: Valley, party: Party, order: Order) -> bytes:
    """A party's signature over an order, whoever's the order is."""
    return valley.town.sign(party, "Exchange", order)


def settle_valley(session: Session, town: Town, deployer: bytes, mechanism: Mechanism = Mechanism.UNIFORM_PRICE) -> Valley:
    """Everybody registered, metered and, where they may sell, under agreement, on chain."""
    day = (town.now() // DAY_S + 2) * DAY_S
    zone = metering.create_zone(
        session,
        name="Thung lũng",
        time_zone="UTC",
        region="north",
        interval_s=HOUR,
        utc_offset_s=0,
        prices=ZonePrices(PUBLISHED, RETAIL, "chosen for this test", overdue=False),
        mechanism=mechanism,
        challenge_window_s=WINDOW_S,
    )
    metering.configure_zone(session, town.calls, zone)
    utility = town.party(session, "Điện lực", "utility")
    roof, spare, barred, home = (_meter(session, town, zone, label) for label in ("Mái 1", "Mái 2", "Mái 3", "Nhà 4"))
    agreements = {seller.id: town.agree(session, seller.party, utility, day) for seller in (roof, spare)}
    oracles = [new_eoa_key() for _ in range(4)]
    town.gateway.send("ReadingAnchor", "setOracles", [[eoa_signer(key) for key in oracles], 1], deployer)
    session.commit()
    town.deliver()
    return Valley(town, zone, day, utility, roof, spare, barred, home, oracles, agreements)


def _meter(session: Session, town: Town, zone: Zone, label: str) -> MeterRow:
    party, key = town.party(session, label), new_eoa_key()
    meter = metering.draft_meter(
        session, zone=zone, party=party, label=label, signer=eoa_signer(key), capacity_w=20_000, valid_from=0, valid_to=FOREVER
    )
    town.keys[meter.id] = key
    registry = town.gateway.deployment.domain("MeterRegistry")
    signature = sign_eoa(key, digest(registry, meter.typed()))
    metering.install_meter(session, town.calls, meter, signature)
    return meter
