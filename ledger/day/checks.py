"""Conservation: what a report's numbers must add up to, and that the chain holds the very records they come from."""

from __future__ import annotations

from typing import Any

from ledger.day.stage import Stage
from ledger.metering.model import Zone
from ledger.protocol.quantities import hex0x
from ledger.settlement.model import SettlementRunRow

__all__ = ["checks"]


def checks(stage: Stage, zone: Zone, day: int, run: SettlementRunRow, report: dict[str, Any]) -> list[dict[str, Any]]:
    """Every identity with both its sides; `holds` is whether they are equal."""
    recorded = stage.gateway.call("Settlement", "runHash", zone.id, day, run.run)
    return [*_sums(report), _check("settlement_on_chain", hex0x(run.hash), hex0x(recorded))]


def _sums(report: dict[str, Any]) -> list[dict[str, Any]]:
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


def _check(name: str, left: int | str, right: int | str) -> dict[str, Any]:
    return {"name": name, "left": left, "right": right, "holds": left == right}
