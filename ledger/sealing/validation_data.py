"""What a file's security store (DSS) holds, and whether that covers a certificate: its whole chain, and an answer about each of it.

Only what is there is looked at here; whether the answers are good and signed by the right key, pyHanko's validation says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader

LONGEST_CHAIN = 8


@dataclass(frozen=True)
class ValidationData:
    """A security store as it was at one revision of a file.

    Attributes:
        certificates: the certificates in it.
        asked: serial numbers its OCSP responses answer for.
        listed: names of the issuers whose revocation lists it holds.
    """

    certificates: tuple[x509.Certificate, ...]
    asked: frozenset[int]
    listed: frozenset[bytes]

    def covers(self, leaf: x509.Certificate, trust_roots: Sequence[x509.Certificate]) -> bool:
        """Whether the chain from a certificate to a root is here, with a revocation answer for every certificate of it but the root.

        Where no root is given, the chain ends where the file ends it.
        """
        anchors = {root.subject.dump() for root in trust_roots}
        current: x509.Certificate | None = leaf
        for _ in range(LONGEST_CHAIN):
            if current is None or not self._answers(current):
                return False
            issuer = current.issuer.dump()
            following = next((one for one in self.certificates if one.subject.dump() == issuer), None)
            if issuer in anchors or (not anchors and (following is None or following.self_issued)):
                return True
            current = following
        return False

    def _answers(self, certificate: x509.Certificate) -> bool:
        return certificate.serial_number in self.asked or certificate.issuer.dump() in self.listed


def validation_data(reader: PdfFileReader, revision: int) -> ValidationData:
    """The security store of a file as it was at a revision, empty where there is none.

    Raises:
        ValueError, TypeError, KeyError, PdfError: it is malformed.
    """
    root = reader.get_historical_root(revision)
    store = root["/DSS"] if "/DSS" in root else {}  # noqa: SIM401 - `get` would give the bare reference
    parts = {name: [one.get_object().data for one in store[name]] if name in store else [] for name in ("/Certs", "/OCSPs", "/CRLs")}
    return ValidationData(
        certificates=tuple(x509.Certificate.load(one) for one in parts["/Certs"]),
        asked=frozenset(serial for one in parts["/OCSPs"] for serial in _serials(one)),
        listed=frozenset(crl.CertificateList.load(one).issuer.dump() for one in parts["/CRLs"]),
    )


def _serials(response: bytes) -> list[int]:
    answers = ocsp.OCSPResponse.load(response).response_data["responses"]
    return [int(one["cert_id"]["serial_number"].native) for one in answers]
