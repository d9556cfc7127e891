"""A trade line: a fill under a clearing the Exchange holds, and the signed order it fills; the utility's legs have no order."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.evidence.claims import trade_rules
from ledger.evidence.claims.agreement import in_force, prove_agreement
from ledger.evidence.claims.anchored import AnchoredReading
from ledger.evidence.claims.metered import prove_meter
from ledger.evidence.claims.position import SETTLEMENT
from ledger.evidence.claims.standings import moment, prove_signer
from ledger.evidence.findings import Answer, Status, Trail, UnknownError, require
from ledger.evidence.state import State, words
from ledger.metering.rules import DAY_S
from ledger.protocol.errors import ProtocolError
from ledger.protocol.leaves import FillLeaf, OrderLeaf
from ledger.protocol.merkle import verify_proof
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import verify
from ledger.protocol.slots import (
    AgreementRecord,
    Commitment,
    PostedClearing,
    cancelled_slot,
    clearing_slots,
    commitment,
    last_run,
    last_run_slot,
    orders_slots,
    posted_clearing,
    zone_rules,
    zone_slot,
)
from ledger.protocol.typed_data import Agreement, Clearing, Meter, Order, digest, hash_struct

EXCHANGE = "Exchange"
NO_ORDER = bytes(32)


@dataclass(frozen=True)
class FilledOrder:
    """The order a fill fills: what its party signed, and the proof that it was among the orders committed for the unit."""

    order: Order
    signer: bytes
    signature: bytes
    leaf: OrderLeaf
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class TradeClaim:
    """One fill.

    Attributes:
        reading: what the meter read in that unit.
        filled: None for a leg with the utility and for unpaid export.
        agreement: by which the seller may sell; None for who buys and for unpaid export.
    """

    clearing: Clearing
    leaf: FillLeaf
    proof: tuple[bytes, ...]
    meter: Meter
    reading: AnchoredReading
    filled: FilledOrder | None
    agreement: Agreement | None

    def check(self, trail: Trail, state: State, document: bytes) -> Status:
        """Makes every check; what fails ends it."""
        clearing, leaf = self.clearing, self.leaf
        with trail.step("clearing"):
            posted = _posted(clearing, state)
        with trail.step("fill-leaf"):
            require(
                verify_proof(clearing.fills_root, leaf.leaf_hash(), self.proof), "the fill does not lead to the clearing's root", "leaf"
            )
            require((leaf.zone, leaf.start) == (clearing.zone, clearing.start), "a fill of another unit", "leaf")
            require(leaf.index < clearing.fills_count, "a fill beyond the last", "leaf")
        with trail.step("meter"):
            named = (self.meter.meter, self.meter.party, self.meter.zone)
            require(named == (leaf.meter, leaf.party, leaf.zone), "the meter is another party's or of another zone", "meter")
            prove_meter(state, self.meter, clearing.start, clearing.end)
        self._check_reading(trail, state)
        with trail.step("commitment"):
            committed = _committed(clearing, state)
        cancelled_at = self._check_order(trail, state, committed)
        seller = self._check_agreement(trail, state)
        with trail.step("status"):
            status = self._status(state, posted)
        self._check_rules(trail, committed, cancelled_at, seller)
        trail.facts.update(self._facts())
        trail.unchecked += ["other-lines", "better-orders", "newest-order", "lawful-prices"]
        return status

    def _check_reading(self, trail: Trail, state: State) -> None:
        read, leaf = self.reading.leaf, self.leaf
        self.reading.check(trail, state)
        with trail.step("same-reading"):
            place = (read.zone, read.meter, read.start, read.version)
            wanted = (leaf.zone, leaf.meter, leaf.start, self.clearing.readings_version)
            require(place == wanted, "the reading of another meter, unit or version", "reading.leaf")
            self._check_day(state)

    def _check_day(self, state: State) -> None:
        """The readings are of the zone's local day: the Exchange clears on no others, so what replaced the line is found under that day."""
        readings, offset = self.reading.readings, zone_rules(state.word(EXCHANGE, zone_slot(self.leaf.zone))).utc_offset_s
        local = (readings.period_start + offset) % DAY_S == 0 and readings.period_end == readings.period_start + DAY_S
        require(local, "readings of another period than the zone's day", "reading.readings")

    def _check_agreement(self, trail: Trail, state: State) -> AgreementRecord | None:
        """The record of the seller's agreement; None where none is needed."""
        needed = self.leaf.side == trade_rules.SELL and trade_rules.leg(self.leaf) != "unpaid"
        if self.agreement is None:
            if needed:
                with trail.step("agreement"):
                    raise ProtocolError("a paid sale without the agreement it rests on", field="agreement")
            return None
        with trail.step("agreement"):
            require(needed, "an agreement where none is needed", "agreement")
            require(self.leaf.party in self.agreement.parties, "an agreement of other parties", "agreement")
            return prove_agreement(state, self.agreement)

    def _check_rules(self, trail: Trail, committed: Commitment, cancelled_at: int, seller: AgreementRecord | None) -> None:
        clearing, leaf = self.clearing, self.leaf
        with trail.step("balance"):
            trade_rules.check_balance(clearing)
        with trail.step("price"):
            trade_rules.check_price(clearing, leaf)
        with trail.step("delivered"):
            trade_rules.check_delivered(leaf, self.reading.leaf)
        if self.filled is not None:
            with trail.step("limit"):
                trade_rules.check_limit(self.filled.order, leaf)
                trade_rules.check_standing(self.filled.order, clearing, cancelled_at, committed.committed_at)
        if seller is not None:
            with trail.step("may-sell"):
                trade_rules.check_may_sell(in_force(seller, clearing.start))

    def _check_order(self, trail: Trail, state: State, committed: Commitment) -> int:
        """When the order was cancelled, 0 for never."""
        leaf, filled = self.leaf, self.filled
        if filled is None:
            require_no_order(trail, leaf)
            return 0
        order = filled.order
        with trail.step("order"):
            name = digest(state.contracts.domain(EXCHANGE), order)
            require(name == leaf.order_digest == filled.leaf.order_digest, "another order than the fill names", "order")
            terms = (order.party, order.meter, order.zone, order.side)
            require(terms == (leaf.party, leaf.meter, leaf.zone, leaf.side), "an order about another meter or side", "order")
            verify(filled.signer, name, filled.signature, state.contracts.verifiers)
        with trail.step("order-leaf"):
            proven = verify_proof(committed.orders_root, filled.leaf.leaf_hash(), filled.proof)
            require(proven, "the order was not committed before the gate closed", "order")
            place = (filled.leaf.zone, filled.leaf.party)
            require(
                place == (leaf.zone, leaf.party) and filled.leaf.index < committed.count, "committed for another party or place", "order"
            )
        with trail.step("signers") as remarks:
            ended = prove_signer(state, order.party, filled.signer, committed.committed_at)
            remarks.extend(ended)
        if ended:
            trail.unchecked.append("signed-in-time")
        with trail.step("cancellation"):
            return state.word(EXCHANGE, cancelled_slot(order.party, name))

    def _status(self, state: State, posted: PostedClearing) -> Status:
        """Any later version of the readings may have been cleared, so each that is anchored is looked at."""
        if posted.voided:
            return Status("voided", Answer.REVOKED)
        remarks: tuple[str, ...] = ()
        for version in self.reading.newer_versions(state):
            newer = _posted_at(state, self.clearing, version)
            if newer.posted_at and not newer.voided:
                return Status("superseded", Answer.SUPERSEDED, newer.posted_at, f"readings version {version}")
            remarks = ("newer-readings",)
        if posted.final_at > state.timestamp:
            return Status("open-to-challenge", at=posted.final_at, then="final", remarks=remarks)
        return Status("final", at=posted.final_at, remarks=remarks if self._settled(state) else (*remarks, "unsettled"))

    def _settled(self, state: State) -> bool:
        """Whether the day's last settlement run stands on this line's clearing; one on later readings would need those cleared."""
        readings = self.reading.readings
        _, version = last_run(state.word(SETTLEMENT, last_run_slot(readings.zone, readings.period_start)))
        return version >= readings.version

    def _facts(self) -> dict[str, object]:
        leaf = self.leaf
        return {
            "zone": hex0x(leaf.zone),
            "party": hex0x(leaf.party),
            "meter": hex0x(leaf.meter),
            "start": leaf.start,
            "readings_version": self.clearing.readings_version,
            "side": "sell" if leaf.side == trade_rules.SELL else "buy",
            "leg": trade_rules.leg(leaf),
            "quantity_wh": leaf.quantity_wh,
            "price_vnd_per_kwh": leaf.price_vnd_per_kwh,
            "amount_mvnd": leaf.quantity_wh * leaf.price_vnd_per_kwh,
            "order": None if leaf.order_digest == NO_ORDER else hex0x(leaf.order_digest),
        }


