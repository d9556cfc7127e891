"""Verification over HTTP: verdict and status apart, times by their source, bundles, disclosures, proofs of the log."""

from __future__ import annotations

from asn1crypto import pem

from ledger.evidence.build import agreement_bundle, contracts_of
from ledger.evidence.disclosure import disclose
from ledger.evidence.package import Parts, build_package
from ledger.evidence.packaging import proofs_of, record_of
from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles
from tests.api.conftest import Client, Told, started
from tests.ledger.sealing.office import APPROVALS


def package_of_an_agreement(told: Told, sealer: Sealer) -> bytes:
    """As `sonang evidence --code` makes one, of an agreement this installation knows."""
    session, gateway, store = told.day.session, told.world.gateway, told.day.valley.town.store
    agreement = told.day.valley.agreements[told.day.valley.roof.id]
    issued = sealer.issue_and_read(store.read(agreement.id), APPROVALS)[0]
    roots = b"".join(pem.armor("CERTIFICATE", root.dump()) for root in sealer.trust_roots)
    bundle, record = agreement_bundle(session, gateway, store, agreement), record_of(contracts_of(gateway))
    return build_package(Parts(issued, bundle, record, roots, proofs_of(session, agreement), [told.log_key]))


def test_a_whole_evidence_package_is_authentic_here_as_on_the_command_line(
    client: Client, told: Told, sealer: Sealer, authority: AuthorityFiles
) -> None:
    package = package_of_an_agreement(told, sealer)
    knowing = told.settings.model_copy(update={"seal_trust_roots": authority.root, "seal_name": str(authority.certificate("seal"))})
    with started(knowing) as site:
        answer = site.post("/api/v1/verify", files={"file": ("evidence.zip", package)}).json()
        page = site.post("/verify", files={"file": ("evidence.zip", package)}).text
    assert (answer["answer"], answer["exit_code"], answer["kind"]) == ("authentic", 0, "agreement")
    assert {"check": "package", "result": "passed"}.items() <= answer["checks"][-1].items()
    assert "XÁC THỰC" in page
    rootless = client.post("/api/v1/verify", files={"file": ("evidence.zip", package)}).json()
    assert (rootless["answer"], rootless["exit_code"]) == ("consistent, not anchored", 3), "nobody told this one a root"
    assert "CON DẤU CHƯA KIỂM TRA" in client.post("/verify", files={"file": ("evidence.zip", package)}).text
    changed = bytearray(package)
    changed[package.index(b"%PDF-") + 9_000] ^= 1
    answer = client.post("/api/v1/verify", files={"file": ("evidence.zip", bytes(changed))}).json()
    assert (answer["answer"], answer["checks"][0]["check"]) == ("altered", "container")
    assert answer["checks"][0]["detail"].startswith("agreement.pdf: ")


def bundle_of_an_agreement(client: Client) -> bytes:
    listed = client.get("/api/v1/agreements").json()["items"]
    return client.get(f"/api/v1/agreements/{listed[0]['id']}/bundle").content


def test_a_disclosure_is_answered_with_what_it_shows_and_how_much_it_hides(client: Client) -> None:
    shown = disclose(bundle_of_an_agreement(client), ["seller.name"])
    answer = client.post("/api/v1/verify", files={"file": ("bank.zip", shown)}).json()
    assert (answer["kind"], answer["verdict"], list(answer["facts"]["terms"])) == ("disclosure", "authentic", ["seller.name"])
    assert answer["facts"]["hidden_terms_at_least"] > 20


def test_a_proof_of_the_log_is_held_against_the_root_on_chain(client: Client) -> None:
    proof = client.get("/api/v1/log/tlog-proof", params={"index": 0}).content
    answer = client.post("/api/v1/verify", files={"file": ("sealed.tlog-proof", proof)}).json()
    assert (answer["kind"], answer["facts"]["event"], answer["times"][0]["source"]) == ("log-entry", "sealed", "log")
    anchor = next(check for check in answer["checks"] if check["check"] == "log-anchor")
    assert (answer["verdict"], anchor["result"]) in (("authentic", "passed"), ("consistent, not anchored", "not checked"))
    changed = client.post("/api/v1/verify", files={"file": ("x.tlog-proof", proof.replace(b"index 0", b"index 1"))}).json()
    assert (changed["verdict"], changed["exit_code"]) == ("altered", 4)


def test_an_agreement_is_authentic_and_its_status_says_what_became_of_it(client: Client) -> None:
    answer = client.post("/api/v1/verify", files={"file": ("agreement.zip", bundle_of_an_agreement(client))}).json()
    assert (answer["verdict"], answer["status"]["code"], answer["seals"]) == ("authentic", "in-force", [])
    assert answer["times"] == [{"code": "recorded-by", "at": answer["block"]["timestamp"], "source": "chain", "by": ""}]
