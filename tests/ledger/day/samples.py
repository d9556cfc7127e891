"""A report of a small day, as `ledger.day.report` makes it."""

from __future__ import annotations

from typing import Any

HASH = "0x" + "ab" * 32


def slot(hour: int, traded: int, to_utility: int, from_utility: int, price: int) -> dict[str, Any]:
    return {
        "start": f"2016-05-21T{hour:02}:00:00+01:00",
        "price_vnd_per_kwh": price,
        "orders": 3,
        "surplus_wh": traded + to_utility,
        "demand_wh": traded + from_utility,
        "traded_wh": traded,
        "to_utility_wh": to_utility,
        "from_utility_wh": from_utility,
        "unpaid_wh": 0,
        "fills": 3,
    }


def sample_report(date: str = "2016-05-21", zone: str = "demo", home: str = "home-001", traded: int = 1_500) -> dict[str, Any]:
    """Two hours: nobody trades in the first, in the second a home sells to another."""
    price = 1_300 if traded else 0
    slots = [slot(0, 0, 0, 400, 0), slot(12, traded, 500, 0, price)]
    totals = {
        name: sum(one[name] for one in slots) for name in ("surplus_wh", "demand_wh", "traded_wh", "to_utility_wh", "from_utility_wh")
    }
    paid = traded * price
    totals |= {"export_wh": totals["surplus_wh"], "import_wh": totals["demand_wh"], "unpaid_wh": 0}
    totals |= {"utility_pays_mvnd": 500 * 1012, "utility_gets_mvnd": 400 * 2204}
    totals |= {"buyers_pay_mvnd": paid + 400 * 2204, "sellers_get_mvnd": paid + 500 * 1012}
    record = {"transaction": HASH, "block": 7, "gas_used": 80_000, "transaction_state": "final"}
    block = {"number": 9, "hash": HASH, "time": "2016-05-22T00:00:00+00:00"}
    return {
        "zone": zone,
        "date": date,
        "time_zone": "UTC+1",
        "interval_minutes": 60,
        "zone_id": HASH,
        "mechanism": "uniform_price",
        "published_price_vnd_per_kwh": 1012,
        "retail_price_vnd_per_kwh": 2204,
        "price_reference": "the law",
        "slots": slots,
        "totals": totals,
        "positions": [
            {"party": "0x01" + "00" * 31, "home": home, "sold_wh": traded + 500, "bought_wh": 0, "net_mvnd": totals["sellers_get_mvnd"]},
            {"party": "0x02" + "00" * 31, "home": "home-002", "sold_wh": 0, "bought_wh": 400, "net_mvnd": -totals["buyers_pay_mvnd"]},
        ],
        "unread": [],
        "agreements": [
            {"id": HASH, "home": home, "file": "a.pdf", "sealed_sha256": "cd" * 32, "lookup_code": "AAAA-BBBB", "dated": date, **record}
        ],
        "anchors": [{"period_start": f"{date}T00:00:00+01:00", "version": 1, "root": HASH, "count": 4, "oracles": [HASH, HASH], **record}],
        "settlement": {"run": 1, "readings_version": 1, "positions_root": HASH, "positions": 2, "hash": HASH, **record},
        "evidence": [{"kind": "trade", "shows": home, "file": "trade.zip", "sha256": "ef" * 32}],
        "sources": [{"file": "readings.csv", "sha256": "01" * 32, "rows": 4, "notice": ""}],
        "chain": {"client": "anvil", "chain_id": 31337, "blocks": 9, "trust_block": block, "contracts": {"Exchange": HASH[:42]}},
        "checks": [
            {"name": "bought_is_demand", "left": 400, "right": 400, "holds": True},
            {"name": "settlement_on_chain", "left": HASH, "right": HASH, "holds": True},
        ],
    }
