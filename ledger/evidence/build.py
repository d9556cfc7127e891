"""Bundles from the ledger: the claim from its rows, the block and the proofs from a node.

Building runs the verifier's own checks against the node and notes every slot they look at, so a bundle holds exactly the proofs its
verification uses. A bundle that would not verify is never handed out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import in_force
from ledger.agreements.store import DocumentStore
from ledger.chain.gateway import Block, Gateway
from ledger.errors import NotFoundError, RuleError
from ledger.evidence.bundle import Bundle, ContractProof, write_bundle
from ledger.evidence.claims import CLAIMS, Claim
from ledger.evidence.claims.agreement import AgreementClaim
from ledger.evidence.claims.anchored import AnchoredReading
from ledger.evidence.claims.position import PositionClaim
from ledger.evidence.claims.reading import ReadingClaim, SignedDay
from ledger.evidence.claims.trade import FilledOrder, TradeClaim
from ledger.evidence.claims.trade_rules import SELL, leg
from ledger.evidence.findings import Answer, Report, SeenBlock, StoppedError, Trail
from ledger.evidence.trust import VERIFIERS, Contracts, Trust
from ledger.evidence.verify import verify_bundle
from ledger.market.model import Fill
from ledger.market.queries import ProvenOrder, fill_with_proof, order_with_proof
from ledger.metering.model import MeterRow, Profile, Reading, Zone
from ledger.metering.queries import ProvenReading, reading_with_proof
from ledger.parties.model import Party
from ledger.protocol.leaves import FillLeaf, profile_salt
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import Agreement, Meter
from ledger.settlement.model import Position, SettlementRunRow
from ledger.settlement.queries import position_with_proof

KINDS = {cls: kind for kind, cls in CLAIMS.items()}


def provable_block(gateway: Gateway) -> Block:
    """The newest final block: as many blocks stand on it as the settings ask for. Devchains keep the state of recent blocks only."""
    head = gateway.block("latest")
    return gateway.block(max(head.number - gateway.confirmations, 0))


def agreement_bundle(
    session: Session, gateway: Gateway, store: DocumentStore, agreement: AgreementRow, *, block: Block | None = None
) -> bytes:
    """The bundle of a recorded agreement, its PDF included.

    Args:
        block: whose state proves it; the newest final one when None.

    Raises:
        RuleError: the chain does not (yet, finally) hold what the ledger says; the message says what differs.
        NotFoundError, UnavailableError, ChainError: the file, the node or the state is missing.
    """
    return bundle_of(gateway, AgreementClaim(), store.read(agreement.id), block=block)


def reading_bundle(session: Session, gateway: Gateway, reading: Reading, *, block: Block | None = None) -> bytes:
    """The bundle of one reading of one meter. It shows that meter's whole signed day; errors as `agreement_bundle`."""
    chosen = block or provable_block(gateway)
    row = session.get_one(MeterRow, reading.meter_id)
    proven = reading_with_proof(session, row, reading.start, reading.version)
    signed = _signed_day(session, row, reading, proven)
    claim = ReadingClaim(anchored(proven), _meter(gateway, row.id, chosen), signed)
    return bundle_of(gateway, claim, block=chosen)


def trade_bundle(session: Session, gateway: Gateway, fill: Fill, *, block: Block | None = None) -> bytes:
    """The bundle of one line of a clearing, with its order when it has one; errors as `agreement_bundle`."""
    chosen = block or provable_block(gateway)
    proven = fill_with_proof(session, fill)
    filled = None
    if any(fill.order_digest):
        order = order_with_proof(session, session.get_one(Zone, fill.zone_id), fill.start, fill.order_digest)
        filled = filled_order(order)
    row = session.get_one(MeterRow, fill.meter_id)
    claim = TradeClaim(
        clearing=proven.clearing.typed(),
        leaf=proven.leaf,
        proof=proven.proof,
        meter=_meter(gateway, row.id, chosen),
        reading=anchored(reading_with_proof(session, row, fill.start, fill.readings_version)),
        filled=filled,
        agreement=_sold_under(session, row.party, proven.leaf),
    )
    return bundle_of(gateway, claim, block=chosen)


def position_bundle(session: Session, gateway: Gateway, position: Position, *, block: Block | None = None) -> bytes:
    """The bundle of a party's line of a settlement run; errors as `agreement_bundle`."""
    run = session.get_one(SettlementRunRow, (position.zone_id, position.period_start, position.run))
    proven = position_with_proof(session, run, session.get_one(Party, position.party_id))
    return bundle_of(gateway, PositionClaim(run.typed(), proven.leaf, proven.proof), block=block)


def bundle_of(gateway: Gateway, claim: Claim, document: bytes = b"", *, block: Block | None = None) -> bytes:
    """The bundle of a claim; errors as `agreement_bundle`."""
    examined = examine(gateway, claim, document, block=block)
    if examined.bundle is None:
        seen, broken = examined.report.block, examined.report.failed
        raise RuleError(
            f"block {seen.number if seen else '?'} does not prove it: {broken.detail if broken else examined.report.answer}",
            field="bundle",
            fix="wait until its transactions are final, then ask again",
        )
    return examined.bundle


