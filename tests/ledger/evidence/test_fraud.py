"""An operator that posts a false clearing has signed a confession: the bundle is genuine and proves which rule was broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.evidence import build
from ledger.evidence.claims.trade import TradeClaim
from ledger.evidence.findings import Answer
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.market import queries as lines
from ledger.metering.queries import reading_with_proof
from ledger.protocol.merkle import merkle_root
from tests.ledger.evidence.proven_day import ProvenDay, deliver


@pytest.mark.parametrize(
    ("price", "quantity", "broken", "words"),
    [
        (1_100, 600, "limit", "600 Wh at 1100 đ/kWh where the order gives 0 Wh"),
        (1_300, 600, "limit", "600 Wh at 1300 đ/kWh where the order gives 300 Wh"),
        (1_500, 901, "price", "901 Wh of 600"),
    ],
)
def test_a_fill_against_its_owners_limit_is_proven(day: ProvenDay, price: int, quantity: int, broken: str, words: str) -> None:
    claim = false_clearing(day, price, quantity)
    found = build.examine(day.world.gateway, claim)
    assert found.bundle is not None
    report = verify_bundle(found.bundle, day.trust)
    assert (report.answer, report.exit_code) == (Answer.RULE_BROKEN, 9)
    assert report.failed is not None
    assert report.failed.code == broken
    assert words in report.failed.detail
    assert verify_bundle(found.bundle, Trust()).answer == Answer.UNANCHORED, "of a chain nobody vouches for it accuses nobody"


def test_selling_more_than_the_meter_exported_is_proven(day: ProvenDay) -> None:
    claim = false_clearing(day, 1_500, 901, traded_wh=901)
    report = build.examine(day.world.gateway, claim).report
    assert report.failed is not None
    assert (report.answer, report.failed.code) == (Answer.RULE_BROKEN, "delivered")


def false_clearing(day: ProvenDay, price: int, quantity: int, traded_wh: int = 600) -> TradeClaim:
    """Noon cleared on a second version of the readings, with one fill of the roof's order that is the operator's own invention."""
    session, valley, gateway = day.session, day.valley, day.world.gateway
    valley.measure(session, valley.sunny(), version=2)
    deliver(session, valley.town)
    honest = lines.fill_with_proof(session, day.fill("pool"))
    order = lines.order_with_proof(session, valley.zone, honest.leaf.start, honest.leaf.order_digest)
    leaf = replace(honest.leaf, index=0, quantity_wh=quantity, price_vnd_per_kwh=price)
    surplus, demand = max(1_700, traded_wh), max(600, traded_wh)
    clearing = replace(
        honest.clearing.typed(),
        readings_version=2,
        price_vnd_per_kwh=price,
        traded_wh=traded_wh,
        surplus_wh=surplus,
        demand_wh=demand,
        to_utility_wh=surplus - traded_wh,
        from_utility_wh=demand - traded_wh,
        fills_root=merkle_root([leaf.leaf_hash()]),
        fills_count=1,
    )
    reading = reading_with_proof(session, valley.roof, leaf.start, 2)
    gateway.send("Exchange", "postClearings", [reading.anchor.typed(), [clearing]], day.world.operator)
    gateway.mine(gateway.confirmations)
    return TradeClaim(
        clearing=clearing,
        leaf=leaf,
        proof=(),
        meter=valley.roof.typed(),
        reading=build.anchored(reading),
        filled=build.filled_order(order),
        agreement=valley.agreements[valley.roof.id].typed(),
    )
