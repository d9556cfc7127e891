"""At the counter: staff change a contact, a colleague vouches for it, a link is sent, and everybody sees how far the signing is."""

from __future__ import annotations

import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from ledger.access.staff import add_staff
from ledger.agreements.model import AgreementRow
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.model import Party, Unit
from ledger.protocol.quantities import hex0x
from ledger.services.acting import Actor
from ledger.services.commands import submit
from tests.api.test_signing import FAR, Counter, certifier, counter
from tests.ledger.signing.certifier import Certifier

__all__ = ["certifier", "counter"]

STAFF = "/api/v1/staff"
NOW_S = int(time.time())


def hired(counter: Counter, name: str, role: str, unit: str = "PA01HH") -> dict[str, str]:
    with counter.hall.sessions.begin() as session:
        known = session.scalars(select(Unit).where(Unit.code == unit)).one_or_none()
        _, token = add_staff(session, name=name, role=role, unit=known or draft_unit(session, code=unit, name=unit))
    return {"authorization": f"Bearer {token}"}


def test_one_changes_a_contact_and_another_vouches_for_it(counter: Counter) -> None:
    with counter.hall.sessions.begin() as session:
        party = counter.hall.keyless(session, "PA01HH0000001").id
    an, binh, chi = hired(counter, "an", "counter"), hired(counter, "binh", "counter"), hired(counter, "chi", "inspector")
    path = f"{STAFF}/parties/{hex0x(party)}/contacts"
    assert counter.client.get(path).status_code == 401
    assert counter.client.get(path, headers=chi).status_code == 403
    elsewhere = hired(counter, "xa", "counter", "PB02XX")
    assert counter.client.get(path, headers=elsewhere).json()["detail"] == "it is another unit's customer"
    assert counter.client.post(path, headers=elsewhere, json={"channel": "sms", "address": "0987 654 320"}).status_code == 403
    made = counter.client.post(path, headers=an, json={"channel": "sms", "address": "0987 654 321"}).json()
    assert (made["address"], made["original"], made["given_by"]) == ("+84987654321", False, "staff:an")
    vouching = f"{path}/{made['id']}/vouching"
    assert [counter.client.post(vouching, headers=one).status_code for one in (an, elsewhere)] == [409, 403]
    assert counter.client.post(vouching, headers=binh).json()["vouched_by"] == "binh"
    shown = counter.client.get(path, headers=an).json()["items"]
    assert [one["ended"] is None for one in shown if one["channel"] == "sms"] == [False, True]
    assert counter.client.post(path, headers=an, json={"channel": "sms", "address": "911"}).status_code == 422


def test_staff_send_a_link_and_see_what_was_tried(counter: Counter) -> None:
    an = hired(counter, "an", "agent")
    with counter.hall.sessions.begin() as session:
        party = counter.hall.keyless(session)
        row = counter.hall.draft(session, party, deadline=FAR)
        agreement, party_id = row.id, party.id
    body = {"party": hex0x(party_id), "channel": "email"}
    path = f"{STAFF}/agreements/{hex0x(agreement)}"
    assert counter.client.post(f"{path}/links", headers=an, json=body).status_code == 403
    with counter.hall.sessions.begin() as session:
        session.get_one(AgreementRow, agreement).unit = session.scalars(select(Unit)).one()
    assert counter.client.post(f"{path}/links", headers=an, json=body).json() == {"done": True}
    link = {"x-signing-link": counter.token()}
    counter.ask("POST", "/code", link, {"channel": "sms"})
    counter.ask("POST", "/code/confirmation", link, {"code": counter.hall.wrong_code()})
    seen = counter.client.get(f"{path}/signing", headers=an).json()
    assert seen["state"] == "open"
    assert [(one["act"], one["outcome"]) for one in seen["tried"]] == [
        ("link", "done"),
        ("present", "done"),
        ("request-code", "done"),
        ("confirm-code", "refused"),
    ]


def test_a_companys_certificate_is_enrolled_at_the_counter(counter: Counter, certifier: Certifier) -> None:
    an, key = hired(counter, "an", "counter"), ec.generate_private_key(ec.SECP256R1())
    with counter.hall.sessions.begin() as session:
        party = draft_party(session, label="PA01HH0000002", role="owner", name="Công ty TNHH Ánh Dương", signer=None).id
    path = f"{STAFF}/parties/{hex0x(party)}/certificate"
    body = {"chain": certifier.company("Công ty TNHH Ánh Dương", key, "0312345678").decode(), "deadline": FAR}
    elsewhere = hired(counter, "xa", "counter", "PB02XX")
    assert counter.client.post(f"{path}/digest", headers=elsewhere, json=body).status_code == 403
    assert counter.client.post(path, headers=elsewhere, json={**body, "tax_code": "0312345678", "signature": "0x00"}).status_code == 403
    digest = bytes.fromhex(counter.client.post(f"{path}/digest", headers=an, json=body).json()["digest"][2:])
    signature = hex0x(key.sign(digest, ec.ECDSA(Prehashed(SHA256()))))
    done = counter.client.post(path, headers=an, json={**body, "tax_code": "0312345678", "signature": signature})
    assert done.json() == {"done": True}
    again = counter.client.post(path, headers=an, json={**body, "tax_code": "0312345678", "signature": signature})
    assert again.status_code == 409


def test_a_unit_serves_whoever_signed_with_it_or_asked_it_themselves_and_nobody_staff_only_wrote_on_a_request(counter: Counter) -> None:
    an, xa = hired(counter, "an", "agent"), hired(counter, "xa", "agent", "PB02XX")
    with counter.hall.sessions.begin() as session:
        signing, asking = counter.hall.keyless(session, "signing"), counter.hall.keyless(session, "asking")
        counter.hall.draft(session, signing, deadline=FAR).unit = session.scalars(select(Unit).where(Unit.code == "PA01HH")).one()
        paths = {one.label: f"{STAFF}/parties/{hex0x(one.id)}/contacts" for one in (signing, asking)}
        party = asking.id

    def seen(by: dict[str, str]) -> dict[str, int]:
        return {label: counter.client.get(path, headers=by).status_code for label, path in paths.items()}

    body = {"service": "low-voltage-supply", "unit": "PA01HH", "given": {}}
    taken = counter.client.post(f"{STAFF}/requests", headers=an, json={**body, "party": "asking", "channel": "counter"})
    assert (taken.status_code, taken.json()["field"]) == (404, "party"), "staff write nobody else's code on a request"
    with counter.hall.sessions.begin() as session:
        row, unit = session.get_one(Party, party), session.scalars(select(Unit).where(Unit.code == "PA01HH")).one()
        submit(session, service="low-voltage-supply", given={}, actor=Actor("staff", "chi", "counter"), at=NOW_S, unit=unit, party=row)
    assert (seen(an), seen(xa)) == ({"signing": 200, "asking": 403}, {"signing": 403, "asking": 403})
    with counter.hall.sessions.begin() as session:
        row, unit = session.get_one(Party, party), session.scalars(select(Unit).where(Unit.code == "PA01HH")).one()
        submit(session, service="low-voltage-supply", given={}, actor=Actor("customer", party.hex(), "web"), at=NOW_S, unit=unit, party=row)
    assert (seen(an)["asking"], seen(xa)["asking"]) == (200, 403)
