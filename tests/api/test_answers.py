"""What an installation tells of a day that was traded: every line with its proof, every proof good."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from api.routes.metering import QUALITIES
from api.standing import MAX_LAG_BLOCKS
from ledger.chain.model import IndexedBlock
from ledger.evidence.findings import Answer
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.metering.rules import DAY_S
from ledger.protocol.leaves import FillLeaf, OrderLeaf, PositionLeaf, ReadingLeaf
from ledger.protocol.merkle import merkle_root, verify_proof
from ledger.protocol.quantities import hex0x, unhex
from ledger.settings import Settings
from tests.api.conftest import Client, Places, Told, readable, started
from tests.conftest import World


def raw(text: str) -> bytes:
    return unhex(text, "answer")


def walked(client: Client, path: str, limit: int) -> Iterator[dict[str, Any]]:
    """Every item of a list, page by page."""
    page = client.get(path, params={"limit": limit}).json()
    while True:
        assert len(page["items"]) <= limit
        yield from page["items"]
        if page["next"] is None:
            return
        page = client.get(path, params={"limit": limit, "cursor": page["next"]}).json()


def test_every_path_answers_for_what_is_there(client: Client, places: Places) -> None:
    answers = {template: client.get(places.path(template)) for template in readable(client)}
    assert {template: answer.text for template, answer in answers.items() if answer.status_code != 200} == {}
    assert len(answers) > 25


def test_a_reading_leads_to_the_root_the_chain_holds(client: Client, told: Told, places: Places) -> None:
    answer = client.get(places.path("/api/v1/meters/{meter}/readings/{start}")).json()
    leaf = answer["leaf"]
    own = ReadingLeaf(
        zone=raw(leaf["zone"]),
        meter=raw(leaf["meter"]),
        start=leaf["start"]["unix_s"],
        version=leaf["version"],
        import_wh=leaf["import_wh"],
        export_wh=leaf["export_wh"],
        quality=QUALITIES.index(leaf["quality"]),
        salt=raw(leaf["salt"]),
    )
    assert hex0x(own.leaf_hash()) == answer["leaf_hash"]
    assert verify_proof(raw(answer["anchor"]["root"]), own.leaf_hash(), [raw(one) for one in answer["proof"]])
    assert (own.import_wh, own.export_wh) == (0, 900)
    assert answer["anchor"]["transaction"]["state"] == "final"
    assert leaf["start"]["utc"] == f"{told.date}T12:00:00Z"


def test_a_trade_leads_to_the_clearing_the_exchange_holds(client: Client, told: Told, places: Places) -> None:
    answer = client.get(places.path("/api/v1/zones/{zone}/units/{start}/trades/{index}")).json()
    leaf = answer["leaf"]
    own = FillLeaf(
        zone=raw(leaf["zone"]),
        start=leaf["start"]["unix_s"],
        index=leaf["index"],
        party=raw(leaf["party"]),
        meter=raw(leaf["meter"]),
        order_digest=raw(leaf["order_digest"]),
        side=("sell", "buy").index(leaf["side"]),
        quantity_wh=leaf["quantity_wh"],
        price_vnd_per_kwh=leaf["price_vnd_per_kwh"],
        salt=raw(leaf["salt"]),
    )
    assert hex0x(own.leaf_hash()) == answer["leaf_hash"]
    assert verify_proof(raw(answer["unit"]["fills_root"]), own.leaf_hash(), [raw(one) for one in answer["proof"]])
    held = told.world.gateway.call("Exchange", "clearingOf", raw(leaf["zone"]), own.start, 1)[0]
    assert hex0x(held) == answer["unit"]["hash"]


def test_an_order_leads_to_what_was_committed_and_all_the_rest_is_null(client: Client, told: Told, places: Places) -> None:
    answer = client.get(places.path("/api/v1/zones/{zone}/units/{start}/orders/{order}")).json()
    order = answer["order"]
    leaf = OrderLeaf(raw(told.zone), answer["index"], raw(order["party"]), raw(order["digest"]))
    assert verify_proof(raw(answer["orders_root"]), leaf.leaf_hash(), [raw(one) for one in answer["proof"]])
    assert [step["quantity_wh"] for step in order["steps"]] == [300, None]
    assert order["nonce"] == "1"


def test_a_position_leads_to_the_settlement_run(client: Client, places: Places) -> None:
    answer = client.get(places.path("/api/v1/zones/{zone}/days/{date}/settlements/{run}/positions/{party}")).json()
    leaf = answer["leaf"]
    own = PositionLeaf(
        zone=raw(leaf["zone"]),
        period_start=leaf["period_start"]["unix_s"],
        run=leaf["run"],
        party=raw(leaf["party"]),
        sold_wh=leaf["sold_wh"],
        bought_wh=leaf["bought_wh"],
        net_mvnd=leaf["net_mvnd"],
        salt=raw(leaf["salt"]),
    )
    assert verify_proof(raw(answer["run"]["positions_root"]), own.leaf_hash(), [raw(one) for one in answer["proof"]])
    assert own.net_mvnd == 24 * (600 * 1_500 + 300 * 671)


@pytest.mark.parametrize("kind", ["meters/{meter}/readings/{start}", "zones/{zone}/units/{start}/trades/{index}", "agreements/{agreement}"])
def test_a_bundle_convinces_who_brings_only_a_block_hash(client: Client, told: Told, places: Places, kind: str) -> None:
    answer = client.get(places.path(f"/api/v1/{kind}/bundle"))
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert verify_bundle(answer.content, told.day.trust).answer == Answer.AUTHENTIC
    assert verify_bundle(answer.content, Trust()).answer == Answer.UNANCHORED


def test_the_document_is_the_sealed_one(client: Client, places: Places) -> None:
    agreement = client.get(places.path("/api/v1/agreements/{agreement}")).json()
    document = client.get(places.path("/api/v1/agreements/{agreement}/document"))
    assert document.headers["content-type"] == "application/pdf"
    assert "0x" + sha256(document.content).hexdigest() == agreement["sealed_digest"]
    assert agreement["status"] == "recorded"
    assert [move["act"] for move in agreement["moves"]] == ["record"]
    assert agreement["parties"][0]["party"] == places.values["party"]


def test_the_day_table_adds_up(client: Client, told: Told, places: Places) -> None:
    units = list(walked(client, places.path("/api/v1/zones/{zone}/days/{date}/units"), 10))
    assert [line["unit"]["start"]["unix_s"] for line in units] == list(told.day.valley.starts)
    assert all(line["unit"]["surplus_wh"] == line["unit"]["traded_wh"] + line["unit"]["to_utility_wh"] for line in units)
    trades = list(walked(client, places.path("/api/v1/zones/{zone}/days/{date}/trades"), 50))
    assert len(trades) == 24 * 5
    bought = sum(trade["quantity_wh"] for trade in trades if trade["side"] == "buy")
    assert bought == sum(line["unit"]["demand_wh"] for line in units)
    own = client.get(places.path("/api/v1/zones/{zone}/days/{date}/trades"), params={"party": places.values["party"], "limit": 500}).json()
    assert {trade["party"] for trade in own["items"]} == {places.values["party"]}


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_pages_of_any_length_tell_the_same_list(client: Client, told: Told, places: Places, limit: int) -> None:
    readings = list(walked(client, places.path("/api/v1/zones/{zone}/days/{date}/readings"), limit if limit > 1 else 13))
    assert len({(one["meter"], one["start"]["unix_s"]) for one in readings}) == len(readings) == 4 * 24
    anchor = client.get("/api/v1/anchors").json()["items"][0]
    assert hex0x(merkle_root([raw(one["leaf_hash"]) for one in readings])) == anchor["root"]
    parties = list(walked(client, "/api/v1/parties", limit))
    assert [one["id"] for one in parties] == sorted({one["id"] for one in parties})
    assert {hex0x(one.id) for one in (told.day.valley.utility, *(meter.party for meter in told.day.valley.meters))} <= {
        one["id"] for one in parties
    }
    assert len(list(walked(client, places.path("/api/v1/zones/{zone}/meters"), limit))) == 4
    assert len(list(walked(client, "/api/v1/agreements", limit))) == 2
    assert [one["day"] for one in walked(client, places.path("/api/v1/zones/{zone}/days"), limit)] == [told.date]


def test_lists_are_empty_where_there_is_nothing(client: Client, told: Told, places: Places) -> None:
    nothing = {"items": [], "next": None}
    home = hex0x(told.day.valley.home.party_id)
    for path in (
        "/api/v1/zones/{zone}/days/2020-02-29/units",
        "/api/v1/zones/{zone}/days/2020-02-29/trades",
        "/api/v1/zones/{zone}/days/2020-02-29/readings",
        "/api/v1/zones/{zone}/days/2020-02-29/settlements",
        "/api/v1/zones/{zone}/units/{start}/trades?cursor=WzQwMDBd",
        f"/api/v1/parties/{home}/agreements",
        "/api/v1/parties?role=oracle",
    ):
        assert client.get(places.path(path)).json() == nothing, path


def test_a_new_installation_has_empty_lists_and_is_not_ready(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with started(Settings(state_dir=tmp_path, database_url=url, rpc_url="http://127.0.0.1:9")) as empty:
        for path in ("zones", "anchors", "log/entries", "log/checkpoints"):
            assert empty.get(f"/api/v1/{path}").json() == {"items": [], "next": None}
        assert empty.get("/health").json() == {"status": "alive"}
        assert empty.get("/ready").status_code == 503


def test_answers_that_are_stale_are_not_called_ready(world: World, settings: Settings, sessions: sessionmaker[Session]) -> None:
    def indexer(http: Client) -> str:
        told = http.get("/ready").json()
        assert (told["status"], told["field"]) == (503, "indexer")
        return str(told["detail"])

    with started(settings) as http:
        assert "no block was taken in yet" in indexer(http)
        with sessions.begin() as session:
            session.add(IndexedBlock(number=0, hash=bytes(32), parent_hash=bytes(32), timestamp=0))
        assert http.get("/ready").status_code == 200
        world.gateway.mine(MAX_LAG_BLOCKS + 1)
        assert "blocks are not taken in yet" in indexer(http)
        with sessions.begin() as session:
            session.add(IndexedBlock(number=10**6, hash=bytes(32), parent_hash=bytes(32), timestamp=0))
        assert "it is another chain, or was reset" in indexer(http)


def test_figures_tell_requests_intents_and_how_far_the_indexer_is(client: Client, told: Told, places: Places) -> None:
    client.get(places.path("/api/v1/zones/{zone}"))
    figures = client.get("/metrics").text
    assert 'sonang_request_seconds_count{method="GET",route="/api/v1/zones/{zone}",status="200"}' in figures
    assert places.values["zone"] not in figures
    final = next(line for line in figures.splitlines() if line.startswith('sonang_outbox_intents{state="final"}'))
    assert float(final.split()[-1]) > 20
    assert f"sonang_head_block {float(told.world.gateway.block('latest').number)}" in figures
    for part in ("database", "chain"):
        assert f'sonang_up{{part="{part}"}} 1.0' in figures
    ready = client.get("/ready").json()
    assert f"sonang_indexer_lag_blocks {float(ready['lag_blocks'])}" in figures


def test_the_chain_is_told_as_it_is(client: Client, told: Told) -> None:
    answer = client.get("/api/v1/chain").json()
    deployed = told.world.deployment
    assert answer["chain_id"] == 31337
    assert {one["name"]: one["address"] for one in answer["contracts"]} == {
        name: hex0x(each.address) for name, each in deployed.contracts.items()
    }
    assert answer["head"]["timestamp"]["unix_s"] > told.day.valley.day + DAY_S
