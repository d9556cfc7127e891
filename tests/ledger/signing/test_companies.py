"""A company signs with its certificate, when the certificate is its own, trusted, valid and not revoked."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from ledger.agreements.commands import digest_to_sign
from ledger.agreements.model import AgreementRow
from ledger.errors import InputError, ProtocolError, RuleError, SettingsError
from ledger.parties.commands import draft_party
from ledger.parties.model import Party
from ledger.protocol.p256_signatures import P256_ORDER
from ledger.signing.certificates import check_certificate, read_roots
from ledger.signing.commands import present
from ledger.signing.companies import certificate_digest, enrol_certificate, sign_with_certificate
from ledger.signing.countersigning import countersign_due
from ledger.signing.model import CompanyCertificate
from tests.ledger.agreements.town import FOREVER
from tests.ledger.signing.certifier import Certifier, Key, serving
from tests.ledger.signing.hall import NOON, Hall

NAME, TAX = "Công ty TNHH Ánh Dương", "0312345678-001"


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def certifier(tmp_path: Path) -> Certifier:
    return Certifier(tmp_path)


def sign(key: Key, digest: bytes) -> bytes:
    """As a company's own tools sign: DER for P-256."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), SHA256())
    return key.sign(digest, ec.ECDSA(Prehashed(SHA256())))


def company(hall: Hall, name: str = NAME) -> bytes:
    with hall.sessions.begin() as session:
        return draft_party(session, label=name, role="owner", name=name, signer=None).id


def enrol(hall: Hall, party: bytes, key: Key, chain: bytes, tax_code: str | None = TAX) -> None:
    digest = certificate_digest(hall.desk, party, chain, deadline=FOREVER)
    enrol_certificate(hall.desk, party, chain, tax_code=tax_code, deadline=FOREVER, signature=sign(key, digest))


def show(hall: Hall, party: bytes) -> tuple[int, bytes]:
    with hall.sessions.begin() as session:
        row = hall.draft(session, session.get_one(Party, party))
        showing = present(session, hall.store, row, row.signatories[0].party, now_s=hall.now).id
        return showing, digest_to_sign(hall.gateway.deployment, row)


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_a_company_signs_with_its_certificate_and_the_chain_records_it(
    hall: Hall, certifier: Certifier, rsa_key: rsa.RSAPrivateKey, kind: str
) -> None:
    hall.company_roots = certifier.roots
    key: Key = rsa_key if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    party = company(hall)
    enrol(hall, party, key, certifier.company(NAME, key, TAX))
    showing, digest = show(hall, party)
    approval = sign_with_certificate(hall.desk, showing, sign(key, digest))
    assert approval.way == "certificate"
    assert countersign_due(hall.desk).done == (approval.agreement_id,)
    with hall.sessions() as session:
        kept = session.get_one(CompanyCertificate, approval.certificate_id)
        assert (kept.tax_code, kept.revocation) == (TAX, "not-checked")
        assert NAME in kept.subject
        assert kept.chain.count(b"BEGIN CERTIFICATE") == 2
    hall.town.deliver()
    assert hall.gateway.call("AgreementRegistry", "recordOf", approval.agreement_id)[5] == 1


