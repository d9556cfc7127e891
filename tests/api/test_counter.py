"""At the counter: staff change a contact, a colleague vouches for it, a link is sent, and everybody sees how far the signing is."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from ledger.access.staff import add_staff
from ledger.agreements.model import AgreementRow
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.model import Unit
from ledger.protocol.quantities import hex0x
from tests.api.test_signing import FAR, Counter, certifier, counter
from tests.ledger.signing.certifier import Certifier

__all__ = ["certifier", "counter"]

STAFF = "/api/v1/staff"


def hired(counter: Counter, name: str, role: str, unit: str = "PA01HH") -> dict[str, str]:
    with counter.hall.sessions.begin() as session:
        known = session.scalars(select(Unit).where(Unit.code == unit)).one_or_none()
        _, token = add_staff(session, name=name, role=role, unit=known or draft_unit(session, code=unit, name=unit))
    return {"authorization": f"Bearer {token}"}


def test_one_changes_a_contact_and_another_vouches_for_it(counter: Counter) -> None:
    with counter.hall.sessions.begin() as session:
        party = counter.hall.keyless(session).id
    an, binh, chi = hired(counter, "an", "counter"), hired(counter, "binh", "counter"), hired(counter, "chi", "inspector")
    path = f"{STAFF}/parties/{hex0x(party)}/contacts"
    assert counter.client.get(path).status_code == 401
    assert counter.client.get(path, headers=chi).status_code == 403
    made = counter.client.post(path, headers=an, json={"channel": "sms", "address": "0987 654 321"}).json()
    assert (made["address"], made["original"], made["given_by"]) == ("+84987654321", False, "staff:an")
    vouching = f"{path}/{made['id']}/vouching"
    assert counter.client.post(vouching, headers=an).status_code == 409
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
        party = draft_party(session, label="anh-duong", role="owner", name="Công ty TNHH Ánh Dương", signer=None).id
    path = f"{STAFF}/parties/{hex0x(party)}/certificate"
    body = {"chain": certifier.company("Công ty TNHH Ánh Dương", key, "0312345678").decode(), "deadline": FAR}
    digest = bytes.fromhex(counter.client.post(f"{path}/digest", headers=an, json=body).json()["digest"][2:])
    signature = hex0x(key.sign(digest, ec.ECDSA(Prehashed(SHA256()))))
    done = counter.client.post(path, headers=an, json={**body, "tax_code": "0312345678", "signature": signature})
    assert done.json() == {"done": True}
    again = counter.client.post(path, headers=an, json={**body, "tax_code": "0312345678", "signature": signature})
    assert again.status_code == 409