def require_no_order(trail: Trail, leaf: FillLeaf) -> None:
    """A fill that names no order needs none; one that does needs it shown."""
    with trail.step("no-order"):
        require(leaf.order_digest == NO_ORDER, "the fill names an order that is not shown", "order")


def _posted_at(state: State, clearing: Clearing, version: int) -> PostedClearing:
    """What the Exchange holds of the clearing's unit at that version of the readings."""
    return posted_clearing(words(state, EXCHANGE, clearing_slots(clearing.zone, clearing.start, version)))


def _posted(clearing: Clearing, state: State) -> PostedClearing:
    posted = _posted_at(state, clearing, clearing.readings_version)
    require(posted.posted_at != 0, "the chain has no clearing of that unit on those readings", "clearing", UnknownError)
    require(posted.clearing_hash == hash_struct(clearing), "the chain holds another clearing of that unit", "clearing")
    return posted


def _committed(clearing: Clearing, state: State) -> Commitment:
    committed = commitment(words(state, EXCHANGE, orders_slots(clearing.zone, clearing.start)))
    same = (committed.orders_root, committed.mechanism) == (clearing.orders_root, clearing.mechanism)
    require(same, "cleared on other orders or by another mechanism than committed", "commitment")
    require(committed.committed_at <= clearing.start, f"orders were fixed only at {moment(committed.committed_at)}", "commitment")
    return committed
