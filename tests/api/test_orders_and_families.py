"""An order is taken back by whoever brings its party's signature; a contract's family says which version is in force when."""

from __future__ import annotations

from sqlalchemy import delete

from ledger.chain.model import OutboxIntent
from ledger.market.model import StandingOrder
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import CancelOrder
from tests.api.conftest import Client, Homes, Places, Told

FAR = 2**40


def test_an_order_is_taken_back_by_its_partys_signature_and_by_no_other(stranger: Client, told: Told, places: Places, homes: Homes) -> None:
    path, town, owner = places.path("/api/v1/orders/{order}/cancellation"), told.day.valley.town, told.day.valley.roof.party
    message = CancelOrder(owner.id, bytes.fromhex(places.values["order"][2:]), FAR)
    right, wrong = (hex0x(town.sign(one, "Exchange", message)) for one in (owner, told.day.valley.home.party))
    assert stranger.post(path, json={"deadline": FAR, "signature": wrong}).status_code == 422
    assert stranger.post(path, json={"deadline": 1, "signature": right}).status_code == 409
    unknown = stranger.post(f"/api/v1/orders/0x{'0d' * 32}/cancellation", json={"deadline": FAR, "signature": right})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "order")
    done = stranger.post(path, json={"deadline": FAR, "signature": right})
    try:
        assert (done.status_code, done.json()["transaction"]["state"]) == (200, "queued")
        assert stranger.post(path, json={"deadline": FAR, "signature": right}).json() == done.json()
    finally:  # the day is read by others
        with homes.sessions.begin() as session:
            order = session.get_one(StandingOrder, message.order_digest)
            intent, order.cancelled_s, order.cancel_intent_id = order.cancel_intent_id, None, None
            session.flush()
            session.execute(delete(OutboxIntent).where(OutboxIntent.id == intent))


def test_a_contracts_family_names_the_version_in_force_at_a_moment(client: Client, stranger: Client, told: Told, places: Places) -> None:
    path, contract = places.path("/api/v1/agreements/{agreement}/family"), told.day.valley.agreements[told.day.valley.roof.id]
    now = client.get(path).json()
    assert [(one["id"], one["relation"], one["state"]) for one in now["documents"]] == [(hex0x(contract.id), "first", "recorded")]
    assert now["in_force"] == hex0x(contract.id)
    found = [
        client.get(path, params={"at": at}).json()["in_force"] for at in (contract.valid_from - 1, contract.valid_from, contract.valid_to)
    ]
    assert found == [None, hex0x(contract.id), None]
    assert (stranger.get(path).status_code, client.get(path, params={"at": -1}).status_code) == (401, 422)
