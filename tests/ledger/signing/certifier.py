"""A certificate authority of a test: a root, an intermediate, companies, and a real HTTP server for its list of revoked certificates."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
BORN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
YEAR = datetime.timedelta(days=365)


def named(organisation: str, common: str, tax_code: str | None = None) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common)]
    parts += [(NameOID.USER_ID, f"MST:{tax_code}")] if tax_code else []
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    rest = dict.fromkeys(("data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    flags = {"digital_signature": signs, "content_commitment": signs, "key_encipherment": not (signs or certifies)}
    return x509.KeyUsage(**flags, key_cert_sign=certifies, crl_sign=certifies, **rest)


@dataclass
class Certifier:
    """An authority; its keys live as long as the test."""

    folder: Path
    url: str = ""
    root_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    middle_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    revoked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        root = named("Chứng thực THỬ", "TEST root")
        self.root = self.certify(root, self.root_key, by=(root, self.root_key), certifies=True)
        middle = named("Chứng thực THỬ", "TEST intermediate")
        self.middle = self.certify(middle, self.middle_key, by=(root, self.root_key), certifies=True)
        self.roots = self.folder / "roots.pem"
        self.roots.write_bytes(self.root.public_bytes(Encoding.PEM))

    def certify(
        self, subject: x509.Name, key: Key, *, by: tuple[x509.Name, Key] | None = None, certifies: bool = False, signs: bool = True
    ) -> x509.Certificate:
        issuer, issuer_key = by or (self.middle.subject, self.middle_key)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(BORN).not_valid_after(BORN + 3 * YEAR)
        made = made.add_extension(x509.BasicConstraints(ca=certifies, path_length=None), critical=True)
        made = made.add_extension(usage(signs=signs and not certifies, certifies=certifies), critical=True)
        if self.url:
            where = [x509.UniformResourceIdentifier(f"{self.url}/{'root' if issuer_key is self.root_key else 'middle'}.crl")]
            made = made.add_extension(x509.CRLDistributionPoints([x509.DistributionPoint(where, None, None, None)]), critical=False)
        return made.sign(issuer_key, SHA256())

    def company(self, name: str, key: Key, tax_code: str | None = None, *, signs: bool = True) -> bytes:
        """A company's certificate and the intermediate, PEM."""
        own = self.certify(named(name, name, tax_code), key, signs=signs)
        return own.public_bytes(Encoding.PEM) + self.middle.public_bytes(Encoding.PEM)

    def revoke(self, chain: bytes) -> None:
        self.revoked.append(x509.load_pem_x509_certificates(chain)[0].serial_number)

    def crl(self, which: str) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        key, issuer = (self.root_key, self.root) if which == "root" else (self.middle_key, self.middle)
        made = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
        made = made.last_update(now - datetime.timedelta(hours=1)).next_update(now + datetime.timedelta(days=1))
        for serial in self.revoked:
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - datetime.timedelta(hours=2))
            made = made.add_revoked_certificate(one.build())
        return made.sign(key, SHA256()).public_bytes(Encoding.DER)


@contextmanager
def serving(folder: Path) -> Iterator[Certifier]:
    """An authority whose certificates name a server that answers for them."""
    held: list[Certifier] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = held[0].crl(self.path.strip("/").removesuffix(".crl"))
            self.send_response(200)
            self.send_header("content-type", "application/pkix-crl")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        held.append(Certifier(folder, f"http://127.0.0.1:{server.server_port}"))
        yield held[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