@dataclass(frozen=True)
class Examined:
    """What a node's block says of a claim, and the bundle that proves it; None when the claim is not true there."""

    report: Report
    bundle: bytes | None


def examine(gateway: Gateway, claim: Claim, document: bytes = b"", *, block: Block | None = None) -> Examined:
    """Checks a claim against a node and makes the bundle that proves it to others.

    Raises:
        ChainError, UnavailableError: the node does not answer, or keeps the block's state no longer.
    """
    chosen = block or provable_block(gateway)
    contracts = contracts_of(gateway)
    state, trail = LiveState(gateway, contracts, chosen), Trail()
    try:
        claim.check(trail, state, document)
    except StoppedError as stopped:
        if stopped.answer != Answer.RULE_BROKEN:
            seen = SeenBlock(chosen.number, chosen.hash, chosen.timestamp)
            return Examined(Report(stopped.answer, KINDS[type(claim)], seen, None, tuple(trail.checks), trail.facts, ()), None)
    proofs = {name: _prove(gateway, contracts, name, slots, chosen) for name, slots in sorted(state.asked.items())}
    named = {name: contracts.address(name) for name in (*proofs, *(one for one in VERIFIERS if one in contracts.addresses))}
    bundle = write_bundle(Bundle(KINDS[type(claim)], contracts.chain_id, named, gateway.header_rlp(chosen.number), proofs, claim, document))
    report = verify_bundle(bundle, Trust(chosen.hash, contracts))
    return Examined(report, None if report.answer in (Answer.ALTERED, Answer.UNRECOGNISED) else bundle)


def contracts_of(gateway: Gateway) -> Contracts:
    """The contracts the gateway is connected to, as trusted ones."""
    deployed = gateway.deployment.contracts
    return Contracts(
        gateway.chain_id,
        {name: each.address for name, each in deployed.items()},
        {name: each.code_hash for name, each in deployed.items()},
    )


@dataclass
class LiveState:
    """Storage as a node tells it, noting what was asked."""

    gateway: Gateway
    contracts: Contracts
    block: Block
    asked: dict[str, dict[bytes, None]] = field(default_factory=dict)

    @property
    def timestamp(self) -> int:
        """The block's time, Unix seconds."""
        return self.block.timestamp

    def word(self, contract: str, slot: bytes) -> int:
        """The word as the node tells it; what it tells is proven afterwards."""
        self.asked.setdefault(contract, {})[slot] = None
        where = (hex0x(self.contracts.address(contract)), hex0x(slot), hex(self.block.number))
        return int(self.gateway.ask("eth_getStorageAt", *where), 16)


def _prove(gateway: Gateway, contracts: Contracts, name: str, slots: dict[bytes, None], block: Block) -> ContractProof:
    proof = gateway.proof(contracts.address(name), list(slots), block.number)
    return ContractProof(proof.account, proof.slots)


def _meter(gateway: Gateway, meter: bytes, block: Block) -> Meter:
    """The meter as the registry had it at that block; its retirement changes until when it counts."""
    party, zone, signer, capacity_w, valid_from, valid_to = gateway.call("MeterRegistry", "meterOf", meter, block=block.number)
    return Meter(meter, party, zone, signer, capacity_w, valid_from, valid_to)


def filled_order(proven: ProvenOrder) -> FilledOrder:
    """A committed order as a trade's claim shows it."""
    placed = proven.order
    return FilledOrder(placed.typed(), placed.signer, placed.signature, proven.leaf, proven.proof)


def anchored(proven: ProvenReading) -> AnchoredReading:
    """A reading with its proof as claims show it."""
    return AnchoredReading(proven.anchor.typed(), proven.leaf, proven.proof)


def _sold_under(session: Session, seller: Party, leaf: FillLeaf) -> Agreement | None:
    """The agreement by which a paid sale was made; None where none is needed, or none is known."""
    if leaf.side != SELL or leg(leaf) == "unpaid":
        return None
    found = in_force(session, seller, leaf.start)
    return None if found is None else found.typed()


def _signed_day(session: Session, meter: MeterRow, reading: Reading, proven: ProvenReading) -> SignedDay | None:
    """The profile the reading came from: the newest its meter had signed by that version; None for a silent meter."""
    if not reading.salted:
        return None
    period_start = proven.anchor.period_start
    for version in range(reading.version, 0, -1):
        profile = session.get(Profile, (meter.id, period_start, version))
        if profile is not None:
            salt = profile_salt(meter.party.key(), meter.id, period_start)
            return SignedDay(profile.typed(), salt, profile.signature)
    raise NotFoundError(f"no signed profile of {meter.label!r} for that day", field="profile", fix="accept the profile the meter signed")
