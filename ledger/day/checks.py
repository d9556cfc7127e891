"""Conservation: what a report's numbers must add up to, and that the chain holds the very records they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.chain.gateway import Gateway
from ledger.market.model import ClearingRow
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import Readings, hash_struct
from ledger.settlement.model import SettlementRunRow

__all__ = ["on_chain", "sums"]

Checked = dict[str, Any]
"""A check's name, both its sides, and whether they are equal."""


def sums(report: dict[str, Any]) -> list[Checked]:
    """Energy and money: nothing appears, nothing vanishes."""
    total, positions = report["totals"], report["positions"]
    sold, bought, net = (sum(one[name] for one in positions) for name in ("sold_wh", "bought_wh", "net_mvnd"))
    return [
        _check("metered_export_is_surplus", total["export_wh"], total["surplus_wh"]),
        _check("metered_import_is_demand", total["import_wh"], total["demand_wh"]),
        _check("surplus_is_traded_and_to_utility", total["surplus_wh"], total["traded_wh"] + total["to_utility_wh"]),
        _check("demand_is_traded_and_from_utility", total["demand_wh"], total["traded_wh"] + total["from_utility_wh"]),
        _check("sold_is_surplus_less_unpaid", sold, total["surplus_wh"] - total["unpaid_wh"]),
        _check("bought_is_demand", bought, total["demand_wh"]),
        _check(
            "money_in_is_money_out",
            total["buyers_pay_mvnd"] + total["utility_pays_mvnd"],
            total["sellers_get_mvnd"] + total["utility_gets_mvnd"],
        ),
        _check("net_is_received_less_paid", net, total["sellers_get_mvnd"] - total["buyers_pay_mvnd"]),
    ]


def on_chain(gateway: Gateway, readings: Readings, clearings: Sequence[ClearingRow], run: SettlementRunRow) -> list[Checked]:
    """The anchor, every clearing and the settlement: our record beside the hash the chain keeps."""
    anchored = gateway.call("ReadingAnchor", "readingsHash", readings.zone, readings.period_start, readings.version)
    posted = [gateway.call("Exchange", "clearingOf", one.zone_id, one.start, one.readings_version) for one in clearings]
    standing = sum(one.hash == kept and not voided for one, (kept, _, voided) in zip(clearings, posted, strict=True))
    settled = gateway.call("Settlement", "runHash", run.zone_id, run.period_start, run.run)
    return [
        _check("anchor_on_chain", hex0x(hash_struct(readings)), hex0x(anchored)),
        _check("clearings_on_chain", len(clearings), standing),
        _check("settlement_on_chain", hex0x(run.hash), hex0x(settled)),
    ]


def _check(name: str, left: int | str, right: int | str) -> Checked:
    return {"name": name, "left": left, "right": right, "holds": left == right}