@pytest.mark.parametrize("low", [True, False])
def test_a_module_that_writes_r_and_s_with_either_s_signs_too_and_the_low_one_is_kept(hall: Hall, certifier: Certifier, low: bool) -> None:
    hall.company_roots = certifier.roots
    key = ec.generate_private_key(ec.SECP256R1())
    party = company(hall)
    enrol(hall, party, key, certifier.company(NAME, key, TAX))
    showing, digest = show(hall, party)
    r, s = decode_dss_signature(sign(key, digest))
    s = min(s, P256_ORDER - s) if low else max(s, P256_ORDER - s)
    approval = sign_with_certificate(hall.desk, showing, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    with hall.sessions() as session:
        kept = session.get_one(AgreementRow, approval.agreement_id).signatories[0].signature
        assert kept == r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")


def test_a_signature_by_another_key_or_over_another_document_is_refused(hall: Hall, certifier: Certifier) -> None:
    hall.company_roots = certifier.roots
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    party = company(hall)
    enrol(hall, party, key, certifier.company(NAME, key, TAX))
    showing, digest = show(hall, party)
    for wrong in (sign(other, digest), sign(key, bytes(32)), bytes(64)):
        with pytest.raises(ProtocolError):
            sign_with_certificate(hall.desk, showing, wrong)
    with pytest.raises(InputError, match="not a P-256 signature"):
        sign_with_certificate(hall.desk, showing, b"\x30\x02")


def test_a_certificate_of_another_company_or_tax_code_is_refused(hall: Hall, certifier: Certifier) -> None:
    hall.company_roots = certifier.roots
    key, party = ec.generate_private_key(ec.SECP256R1()), company(hall)
    with pytest.raises(RuleError, match="certificate of Công ty Khác"):
        enrol(hall, party, key, certifier.company("Công ty Khác", key, TAX))
    with pytest.raises(RuleError, match="names tax code 0399999999"):
        enrol(hall, party, key, certifier.company(NAME, key, "0399999999"))
    with pytest.raises(RuleError, match=r"names tax code \(none\)"):
        enrol(hall, party, key, certifier.company(NAME, key))
    assert [act for act, _ in hall.refusals()] == ["enrol"] * 3
    enrol(hall, party, key, certifier.company(f" {NAME.upper()}", key), tax_code=None)


def test_a_stranger_authority_an_expired_certificate_and_one_for_other_uses_are_refused(
    hall: Hall, certifier: Certifier, tmp_path: Path
) -> None:
    hall.company_roots = certifier.roots
    key, party = ec.generate_private_key(ec.SECP256R1()), company(hall)
    (tmp_path / "stranger").mkdir()
    stranger = Certifier(tmp_path / "stranger")
    for chain in (stranger.company(NAME, key, TAX), certifier.company(NAME, key, TAX, signs=False)):
        with pytest.raises(RuleError, match="not accepted"):
            enrol(hall, party, key, chain)
    good = certifier.company(NAME, key, TAX)
    enrol(hall, party, key, good)
    showing, digest = show(hall, party)
    hall.wait(4 * 366 * 86_400)
    with pytest.raises(RuleError, match="expired"):
        sign_with_certificate(hall.desk, showing, sign(key, digest))
    assert hall.refusals()[-1][0] == "sign"


def test_a_certificate_its_authority_vouches_for_is_good_until_it_is_revoked(hall: Hall, tmp_path: Path) -> None:
    with serving(tmp_path) as certifier:
        hall.company_roots = certifier.roots
        key, party = ec.generate_private_key(ec.SECP256R1()), company(hall)
        chain = certifier.company(NAME, key, TAX)
        enrol(hall, party, key, chain)
        first, digest = show(hall, party)
        sign_with_certificate(hall.desk, first, sign(key, digest))
        with hall.sessions() as session:
            assert session.scalars(select(CompanyCertificate.revocation)).one() == "good"
        certifier.revoke(chain)
        second, digest = show(hall, party)
        with pytest.raises(RuleError, match="was revoked on"):
            sign_with_certificate(hall.desk, second, sign(key, digest))
        with hall.sessions() as session:
            unsigned = session.scalars(select(AgreementRow)).all()
            assert sum(row.signatories[0].signature is not None for row in unsigned) == 1


def test_nothing_a_stranger_names_in_a_certificate_is_asked(hall: Hall, tmp_path: Path) -> None:
    with serving(tmp_path) as other:
        (tmp_path / "own").mkdir()
        own = Certifier(tmp_path / "own")
        other.crl = lambda which: pytest.fail(f"{which} was asked")  # type: ignore[method-assign]
        chain = other.company(NAME, ec.generate_private_key(ec.SECP256R1()), TAX)
        with pytest.raises(RuleError, match="not accepted"):
            check_certificate(chain, read_roots(own.roots), hall.gateway.deployment.verifiers, now_s=NOON)


def test_without_trusted_roots_no_certificate_is_taken(hall: Hall, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no roots"):
        certificate_digest(hall.desk, company(hall), b"-----BEGIN", deadline=FOREVER)
    hall.company_roots = tmp_path / "none.pem"
    with pytest.raises(SettingsError, match="cannot be used"):
        certificate_digest(hall.desk, company(hall, "Công ty Hai"), b"-----BEGIN", deadline=FOREVER)


@pytest.mark.parametrize("garbage", [b"", b"\x30\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"0" * 70_000])
def test_garbage_is_no_certificate(hall: Hall, certifier: Certifier, garbage: bytes) -> None:
    hall.company_roots = certifier.roots
    with pytest.raises(InputError, match="no certificate"):
        certificate_digest(hall.desk, company(hall), garbage, deadline=FOREVER)
