"""Whoever holds a document's code learns dates and status and no name, and whether a file is that document; nobody may ask for ever."""

from __future__ import annotations

from ledger.agreements.model import AgreementRow
from ledger.life.model import Erasure
from ledger.life.rules import lookup_digest
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x
from ledger.sealing.sealer import Sealer
from tests.api.conftest import Client, Homes, Told, started
from tests.ledger.sealing.office import APPROVALS


def test_a_code_finds_dates_and_status_and_no_name(site: Client, homes: Homes) -> None:
    code = homes.agreement.lookup_code
    answer = site.post("/api/v1/look-up", data={"code": code.lower().replace("-", " ")})
    found = answer.json()
    assert (found["kind"], found["file"]) == ("rooftop-surplus-sale", None)
    assert found["state"] in ("not-yet", "in-force", "expired")
    page = site.post("/find", data={"code": f"SONANG:{code}"}).text
    with homes.sessions() as session:
        party = session.get_one(Party, homes.agreement.signatories[0].party_id)
        for hidden in (party.name, party.label, hex0x(party.id), hex0x(homes.agreement.id), "roof@"):
            assert hidden is not None
            assert hidden not in answer.text + page
    assert str(found["title_vi"]) in page


def test_a_seal_that_this_installation_did_not_set_and_cannot_judge_makes_no_file_that_document(
    site: Client, homes: Homes, told: Told, sealer: Sealer
) -> None:
    sealed = told.day.valley.town.store.read(homes.agreement.id)
    strangers = sealer.issue_and_read(sealed, APPROVALS)[0]
    answer = site.post("/api/v1/look-up", data={"code": homes.agreement.lookup_code}, files={"file": ("a.pdf", strangers)}).json()
    assert answer["file"] == "unrecognised", "anybody may have put that seal on it"


def test_a_file_beside_the_code_is_that_document_or_it_is_not(site: Client, homes: Homes, told: Told) -> None:
    store = told.day.valley.town.store
    mine, other = store.read(homes.agreement.id), store.read(homes.other.id)
    flipped = bytearray(mine)
    flipped[len(flipped) // 2] ^= 1

    def verdict(pdf: bytes) -> object:
        return site.post("/api/v1/look-up", data={"code": homes.agreement.lookup_code}, files={"file": ("a.pdf", pdf)}).json()["file"]

    assert [verdict(one) for one in (mine, bytes(flipped), other, b"%PDF-1.7 of somebody else")] == [
        "authentic",
        "altered",
        "another-document",
        "unrecognised",
    ]
    page = site.post("/find", data={"code": homes.agreement.lookup_code}, files={"file": ("a.pdf", mine)}).text
    assert "This file is that document, unchanged" in page


def test_a_mistyped_code_is_refused_without_asking_the_database_and_an_unknown_one_after(site: Client, homes: Homes) -> None:
    code = homes.agreement.lookup_code
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    nowhere = homes.settings.model_copy(update={"database_url": "postgresql://127.0.0.1:9/none"})
    with started(nowhere, homes.browser()) as alone:
        assert alone.post("/api/v1/look-up", data={"code": wrong}).status_code == 422
        assert alone.post("/api/v1/look-up", data={"code": code}).status_code == 503  # nothing is counted, so nothing is told
    again = site.post("/find", data={"code": wrong})
    assert again.status_code == 422
    assert wrong in again.text


def test_who_asks_too_often_waits_and_others_do_not(homes: Homes) -> None:
    data = {"code": homes.agreement.lookup_code}
    with started(homes.settings, homes.browser()) as eager:
        answers = [eager.post("/api/v1/look-up", data=data) for _ in range(62)]
        refused = next(one for one in answers if one.status_code != 200)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert sum(one.status_code == 200 for one in answers) <= 60
        shown = eager.post("/find", data=data, headers={"accept": "text/html"})
        assert (shown.status_code, "wait" in shown.text) in ((429, True), (200, False))
    with started(homes.settings, homes.browser()) as patient:
        assert patient.post("/api/v1/look-up", data=data).status_code == 200


def test_who_holds_the_code_of_an_erased_document_is_told_that_it_was_erased(site: Client, homes: Homes) -> None:
    code = homes.other.lookup_code
    with homes.sessions.begin() as session:
        row = session.get_one(AgreementRow, homes.other.id)
        row.lookup_code = f"erased-{row.id.hex()}"
        gone = {"reason": "retention-ended", "record": b"{}", "by": "staff:an", "decided_s": 1, "lookup_digest": lookup_digest(code)}
        session.add(Erasure(agreement_id=row.id, **gone))
    try:
        found = site.post("/api/v1/look-up", data={"code": code}).json()
        assert (found["state"], found["file"]) == ("erased", None)
        assert "Lawfully erased" in site.post("/find", data={"code": code}).text
    finally:
        with homes.sessions.begin() as session:
            session.get_one(AgreementRow, homes.other.id).lookup_code = code
            session.delete(session.get_one(Erasure, homes.other.id))
